-- What was kept: backups, restores, upgrades, each with how it ended. A slot is a night: two processes on one
-- database do its backup once.
CREATE TABLE keeping (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  slot TEXT UNIQUE,
  state TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  alive_until INTEGER NOT NULL,
  ended_at INTEGER,
  place TEXT,
  bytes INTEGER,
  row_count INTEGER,
  verified TEXT,
  problem TEXT
) STRICT;
CREATE INDEX keeping_kind ON keeping (kind, state, started_at);

-- ── engine: jobs and large files ────────────────────────────────────────────────────────────────
-- How many attempts of a job the machine's trouble ended: they are no tries.
ALTER TABLE job ADD COLUMN outages INTEGER NOT NULL DEFAULT 0;

-- Whose the place of the large files is: the mark that lies there too, and the very database that wrote it. A
-- copy of a database is another one.
CREATE TABLE shelf_owner (
  id INTEGER NOT NULL PRIMARY KEY,
  mark TEXT NOT NULL,
  written_in TEXT NOT NULL
) STRICT;
-- Large files without a row, since when they were seen so, and whether one is being removed just now.
CREATE TABLE shelf_orphan (
  digest BLOB NOT NULL PRIMARY KEY,
  seen_at INTEGER NOT NULL,
  removing INTEGER NOT NULL DEFAULT 0
) STRICT;
