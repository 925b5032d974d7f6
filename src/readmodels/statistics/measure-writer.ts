import type Database from "better-sqlite3";
import { isListed, type ListedIncident } from "../../../projections/incident-list.ts";
import { decodeRow, type ListRow } from "../list-row.ts";
import { block_incidents, blockOf, firstOfBlock, MeasureBlock, type NameNumbers } from "./measure-block.ts";
import { nameChecksum, type StoredBlock, type StoredName } from "./measure-tables.ts";

/** What became of an incident; null, or one that is deleted: it is not listed. */
interface Change {
  readonly number: number;
  readonly after: ListedIncident | null;
}

/**
 * Keeps the blocks of the statistics in step with the states, in the same transaction. A block that is damaged, or gone, is
 * made again from the states of its incidents.
 */
export class MeasureWriter {
  readonly #select: Database.Statement<[number], StoredBlock>;
  readonly #put: Database.Statement<[StoredBlock]>;
  readonly #states: Database.Statement<[number, number], ListRow>;
  readonly #countStates: Database.Statement<[number, number], number>;
  readonly #selectName: Database.Statement<[string], number>;
  readonly #lastName: Database.Statement<[], number | null>;
  readonly #insertName: Database.Statement<[StoredName]>;
  readonly #block = new MeasureBlock();
  readonly #giveUp: (why: string) => never;

  /** `giveUp` is called where a block cannot be made again, because a state is damaged as well. It throws. */
  constructor(connection: Database.Database, giveUp: (why: string) => never) {
    this.#giveUp = giveUp;
    this.#select = connection.prepare("SELECT block, incidents, checksum FROM measures WHERE block = ?");
    this.#put = connection.prepare(
      `INSERT INTO measures (block, incidents, checksum) VALUES (:block, :incidents, :checksum)
       ON CONFLICT (block) DO UPDATE SET incidents = :incidents, checksum = :checksum`,
    );
    this.#states = connection.prepare(
      "SELECT incidents.*, states.state, states.checksum FROM incidents JOIN states USING (number) WHERE number BETWEEN ? AND ?",
    );
    this.#countStates = connection
      .prepare<[number, number], number>("SELECT count(*) FROM states WHERE number BETWEEN ? AND ?")
      .pluck();
    this.#selectName = connection.prepare<[string], number>("SELECT id FROM measure_names WHERE name = ?").pluck();
    this.#lastName = connection.prepare<[], number | null>("SELECT max(id) FROM measure_names").pluck();
    this.#insertName = connection.prepare(
      "INSERT INTO measure_names (id, name, checksum) VALUES (:id, :name, :checksum)",
    );
  }

  /** Writes what became of incidents. To be called when their states are written, within the same transaction. */
  write(changes: readonly Change[]): void {
    const blocks = new Map<number, Change[]>();
    for (const change of changes) {
      const block = blockOf(change.number);
      const those = blocks.get(block);
      if (those === undefined) blocks.set(block, [change]);
      else those.push(change);
    }
    const names = this.#names();
    for (const [block, those] of blocks) this.#writeBlock(block, those, names);
  }

  #writeBlock(block: number, changes: readonly Change[], names: NameNumbers): void {
    const stored = this.#select.get(block);
    const is_whole = stored === undefined ? this.#begin(block, changes) : this.#load(block, stored);
    if (is_whole) {
      for (const { number, after } of changes) this.#block.put(number, isListed(after) ? after : null, names);
    } else {
      this.#make(block, names);
    }
    const incidents = Buffer.from(this.#block.bytes.buffer);
    if (is_whole && stored !== undefined && incidents.equals(stored.incidents)) return;
    this.#put.run({ block, incidents, checksum: this.#block.checksum(block) });
  }

  /** Begins an empty block. False: there are incidents in it that did not come just now. */
  #begin(block: number, changes: readonly Change[]): boolean {
    this.#block.clear();
    const come = changes.filter(({ after }) => isListed(after)).length;
    return this.#countStates.get(...spanOf(block)) === come;
  }

  #load(block: number, { incidents, checksum }: StoredBlock): boolean {
    return this.#block.load(block, incidents, checksum);
  }

  #make(block: number, names: NameNumbers): void {
    this.#block.clear();
    for (const row of this.#states.all(...spanOf(block))) {
      const listed =
        decodeRow(row) ?? this.#giveUp(`the row of incident ${row.number} is damaged, and its measures are`);
      this.#block.put(row.number, listed, names);
    }
  }

  #giveNumber(name: string): number {
    const id = 1 + (this.#lastName.get() ?? 0);
    this.#insertName.run({ id, name, checksum: nameChecksum(id, name) });
    return id;
  }

  /** Looks up each name once in a batch; what a batch that was rolled back has given is not remembered. */
  #names(): NameNumbers {
    const known = new Map<string, number>();
    return {
      numberOf: (name) => {
        let number = known.get(name);
        if (number === undefined) {
          number = this.#selectName.get(name) ?? this.#giveNumber(name);
          known.set(name, number);
        }
        return number;
      },
    };
  }
}

/** The numbers of the first and the last incident of a block. */
function spanOf(block: number): [number, number] {
  return [firstOfBlock(block), firstOfBlock(block) + block_incidents - 1];
}
