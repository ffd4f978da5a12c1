-- What was kept: backups, restores, upgrades, each with how it ended. A slot is a night: two processes on one
-- database do its backup once.
CREATE TABLE keeping (
  id BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  slot TEXT UNIQUE,
  state TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  alive_until BIGINT NOT NULL,
  ended_at BIGINT,
  place TEXT,
  bytes BIGINT,
  row_count BIGINT,
  verified TEXT,
  problem TEXT
);
CREATE INDEX keeping_kind ON keeping (kind, state, started_at);
