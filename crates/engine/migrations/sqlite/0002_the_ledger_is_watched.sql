-- ── listen: the ledger, closed by day ───────────────────────────────────────────────────────────
-- The sums of days that are over, so that a source of millions is summed as fast as a new one. Days after
-- `through` are counted from the arrivals themselves; whatever changes an arrival of a closed day changes
-- its sum in the same transaction.
CREATE TABLE ledger_day (
  source_id INTEGER NOT NULL REFERENCES source (id),
  day INTEGER NOT NULL,
  fetched INTEGER NOT NULL,
  stored INTEGER NOT NULL,
  duplicate INTEGER NOT NULL,
  quarantined INTEGER NOT NULL,
  PRIMARY KEY (source_id, day)
) STRICT;
CREATE TABLE ledger_closed (
  source_id INTEGER NOT NULL PRIMARY KEY REFERENCES source (id),
  through INTEGER NOT NULL
) STRICT;

-- What the watch found wrong with a source: `gap`, `pending` or `unbalanced`. At most one of a kind is open.
CREATE TABLE ledger_alarm (
  id INTEGER NOT NULL PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source (id),
  kind TEXT NOT NULL,
  since INTEGER NOT NULL,
  detail TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX ledger_alarm_open ON ledger_alarm (source_id, kind) WHERE ended_at IS NULL;
CREATE INDEX ledger_alarm_source ON ledger_alarm (source_id, id);

-- Sources that somebody does not want watched for gaps: the season is over, the shop was closed.
CREATE TABLE ledger_unwatched (
  source_id INTEGER NOT NULL PRIMARY KEY REFERENCES source (id),
  since INTEGER NOT NULL,
  account_id INTEGER REFERENCES account (id)
) STRICT;

-- ── listen: quarantine ──────────────────────────────────────────────────────────────────────────
-- How often it was tried, and whether somebody decided that nothing is to be made of it. It stays
-- quarantined all the same.
ALTER TABLE arrival ADD COLUMN tries INTEGER NOT NULL DEFAULT 1;
ALTER TABLE arrival ADD COLUMN set_aside_at INTEGER;
ALTER TABLE arrival ADD COLUMN set_aside_by INTEGER REFERENCES account (id);
ALTER TABLE arrival ADD COLUMN set_aside_reason TEXT;
CREATE INDEX arrival_to_look_at ON arrival (id) WHERE state = 'quarantined' AND set_aside_at IS NULL;
CREATE INDEX arrival_set_aside ON arrival (id) WHERE set_aside_at IS NOT NULL;
CREATE INDEX arrival_causes ON arrival (source_id, cause) WHERE state = 'quarantined' AND set_aside_at IS NULL;

-- Many of them tried again, as a job in slices.
CREATE TABLE retry_run (
  id INTEGER NOT NULL PRIMARY KEY,
  mailboxes TEXT NOT NULL,
  source_id INTEGER REFERENCES source (id),
  cause TEXT,
  arrival_id INTEGER,
  state TEXT NOT NULL,
  position INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  expected INTEGER NOT NULL,
  tried INTEGER NOT NULL DEFAULT 0,
  stored INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0,
  account_id INTEGER REFERENCES account (id),
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;

-- How many that earlier runs could not read were read this time.
ALTER TABLE import_run ADD COLUMN recovered INTEGER NOT NULL DEFAULT 0;
-- Which of them brought an arrival: what it counts is written with what becomes of it.
ALTER TABLE arrival ADD COLUMN import_id INTEGER REFERENCES import_run (id);
CREATE INDEX arrival_import ON arrival (import_id) WHERE import_id IS NOT NULL;
-- 1 where each of its arrivals names it: those that began before did not.
ALTER TABLE import_run ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;
-- One that failed and was looked at once more has not ended.
UPDATE import_run SET ended_at = NULL WHERE state IN ('counting', 'looked', 'running');

-- ── primitives: the outbox ──────────────────────────────────────────────────────────────────────
-- The place through which the last attempt sent, by the name that it gave itself: whether a letter left there is
-- known only there.
ALTER TABLE outbox ADD COLUMN place TEXT;
