-- name: get_decision
SELECT * FROM decisions WHERE id = :id
-- name: decision_of_question
SELECT * FROM decisions WHERE question = :question
-- name: insert_decision
INSERT INTO decisions (id, question, goal, task, kind, text, options, evidence, action, digest, owner, asked_by, due, on_expiry, reversible, cost, grants, state, at, decides, needs)
VALUES (:id, :question, :goal, :task, :kind, :text, :options, :evidence, :action, :digest, :owner, :asked_by, :due, :on_expiry, :reversible, :cost, :grants, 'open', :at, :decides, :needs)
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
-- name: grants_for
SELECT * FROM grants WHERE digest = :digest AND revoked IS NULL ORDER BY at, id
-- name: grants_of
SELECT * FROM grants WHERE substr(id, 1, length(:decision) + 1) = :decision || '.' ORDER BY id
-- name: use_grant
UPDATE grants SET used_by = :used_by WHERE id = :id AND used_by IS NULL AND revoked IS NULL
-- name: revoke_grants
UPDATE grants SET revoked = :at WHERE substr(id, 1, length(:decision) + 1) = :decision || '.' AND used_by IS NULL AND revoked IS NULL
-- name: withdraw_decisions
UPDATE decisions SET state = 'withdrawn' WHERE task = :task AND state IN ('open', 'overdue') RETURNING id
-- name: reopen_decision
UPDATE decisions SET state = 'open', task = :task, due = :due, needs = :needs, reopened = :at, reminded = 0, votes = '[]', remark = NULL
WHERE id = :id AND state = 'withdrawn'
-- name: raise_needs
UPDATE decisions SET needs = :needs WHERE id = :id AND needs < :needs AND state IN ('open', 'overdue')
-- name: set_votes
UPDATE decisions SET votes = :votes WHERE id = :id AND state IN ('open', 'overdue')
-- name: remark_decision
UPDATE decisions SET remark = :remark WHERE id = :id
-- name: mark_reminded
UPDATE decisions SET reminded = :mark WHERE id = :id AND reminded < :mark
-- name: timed_decisions
SELECT * FROM decisions WHERE state = 'open' AND due IS NOT NULL AND due >= :at AND reminded < :last ORDER BY due, id
-- name: answers_of_rules
SELECT decided_by, goal, choice, cost, decided FROM decisions WHERE substr(decided_by, 1, 7) = 'policy:'
-- name: answers_of_rule
SELECT id FROM decisions WHERE decided_by = :rule
-- name: revoked_before
SELECT 1 FROM decisions WHERE goal = :goal AND kind = :kind AND digest = :digest AND state = 'revoked'
-- name: revoke_decision
UPDATE decisions SET state = 'revoked', question = question || ':' || id, revoked = :revoked
WHERE id = :id AND state IN ('answered', 'rejected')
-- name: waiting_on_decision
SELECT id FROM tasks WHERE goal = :goal AND state IN ('INPUT_REQUIRED', 'AUTH_REQUIRED')
AND (waits = 'decision:' || :decision OR waits = 'human') ORDER BY created, id
-- name: reopen_question
UPDATE tasks SET state = 'INPUT_REQUIRED', waits = :waits, updated = :at WHERE id = :id AND kind = 'question' AND state = 'COMPLETED'
-- name: insert_standing
INSERT INTO standing (decision, kind, action, terms, choice, given_by, note, at, until)
VALUES (:decision, :kind, :action, :terms, :choice, :given_by, :note, :at, :until)
-- name: standing_for
SELECT * FROM standing WHERE kind = :kind AND action = :action AND ended IS NULL AND until > :at ORDER BY at, decision
-- name: get_standing
SELECT * FROM standing WHERE decision = :decision
-- name: all_standing
SELECT * FROM standing ORDER BY at, decision
-- name: end_standing
UPDATE standing SET ended = :ended WHERE decision = :decision AND ended IS NULL
