-- ── primitives: who gets in ─────────────────────────────────────────────────────────────────────
-- What the company asks of whoever comes in. Seconds.
ALTER TABLE shop ADD COLUMN second_factor_required BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE shop ADD COLUMN password_sign_in BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE shop ADD COLUMN session_idle_seconds BIGINT NOT NULL DEFAULT 1209600;
ALTER TABLE shop ADD COLUMN session_most_seconds BIGINT NOT NULL DEFAULT 7776000;

-- How somebody came in, from where, and when they last proved who they are.
ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'password';
ALTER TABLE session ADD COLUMN address TEXT;
ALTER TABLE session ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- An authenticator app. The secret is sealed with the installation's key; it counts once confirmed.
CREATE TABLE authenticator (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES account (id),
  secret BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT NOT NULL DEFAULT 0
);

-- Codes for the day on which the telephone is lost, each good once.
CREATE TABLE recovery_code (
  account_id BIGINT NOT NULL REFERENCES account (id),
  digest BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account_id, digest)
);

CREATE TABLE passkey (
  id BIGINT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  credential_id BYTEA NOT NULL UNIQUE,
  name TEXT NOT NULL,
  credential TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX passkey_account ON passkey (account_id, id);

-- Ways in that are half walked: each is taken up once, by who holds its secret.
CREATE TABLE doorway (
  digest BYTEA NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id BIGINT REFERENCES account (id),
  state BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX doorway_expiry ON doorway (expires_at);
CREATE INDEX doorway_account ON doorway (account_id) WHERE account_id IS NOT NULL;

-- Browsers and places from which an account came in: other people's guessing does not brake them.
CREATE TABLE known_browser (
  digest BYTEA NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES account (id),
  place TEXT NOT NULL,
  seen_at BIGINT NOT NULL
);
CREATE INDEX known_browser_account ON known_browser (account_id, place);
CREATE INDEX known_browser_age ON known_browser (seen_at);

-- Other houses that vouch for people: OpenID Connect.
CREATE TABLE provider (
  id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  issuer TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  client_secret BYTEA,
  domains TEXT NOT NULL,
  links_by_email BOOLEAN NOT NULL,
  creates_accounts BOOLEAN NOT NULL,
  default_role TEXT NOT NULL,
  group_claim TEXT,
  group_roles TEXT NOT NULL,
  second_factor BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE provider_subject (
  provider_id BIGINT NOT NULL REFERENCES provider (id),
  subject TEXT NOT NULL,
  account_id BIGINT NOT NULL REFERENCES account (id),
  linked_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (provider_id, subject)
);
CREATE INDEX provider_subject_account ON provider_subject (account_id);

-- By which provider's word somebody came in: its end is the session's. When the second factor was last shown on purpose,
-- to change how one comes in; a sign-in is no such purpose.
ALTER TABLE session ADD COLUMN provider_id BIGINT;
ALTER TABLE session ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX session_provider ON session (provider_id) WHERE provider_id IS NOT NULL;
