import { DamagedRow } from "../damaged-row.ts";
import { ListConnection } from "../list-connection.ts";
import { isDamage } from "../unusable-read-database.ts";
import { answerStatistics } from "./answer-statistics.ts";
import type { StatisticsReport } from "./statistics-messages.ts";
import { type StatisticsAnswer, type StatisticsQuery, TooManyGroups } from "./statistics-query.ts";

/** Answers are remembered while the list stands where it stood: so many, and only those that are not long. */
const remembered_answers = 32;
const longest_remembered_bytes = 1_048_576;

/** Answers queries from the list's file, one after another. */
export class StatisticsReader {
  readonly #file: string;
  /** Of which ledger, and at which position, the answers below were right. */
  #as_of = "";
  readonly #answers = new Map<string, StatisticsAnswer>();

  constructor(file: string) {
    this.#file = file;
  }

  /** What comes of a query. It throws nothing. */
  async report(query: StatisticsQuery): Promise<StatisticsReport> {
    let connection: ListConnection | null = null;
    try {
      connection = ListConnection.open(this.#file);
      return { kind: "answer", answer: await this.#answer(connection, query) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof DamagedRow) return { kind: "damaged-row", number: error.number };
      if (error instanceof TooManyGroups) return { kind: "too-many-groups", dimension: error.dimension };
      return isDamage(error) ? { kind: "damaged-file", why } : { kind: "failed", why };
    } finally {
      connection?.close();
    }
  }

  async #answer(connection: ListConnection, query: StatisticsQuery): Promise<StatisticsAnswer> {
    const checkpoint = connection.get<{ ledger_id: string; position: number; hash: string }>(
      "SELECT ledger_id, position, hash FROM checkpoint",
      [],
    );
    const as_of = JSON.stringify(checkpoint);
    if (as_of !== this.#as_of) this.#answers.clear();
    this.#as_of = as_of;
    const asked = JSON.stringify(query);
    const known = this.#answers.get(asked);
    if (known !== undefined) return known;
    const answer = await answerStatistics(connection, query);
    // Where the list went on meanwhile, the answer is of a later position than those that are remembered.
    const is_short = answer.body.length <= longest_remembered_bytes;
    if (is_short && answer.position === checkpoint?.position) {
      if (this.#answers.size >= remembered_answers) this.#answers.clear();
      this.#answers.set(asked, answer);
    }
    return answer;
  }
}
