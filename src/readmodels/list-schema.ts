import { createMeasureTables } from "./statistics/measure-tables.ts";

/**
 * The number of the tables below. A file of another one is built anew beside the old one, which it then replaces.
 * It is the file's `user_version`; `application_id` says whose file it is ("ILrd").
 */
export const listSchema = { version: 5, application_id: 0x494c7264 } as const;

/**
 * One row for each incident that is not deleted. `states` holds the whole incident, texts included, as JSON; `incidents`
 * holds what is taken from it to filter and sort by, and is kept narrow because queries walk over many of its rows.
 * `ordinals` holds, for ever, the how-manieth incident of each team an incident was when it first appeared there.
 * `sequence` repeats the number as an ordinary column: SQLite seeks a row value in an index by ordinary columns only.
 */
export const createTables = `
  CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    fold_version INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    holds_erased INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE incidents (
    number INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    open INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    team TEXT NOT NULL,
    assigned_to TEXT,
    type TEXT,
    source TEXT,
    timestamp TEXT NOT NULL,
    reported_at TEXT NOT NULL,
    sequence INTEGER GENERATED ALWAYS AS (number) VIRTUAL
  ) STRICT;
  CREATE TABLE states (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    checksum INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE labels (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (key, value, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE ordinals (
    team TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (team, ordinal)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX ordinal_of ON ordinals (team, number);
  ${createMeasureTables}
`;

/**
 * Made when a build is complete: rows go in faster without them. Each index on one column is in order of the number as
 * well. The partial ones stay as small as what is open: they answer the views that people have open all day, and the
 * ranks in the queues.
 */
export const createIndexes = `
  CREATE INDEX by_status ON incidents (status);
  CREATE INDEX by_open ON incidents (open) WHERE open = 1;
  CREATE INDEX by_severity_alone ON incidents (severity);
  CREATE INDEX by_team ON incidents (team);
  CREATE INDEX by_assigned_to ON incidents (assigned_to) WHERE assigned_to IS NOT NULL;
  CREATE INDEX by_type ON incidents (type) WHERE type IS NOT NULL;
  CREATE INDEX by_source ON incidents (source) WHERE source IS NOT NULL;
  CREATE INDEX by_severity ON incidents (severity, timestamp, sequence);
  CREATE INDEX by_timestamp ON incidents (timestamp, sequence);
  CREATE INDEX open_by_severity ON incidents (severity, timestamp, sequence) WHERE open = 1;
  CREATE INDEX open_by_timestamp ON incidents (timestamp, sequence) WHERE open = 1;
  CREATE INDEX pending_by_team ON incidents (team, severity, timestamp, sequence) WHERE status = 'pending';
`;

/** Fills the table of labels from the states, in its own order, when a build is complete. */
export const fillLabels = `
  INSERT INTO labels (key, value, number)
  SELECT label.key, label.value, states.number
  FROM states, json_each(states.state, '$.incident.labels') AS label
  ORDER BY label.key, label.value, states.number
`;

/** A whole `ListRow`; nothing where one of its halves is missing. */
export const selectRow =
  "SELECT incidents.*, states.state, states.checksum FROM incidents JOIN states USING (number) WHERE number = ?";
