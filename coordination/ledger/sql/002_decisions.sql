-- Decisions at depth: quorum, ticks, reminders, revocation, standing answers.

ALTER TABLE decisions ADD COLUMN decides TEXT NOT NULL DEFAULT '';       -- why it is asked now
ALTER TABLE decisions ADD COLUMN needs BIGINT NOT NULL DEFAULT 1;        -- distinct humans who must approve
ALTER TABLE decisions ADD COLUMN votes TEXT NOT NULL DEFAULT '[]';       -- [{by, choice, at, on_behalf, via, note}]
ALTER TABLE decisions ADD COLUMN reminded BIGINT NOT NULL DEFAULT 0;     -- the last mark, in % of its time, that was told
ALTER TABLE decisions ADD COLUMN reopened TEXT;                          -- when it was asked again after it was withdrawn
ALTER TABLE decisions ADD COLUMN remark TEXT;                            -- what the board says of the last tick: {outcome, by, choices, says, command}
ALTER TABLE decisions ADD COLUMN revoked TEXT;                           -- {by, at, note}; the answer stays, and binds nobody any more

ALTER TABLE grants ADD COLUMN revoked TEXT;                              -- when; a used grant is never revoked

CREATE TABLE standing (
    decision TEXT PRIMARY KEY,             -- the decision that was answered for always
    kind     TEXT NOT NULL,
    action   TEXT NOT NULL,                -- digest of the exact action
    terms    TEXT NOT NULL,                -- digest of what was offered for it: option, cost, caps, reversible
    choice   TEXT NOT NULL,
    given_by TEXT NOT NULL,
    note     TEXT NOT NULL,
    at       TEXT NOT NULL,
    until    TEXT NOT NULL,
    ended    TEXT                          -- {by, at, note}: taken back
);
CREATE INDEX standing_by_action ON standing (kind, action);
