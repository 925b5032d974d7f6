/**
 * What the vault holds of people and their sessions. Links, tokens and passwords stand here as hashes only. Whoever is
 * erased leaves every one of these tables; `users` never gives a number twice.
 */
export const identityTables = `
CREATE TABLE users (
  user_id             INTEGER PRIMARY KEY AUTOINCREMENT,
  email               TEXT NOT NULL UNIQUE,
  full_name           TEXT,
  phone               TEXT,
  password_hash       TEXT,
  password_changed_at TEXT,
  created_at          TEXT NOT NULL
) STRICT;

CREATE TABLE links (
  hash       BLOB NOT NULL PRIMARY KEY,
  user_id    INTEGER NOT NULL,
  purpose    TEXT NOT NULL CHECK (purpose IN ('invitation', 'recovery')),
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  UNIQUE (user_id, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  session_id   TEXT NOT NULL PRIMARY KEY,
  user_id      INTEGER NOT NULL,
  family       BLOB NOT NULL UNIQUE,
  token        BLOB NOT NULL,
  created_at   TEXT NOT NULL,
  last_used_at TEXT NOT NULL,
  idle_at      TEXT NOT NULL,
  expires_at   TEXT NOT NULL,
  address      TEXT NOT NULL,
  user_agent   TEXT,
  ended_at     TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, last_used_at);
CREATE INDEX sessions_by_idle_end ON sessions (idle_at);
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE signing_keys (
  kid        TEXT NOT NULL PRIMARY KEY,
  secret     BLOB NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX signing_keys_by_age ON signing_keys (created_at);

CREATE TABLE attempts (
  account    BLOB NOT NULL,
  origin     BLOB NOT NULL,
  count      INTEGER NOT NULL,
  last_at_ms INTEGER NOT NULL,
  known_at_ms INTEGER,
  PRIMARY KEY (account, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_age ON attempts (last_at_ms);
`;
