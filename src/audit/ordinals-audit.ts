import type Database from "better-sqlite3";
import { appearanceOf } from "../../projections/appearance.ts";
import type { Ledger } from "../ledger/ledger.ts";

const page_events = 1000;
/** Past this many that differ nobody needs to know of more. */
const most_faults = 20;

interface OrdinalRow {
  readonly team: string;
  readonly ordinal: number;
  readonly number: number;
}

/**
 * What is wrong with the ordinals in `read.db`: those of each team must be a count of first appearances there, up to the
 * position of the file itself. They are read at once with that position, because a running service may go on folding.
 */
export async function ordinalFaults(database: Database.Database, ledger: Ledger): Promise<string[]> {
  const { position, stored } = database.transaction(() => ({
    position: database.prepare<[], number>("SELECT position FROM checkpoint").pluck().get() ?? 0,
    stored: storedOrdinals(database),
  }))();
  const expected = await foldOrdinals(ledger, position);
  const faults: string[] = [];
  for (const team of new Set([...stored.keys(), ...expected.keys()])) {
    const [found, counted] = [stored.get(team) ?? [], expected.get(team) ?? []];
    for (let index = 0; index < Math.max(found.length, counted.length) && faults.length < most_faults; index += 1) {
      if (found[index] === counted[index]) continue;
      const what = `read.db, team ${team}, ordinal ${index + 1}`;
      faults.push(`${what}: it is of incident ${found[index] ?? "none"}, and should be of ${counted[index] ?? "none"}`);
    }
  }
  return faults;
}

/** The numbers of each team's incidents, in the order of their ordinals; an ordinal that is left out has none. */
function storedOrdinals(database: Database.Database): Map<string, number[]> {
  const all = new Map<string, number[]>();
  const rows = database.prepare<[], OrdinalRow>("SELECT team, ordinal, number FROM ordinals ORDER BY team, ordinal");
  for (const { team, ordinal, number } of rows.iterate()) {
    const numbers = all.get(team) ?? [];
    all.set(team, numbers);
    // Ordinals far from where they can be would make a very long list of what is left out.
    if (ordinal >= 1 && ordinal <= numbers.length + most_faults) numbers[ordinal - 1] = number;
    else numbers.push(number);
  }
  return all;
}

async function foldOrdinals(ledger: Ledger, position: number): Promise<Map<string, number[]>> {
  const numbers = new Map<string, number[]>();
  const seen = new Map<string, Set<number>>();
  const types = ["incident.reported", "incident.moved"] as const;
  for (let after = 0; ; ) {
    const events = await ledger.read({ after, until: position, types, limit: page_events });
    for (const event of events) {
      const appearance = appearanceOf(event);
      if (appearance === null) continue;
      const { team, number } = appearance;
      const there = seen.get(team) ?? new Set();
      if (there.has(number)) continue;
      seen.set(team, there.add(number));
      const counted = numbers.get(team);
      if (counted === undefined) numbers.set(team, [number]);
      else counted.push(number);
    }
    after = events.at(-1)?.position ?? after;
    if (events.length < page_events) return numbers;
  }
}
