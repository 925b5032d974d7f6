import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { auditLedger } from "../../src/audit/audit.ts";
import { auditList } from "../../src/audit/list-audit.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { listFile } from "../../src/readmodels/list-file.ts";
import { runCli } from "../../tests/support/run-cli.ts";
import { insist } from "./attack.ts";
import type { Victim } from "./victim.ts";
import type { Writers } from "./writers.ts";

/** The verdict of `verify --json`, as far as it is looked at here. */
export interface Verdict {
  readonly ok: boolean;
  readonly head: string;
  readonly position: number;
  readonly compared_rows: number;
  readonly faults: readonly { readonly position: number | null; readonly fault: string }[];
}

/** Runs `verify` on a data directory; `head` is one that was noted before. Null where the ledger could not even be opened. */
export async function verdictOn(
  data_dir: string,
  head?: string,
): Promise<{ readonly code: number | null; readonly verdict: Verdict | null; readonly said: string }> {
  const noted = head === undefined ? [] : ["--head", head];
  const { code, stdout, stderr } = await runCli(["verify", "--json", "--data-dir", data_dir, ...noted]);
  const verdict = stdout.trim() === "" ? null : (JSON.parse(stdout) as Verdict);
  return { code, verdict, said: verdict === null ? stderr : JSON.stringify(verdict.faults.slice(0, 5)) };
}

/** Looks at a ledger after something was done to it, and remembers what it saw: that must stand ever after. */
export class Aftermath {
  readonly #data_dir: string;
  /** How often each mark is in the ledger, and where. */
  readonly #found = new Map<string, number>();
  #read = 0;
  #head: string | undefined;
  #position = 0;

  constructor(data_dir: string) {
    this.#data_dir = data_dir;
  }

  /** How many events the ledger had when it was looked at last. */
  get position(): number {
    return this.#position;
  }

  /** Every answered write is in the ledger, and nothing is there twice. */
  checkWrites(writers: Writers): void {
    this.#readMarks();
    for (const [mark, { position }] of writers.answered) {
      const found = this.#found.get(mark);
      insist(found !== undefined, `${mark} was answered at position ${position}, and is not in the ledger`);
      insist(found <= position, `${mark} was answered at position ${position}, but stands at ${found}`);
    }
    for (const mark of this.#found.keys()) insist(writers.sent.has(mark), `${mark} was never sent`);
  }

  /** The command `verify` finds nothing wrong, and the head that was noted last time still stands; read.db is a fresh fold. */
  async checkLedger(): Promise<void> {
    const { code, verdict, said } = await verdictOn(this.#data_dir, this.#head);
    insist(code === 0 && verdict?.ok === true, `verify ends with ${code}: ${said}`);
    this.#head = verdict.head;
    this.#position = verdict.position;
  }

  /** The same audit within this process, which need not start for it. */
  async audit(): Promise<void> {
    const ledger = openSqliteLedger({ file: join(this.#data_dir, "ledger.db"), readonly: true });
    try {
      const noted_head = this.#notedHead();
      const audit = await auditLedger(ledger, noted_head === null ? {} : { noted_head });
      insist(audit.fault_count === 0, `the audit finds ${JSON.stringify(audit.faults.slice(0, 5))}`);
      this.#head = `${audit.position}:${audit.hash}`;
      this.#position = audit.position;
      const { file } = listFile(this.#data_dir);
      if (!existsSync(file)) return;
      const { faults } = await auditList(file, ledger, audit.board?.last_incident ?? 0);
      insist(faults.length === 0, `the list is not a fresh fold: ${faults.slice(0, 5).join("; ")}`);
    } finally {
      await ledger.close();
    }
  }

  #notedHead(): { readonly position: number; readonly hash: string } | null {
    const [position = "", hash] = this.#head?.split(":") ?? [];
    return hash === undefined ? null : { position: Number(position), hash };
  }

  /** Nobody is free while something of their team waits. */
  async checkNobodyIdle(victim: Victim): Promise<void> {
    const { queue, handlers, positions } = await bothAtOnce(victim);
    const waiting = new Set(queue.map(({ team }) => team));
    const idle = handlers.find(
      ({ team, available, free }) => available === true && Number(free) > 0 && waiting.has(team),
    );
    insist(idle === undefined, `${JSON.stringify(idle)} is free while incidents wait, at position ${positions}`);
  }

  #readMarks(): void {
    const database = new Database(join(this.#data_dir, "ledger.db"), { readonly: true });
    try {
      const rows = database
        .prepare<[number], [number, string]>(
          "SELECT position, text FROM events WHERE position > ? AND text IS NOT NULL ORDER BY position",
        )
        .raw();
      for (const [position, text] of rows.iterate(this.#read)) {
        this.#read = position;
        const mark = /<<[^>]*>>/.exec(text)?.[0];
        if (mark === undefined) continue;
        const before = this.#found.get(mark);
        insist(before === undefined, `${mark} is in the ledger twice: at ${before} and at ${position}`);
        this.#found.set(mark, position);
      }
    } finally {
      database.close();
    }
  }
}

type Row = Readonly<Record<string, unknown>>;

/** Queue and handlers of one position. */
async function bothAtOnce(victim: Victim): Promise<{ queue: Row[]; handlers: Row[]; positions: string }> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const [queue, handlers] = await Promise.all([
      victim.ask("GET", "/queue?limit=1000"),
      victim.ask("GET", "/handlers?limit=1000"),
    ]);
    const positions = String(queue.headers["ledger-position"]);
    if (queue.status === 200 && handlers.status === 200 && positions === handlers.headers["ledger-position"]) {
      return { queue: queue.json.incidents as Row[], handlers: handlers.json.handlers as Row[], positions };
    }
    await sleep(50);
  }
  throw new Error("queue and handlers were never read at the same position");
}
