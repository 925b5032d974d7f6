import { accessStreamsOf } from "../../../access/access-changes.ts";
import type { AccessFilter } from "../../../access/access-records.ts";
import { limits } from "../../../config.ts";
import type { Services } from "../../services.ts";
import { readBoard } from "../../settled-board.ts";
import { AuditNames } from "./audit-names.ts";
import { type AuditJson, auditSources, rowOfEvent, rowOfRecord } from "./audit-view.ts";

/** Which rows are wanted, and from where. */
export interface AuditQuery {
  readonly filter: AccessFilter;
  /** Null: from both. */
  readonly source: (typeof auditSources)[number] | null;
}

/** A row's place in the order: its instant, its source, and its position or number there. */
export type AuditPlace = readonly [at: string, source: string, id: number];

/** The end of all places, before every row. */
const start: AuditPlace = ["9", "", 0];

/** The audit as it is when it is opened, newest first: what the ledger and the access log have, in one order. */
export class Audit {
  readonly #services: Services;
  readonly #query: AuditQuery;
  readonly #names: AuditNames;
  /** The position that it reflects. */
  readonly position: number;

  private constructor(services: Services, query: AuditQuery, position: number) {
    this.#services = services;
    this.#query = query;
    this.#names = new AuditNames(services);
    this.position = position;
  }

  /** Opens it, with everything that has happened up to now. */
  static async open(services: Services, query: AuditQuery): Promise<Audit> {
    const streams = await readBoard(services, accessStreamsOf);
    await services.access_changes.learn(streams);
    return new Audit(services, query, streams.position);
  }

  /** The next rows after a place, and whether there are more. */
  async page(after: AuditPlace | null, limit: number): Promise<{ rows: readonly AuditJson[]; isMore: boolean }> {
    const place = after ?? start;
    // One more than is shown tells whether there is more.
    const wanted = limit + 1;
    const [events, records] = await Promise.all([this.#events(place, wanted), this.#records(after, wanted)]);
    const rows = [...events, ...records].sort(compareRows);
    return { rows: rows.slice(0, limit), isMore: rows.length > limit };
  }

  /** How many rows there are. */
  async count(): Promise<number> {
    const { access_changes, access_log } = this.#services;
    const { filter, source } = this.#query;
    const events = source === "access-log" ? 0 : access_changes.count(filter);
    return events + (source === "ledger" ? 0 : await access_log.count(filter));
  }

  /** All rows, some at a time. */
  async *all(): AsyncGenerator<readonly AuditJson[]> {
    for (let after: AuditPlace | null = null; ; ) {
      const { rows, isMore }: Awaited<ReturnType<Audit["page"]>> = await this.page(after, limits.page_rows);
      yield rows;
      const last = rows.at(-1);
      if (!isMore || last === undefined) return;
      after = placeOf(last);
    }
  }

  async #events([at, source, id]: AuditPlace, limit: number): Promise<readonly AuditJson[]> {
    if (this.#query.source === "access-log") return [];
    // Events come first: of those of the same instant as a record, all have been shown.
    const before = { at, position: source === "access-log" ? 0 : id };
    const events = await this.#services.access_changes.page(this.#query.filter, before, limit);
    return Promise.all(events.map((event) => rowOfEvent(event, this.#names)));
  }

  async #records(after: AuditPlace | null, limit: number): Promise<readonly AuditJson[]> {
    if (this.#query.source === "ledger") return [];
    const place = after === null ? null : placeInLog(after);
    const records = await this.#services.access_log.page(this.#query.filter, place, limit);
    return Promise.all(records.map((record) => rowOfRecord(record, this.#names)));
  }
}

/** Where a row stands. */
export function placeOf({ at, source, position, id }: AuditJson): AuditPlace {
  return [at, source, position ?? id ?? 0];
}

function placeInLog([first_at, source, id]: AuditPlace): { first_at: string; id: number } {
  return { first_at, id: source === "access-log" ? id : Number.MAX_SAFE_INTEGER };
}

function compareRows(a: AuditJson, b: AuditJson): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  const [first, second] = [placeOf(a), placeOf(b)];
  if (a.source !== b.source) return rank(a.source) - rank(b.source);
  return second[2] - first[2];
}

function rank(source: string): number {
  return auditSources.map(String).indexOf(source);
}
