-- name: last_heard
SELECT task, max(at) AS at FROM events WHERE task IS NOT NULL GROUP BY task
-- name: last_before
SELECT max(seq) AS seq FROM events WHERE at < :at
