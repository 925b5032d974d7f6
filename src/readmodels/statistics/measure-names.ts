import type { ListConnection } from "../list-connection.ts";
import { UnusableReadDatabase } from "../unusable-read-database.ts";
import { nameChecksum, type StoredName } from "./measure-tables.ts";

/** The names of teams and handlers by the numbers under which they stand in the blocks. */
export class MeasureNames {
  readonly #names = new Map<number, string>();
  readonly #numbers = new Map<string, number>();

  /** Reads all names. Throws `UnusableReadDatabase` where one is not as it was written. */
  constructor(connection: ListConnection) {
    const sql = "SELECT id, name, checksum FROM measure_names";
    for (const { id, name, checksum } of connection.all<StoredName>(sql, [])) {
      if (nameChecksum(id, name) !== checksum) throw new UnusableReadDatabase("a name in its measures is damaged");
      this.#names.set(id, name);
      this.#numbers.set(name, id);
    }
  }

  /** The number of a name; undefined: it stands in no block. */
  numberOf(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** The name that a number stands for; null: nobody. */
  nameOf(number: number): string | null {
    if (number === 0) return null;
    const name = this.#names.get(number);
    if (name === undefined) throw new UnusableReadDatabase("a name in its measures is missing");
    return name;
  }
}
