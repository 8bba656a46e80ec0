-- Portable SQL: SQLite today, PostgreSQL by the same statements. Text is UTF-8, JSON is canonical text,
-- instants are UTC text that sorts by time, money is integer millionths of a US dollar.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE events (
    seq   BIGINT PRIMARY KEY,
    at    TEXT NOT NULL,
    kind  TEXT NOT NULL,
    actor TEXT NOT NULL,
    goal  TEXT,
    task  TEXT,
    data  TEXT NOT NULL,
    prev  TEXT NOT NULL,
    hash  TEXT NOT NULL UNIQUE
);
CREATE INDEX events_by_goal ON events (goal, seq);
CREATE INDEX events_by_task ON events (task, seq);

CREATE TABLE tasks (
    id         TEXT PRIMARY KEY,
    kind       TEXT NOT NULL,              -- goal | work | review | question
    goal       TEXT NOT NULL,              -- the root task; a goal names itself
    parent     TEXT,
    context    TEXT NOT NULL,              -- A2A contextId
    role       TEXT NOT NULL,              -- who does it
    sender     TEXT NOT NULL,              -- who asked for it
    title      TEXT NOT NULL,
    state      TEXT NOT NULL,              -- A2A task state
    waits      TEXT,                       -- what it waits on: plan, children, review, decision:ID, retry
    reason     TEXT,                       -- why it is blocked: {cause, owner, tried, needed}
    spec       TEXT NOT NULL,
    revision   BIGINT NOT NULL DEFAULT 0,  -- of the plan that holds it
    step       TEXT,
    position   BIGINT NOT NULL DEFAULT 0,  -- of the step in its plan
    attempts   BIGINT NOT NULL DEFAULT 0,  -- runs that QA gave back
    retries    BIGINT NOT NULL DEFAULT 0,  -- passing failures since it last moved
    recoveries BIGINT NOT NULL DEFAULT 0,
    turn       BIGINT NOT NULL DEFAULT 0,
    holder     BIGINT,                     -- fence of the crew that is on it right now
    not_before TEXT,
    deadline   TEXT,
    created    TEXT NOT NULL,
    updated    TEXT NOT NULL,
    UNIQUE (goal, revision, step)
);
CREATE INDEX tasks_by_goal ON tasks (goal, state);
CREATE INDEX tasks_by_parent ON tasks (parent);
CREATE INDEX tasks_by_sender ON tasks (sender, updated);

CREATE TABLE inbox (
    seq        BIGINT NOT NULL,
    sender     TEXT NOT NULL,
    message_id TEXT NOT NULL,
    task       TEXT NOT NULL,
    kind       TEXT NOT NULL,              -- message | wake
    body       TEXT NOT NULL,
    digest     TEXT NOT NULL,
    state      TEXT NOT NULL,              -- new | done
    at         TEXT NOT NULL,
    PRIMARY KEY (sender, message_id)
);
CREATE INDEX inbox_new ON inbox (task, state, seq);

CREATE TABLE outbox (
    message_id TEXT PRIMARY KEY,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    body       TEXT NOT NULL,
    task       TEXT,
    state      TEXT NOT NULL,              -- new | sent | dead
    attempts   BIGINT NOT NULL DEFAULT 0,
    not_before TEXT,
    error      TEXT,
    at         TEXT NOT NULL
);
CREATE INDEX outbox_new ON outbox (state, at);

CREATE TABLE artifacts (
    task     TEXT NOT NULL,
    name     TEXT NOT NULL,
    sha256   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    path     TEXT NOT NULL,
    goal     TEXT NOT NULL,
    size     BIGINT NOT NULL,
    rows     BIGINT,
    made_by  TEXT NOT NULL,
    manifest TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (task, name, sha256)
);
CREATE INDEX artifacts_by_hash ON artifacts (sha256);
CREATE INDEX artifacts_by_goal ON artifacts (goal);

CREATE TABLE effects (
    key       TEXT PRIMARY KEY,
    goal      TEXT NOT NULL,
    task      TEXT NOT NULL,
    step      TEXT NOT NULL,
    tool      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    arguments TEXT NOT NULL,               -- digest; the key never names two actions
    provider  TEXT NOT NULL,
    state     TEXT NOT NULL,               -- intent | done | refused | skipped
    tries     BIGINT NOT NULL DEFAULT 0,
    estimate  BIGINT NOT NULL,
    cost      BIGINT,
    scopes    TEXT NOT NULL,
    result    TEXT,
    at        TEXT NOT NULL,
    settled   TEXT
);
CREATE INDEX effects_by_goal ON effects (goal, state);

CREATE TABLE decisions (
    id        TEXT PRIMARY KEY,
    question  TEXT NOT NULL UNIQUE,        -- digest of goal, kind and exact action
    goal      TEXT NOT NULL,
    task      TEXT NOT NULL,
    kind      TEXT NOT NULL,
    text      TEXT NOT NULL,
    options   TEXT NOT NULL,
    evidence  TEXT NOT NULL,
    action    TEXT NOT NULL,               -- what exactly is asked for, canonical JSON
    digest    TEXT NOT NULL,               -- of the action
    owner     TEXT NOT NULL,
    asked_by  TEXT NOT NULL,
    due       TEXT,
    on_expiry TEXT NOT NULL,               -- hold | the option that is taken
    reversible BIGINT NOT NULL,
    cost      BIGINT NOT NULL,
    grants    TEXT NOT NULL,               -- what an answer permits: [{digest, cap}]
    state     TEXT NOT NULL,               -- open | overdue | answered | rejected | withdrawn
    choice    TEXT,
    note      TEXT,
    decided_by TEXT,
    via       TEXT,
    decided   TEXT,
    at        TEXT NOT NULL
);
CREATE INDEX decisions_by_goal ON decisions (goal, state);

CREATE TABLE grants (
    id       TEXT PRIMARY KEY,             -- the decision that gave it
    digest   TEXT NOT NULL,
    cap      BIGINT NOT NULL,
    used_by  TEXT,                         -- the effect or plan that consumed it
    at       TEXT NOT NULL
);
CREATE INDEX grants_by_digest ON grants (digest);

CREATE TABLE verdicts (
    sha256     TEXT NOT NULL,
    task       TEXT NOT NULL,              -- the work that was judged
    review     TEXT NOT NULL,              -- the task that judged it
    judgement  TEXT NOT NULL,              -- accept | rework | waived
    signer     TEXT NOT NULL,
    measured   TEXT NOT NULL,
    thresholds TEXT NOT NULL,
    findings   TEXT NOT NULL,
    signature  TEXT NOT NULL,
    at         TEXT NOT NULL,
    PRIMARY KEY (sha256, task, review)
);

CREATE TABLE budgets (
    scope    TEXT PRIMARY KEY,             -- goal:ID, day:DATE, role:GOAL:NAME
    ceiling  BIGINT,                       -- NULL: only counted
    reserved BIGINT NOT NULL DEFAULT 0,
    spent    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE leases (
    name    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    fence   BIGINT NOT NULL,
    expires TEXT NOT NULL
);
