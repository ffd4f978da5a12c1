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
