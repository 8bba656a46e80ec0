-- name: get_decision
SELECT * FROM decisions WHERE id = :id
-- name: decision_of_question
SELECT * FROM decisions WHERE question = :question
-- name: insert_decision
INSERT INTO decisions (id, question, goal, task, kind, text, options, evidence, action, digest, owner, asked_by, due, on_expiry, reversible, cost, grants, state, at)
VALUES (:id, :question, :goal, :task, :kind, :text, :options, :evidence, :action, :digest, :owner, :asked_by, :due, :on_expiry, :reversible, :cost, :grants, 'open', :at)
-- name: answer_decision
UPDATE decisions SET state = :state, choice = :choice, note = :note, decided_by = :decided_by, via = :via, decided = :at
WHERE id = :id AND state IN ('open', 'overdue')
-- name: decision_overdue
UPDATE decisions SET state = 'overdue' WHERE id = :id AND state = 'open'
-- name: all_decisions
SELECT * FROM decisions ORDER BY at, id
-- name: open_decisions
SELECT * FROM decisions WHERE state IN ('open', 'overdue') ORDER BY at, id
-- name: expired_decisions
SELECT * FROM decisions WHERE state = 'open' AND due IS NOT NULL AND due < :at
-- name: insert_grant
INSERT INTO grants (id, digest, cap, at) VALUES (:id, :digest, :cap, :at)
-- name: get_grant
SELECT * FROM grants WHERE digest = :digest ORDER BY at, id LIMIT 1
-- name: use_grant
UPDATE grants SET used_by = :used_by WHERE id = :id AND used_by IS NULL
-- name: withdraw_decisions
UPDATE decisions SET state = 'withdrawn' WHERE task = :task AND state IN ('open', 'overdue') RETURNING id
-- name: reopen_decision
UPDATE decisions SET state = 'open', task = :task, due = :due WHERE id = :id AND state = 'withdrawn'
