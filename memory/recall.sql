-- The index of the notes. It is disposable: everything in it comes from the files.

-- name: schema
CREATE TABLE IF NOT EXISTS file (
  path TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  looked_ns INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS passage (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL REFERENCES file (path),
  line INTEGER NOT NULL,
  day TEXT NOT NULL,
  text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passage_of_file ON passage (path);
CREATE VIRTUAL TABLE IF NOT EXISTS word USING fts5 (
  text, around, tokenize = 'porter unicode61 remove_diacritics 2'
);

-- name: known
SELECT path, sha256, size, mtime_ns, looked_ns FROM file;

-- name: forget_words
DELETE FROM word WHERE rowid IN (SELECT id FROM passage WHERE path = ?);

-- name: forget_passages
DELETE FROM passage WHERE path = ?;

-- name: forget_file
DELETE FROM file WHERE path = ?;

-- name: learn_file
INSERT INTO file (path, sha256, size, mtime_ns, looked_ns) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET
  sha256 = excluded.sha256, size = excluded.size,
  mtime_ns = excluded.mtime_ns, looked_ns = excluded.looked_ns;

-- name: learn_passage
INSERT INTO passage (path, line, day, text) VALUES (?, ?, ?, ?);

-- name: learn_words
INSERT INTO word (rowid, text, around) VALUES (?, ?, ?);

-- name: newest_day
SELECT max(day) FROM passage;

-- name: search
SELECT p.path, p.line, p.day, p.text, -bm25(word, 1.0, 0.5) AS score
FROM word JOIN passage AS p ON p.id = word.rowid
WHERE word MATCH ? ORDER BY score DESC, p.day DESC, p.line LIMIT ?;
