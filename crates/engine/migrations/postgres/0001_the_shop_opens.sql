-- Instants are microseconds UTC; ids are minted by the engine.

-- ── engine ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE node_lease (
  node BIGINT NOT NULL PRIMARY KEY,
  leased_until BIGINT NOT NULL
);

-- Raw bytes, content-addressed. Small ones here, in the same transaction; large ones as files.
CREATE TABLE blob (
  digest BYTEA NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL,
  bytes BYTEA,
  refs BIGINT NOT NULL
);

CREATE TABLE job (
  id BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  unique_key TEXT UNIQUE,
  state TEXT NOT NULL,
  run_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  leased_until BIGINT,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX job_due ON job (state, run_at, id);

CREATE TABLE idempotency (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  request_digest BYTEA NOT NULL,
  status BIGINT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- One row for each indexed chunk of a text. The id follows occurred_at, so that the newest come first.
CREATE TABLE search_entry (
  id BIGINT NOT NULL PRIMARY KEY,
  subject_kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  chunk BIGINT NOT NULL,
  mailbox_id BIGINT,
  terms TSVECTOR NOT NULL,
  UNIQUE (subject_kind, subject_id, chunk)
);
CREATE INDEX search_terms ON search_entry USING gin (terms);
CREATE INDEX search_recent ON search_entry (mailbox_id, id);

-- ── primitives: who works here ──────────────────────────────────────────────────────────────────
CREATE TABLE shop (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  setup_step TEXT NOT NULL,
  demo BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE account (
  id BIGINT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  title TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  revision BIGINT NOT NULL DEFAULT 1
);

CREATE TABLE session (
  id BIGINT NOT NULL PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  account_id BIGINT NOT NULL REFERENCES account (id),
  csrf TEXT NOT NULL,
  agent TEXT,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE token (
  id BIGINT NOT NULL PRIMARY KEY,
  digest BYTEA NOT NULL UNIQUE,
  account_id BIGINT NOT NULL REFERENCES account (id),
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX token_account ON token (account_id);

CREATE TABLE team (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE team_member (
  team_id BIGINT NOT NULL REFERENCES team (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  PRIMARY KEY (team_id, account_id)
);
CREATE INDEX team_member_account ON team_member (account_id);

CREATE TABLE mailbox (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  address TEXT,
  team_id BIGINT REFERENCES team (id),
  created_at BIGINT NOT NULL
);
CREATE TABLE mailbox_grant (
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  account_id BIGINT NOT NULL REFERENCES account (id),
  PRIMARY KEY (mailbox_id, account_id)
);
CREATE INDEX mailbox_grant_account ON mailbox_grant (account_id);

CREATE TABLE product (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL DEFAULT '',
  UNIQUE (name, version)
);

-- ── primitives: people ──────────────────────────────────────────────────────────────────────────
CREATE TABLE organisation (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  place TEXT,
  external_id TEXT UNIQUE,
  created_at BIGINT NOT NULL
);
CREATE INDEX organisation_name ON organisation (name_key, id);

-- root_id is the person that this one is merged into (itself when it is not): rows keep the person they
-- were written for, so that a merge can be taken back exactly.
CREATE TABLE person (
  id BIGINT NOT NULL PRIMARY KEY,
  root_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  name_key TEXT COLLATE "C" NOT NULL,
  organisation_id BIGINT REFERENCES organisation (id),
  language TEXT,
  keeper_id BIGINT REFERENCES account (id),
  stand_in_id BIGINT REFERENCES account (id),
  external_id TEXT UNIQUE,
  known_since BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX person_root ON person (root_id);
CREATE INDEX person_name ON person (name_key, id);
CREATE INDEX person_organisation ON person (organisation_id, id);
CREATE INDEX person_keeper ON person (keeper_id, id);

-- The words of each name, so that a surname finds its person.
CREATE TABLE person_word (
  person_id BIGINT NOT NULL REFERENCES person (id),
  word TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (person_id, word)
);
CREATE INDEX person_word_word ON person_word (word, person_id);

CREATE TABLE identity (
  id BIGINT NOT NULL PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES person (id),
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  shown TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (kind, value)
);
CREATE INDEX identity_person ON identity (person_id, id);

CREATE TABLE consent (
  id BIGINT NOT NULL PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES person (id),
  purpose TEXT NOT NULL,
  basis TEXT NOT NULL,
  given_at BIGINT NOT NULL,
  withdrawn_at BIGINT
);
CREATE INDEX consent_person ON consent (person_id, id);

-- ── listen ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE source (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  created_at BIGINT NOT NULL
);

-- ── primitives: what customers say, and the exchange with them ─────────────────────────────────
CREATE TABLE conversation (
  id BIGINT NOT NULL PRIMARY KEY,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  person_id BIGINT REFERENCES person (id),
  subject TEXT NOT NULL,
  state TEXT NOT NULL,
  channel TEXT NOT NULL,
  language TEXT,
  owner_id BIGINT REFERENCES account (id),
  team_id BIGINT REFERENCES team (id),
  product_id BIGINT REFERENCES product (id),
  reply_token TEXT NOT NULL UNIQUE,
  preview TEXT NOT NULL,
  historical BOOLEAN NOT NULL,
  continues_id BIGINT REFERENCES conversation (id),
  joined_into_id BIGINT REFERENCES conversation (id),
  external_id TEXT UNIQUE,
  opened_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  waiting_since BIGINT,
  due_at BIGINT,
  snoozed_until BIGINT,
  closed_at BIGINT,
  revision BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX conversation_newest ON conversation (last_at, id);
CREATE INDEX conversation_open ON conversation (last_at, id) WHERE state <> 'closed';
CREATE INDEX conversation_state ON conversation (state, last_at, id);
CREATE INDEX conversation_mailbox ON conversation (mailbox_id, last_at, id);
CREATE INDEX conversation_owner ON conversation (owner_id, last_at, id);
CREATE INDEX conversation_person ON conversation (person_id, last_at, id);
CREATE INDEX conversation_waiting ON conversation (waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE voice (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT REFERENCES source (id),
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  person_id BIGINT REFERENCES person (id),
  conversation_id BIGINT REFERENCES conversation (id),
  product_id BIGINT REFERENCES product (id),
  channel TEXT NOT NULL,
  subject TEXT,
  body TEXT NOT NULL,
  folded TEXT,
  language TEXT,
  score DOUBLE PRECISION,
  score_most DOUBLE PRECISION,
  labels TEXT,
  author TEXT,
  message_key TEXT,
  external_id TEXT,
  raw_digest BYTEA,
  captured_by BIGINT REFERENCES account (id),
  historical BOOLEAN NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL
);
CREATE INDEX voice_newest ON voice (occurred_at, id);
CREATE INDEX voice_mailbox ON voice (mailbox_id, occurred_at, id);
CREATE INDEX voice_person ON voice (person_id, occurred_at, id);
CREATE INDEX voice_conversation ON voice (conversation_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX voice_alone ON voice (occurred_at, id) WHERE conversation_id IS NULL;
CREATE INDEX voice_message_key ON voice (message_key) WHERE message_key IS NOT NULL;
CREATE INDEX voice_external ON voice (source_id, external_id) WHERE external_id IS NOT NULL;

CREATE TABLE message (
  id BIGINT NOT NULL PRIMARY KEY,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  person_id BIGINT REFERENCES person (id),
  kind TEXT NOT NULL,
  voice_id BIGINT REFERENCES voice (id),
  author_id BIGINT REFERENCES account (id),
  body TEXT,
  language TEXT,
  message_key TEXT,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL
);
CREATE INDEX message_thread ON message (conversation_id, occurred_at, id);
CREATE INDEX message_person ON message (person_id, occurred_at, id);
CREATE INDEX message_key ON message (message_key) WHERE message_key IS NOT NULL;
CREATE INDEX message_voice ON message (voice_id) WHERE voice_id IS NOT NULL;

CREATE TABLE attachment (
  id BIGINT NOT NULL PRIMARY KEY,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  voice_id BIGINT REFERENCES voice (id),
  message_id BIGINT REFERENCES message (id),
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  inline BOOLEAN NOT NULL
);
CREATE INDEX attachment_voice ON attachment (voice_id, id) WHERE voice_id IS NOT NULL;
CREATE INDEX attachment_message ON attachment (message_id, id) WHERE message_id IS NOT NULL;

CREATE TABLE tag (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);
CREATE TABLE conversation_tag (
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  tag_id BIGINT NOT NULL REFERENCES tag (id),
  PRIMARY KEY (conversation_id, tag_id)
);
CREATE INDEX conversation_tag_tag ON conversation_tag (tag_id);

-- ── primitives: the event log and the door out ──────────────────────────────────────────────────
CREATE TABLE event (
  id BIGINT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  enabled_at BIGINT,
  started_at BIGINT,
  ended_at BIGINT,
  actor_kind TEXT NOT NULL,
  actor_id BIGINT,
  subject_kind TEXT NOT NULL,
  subject_id BIGINT NOT NULL,
  case_id BIGINT,
  mailbox_id BIGINT,
  person_id BIGINT,
  product_id BIGINT,
  source_id BIGINT,
  step TEXT,
  detail TEXT
);
CREATE INDEX event_newest ON event (occurred_at, id);
CREATE INDEX event_kind ON event (kind, occurred_at, id);
CREATE INDEX event_subject ON event (subject_kind, subject_id, occurred_at, id);
CREATE INDEX event_case ON event (case_id, occurred_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX event_actor ON event (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;

CREATE TABLE outbox (
  id BIGINT NOT NULL PRIMARY KEY,
  unique_key TEXT NOT NULL UNIQUE,
  channel TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  conversation_id BIGINT REFERENCES conversation (id),
  message_id BIGINT REFERENCES message (id),
  recipient TEXT NOT NULL,
  digest BYTEA NOT NULL,
  message_key TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  attempted_at BIGINT,
  ended_at BIGINT
);
CREATE INDEX outbox_due ON outbox (state, not_before, id);
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX outbox_conversation ON outbox (conversation_id, id) WHERE conversation_id IS NOT NULL;

-- ── listen: the ledger ──────────────────────────────────────────────────────────────────────────
-- Everything that a source ever brought: pending, stored, duplicate or quarantined.
CREATE TABLE arrival (
  id BIGINT NOT NULL PRIMARY KEY,
  source_id BIGINT NOT NULL REFERENCES source (id),
  day BIGINT NOT NULL,
  fetched_at BIGINT NOT NULL,
  item TEXT NOT NULL,
  format TEXT NOT NULL,
  raw_digest BYTEA NOT NULL,
  external_id TEXT,
  content_digest BYTEA,
  state TEXT NOT NULL,
  cause TEXT,
  flag TEXT,
  historical BOOLEAN NOT NULL,
  mapping TEXT,
  voice_id BIGINT REFERENCES voice (id),
  duplicate_of BIGINT
);
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
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  message_key TEXT NOT NULL,
  conversation_id BIGINT NOT NULL REFERENCES conversation (id),
  PRIMARY KEY (message_key, mailbox_id, conversation_id)
);

-- A file that somebody imports in the browser: looked at first, then run as a job in slices. `position` is
-- how many of its items are in the ledger, written with them, so that a crash repeats nothing.
CREATE TABLE import_run (
  id BIGINT NOT NULL PRIMARY KEY,
  mailbox_id BIGINT NOT NULL REFERENCES mailbox (id),
  source_name TEXT NOT NULL,
  kind TEXT NOT NULL,
  file_name TEXT NOT NULL,
  size BIGINT NOT NULL,
  digest BYTEA NOT NULL,
  mapping TEXT,
  state TEXT NOT NULL,
  position BIGINT NOT NULL DEFAULT 0,
  expected BIGINT,
  stored BIGINT NOT NULL DEFAULT 0,
  duplicate BIGINT NOT NULL DEFAULT 0,
  quarantined BIGINT NOT NULL DEFAULT 0,
  problem TEXT,
  account_id BIGINT REFERENCES account (id),
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX import_run_mailbox ON import_run (mailbox_id, id);

-- ── people: merges and the notebook ─────────────────────────────────────────────────────────────
CREATE TABLE merge (
  id BIGINT NOT NULL PRIMARY KEY,
  winner_id BIGINT NOT NULL REFERENCES person (id),
  loser_id BIGINT NOT NULL REFERENCES person (id),
  merged_at BIGINT NOT NULL,
  merged_by BIGINT REFERENCES account (id),
  undone_at BIGINT,
  undone_by BIGINT REFERENCES account (id)
);
CREATE INDEX merge_winner ON merge (winner_id);
CREATE INDEX merge_loser ON merge (loser_id);

-- Pairs about which somebody said "these are two people".
CREATE TABLE not_the_same (
  first_id BIGINT NOT NULL REFERENCES person (id),
  second_id BIGINT NOT NULL REFERENCES person (id),
  said_at BIGINT NOT NULL,
  said_by BIGINT REFERENCES account (id),
  PRIMARY KEY (first_id, second_id)
);

CREATE TABLE fact (
  id BIGINT NOT NULL PRIMARY KEY,
  person_id BIGINT NOT NULL REFERENCES person (id),
  body TEXT NOT NULL,
  told_by TEXT NOT NULL,
  told_at BIGINT NOT NULL,
  recorded_by BIGINT REFERENCES account (id),
  recorded_at BIGINT NOT NULL,
  removed_at BIGINT
);
CREATE INDEX fact_person ON fact (person_id, id);

-- ── admin: brakes on guessing ───────────────────────────────────────────────────────────────────
CREATE TABLE sign_in_failure (
  id BIGINT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  failed_at BIGINT NOT NULL
);
CREATE INDEX sign_in_failure_subject ON sign_in_failure (subject, failed_at);
CREATE INDEX sign_in_failure_age ON sign_in_failure (failed_at);
