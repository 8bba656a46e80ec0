-- name: insert_task
INSERT INTO tasks (id, kind, goal, parent, context, role, sender, title, state, waits, spec, revision, step, position, deadline, created, updated)
VALUES (:id, :kind, :goal, :parent, :context, :role, :sender, :title, :state, :waits, :spec, :revision, :step, :position, :deadline, :at, :at)
-- name: get_task
SELECT * FROM tasks WHERE id = :id
-- name: task_of_step
SELECT * FROM tasks WHERE goal = :goal AND revision = :revision AND step = :step
-- name: id_taken
SELECT 1 FROM tasks WHERE id = :id UNION ALL SELECT 1 FROM decisions WHERE id = :id
-- name: all_tasks
SELECT * FROM tasks ORDER BY created, revision, position, id
-- name: goals
SELECT * FROM tasks WHERE kind = 'goal' ORDER BY created, id
-- name: tasks_of_goal
SELECT * FROM tasks WHERE goal = :goal ORDER BY revision, position, created, id
-- name: children_of
SELECT * FROM tasks WHERE parent = :parent ORDER BY revision, position, created, id
-- name: move_task
UPDATE tasks SET state = :state, waits = :waits, reason = :reason, not_before = :not_before, updated = :at
WHERE id = :id
-- name: count_retry
UPDATE tasks SET retries = retries + 1, updated = :at WHERE id = :id
-- name: forget_retries
UPDATE tasks SET retries = 0 WHERE id = :id AND retries > 0
-- name: set_deadline
UPDATE tasks SET deadline = :deadline WHERE id = :id AND deadline IS NULL
-- name: rework_task
UPDATE tasks SET attempts = attempts + 1, updated = :at WHERE id = :id AND attempts = :was
-- name: take_turn
UPDATE tasks SET state = 'WORKING', waits = NULL, turn = turn + 1, updated = :at
WHERE id = :id AND state IN ('INPUT_REQUIRED', 'AUTH_REQUIRED')
-- name: claim_task
UPDATE tasks SET holder = :fence, state = CASE WHEN state = 'SUBMITTED' THEN 'WORKING' ELSE state END, updated = :at
WHERE id = :id AND holder IS NULL AND state IN ('SUBMITTED', 'WORKING', 'INPUT_REQUIRED', 'AUTH_REQUIRED')
-- name: release_task
UPDATE tasks SET holder = NULL, updated = :at WHERE id = :id AND holder = :fence
-- name: abandoned_tasks
SELECT * FROM tasks WHERE holder IS NOT NULL AND holder != :fence
-- name: recover_task
UPDATE tasks SET holder = NULL, recoveries = recoveries + 1, updated = :at WHERE id = :id
-- name: runnable_tasks
SELECT t.* FROM tasks t
WHERE t.holder IS NULL
  AND t.state IN ('SUBMITTED', 'WORKING', 'INPUT_REQUIRED', 'AUTH_REQUIRED')
  AND (t.not_before IS NULL OR t.not_before <= :at)
  AND NOT EXISTS (SELECT 1 FROM tasks p WHERE p.paused IS NOT NULL AND p.id IN (t.id, t.parent, t.goal))
  AND EXISTS (SELECT 1 FROM inbox i WHERE i.task = t.id AND i.state = 'new')
ORDER BY t.created, t.position, t.id
-- name: next_not_before
SELECT min(t.not_before) AS at FROM tasks t
WHERE t.holder IS NULL AND t.not_before IS NOT NULL
  AND t.state IN ('SUBMITTED', 'WORKING', 'INPUT_REQUIRED', 'AUTH_REQUIRED')
  AND NOT EXISTS (SELECT 1 FROM tasks p WHERE p.paused IS NOT NULL AND p.id IN (t.id, t.parent, t.goal))
-- name: overdue_tasks
SELECT t.* FROM tasks t WHERE t.deadline IS NOT NULL AND t.deadline < :at AND t.state IN ('SUBMITTED', 'WORKING')
  AND NOT EXISTS (SELECT 1 FROM tasks p WHERE p.paused IS NOT NULL AND p.id IN (t.id, t.parent, t.goal))
