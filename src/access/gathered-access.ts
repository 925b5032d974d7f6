import { limits } from "../config.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { AccessEntry, AccessKind } from "./access-log.ts";
import { networkOf } from "./client-network.ts";
import { plainAgent } from "./plain-agent.ts";
import { RowBudget } from "./row-budget.ts";

/** A row of the access log in the making: the same thing, once or often. Times are instants. */
export interface GatheredRow {
  readonly kind: AccessKind;
  readonly actor: string | null;
  readonly about_user: number | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly route: string | null;
  readonly status: number | null;
  readonly detail: string | null;
  /** Whether somebody without a credential can cause such a row. */
  readonly by_stranger: boolean;
  readonly first_at: string;
  last_at: string;
  /** Its number in the vault; null: it is not there yet. */
  id: number | null;
  /** How often it happened since it was last written. */
  unwritten: number;
}

interface Span {
  readonly row: GatheredRow;
  readonly length_ms: number;
  readonly ends_ms: number;
  count: number;
}

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
/** What came at least so often in its span is an attack: if it goes on, its next span is twice as long. */
const often = 10;
const longestAddress = 64;
const longestText = 200;
const ofStrangers: ReadonlySet<AccessKind> = new Set(["sign-in-failed", "throttled", "recovery-asked", "others"]);

/**
 * What happened at the door and is not in the vault yet. The same thing (kind, who, network, route) within a minute is one
 * row, within an hour where it goes on and on; and of rows that differ only so many begin in a minute, the rest being
 * counted in one row `others`. So however much comes, little is to be written.
 */
export class GatheredAccess {
  readonly #runtime: Pick<Runtime, "now" | "elapsed">;
  readonly #spans = new Map<string, Span>();
  readonly #unwritten = new Set<GatheredRow>();
  /** One for strangers, one for what they do to an account or with a key that is known, one for those who are known. */
  readonly #budgets: Readonly<Record<Source, RowBudget>>;

  constructor(runtime: Pick<Runtime, "now" | "elapsed">) {
    this.#runtime = runtime;
    const budget = (rows: number) => new RowBudget({ rows, window_ms: minute_ms, longest_window_ms: hour_ms });
    const { access_log_stranger_rows, access_log_known_rows } = limits;
    this.#budgets = {
      nobody: budget(access_log_stranger_rows),
      against: budget(access_log_stranger_rows),
      known: budget(access_log_known_rows),
    };
  }

  /** What is to be written, in the order in which it began. */
  get unwritten(): readonly GatheredRow[] {
    return [...this.#unwritten];
  }

  /** Takes down one thing that happened. */
  add(entry: AccessEntry): void {
    const now_ms = this.#runtime.elapsed();
    const key = keyOf(entry);
    const span = this.#spans.get(key);
    if (span !== undefined && now_ms < span.ends_ms) {
      this.#count(span);
      return;
    }
    const source = sourceOf(entry);
    const hasRoom = this.#unwritten.size < limits.access_log_waiting_rows && this.#budgets[source].take(now_ms);
    if (hasRoom) this.#begin(key, entry, now_ms);
    else this.#addOther(source, now_ms);
  }

  /** Notes that a row was written, as it was when `unwritten` gave it. */
  written(row: GatheredRow, id: number, count: number): void {
    row.id = id;
    row.unwritten -= count;
    if (row.unwritten === 0) this.#unwritten.delete(row);
  }

  #addOther(source: Source, now_ms: number): void {
    const key = `others ${source}`;
    const span = this.#spans.get(key);
    if (span !== undefined && now_ms < span.ends_ms) this.#count(span);
    else this.#begin(key, { kind: "others", address: "", detail: othersOf[source] }, now_ms);
  }

  #begin(key: string, entry: AccessEntry, now_ms: number): void {
    const before = this.#spans.get(key);
    const goesOn = before !== undefined && before.count >= often && now_ms < before.ends_ms + before.length_ms;
    const length_ms = goesOn ? Math.min(hour_ms, 2 * before.length_ms) : minute_ms;
    const row = rowOf(entry, new Date(this.#runtime.now()).toISOString());
    const span = { row, length_ms, ends_ms: now_ms + length_ms, count: 0 };
    // Put at the end of the map, so that the first ones are the oldest.
    this.#spans.delete(key);
    this.#spans.set(key, span);
    this.#count(span);
    if (this.#spans.size > limits.access_log_waiting_rows) this.#forgetOne();
  }

  #count(span: Span): void {
    span.count += 1;
    span.row.unwritten += 1;
    span.row.last_at = new Date(this.#runtime.now()).toISOString();
    this.#unwritten.add(span.row);
  }

  /** The row stays to be written; what comes after it begins another. */
  #forgetOne(): void {
    for (const oldest of this.#spans.keys()) {
      this.#spans.delete(oldest);
      return;
    }
  }
}

type Source = "nobody" | "against" | "known";

const othersOf: Readonly<Record<Source, string>> = {
  nobody: "by unknown callers",
  against: "against accounts, or with keys that are over",
  known: "by known callers",
};

function sourceOf(entry: AccessEntry): Source {
  if (!isByStranger(entry)) return "known";
  return entry.actor === undefined ? "nobody" : "against";
}

/** Also whoever holds a key that is not good any longer: it may have leaked, and been ended for that. */
function isByStranger({ kind, actor, status }: AccessEntry): boolean {
  return ofStrangers.has(kind) || actor === undefined || (kind === "refused" && status === 401);
}

/** What is one thing. What is done to users is told apart by its details; no stranger can do that. */
function keyOf({ kind, actor, address, route, about_user, status, detail }: AccessEntry): string {
  const about = about_user === undefined ? null : [about_user, detail];
  return JSON.stringify([kind, actor, networkOf(address), route, status, about]);
}

function rowOf(entry: AccessEntry, at: string): GatheredRow {
  const { kind, actor = null, about_user = null, address, user_agent, route, status = null, detail } = entry;
  return {
    kind,
    actor: actor?.slice(0, longestText) ?? null,
    about_user,
    address: address === "" ? null : address.slice(0, longestAddress),
    user_agent: plainAgent(user_agent),
    route: route?.slice(0, longestText) ?? null,
    status,
    detail: detail?.slice(0, longestText) ?? null,
    by_stranger: isByStranger(entry),
    first_at: at,
    last_at: at,
    id: null,
    unwritten: 0,
  };
}
