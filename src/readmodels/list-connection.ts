import Database from "better-sqlite3";
import type { SqlValue } from "./list-conditions.ts";

/** How many prepared statements are kept. Queries differ by which filters they have, so there are not many. */
const kept_statements = 256;

/** A connection for reading the list: statements are prepared once, and a page sees one state of the list throughout. */
export class ListConnection {
  readonly #connection: Database.Database;
  readonly #statements = new Map<string, Database.Statement<SqlValue[], unknown>>();
  readonly #raw_statements = new Map<string, Database.Statement<SqlValue[], unknown>>();

  constructor(connection: Database.Database) {
    this.#connection = connection;
  }

  /** Opens the file for reading only. */
  static open(file: string): ListConnection {
    const connection = new Database(file, { readonly: true, fileMustExist: true });
    connection.pragma("cell_size_check = ON");
    // A search over a million incidents looks at up to 50 MB; without room for them each page is copied from the file anew.
    connection.pragma("cache_size = -65536");
    return new ListConnection(connection);
  }

  /** Runs work that sees one state of the list, also across its pauses. */
  async consistently<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#connection.exec("BEGIN");
    try {
      return await work();
    } finally {
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
    }
  }

  /** All rows of a statement. `Row` is what its columns are, by the schema. */
  all<Row>(sql: string, values: readonly SqlValue[]): Row[] {
    return this.#statement<Row>(sql).all(...values);
  }

  /** All rows of a statement as lists of their columns, which are made faster than objects. */
  lists<Row extends readonly unknown[]>(sql: string, values: readonly SqlValue[]): Row[] {
    let statement = this.#raw_statements.get(sql);
    if (statement === undefined) {
      if (this.#raw_statements.size >= kept_statements) this.#raw_statements.clear();
      statement = this.#connection.prepare<SqlValue[], unknown>(sql).raw();
      this.#raw_statements.set(sql, statement);
    }
    return (statement as Database.Statement<SqlValue[], Row>).all(...values);
  }

  /** The first row of a statement. */
  get<Row>(sql: string, values: readonly SqlValue[]): Row | undefined {
    return this.#statement<Row>(sql).get(...values);
  }

  /** The single number that a statement gives. */
  number(sql: string, values: readonly SqlValue[]): number {
    const row = this.get<{ n: number }>(sql, values);
    return row?.n ?? 0;
  }

  close(): void {
    this.#connection.close();
  }

  #statement<Row>(sql: string): Database.Statement<SqlValue[], Row> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      if (this.#statements.size >= kept_statements) this.#statements.clear();
      statement = this.#connection.prepare<SqlValue[], unknown>(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Database.Statement<SqlValue[], Row>;
  }
}
