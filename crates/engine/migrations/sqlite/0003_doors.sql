-- ── primitives: who gets in ─────────────────────────────────────────────────────────────────────
-- What the company asks of whoever comes in. Seconds.
ALTER TABLE shop ADD COLUMN second_factor_required INTEGER NOT NULL DEFAULT 0;
ALTER TABLE shop ADD COLUMN password_sign_in INTEGER NOT NULL DEFAULT 1;
ALTER TABLE shop ADD COLUMN session_idle_seconds INTEGER NOT NULL DEFAULT 1209600;
ALTER TABLE shop ADD COLUMN session_most_seconds INTEGER NOT NULL DEFAULT 7776000;

-- How somebody came in, from where, and when they last proved who they are.
ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN address TEXT;
ALTER TABLE session ADD COLUMN proved_at INTEGER NOT NULL DEFAULT 0;

-- An authenticator app. The secret is sealed with the installation's key; it counts once confirmed.
CREATE TABLE authenticator (
  account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (id),
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER,
  last_step INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Codes for the day on which the telephone is lost, each good once.
CREATE TABLE recovery_code (
  account_id INTEGER NOT NULL REFERENCES account (id),
  digest BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (account_id, digest)
) STRICT;

CREATE TABLE passkey (
  id INTEGER NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  credential_id BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  credential TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE INDEX passkey_account ON passkey (account_id, id);

-- Ways in that are half walked: each is taken up once, by who holds its secret.
CREATE TABLE doorway (
  digest BLOB NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id INTEGER REFERENCES account (id),
  state BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX doorway_expiry ON doorway (expires_at);
CREATE INDEX doorway_account ON doorway (account_id) WHERE account_id IS NOT NULL;

-- Browsers and places from which an account came in: other people's guessing does not brake them.
CREATE TABLE known_browser (
  digest BLOB NOT NULL PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account (id),
  place TEXT NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX known_browser_account ON known_browser (account_id, place);
CREATE INDEX known_browser_age ON known_browser (seen_at);

-- Other houses that vouch for people: OpenID Connect.
CREATE TABLE provider (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  issuer TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  client_secret BLOB,
  domains TEXT NOT NULL,
  links_by_email INTEGER NOT NULL,
  creates_accounts INTEGER NOT NULL,
  default_role TEXT NOT NULL,
  group_claim TEXT,
  group_roles TEXT NOT NULL,
  second_factor INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE provider_subject (
  provider_id INTEGER NOT NULL REFERENCES provider (id),
  subject TEXT NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account (id),
  linked_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  PRIMARY KEY (provider_id, subject)
) STRICT;
CREATE INDEX provider_subject_account ON provider_subject (account_id);

-- By which provider's word somebody came in: its end is the session's. When the second factor was last shown on purpose,
-- to change how one comes in; a sign-in is no such purpose.
ALTER TABLE session ADD COLUMN provider_id INTEGER;
ALTER TABLE session ADD COLUMN factor_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX session_provider ON session (provider_id) WHERE provider_id IS NOT NULL;
