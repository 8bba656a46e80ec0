-- The index of the notes. It is disposable: everything in it comes from the files, and vectors from texts.

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
  text TEXT NOT NULL,
  digest TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS passage_of_file ON passage (path);
CREATE INDEX IF NOT EXISTS passage_of_day ON passage (day);
CREATE INDEX IF NOT EXISTS passage_of_text ON passage (digest);
CREATE VIRTUAL TABLE IF NOT EXISTS word USING fts5 (
  text, around, ids, tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TABLE IF NOT EXISTS vector (
  model TEXT NOT NULL,
  digest TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (model, digest)
);

-- name: clear
DROP TABLE IF EXISTS word;
DROP TABLE IF EXISTS passage;
DROP TABLE IF EXISTS file;
DROP TABLE IF EXISTS vector;

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
INSERT INTO passage (path, line, day, text, digest) VALUES (?, ?, ?, ?, ?);

-- name: learn_words
INSERT INTO word (rowid, text, around, ids) VALUES (?, ?, ?, ?);

-- name: newest_day
SELECT max(day) FROM passage;

-- name: count_passages
SELECT count(*) FROM passage;

-- name: search
SELECT p.id, p.path, p.line, p.day, p.text, p.digest, -bm25(word, 1.0, 0.5, 0.0) AS score
FROM word JOIN passage AS p ON p.id = word.rowid
WHERE word MATCH ? ORDER BY score DESC, p.day DESC, p.line LIMIT ?;

-- name: search_days
SELECT p.id, p.path, p.line, p.day, p.text, p.digest, -bm25(word, 1.0, 0.5, 0.0) AS score
FROM word JOIN passage AS p ON p.id = word.rowid
WHERE word MATCH ? AND p.day BETWEEN ? AND ? ORDER BY score DESC, p.day DESC, p.line LIMIT ?;

-- name: of_days
SELECT id, path, line, day, text, digest, 0.0 AS score
FROM passage WHERE day BETWEEN ? AND ? ORDER BY day DESC, path, line LIMIT ?;

-- name: by_digest
SELECT id, path, line, day, text, digest, 0.0 AS score
FROM passage WHERE digest = ? ORDER BY day DESC, line LIMIT 1;

-- name: without_vector
SELECT DISTINCT p.digest, p.text FROM passage AS p
WHERE NOT EXISTS (SELECT 1 FROM vector AS v WHERE v.model = ? AND v.digest = p.digest)
ORDER BY p.day DESC LIMIT ?;

-- name: count_vectors
SELECT count(*) FROM passage AS p JOIN vector AS v ON v.digest = p.digest AND v.model = ?;

-- name: learn_vector
INSERT INTO vector (model, digest, value) VALUES (?, ?, ?) ON CONFLICT (model, digest) DO NOTHING;

-- name: vectors
SELECT digest, value FROM vector WHERE model = ? ORDER BY digest;

-- name: forget_vectors
DELETE FROM vector WHERE digest NOT IN (SELECT digest FROM passage);
