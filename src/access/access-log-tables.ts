/**
 * What the vault holds of what happened at the door. An address and a user agent are personal: whoever is erased takes
 * theirs along. `by_stranger` tells what anybody could cause who has no credential. Times are instants.
 */
export const accessLogTables = `
CREATE TABLE access_log (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  kind        TEXT NOT NULL,
  actor       TEXT,
  about_user  INTEGER,
  address     TEXT,
  user_agent  TEXT,
  route       TEXT,
  status      INTEGER,
  detail      TEXT,
  first_at    TEXT NOT NULL,
  last_at     TEXT NOT NULL,
  count       INTEGER NOT NULL,
  by_stranger INTEGER NOT NULL
) STRICT;
CREATE INDEX access_log_by_time ON access_log (first_at);
CREATE INDEX access_log_by_actor ON access_log (actor, first_at) WHERE actor IS NOT NULL;
CREATE INDEX access_log_of_strangers ON access_log (first_at) WHERE by_stranger = 1;

CREATE TABLE key_networks (
  key_id   INTEGER NOT NULL,
  network  TEXT NOT NULL,
  seen_at  TEXT NOT NULL,
  PRIMARY KEY (key_id, network)
) STRICT, WITHOUT ROWID;
`;
