import type Database from "better-sqlite3";
import { decodeRow, type ListRow } from "../readmodels/list-row.ts";
import {
  block_incidents,
  blockOf,
  firstOfBlock,
  MeasureBlock,
  type NameNumbers,
} from "../readmodels/statistics/measure-block.ts";
import { nameChecksum, type StoredBlock, type StoredName } from "../readmodels/statistics/measure-tables.ts";

/** Past this many blocks that differ nobody needs to know of more. */
const most_faults = 20;

/**
 * What is wrong with the measures from which `read.db` answers statistics: each block must be what the states of its
 * incidents give, and be there. The states themselves are compared with the ledger elsewhere. A running service may go on
 * folding: each block is read at once with its states.
 */
export function measureFaults(database: Database.Database): string[] {
  const names = namesIn(database);
  if (typeof names === "string") return [names];
  const selectBlock = database.prepare<[number], StoredBlock>(
    "SELECT block, incidents, checksum FROM measures WHERE block = ?",
  );
  const selectStates = database.prepare<[number, number], ListRow>(
    "SELECT incidents.*, states.state, states.checksum FROM incidents JOIN states USING (number) WHERE number BETWEEN ? AND ?",
  );
  const faultOf = database.transaction((block: number): string | null => {
    const first = firstOfBlock(block);
    const what = `read.db, measures of incidents ${first} to ${first + block_incidents - 1}`;
    const stored = selectBlock.get(block);
    if (stored === undefined) return `${what}: they are missing`;
    if (!new MeasureBlock().load(block, stored.incidents, stored.checksum)) return `${what}: they are damaged`;
    const expected = new MeasureBlock();
    for (const row of selectStates.all(first, first + block_incidents - 1)) {
      const listed = decodeRow(row);
      // That a state is damaged has been said already.
      if (listed === null) return null;
      expected.put(row.number, listed, names);
    }
    return Buffer.from(expected.bytes.buffer).equals(stored.incidents)
      ? null
      : `${what}: they are not what the rows give`;
  });
  const last = database.prepare<[], number | null>("SELECT max(number) FROM incidents").pluck();
  const faults: string[] = [];
  for (let block = 0; block <= blockOf(last.get() ?? 0) && faults.length < most_faults; block += 1) {
    const fault = faultOf(block);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

/** The numbers of names, looked up again where a running service has given new ones; or what is wrong with them. */
function namesIn(database: Database.Database): NameNumbers | string {
  const all = database.prepare<[], StoredName>("SELECT id, name, checksum FROM measure_names").all();
  const damaged = all.find(({ id, name, checksum }) => nameChecksum(id, name) !== checksum);
  if (damaged !== undefined) return `read.db, measures: the name of number ${damaged.id} is damaged`;
  const known = new Map(all.map(({ id, name }) => [name, id]));
  const find = database.prepare<[string], number>("SELECT id FROM measure_names WHERE name = ?").pluck();
  return {
    // No block has the number -1.
    numberOf: (name) => known.get(name) ?? find.get(name) ?? -1,
  };
}
