import type { Statement } from "better-sqlite3";
import { incidentOfStream } from "../../../events/stream.ts";
import { decodeEvent } from "../event-codec.ts";
import type { HashedEvent, IdempotencyRecord, StoredEvent } from "../ledger.ts";
import type { Page } from "../page.ts";
import type { SqliteDatabase } from "./durable-database.ts";

/** Of digest and hash no buffers are made: making them takes a tenth of a replay. */
const eventColumns = `position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text,
  text_digest IS NOT NULL, lower(hex(hash)),
  CASE WHEN text IS NULL AND text_digest IS NOT NULL THEN (
    SELECT min(erasing.position) FROM events AS erasing INDEXED BY erasures
    WHERE erasing.type = 'text.erased' AND json_extract(erasing.data, '$.erased') = +events.position
  ) END`;

type EventColumns = [
  position: number,
  stream: string,
  version: number,
  type: string,
  schema_version: number,
  recorded_at: string,
  actor: string,
  command_id: string,
  meta: string,
  data: string,
  text: string | null,
  had_text: 0 | 1,
  hash: string,
  erased_by: number | null,
];

/** Bytes as they are: a text that is no longer UTF-8 must not look as if it were. */
const storedColumns = `position, stream, version, type, schema_version, recorded_at, actor, command_id,
  CAST(meta AS BLOB) AS meta, CAST(data AS BLOB) AS data, CAST(text AS BLOB) AS text, text_salt, text_digest, hash`;

type EventStatement = Statement<(number | string)[], EventColumns>;

/** The reading half of the adapter. Every call is one short read of its own and holds nothing when it returns. */
export class SqliteReader {
  readonly #database: SqliteDatabase;
  readonly #pages = new Map<string, EventStatement>();
  readonly #stored: Statement<[number, number], StoredEvent>;
  readonly #incident: Statement<[string], number>;
  readonly #commit: Statement<[string], [position: number, events: number]>;
  readonly #idempotency: Statement<[string, string, string], IdempotencyRecord>;

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#stored = database.prepare(`SELECT ${storedColumns} FROM events WHERE position > ? ORDER BY position LIMIT ?`);
    this.#incident = database
      .prepare<[string], number>(
        `SELECT incident FROM events
          WHERE type = 'incident.reported' AND json_extract(data, '$.incident_id') = ? AND incident IS NOT NULL`,
      )
      .pluck();
    this.#commit = database
      .prepare<[string], [position: number, events: number]>(
        `SELECT position, json_extract(meta, '$.events') FROM events WHERE command_id = ? AND meta GLOB '{"offset":0,*'`,
      )
      .raw();
    this.#idempotency = database.prepare(
      `SELECT scope, key, fingerprint, status, stream, version, position, queue_position, recorded_at
        FROM idempotency WHERE scope = ? AND key = ? AND recorded_at >= ?`,
    );
  }

  /** One page of events. With types and no stream it looks at every position up to `page.until`. */
  events({ after, until, stream, types, limit }: Page): HashedEvent[] {
    const incident = stream === null ? null : incidentOfStream(stream);
    const values: (number | string)[] = [after, until];
    const source = stream === null ? "all" : incident === null ? "other" : "incident";
    if (stream !== null) values.push(incident ?? stream);
    if (types !== null) values.push(JSON.stringify(types));
    values.push(limit);
    return this.#page(source, types !== null)
      .all(...values)
      .map(decoded);
  }

  /** One page of events as stored. */
  stored(after: number, limit: number): StoredEvent[] {
    return this.#stored.all(after, limit);
  }

  /** The number of the incident with this id, or null. */
  incidentNumber(incident_id: string): number | null {
    return this.#incident.get(incident_id) ?? null;
  }

  /** First and last position of a command's commit, or null. */
  commitOf(command_id: string): { readonly first: number; readonly last: number } | null {
    const found = this.#commit.get(command_id);
    return found === undefined ? null : { first: found[0], last: found[0] + found[1] - 1 };
  }

  /** What a key stands for, unless that is older than `since`. */
  idempotencyOf(scope: string, key: string, since: string): IdempotencyRecord | null {
    return this.#idempotency.get(scope, key, since) ?? null;
  }

  #page(source: "all" | "other" | "incident", with_types: boolean): EventStatement {
    const name = `${source} ${with_types}`;
    const known = this.#pages.get(name);
    if (known !== undefined) return known;
    const sources = {
      all: { index: "NOT INDEXED", condition: "", order: "position" },
      other: {
        index: "INDEXED BY events_of_other_streams",
        condition: "AND stream = ? AND incident IS NULL",
        order: "position",
      },
      // Within a stream, versions are in the order of positions.
      incident: {
        index: "INDEXED BY events_of_incidents",
        condition: "AND incident = ? AND incident IS NOT NULL",
        order: "version",
      },
    };
    const { index, condition, order } = sources[source];
    const typed = with_types ? "AND type IN (SELECT value FROM json_each(?))" : "";
    const statement: EventStatement = this.#database
      .prepare<(number | string)[], EventColumns>(
        `SELECT ${eventColumns} FROM events ${index}
          WHERE position > ? AND position <= ? ${condition} ${typed} ORDER BY ${order} LIMIT ?`,
      )
      .raw();
    this.#pages.set(name, statement);
    return statement;
  }
}

function decoded(row: EventColumns): HashedEvent {
  const [position, stream, version, type, schema_version, recorded_at, actor, command_id, meta, data, text] = row;
  return decodeEvent({
    position,
    stream,
    version,
    type,
    schema_version,
    recorded_at,
    actor,
    command_id,
    meta,
    data,
    text,
    had_text: row[11] === 1,
    hash: row[12],
    erased_by: row[13],
  });
}
