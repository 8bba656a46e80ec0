-- name: tasks_of_sender
SELECT * FROM tasks WHERE sender = :sender
  AND (:context IS NULL OR context = :context)
  AND (:state IS NULL OR state = :state)
  AND (:since IS NULL OR updated >= :since)
  AND (:before IS NULL OR updated < :before OR (updated = :before AND id < :before_id))
ORDER BY updated DESC, id DESC LIMIT :count
-- name: count_of_sender
SELECT count(*) AS count FROM tasks WHERE sender = :sender
  AND (:context IS NULL OR context = :context)
  AND (:state IS NULL OR state = :state)
  AND (:since IS NULL OR updated >= :since)
-- name: open_of_sender
SELECT count(*) AS count FROM tasks WHERE sender = :sender
  AND state IN ('SUBMITTED', 'WORKING', 'INPUT_REQUIRED', 'AUTH_REQUIRED')
-- name: context_of_another
SELECT 1 FROM tasks WHERE kind = 'goal' AND context = :context AND sender != :sender LIMIT 1
-- name: news_of_task
SELECT * FROM events
WHERE seq > :seq AND ((task = :task AND kind IN ('task.moved', 'artifact.made')) OR (goal = :task AND kind = 'artifact.made'))
ORDER BY seq LIMIT 200
