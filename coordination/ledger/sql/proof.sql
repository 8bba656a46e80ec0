-- name: insert_artifact
INSERT INTO artifacts (task, name, sha256, kind, path, goal, size, rows, made_by, manifest, at)
VALUES (:task, :name, :sha256, :kind, :path, :goal, :size, :rows, :made_by, :manifest, :at)
ON CONFLICT (task, name, sha256) DO NOTHING
-- name: artifacts_of_task
SELECT * FROM artifacts WHERE task = :task ORDER BY at, name
-- name: artifacts_of_goal
SELECT * FROM artifacts WHERE goal = :goal ORDER BY at, task, name
-- name: artifacts_by_hash
SELECT * FROM artifacts WHERE sha256 = :sha256 ORDER BY at
-- name: all_artifacts
SELECT * FROM artifacts ORDER BY at, task, name
-- name: insert_verdict
INSERT INTO verdicts (sha256, task, review, judgement, signer, measured, thresholds, findings, signature, at)
VALUES (:sha256, :task, :review, :judgement, :signer, :measured, :thresholds, :findings, :signature, :at)
ON CONFLICT (sha256, task, review) DO NOTHING
-- name: verdicts_of_task
SELECT * FROM verdicts WHERE task = :task ORDER BY at, review, sha256
-- name: verdicts_of_hash
SELECT * FROM verdicts WHERE sha256 = :sha256 ORDER BY at, review
-- name: all_verdicts
SELECT * FROM verdicts ORDER BY at, review, sha256
-- name: get_lease
SELECT * FROM leases WHERE name = :name
-- name: take_lease
INSERT INTO leases (name, holder, fence, expires) VALUES (:name, :holder, 1, :expires)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = leases.fence + 1, expires = excluded.expires
-- name: renew_lease
UPDATE leases SET expires = :expires WHERE name = :name AND fence = :fence
-- name: end_lease
UPDATE leases SET expires = :at WHERE name = :name AND fence = :fence
