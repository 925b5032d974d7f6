import type { Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import type { ListBackend } from "./list-backend.ts";
import { ListConnection } from "./list-connection.ts";
import { foldIntoList, repairRow } from "./list-fold.ts";
import type { ListUnavailable } from "./list-unavailable.ts";
import { ReadDatabase } from "./read-database.ts";
import { answerStatistics } from "./statistics/answer-statistics.ts";
import type { StatisticsAnswer, StatisticsQuery } from "./statistics/statistics-query.ts";

/** The list in memory, folded by whoever asks it: for tests and short runs. */
export class ListInMemory implements ListBackend {
  readonly unavailable: ListUnavailable | null = null;
  readonly isFailing = false;
  readonly #ledger: Ledger;
  readonly #database = ReadDatabase.create(":memory:");
  readonly #connection = new ListConnection(this.#database.connection);
  /** One thing at a time: there is but one connection. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#database.complete();
  }

  get position(): number {
    return this.#database.checkpoint.position;
  }

  wake(): void {}

  /** Waiting is of no use here: what is in the ledger is folded at once. */
  async waitFor(position: number): Promise<boolean> {
    await this.#inTurn(() => this.#comeUp());
    return this.position >= position;
  }

  async whenErased(): Promise<boolean> {
    return true;
  }

  async read<Result>(work: (connection: ListConnection) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async () => {
      await this.#comeUp();
      return work(this.#connection);
    });
  }

  /** Answered by the thread that asks: there is not much in memory. */
  statistics(query: StatisticsQuery): Promise<StatisticsAnswer> {
    return this.read((connection) => answerStatistics(connection, query));
  }

  async repair(number: number): Promise<void> {
    await this.#inTurn(() => repairRow(this.#database, this.#ledger, number));
  }

  rebuild(): void {}

  async snapshot(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => this.#database.close());
  }

  async #comeUp(): Promise<void> {
    const head = await this.#ledger.head();
    for await (const events of readCommits(this.#ledger, { after: this.position, until: head.position })) {
      await foldIntoList(this.#database, this.#ledger, events);
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => {});
    return result;
  }
}
