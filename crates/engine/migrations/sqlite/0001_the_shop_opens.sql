-- Instants are microseconds UTC; ids are minted by the engine; truth values are 0 and 1.

-- ── engine ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE node_lease (
  node INTEGER NOT NULL PRIMARY KEY,
  leased_until INTEGER NOT NULL
) STRICT;

-- Raw bytes, content-addressed. Small ones here, in the same transaction; large ones as files.
CREATE TABLE blob (
  digest BLOB NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  bytes BLOB,
  refs INTEGER NOT NULL
) STRICT;

CREATE TABLE job (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  unique_key TEXT UNIQUE,
  state TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  leased_until INTEGER,
  last_error TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX job_due ON job (state, run_at, id);

CREATE TABLE idempotency (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  request_digest BLOB NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);

-- One row for each indexed chunk of a text. The id follows occurred_at, so that the newest come first.
CREATE TABLE search_entry (
  id INTEGER NOT NULL PRIMARY KEY,
  subject_kind TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  mailbox_id INTEGER,
  UNIQUE (subject_kind, subject_id, chunk)
) STRICT;
CREATE VIRTUAL TABLE search_terms USING fts5 (
  terms, content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'full'
);

-- ── primitives: who works here ──────────────────────────────────────────────────────────────────
CREATE TABLE shop (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  setup_step TEXT NOT NULL,
  demo INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE account (
  id INTEGER NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  title TEXT,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE session (
  id INTEGER NOT NULL PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  csrf TEXT NOT NULL,
  agent TEXT,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE token (
  id INTEGER NOT NULL PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,
  account_id INTEGER NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
) STRICT;
CREATE INDEX token_account ON token (account_id);

CREATE TABLE team (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE team_member (
  team_id INTEGER NOT NULL REFERENCES team (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  PRIMARY KEY (team_id, account_id)
) STRICT;
CREATE INDEX team_member_account ON team_member (account_id);

CREATE TABLE mailbox (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  address TEXT,
  team_id INTEGER REFERENCES team (id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE mailbox_grant (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  account_id INTEGER NOT NULL REFERENCES account (id),
  PRIMARY KEY (mailbox_id, account_id)
) STRICT;
CREATE INDEX mailbox_grant_account ON mailbox_grant (account_id);

CREATE TABLE product (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL DEFAULT '',
  UNIQUE (name, version)
) STRICT;

-- ── primitives: people ──────────────────────────────────────────────────────────────────────────
CREATE TABLE organisation (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  place TEXT,
  external_id TEXT UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX organisation_name ON organisation (name_key, id);

-- root_id is the person that this one is merged into (itself when it is not): rows keep the person they
-- were written for, so that a merge can be taken back exactly.
CREATE TABLE person (
  id INTEGER NOT NULL PRIMARY KEY,
  root_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  organisation_id INTEGER REFERENCES organisation (id),
  language TEXT,
  keeper_id INTEGER REFERENCES account (id),
  stand_in_id INTEGER REFERENCES account (id),
  external_id TEXT UNIQUE,
  known_since INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX person_root ON person (root_id);
CREATE INDEX person_name ON person (name_key, id);
CREATE INDEX person_organisation ON person (organisation_id, id);
CREATE INDEX person_keeper ON person (keeper_id, id);

-- The words of each name, so that a surname finds its person.
CREATE TABLE person_word (
  person_id INTEGER NOT NULL REFERENCES person (id),
  word TEXT NOT NULL,
  PRIMARY KEY (person_id, word)
) STRICT;
CREATE INDEX person_word_word ON person_word (word, person_id);

CREATE TABLE identity (
  id INTEGER NOT NULL PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  shown TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (kind, value)
) STRICT;
CREATE INDEX identity_person ON identity (person_id, id);

CREATE TABLE consent (
  id INTEGER NOT NULL PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person (id),
  purpose TEXT NOT NULL,
  basis TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  withdrawn_at INTEGER
) STRICT;
CREATE INDEX consent_person ON consent (person_id, id);

-- ── listen ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE source (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  created_at INTEGER NOT NULL
) STRICT;

-- ── primitives: what customers say, and the exchange with them ─────────────────────────────────
CREATE TABLE conversation (
  id INTEGER NOT NULL PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  person_id INTEGER REFERENCES person (id),
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  channel TEXT NOT NULL,
  language TEXT,
  owner_id INTEGER REFERENCES account (id),
  team_id INTEGER REFERENCES team (id),
  product_id INTEGER REFERENCES product (id),
  reply_token TEXT NOT NULL UNIQUE,
  preview TEXT NOT NULL,
  historical INTEGER NOT NULL,
  continues_id INTEGER REFERENCES conversation (id),
  joined_into_id INTEGER REFERENCES conversation (id),
  external_id TEXT UNIQUE,
  opened_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  waiting_since INTEGER,
  due_at INTEGER,
  snoozed_until INTEGER,
  closed_at INTEGER,
  revision INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX conversation_newest ON conversation (last_at, id);
CREATE INDEX conversation_open ON conversation (last_at, id) WHERE state <> 'closed';
CREATE INDEX conversation_state ON conversation (state, last_at, id);
CREATE INDEX conversation_mailbox ON conversation (mailbox_id, last_at, id);
CREATE INDEX conversation_owner ON conversation (owner_id, last_at, id);
CREATE INDEX conversation_person ON conversation (person_id, last_at, id);
CREATE INDEX conversation_waiting ON conversation (waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE voice (
  id INTEGER NOT NULL PRIMARY KEY,
  source_id INTEGER REFERENCES source (id),
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  person_id INTEGER REFERENCES person (id),
  conversation_id INTEGER REFERENCES conversation (id),
  product_id INTEGER REFERENCES product (id),
  channel TEXT NOT NULL,
  subject TEXT,
  body TEXT NOT NULL,
  folded TEXT,
  language TEXT,
  score REAL,
  score_most REAL,
  labels TEXT,
  author TEXT,
  message_key TEXT,
  external_id TEXT,
  raw_digest BLOB,
  captured_by INTEGER REFERENCES account (id),
  historical INTEGER NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX voice_newest ON voice (occurred_at, id);
CREATE INDEX voice_mailbox ON voice (mailbox_id, occurred_at, id);
CREATE INDEX voice_person ON voice (person_id, occurred_at, id);
CREATE INDEX voice_conversation ON voice (conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX voice_alone ON voice (occurred_at, id) WHERE conversation_id IS NULL;
CREATE INDEX voice_message_key ON voice (message_key) WHERE message_key IS NOT NULL;
CREATE INDEX voice_external ON voice (source_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE message (
  id INTEGER NOT NULL PRIMARY KEY,
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  person_id INTEGER REFERENCES person (id),
  kind TEXT NOT NULL,
  voice_id INTEGER REFERENCES voice (id),
  author_id INTEGER REFERENCES account (id),
  body TEXT,
  language TEXT,
  message_key TEXT,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX message_thread ON message (conversation_id, occurred_at, id);
CREATE INDEX message_person ON message (person_id, occurred_at, id);
CREATE INDEX message_key ON message (message_key) WHERE message_key IS NOT NULL;
CREATE INDEX message_voice ON message (voice_id) WHERE voice_id IS NOT NULL;

CREATE TABLE attachment (
  id INTEGER NOT NULL PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  voice_id INTEGER REFERENCES voice (id),
  message_id INTEGER REFERENCES message (id),
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest BLOB NOT NULL,
  inline INTEGER NOT NULL
) STRICT;
CREATE INDEX attachment_voice ON attachment (voice_id, id) WHERE voice_id IS NOT NULL;
CREATE INDEX attachment_message ON attachment (message_id, id) WHERE message_id IS NOT NULL;

CREATE TABLE tag (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE conversation_tag (
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  tag_id INTEGER NOT NULL REFERENCES tag (id),
  PRIMARY KEY (conversation_id, tag_id)
) STRICT;
CREATE INDEX conversation_tag_tag ON conversation_tag (tag_id);

-- ── primitives: the event log and the door out ──────────────────────────────────────────────────
CREATE TABLE event (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  enabled_at INTEGER,
  started_at INTEGER,
  ended_at INTEGER,
  actor_kind TEXT NOT NULL,
  actor_id INTEGER,
  subject_kind TEXT NOT NULL,
  subject_id INTEGER NOT NULL,
  case_id INTEGER,
  mailbox_id INTEGER,
  person_id INTEGER,
  product_id INTEGER,
  source_id INTEGER,
  step TEXT,
  detail TEXT
) STRICT;
CREATE INDEX event_newest ON event (occurred_at, id);
CREATE INDEX event_kind ON event (kind, occurred_at, id);
CREATE INDEX event_subject ON event (subject_kind, subject_id, occurred_at, id);
CREATE INDEX event_case ON event (case_id, occurred_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX event_actor ON event (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;

CREATE TABLE outbox (
  id INTEGER NOT NULL PRIMARY KEY,
  unique_key TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  conversation_id INTEGER REFERENCES conversation (id),
  message_id INTEGER REFERENCES message (id),
  recipient TEXT NOT NULL,
  digest BLOB NOT NULL,
  message_key TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  attempted_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (state, not_before, id);
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX outbox_conversation ON outbox (conversation_id, id) WHERE conversation_id IS NOT NULL;

-- ── listen: the ledger ──────────────────────────────────────────────────────────────────────────
-- Everything that a source ever brought: pending, stored, duplicate or quarantined.
CREATE TABLE arrival (
  id INTEGER NOT NULL PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES source (id),
  day INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  item TEXT NOT NULL,
  format TEXT NOT NULL,
  raw_digest BLOB NOT NULL,
  external_id TEXT,
  content_digest BLOB,
  state TEXT NOT NULL,
  cause TEXT,
  flag TEXT,
  historical INTEGER NOT NULL,
  mapping TEXT,
  voice_id INTEGER REFERENCES voice (id),
  duplicate_of INTEGER
) STRICT;
-- The same bytes, or the same id with the same content, are stored once, whoever comes at the same time.
CREATE UNIQUE INDEX arrival_content ON arrival (source_id, raw_digest) WHERE state <> 'duplicate' AND format <> 'api';
CREATE UNIQUE INDEX arrival_external ON arrival (source_id, external_id, content_digest)
  WHERE state = 'stored' AND external_id IS NOT NULL;
CREATE INDEX arrival_ledger ON arrival (source_id, day, state);
CREATE INDEX arrival_pending ON arrival (id) WHERE state = 'pending';
CREATE INDEX arrival_quarantined ON arrival (source_id, id) WHERE state = 'quarantined';

-- Message-IDs that a stored mail names and nobody has brought yet: when the older mail comes, it joins
-- the conversation that waits for it, so that the order of arrival does not matter.
CREATE TABLE awaited_mail (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  message_key TEXT NOT NULL,
  conversation_id INTEGER NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (message_key, mailbox_id, conversation_id)
) STRICT;

-- A file that somebody imports in the browser: looked at first, then run as a job in slices. `position` is
-- how many of its items are in the ledger, written with them, so that a crash repeats nothing.
CREATE TABLE import_run (
  id INTEGER NOT NULL PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  source_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest BLOB NOT NULL,
  mapping TEXT,
  state TEXT NOT NULL,
  position INTEGER NOT NULL DEFAULT 0,
  expected INTEGER,
  stored INTEGER NOT NULL DEFAULT 0,
  duplicate INTEGER NOT NULL DEFAULT 0,
  quarantined INTEGER NOT NULL DEFAULT 0,
  problem TEXT,
  account_id INTEGER REFERENCES account (id),
  created_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX import_run_mailbox ON import_run (mailbox_id, id);

-- ── people: merges and the notebook ─────────────────────────────────────────────────────────────
CREATE TABLE merge (
  id INTEGER NOT NULL PRIMARY KEY,
  winner_id INTEGER NOT NULL REFERENCES person (id),
  loser_id INTEGER NOT NULL REFERENCES person (id),
  merged_at INTEGER NOT NULL,
  merged_by INTEGER REFERENCES account (id),
  undone_at INTEGER,
  undone_by INTEGER REFERENCES account (id)
) STRICT;
CREATE INDEX merge_winner ON merge (winner_id);
CREATE INDEX merge_loser ON merge (loser_id);

-- Pairs about which somebody said "these are two people".
CREATE TABLE not_the_same (
  first_id INTEGER NOT NULL REFERENCES person (id),
  second_id INTEGER NOT NULL REFERENCES person (id),
  said_at INTEGER NOT NULL,
  said_by INTEGER REFERENCES account (id),
  PRIMARY KEY (first_id, second_id)
) STRICT;

CREATE TABLE fact (
  id INTEGER NOT NULL PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES person (id),
  body TEXT NOT NULL,
  told_by TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  recorded_by INTEGER REFERENCES account (id),
  recorded_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE INDEX fact_person ON fact (person_id, id);

-- ── admin: brakes on guessing ───────────────────────────────────────────────────────────────────
CREATE TABLE sign_in_failure (
  id INTEGER NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sign_in_failure_subject ON sign_in_failure (subject, failed_at);
CREATE INDEX sign_in_failure_age ON sign_in_failure (failed_at);
