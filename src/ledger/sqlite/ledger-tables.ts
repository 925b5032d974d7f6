import type { FileKind } from "./durable-database.ts";

/**
 * The tables of a ledger in SQLite. Bodies are TEXT so that people can read them with the sqlite3 tool, and are never
 * written anew. The triggers are there against mistakes; against malice there is the chain.
 *
 * How many pages a commit writes depends on where its indexes grow. `incidents_by_id`, `commits_by_command` and
 * `idempotency_by_age` grow at their end, since ids that are made here and instants are in the order of time.
 * `events_of_incidents` grows where the incident is, mostly among the newest; `events_of_other_streams` at the end of each
 * stream, of which there are few. `idempotency` is in the order of the callers' own scopes and keys, `erasures` in that of
 * what was erased: these grow anywhere.
 */
const tables = `
CREATE TABLE events (
  position       INTEGER PRIMARY KEY CHECK (position BETWEEN 1 AND 9007199254740991),
  stream         TEXT NOT NULL,
  version        INTEGER NOT NULL,
  type           TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  recorded_at    TEXT NOT NULL,
  actor          TEXT NOT NULL,
  command_id     TEXT NOT NULL,
  meta           TEXT NOT NULL,
  data           TEXT NOT NULL,
  text           TEXT,
  text_salt      BLOB,
  text_digest    BLOB,
  hash           BLOB NOT NULL,
  incident       INTEGER GENERATED ALWAYS AS
                 (CASE WHEN substr(stream, 1, 9) = 'incident/' THEN CAST(substr(stream, 10) AS INTEGER) END) VIRTUAL
) STRICT;

CREATE UNIQUE INDEX events_of_incidents ON events (incident, version) WHERE incident IS NOT NULL;
-- Its entries end with the position, so one other stream is read from any position without touching what is before.
CREATE INDEX events_of_other_streams ON events (stream) WHERE incident IS NULL;
CREATE UNIQUE INDEX incidents_by_id ON events (json_extract(data, '$.incident_id')) WHERE type = 'incident.reported';
CREATE UNIQUE INDEX commits_by_command ON events (command_id) WHERE meta GLOB '{"offset":0,*';
CREATE INDEX erasures ON events (json_extract(data, '$.erased')) WHERE type = 'text.erased';

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'events are never deleted');
END;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
WHEN NOT (
  NEW.text IS NULL AND NEW.text_salt IS NULL AND NEW.position IS OLD.position AND NEW.stream IS OLD.stream
  AND NEW.version IS OLD.version AND NEW.type IS OLD.type AND NEW.schema_version IS OLD.schema_version
  AND NEW.recorded_at IS OLD.recorded_at AND NEW.actor IS OLD.actor AND NEW.command_id IS OLD.command_id
  AND NEW.meta IS OLD.meta AND NEW.data IS OLD.data AND NEW.text_digest IS OLD.text_digest AND NEW.hash IS OLD.hash
  AND EXISTS (
    SELECT 1 FROM events AS erasing
    WHERE erasing.type = 'text.erased' AND json_extract(erasing.data, '$.erased') = OLD.position
  )
)
BEGIN
  SELECT RAISE(ABORT, 'events are never changed; only a text that a text.erased names may be erased');
END;

CREATE TRIGGER events_are_never_replaced BEFORE INSERT ON events
WHEN NEW.position <= (SELECT max(position) FROM events)
BEGIN
  SELECT RAISE(ABORT, 'events are only added at the end');
END;

-- Exactly one row: what an append locks and compares. Counting probes makes a probe write something.
CREATE TABLE head (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  position    INTEGER NOT NULL,
  hash        BLOB NOT NULL,
  recorded_at TEXT NOT NULL,
  rules       INTEGER NOT NULL,
  probes      INTEGER NOT NULL
) STRICT;

INSERT INTO head VALUES (1, 0, x'', '', 0, 0);

CREATE TRIGGER head_is_never_deleted BEFORE DELETE ON head
BEGIN
  SELECT RAISE(ABORT, 'the head is never deleted');
END;

CREATE TRIGGER head_only_moves_forward BEFORE UPDATE ON head
WHEN NOT (
  NEW.position > OLD.position
  OR (NEW.position IS OLD.position AND NEW.hash IS OLD.hash AND NEW.recorded_at IS OLD.recorded_at
      AND NEW.rules IS OLD.rules)
)
BEGIN
  SELECT RAISE(ABORT, 'the head only moves forward');
END;

CREATE TABLE idempotency (
  scope          TEXT NOT NULL,
  key            TEXT NOT NULL,
  fingerprint    TEXT NOT NULL,
  status         INTEGER NOT NULL,
  stream         TEXT NOT NULL,
  version        INTEGER NOT NULL,
  position       INTEGER NOT NULL,
  queue_position INTEGER,
  recorded_at    TEXT NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_by_age ON idempotency (recorded_at);
`;

/** The file that holds a ledger; its application id reads "ILdg". */
export const ledgerFile: FileKind = { name: "ledger", application_id: 0x494c6467, tables_version: 1, tables };
