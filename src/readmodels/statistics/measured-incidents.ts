import { DamagedRow } from "../damaged-row.ts";
import type { ListConnection } from "../list-connection.ts";
import { Grouping } from "./grouping.ts";
import { IncidentTally } from "./incident-tally.ts";
import { block_incidents, blockOf, firstOfBlock, MeasureBlock } from "./measure-block.ts";
import type { StoredBlock } from "./measure-tables.ts";
import type { SelectedNumbers } from "./selected-numbers.ts";
import type { Dimension } from "./statistics-query.ts";

/** What is looked for in the blocks themselves; names by their numbers. */
export interface BlockFilters {
  readonly severities?: readonly number[] | undefined;
  readonly team?: number | undefined;
  readonly handler?: number | undefined;
}

/** The incidents of a selection, counted group by group, and their durations. */
export interface MeasuredIncidents {
  readonly all: Grouping;
  readonly by: readonly Grouping[];
  /** As `durationNames`, in milliseconds; NaN where an incident has none. */
  readonly durations: readonly Float64Array[];
}

const window_blocks = 256;

/**
 * Reads the blocks of a selection and counts their incidents. Throws `DamagedRow` with an incident of a block that is
 * damaged or gone, and `TooManyGroups`.
 */
export function measureIncidents(
  connection: ListConnection,
  { first, last, wanted }: SelectedNumbers,
  filters: BlockFilters,
  by: readonly Dimension[],
  most_groups: number,
): MeasuredIncidents {
  const size = Math.max(0, last - first + 1);
  const all = new Grouping(null, size, most_groups);
  const groupings = by.map((dimension) => new Grouping(dimension, size, most_groups));
  const tally = new IncidentTally([all, ...groupings]);
  const acknowledge_ms = new Float64Array(size);
  const resolve_ms = new Float64Array(size);
  const queue_ms = new Float64Array(size);
  let added = 0;
  for (const { block, number } of blocksOf(connection, first, last)) {
    const end = Math.min(block_incidents, last - number + 1);
    for (let slot = Math.max(0, first - number); slot < end; slot += 1) {
      if (block.status[slot] === 0 || !matches(block, slot, filters)) continue;
      if (wanted !== null && !wanted(number + slot)) continue;
      tally.add(block, slot);
      acknowledge_ms[added] = block.acknowledge_ms[slot] as number;
      resolve_ms[added] = block.resolve_ms[slot] as number;
      queue_ms[added] = block.queue_ms[slot] as number;
      added += 1;
    }
  }
  const durations = [acknowledge_ms, resolve_ms, queue_ms].map((values) => values.subarray(0, added));
  return { all, by: groupings, durations };
}

function matches(block: MeasureBlock, slot: number, { severities, team, handler }: BlockFilters): boolean {
  return (
    (team === undefined || block.team[slot] === team) &&
    (handler === undefined || block.handler[slot] === handler) &&
    (severities === undefined || severities.includes(block.severity[slot] as number))
  );
}

/** The blocks of these numbers, one after another in the same `MeasureBlock`, each with the number of its first incident. */
function* blocksOf(connection: ListConnection, first: number, last: number) {
  const block = new MeasureBlock();
  const end = blockOf(last);
  let next = blockOf(first);
  while (first <= last && next <= end) {
    const until = Math.min(end, next + window_blocks - 1);
    const sql = "SELECT block, incidents, checksum FROM measures WHERE block BETWEEN ? AND ?";
    for (const stored of connection.all<StoredBlock>(sql, [next, until])) {
      const is_right = stored.block === next && block.load(next, stored.incidents, stored.checksum);
      if (!is_right) throw new DamagedRow(firstOfBlock(next));
      yield { block, number: firstOfBlock(next) };
      next += 1;
    }
    if (next <= until) throw new DamagedRow(firstOfBlock(next));
  }
}
