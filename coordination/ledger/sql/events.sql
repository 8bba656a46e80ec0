-- name: last_event
SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1
-- name: insert_event
INSERT INTO events (seq, at, kind, actor, goal, task, data, prev, hash)
VALUES (:seq, :at, :kind, :actor, :goal, :task, :data, :prev, :hash)
-- name: events_after
SELECT * FROM events WHERE seq > :seq ORDER BY seq LIMIT :count
-- name: events_of_task
SELECT * FROM events WHERE task = :task ORDER BY seq
-- name: events_of_goal
SELECT * FROM events WHERE goal = :goal ORDER BY seq
-- name: events_between
SELECT * FROM events WHERE at >= :since AND at < :until ORDER BY seq
-- name: get_meta
SELECT value FROM meta WHERE name = :name
-- name: set_meta
INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value
