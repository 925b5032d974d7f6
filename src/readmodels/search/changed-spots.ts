import { addTo, type BitSet, copyOf, takeFrom } from "./bit-set.ts";
import { type CodedSpots, growingSpots, grownSpots, joinSpots, pushSpots, SpotsReader } from "./coded-spots.ts";
import type { Spot } from "./spots.ts";

/** What becomes of one incident in a row. Spots are ascending. */
export interface PostingsChange {
  readonly kind: "put" | "append" | "remove";
  readonly spots: readonly Spot[];
}

/** Changes of a row, by the places of the incidents. */
export type PostingsChanges = ReadonlyMap<number, PostingsChange>;

/** The places of a row after some changes. */
export function changePlaces(before: BitSet, changes: PostingsChanges): BitSet {
  const after = copyOf(before);
  for (const [place, { kind }] of changes) (kind === "remove" ? takeFrom : addTo)(after, place);
  return after;
}

/** The coded spots of these places after some changes. What is between the changed incidents is copied as it is. */
export function changeSpots(places: readonly number[], coded: CodedSpots, changes: PostingsChanges): CodedSpots {
  const sorted = [...changes].sort(([a], [b]) => a - b);
  const isAllNew = (sorted[0]?.[0] ?? 0) > (places.at(-1) ?? -1);
  // Mostly new incidents come last: nothing need be read to put them there.
  if (isAllNew) return joinSpots([coded, spotsOfNew(sorted)]);
  const reader = new SpotsReader(coded);
  const pieces: CodedSpots[] = [];
  let next = 0;
  let copied = reader.copy();
  for (const [place, { kind, spots }] of sorted) {
    if (place > (places.at(-1) ?? -1)) {
      next = places.length;
      reader.skipAll();
    }
    for (; next < places.length && (places[next] ?? 0) < place; next += 1) reader.skip();
    pieces.push(reader.since(copied));
    let had: readonly Spot[] = [];
    if (places[next] === place) {
      next += 1;
      had = reader.read();
    }
    copied = reader.copy();
    if (kind === "remove") continue;
    const now = growingSpots();
    pushSpots(now, kind === "append" ? [...had, ...spots] : spots);
    pieces.push(grownSpots(now));
  }
  reader.skipAll();
  pieces.push(reader.since(copied));
  return joinSpots(pieces);
}

function spotsOfNew(sorted: readonly (readonly [number, PostingsChange])[]): CodedSpots {
  const grown = growingSpots();
  for (const [, { kind, spots }] of sorted) if (kind !== "remove") pushSpots(grown, spots);
  return grownSpots(grown);
}
