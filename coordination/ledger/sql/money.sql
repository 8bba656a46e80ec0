-- name: get_budget
SELECT * FROM budgets WHERE scope = :scope
-- name: all_budgets
SELECT * FROM budgets ORDER BY scope
-- name: set_ceiling
INSERT INTO budgets (scope, ceiling) VALUES (:scope, :ceiling)
ON CONFLICT (scope) DO UPDATE SET ceiling = excluded.ceiling
-- name: open_budget
INSERT INTO budgets (scope) VALUES (:scope) ON CONFLICT (scope) DO NOTHING
-- name: reserve_money
UPDATE budgets SET reserved = reserved + :amount
WHERE scope = :scope AND (ceiling IS NULL OR spent + reserved + :amount <= ceiling)
-- name: settle_money
UPDATE budgets SET reserved = reserved - :reserved, spent = spent + :spent WHERE scope = :scope
-- name: get_effect
SELECT * FROM effects WHERE key = :key
-- name: open_effect
INSERT INTO effects (key, goal, task, step, tool, kind, arguments, provider, state, tries, estimate, scopes, at)
VALUES (:key, :goal, :task, :step, :tool, :kind, :arguments, :provider, 'intent', 1, :estimate, :scopes, :at)
ON CONFLICT (key) DO UPDATE SET state = 'intent', tries = effects.tries + 1, estimate = excluded.estimate, scopes = excluded.scopes, at = excluded.at
-- name: settle_effect
UPDATE effects SET state = :state, cost = :cost, result = :result, settled = :at WHERE key = :key
-- name: effects_of_goal
SELECT * FROM effects WHERE goal = :goal ORDER BY at, key
-- name: all_effects
SELECT * FROM effects ORDER BY at, key
-- name: effects_of_task
SELECT * FROM effects WHERE task = :task ORDER BY at, step
-- name: try_effect_again
UPDATE effects SET tries = tries + 1, at = :at WHERE key = :key AND state = 'intent'
-- name: record_effect
INSERT INTO effects (key, goal, task, step, tool, kind, arguments, provider, state, tries, estimate, cost, scopes, result, at, settled)
VALUES (:key, :goal, :task, :step, :tool, :kind, :arguments, :provider, 'done', 1, 0, :cost, '[]', :result, :at, :at)
