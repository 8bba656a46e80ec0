-- What people steer by the board.

ALTER TABLE tasks ADD COLUMN paused TEXT;   -- {by, at, cause, gone}: held back by a human; `gone` when the card was deleted

CREATE TABLE card_marks (
    card   TEXT PRIMARY KEY,
    hidden BIGINT NOT NULL DEFAULT 0,       -- taken off the board by a human
    lane   TEXT NOT NULL DEFAULT '',        -- a lane of people's own that the card was moved to
    home   TEXT NOT NULL DEFAULT '',        -- the column that it had then: it stays until that changes
    says   TEXT NOT NULL DEFAULT '',        -- the crew's answer to whoever moved it last
    at     TEXT NOT NULL
);
