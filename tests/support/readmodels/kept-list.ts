import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import type { ListedIncident } from "../../../projections/incident-list.ts";
import { openSqliteLedger, type SqliteLedger } from "../../../src/ledger/sqlite/sqlite-ledger.ts";
import { IncidentList } from "../../../src/readmodels/incident-list.ts";
import { LedgerFollower } from "../../../src/readmodels/ledger-follower.ts";
import type { ListBackend } from "../../../src/readmodels/list-backend.ts";
import { ListConnection } from "../../../src/readmodels/list-connection.ts";
import type { ListOrder } from "../../../src/readmodels/list-messages.ts";
import { ListUnavailable } from "../../../src/readmodels/list-unavailable.ts";
import { answerStatistics } from "../../../src/readmodels/statistics/answer-statistics.ts";
import type { StatisticsAnswer, StatisticsQuery } from "../../../src/readmodels/statistics/statistics-query.ts";
import { countedRuntime } from "../ledger/example-commits.ts";
import { temporaryDirectory } from "../ledger/temporary-directory.ts";
import { freshFold } from "./fresh-fold.ts";
import { RandomHistory } from "./random-history.ts";

/** A data directory with a ledger that grows at random, and the list that is kept of it. */
export class KeptList {
  readonly data_dir = temporaryDirectory();
  readonly ledger_file = join(this.data_dir, "ledger.db");
  readonly read_db = join(this.data_dir, "read.db");
  /** Why the list was built, and what was repaired. */
  readonly faults: string[] = [];
  ledger: SqliteLedger;
  history: RandomHistory;

  constructor(seed: number) {
    this.ledger = this.openLedger();
    this.history = new RandomHistory(this.ledger, seed);
  }

  static async grown(seed: number, commits = 300): Promise<KeptList> {
    const kept = new KeptList(seed);
    await kept.grow(commits);
    return kept;
  }

  openLedger(): SqliteLedger {
    return openSqliteLedger({ file: this.ledger_file, runtime: countedRuntime(), checkpointer: false });
  }

  async grow(commits: number): Promise<void> {
    if (this.history.position === 0) await this.history.open();
    await this.history.grow(commits);
  }

  /** The list as the service has it, with a thread of its own. */
  openThread(): IncidentList {
    const { data_dir, ledger_file, faults } = this;
    const onFault = (fault: string): void => void faults.push(fault);
    return IncidentList.open({ data_dir, ledger_file, runtime: countedRuntime(), onFault });
  }

  /** The same list, folded by whoever asks it; what goes wrong is in `faults`. */
  async openWithoutThread(): Promise<IncidentList> {
    return new IncidentList(await WithoutThread.open(this));
  }

  /** Fails unless the list, all of it, is a fresh fold of the ledger. */
  async compare(list: IncidentList): Promise<void> {
    assert.ok(await list.waitFor(this.history.position, 10_000), this.faults.join(" "));
    const page = await list.page({ sort: "number", limit: 1000 });
    assert.is(page.position, this.history.position);
    assert.equal(
      page.rows.map(({ incident, texts, measures }): ListedIncident => ({ incident, texts, measures })),
      await freshFold(this.ledger),
    );
  }

  /** Opens the list without a thread, compares it, and closes it. Returns what went wrong on the way. */
  async visit(): Promise<string> {
    this.faults.length = 0;
    const list = await this.openWithoutThread();
    for (let attempts = 0; ; attempts += 1) {
      try {
        await this.compare(list);
        break;
      } catch (error) {
        if (!(error instanceof ListUnavailable) || attempts > 3) throw error;
      }
    }
    await list.close();
    return this.faults.join(" ");
  }

  /** The numbers of the incidents that the list shows. */
  async numbers(): Promise<number[]> {
    return (await freshFold(this.ledger)).map(({ incident }) => incident.number);
  }

  /** Changes read.db by hand. */
  alter(...statements: string[]): void {
    const database = new Database(this.read_db);
    for (const statement of statements) database.exec(statement);
    database.close();
  }
}

/** What the list's thread does, done by whoever asks: the same file, folded by the same code. */
class WithoutThread implements ListBackend {
  readonly unavailable = null;
  readonly isFailing = false;
  readonly #file: string;
  readonly #follower: LedgerFollower;
  readonly #orders: ListOrder[] = [];
  readonly #folded: { readonly position: number };

  readonly #faults: string[];

  private constructor(file: string, follower: LedgerFollower, folded: { readonly position: number }, faults: string[]) {
    this.#file = file;
    this.#faults = faults;
    this.#follower = follower;
    this.#folded = folded;
  }

  get position(): number {
    return this.#folded.position;
  }

  static async open({ data_dir, ledger, read_db, faults }: KeptList): Promise<WithoutThread> {
    const folded = { position: 0 };
    const follower = await LedgerFollower.open({
      data_dir,
      ledger,
      rebuild: false,
      snapshot_events: 50_000,
      report: (report) => {
        if (report.kind === "folded") folded.position = report.position;
        if (report.kind === "building") faults.push(report.why);
        if (report.kind === "fault") faults.push(report.message);
      },
    });
    return new WithoutThread(read_db, follower, folded, faults);
  }

  wake(): void {}

  whenErased(position: number): Promise<boolean> {
    return this.waitFor(position);
  }

  async waitFor(position: number): Promise<boolean> {
    for (const order of this.#orders.splice(0)) await this.#follower.obey(order);
    await this.#follower.obey({ kind: "fold" });
    return this.position >= position;
  }

  async read<Result>(work: (connection: ListConnection) => Promise<Result>): Promise<Result> {
    const connection = ListConnection.open(this.#file);
    return work(connection).finally(() => connection.close());
  }

  async statistics(query: StatisticsQuery): Promise<StatisticsAnswer> {
    return this.read((connection) => answerStatistics(connection, query));
  }

  async repair(number: number): Promise<void> {
    this.#faults.push(`repaired ${number}`);
    await this.#follower.obey({ kind: "repair", number });
  }

  rebuild(why: string): void {
    this.#orders.push({ kind: "rebuild", why });
  }

  async snapshot(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    await this.#follower.obey({ kind: "close" });
  }
}
