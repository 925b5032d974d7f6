/** A snapshot as far as keeping it depends on it. */
export interface Rung {
  readonly position: number;
  readonly bytes: number;
}

/** How many snapshots are kept at most, and how large they may be together. The newest two stay whatever their size. */
export const ladderLimits = { most: 16, most_bytes: 256 * 1024 * 1024, newest: 2 } as const;

/** Between two rungs that are made for questions about the past lie at least so many events. */
export const least_spacing_events = 50_000;

/**
 * Which of the snapshots go, so that the rest fits into the limits: again and again the one whose neighbours are closest
 * together, of equals the oldest. What stays is spread evenly over the ledger, by a factor of two at most, and densest
 * towards its end.
 */
export function superfluous<Kept extends Rung>(rungs: readonly Kept[], limits = ladderLimits): readonly Kept[] {
  const kept = [...rungs].sort((a, b) => a.position - b.position);
  const gone: Kept[] = [];
  let bytes = kept.reduce((sum, rung) => sum + rung.bytes, 0);
  while (kept.length > limits.newest && (kept.length > limits.most || bytes > limits.most_bytes)) {
    const [least] = kept.splice(leastNeeded(kept, kept.length - limits.newest), 1);
    if (least === undefined) break;
    gone.push(least);
    bytes -= least.bytes;
  }
  return gone;
}

/** The place, among the first `count`, of the one whose neighbours are closest together. */
function leastNeeded(kept: readonly Rung[], count: number): number {
  let least = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let place = 0; place < count; place += 1) {
    const gap = (kept[place + 1]?.position ?? 0) - (kept[place - 1]?.position ?? 0);
    if (gap >= smallest) continue;
    least = place;
    smallest = gap;
  }
  return least;
}

/** Whether a snapshot at this position is worth its making: so far from others, and not the first to go. */
export function isWorthKeeping(rungs: readonly Rung[], position: number, spacing_events: number): boolean {
  const below = rungs.reduce((most, rung) => (rung.position <= position ? Math.max(most, rung.position) : most), 0);
  const above = rungs.reduce(
    (least, rung) => (rung.position > position ? Math.min(least, rung.position) : least),
    Number.POSITIVE_INFINITY,
  );
  if (position - below < spacing_events || above - position < spacing_events) return false;
  const bytes = rungs.reduce((most, rung) => Math.max(most, rung.bytes), 0);
  return !superfluous([...rungs, { position, bytes }]).some((rung) => rung.position === position);
}
