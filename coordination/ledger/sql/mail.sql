-- name: get_mail
SELECT * FROM inbox WHERE sender = :sender AND message_id = :message_id
-- name: insert_mail
INSERT INTO inbox (seq, sender, message_id, task, kind, body, digest, state, at)
VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM inbox), :sender, :message_id, :task, :kind, :body, :digest, 'new', :at)
ON CONFLICT (sender, message_id) DO NOTHING
-- name: new_mail
SELECT * FROM inbox WHERE task = :task AND state = 'new' ORDER BY seq
-- name: finish_mail
UPDATE inbox SET state = 'done' WHERE task = :task AND state = 'new' AND seq <= :seq
-- name: messages_of_task
SELECT * FROM inbox WHERE task = :task AND kind = 'message' ORDER BY seq
-- name: put_out
INSERT INTO outbox (message_id, sender, recipient, body, task, state, at)
VALUES (:message_id, :sender, :recipient, :body, :task, 'new', :at)
ON CONFLICT (message_id) DO NOTHING
-- name: out_due
SELECT * FROM outbox WHERE state = 'new' AND (not_before IS NULL OR not_before <= :at) ORDER BY at, message_id LIMIT 100
-- name: out_sent
UPDATE outbox SET state = 'sent', attempts = attempts + 1, error = NULL WHERE message_id = :message_id
-- name: out_failed
UPDATE outbox SET state = :state, attempts = attempts + 1, error = :error, not_before = :not_before WHERE message_id = :message_id
-- name: out_dead
SELECT * FROM outbox WHERE state = 'dead' ORDER BY at
