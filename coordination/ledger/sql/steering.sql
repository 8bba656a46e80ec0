-- name: pause_task
UPDATE tasks SET paused = :paused, updated = :at WHERE id = :id
-- name: paused_tasks
SELECT * FROM tasks WHERE paused IS NOT NULL AND state NOT IN ('COMPLETED', 'FAILED', 'REJECTED', 'CANCELED')
-- name: rename_task
UPDATE tasks SET title = :title, updated = :at WHERE id = :id
-- name: amend_task
UPDATE tasks SET title = :title, spec = :spec, updated = :at WHERE id = :id
-- name: card_mark
SELECT * FROM card_marks WHERE card = :card
-- name: card_marks
SELECT * FROM card_marks
-- name: set_card_mark
INSERT INTO card_marks (card, hidden, lane, home, says, at) VALUES (:card, :hidden, :lane, :home, :says, :at)
ON CONFLICT (card) DO UPDATE SET hidden = excluded.hidden, lane = excluded.lane, home = excluded.home,
says = excluded.says, at = excluded.at
-- name: tools_at_work
SELECT id, title FROM tasks WHERE holder IS NOT NULL AND kind = 'work'
-- name: tools_since
SELECT DISTINCT task FROM events WHERE at > :at AND kind IN ('effect.intended', 'effect.done', 'artifact.made') AND task IS NOT NULL
-- name: move_deadline
UPDATE tasks SET deadline = :deadline WHERE id = :id
-- name: notes_of_goal
SELECT data FROM events WHERE goal = :goal AND kind = 'card.noted' ORDER BY seq DESC LIMIT :most
