import { addTo, type BitSet, takeFrom } from "./bit-set.ts";
import { encodeSpots, type Spot, SpotsReader } from "./spots.ts";

/** What becomes of one incident in a row. Spots are ascending. */
export interface PostingsChange {
  readonly kind: "put" | "append" | "remove";
  readonly spots: readonly Spot[];
}

/** Changes of a row, by the places of the incidents. */
export type PostingsChanges = ReadonlyMap<number, PostingsChange>;

/** The places of a row after some changes. */
export function changePlaces(before: BitSet, changes: PostingsChanges): BitSet {
  const after = before.slice();
  for (const [place, { kind }] of changes) (kind === "remove" ? takeFrom : addTo)(after, place);
  return after;
}

/** The coded spots of these places after some changes. What is between the changed incidents is copied as it is. */
export function changeSpots(places: readonly number[], coded: Buffer, changes: PostingsChanges): Buffer {
  const reader = new SpotsReader(coded);
  const parts: Buffer[] = [];
  let next = 0;
  let copied = 0;
  for (const [place, { kind, spots }] of [...changes].sort(([a], [b]) => a - b)) {
    if (place > (places.at(-1) ?? -1)) {
      // New incidents come last: nothing need be read to go there.
      next = places.length;
      reader.at = coded.length;
    }
    for (; next < places.length && (places[next] ?? 0) < place; next += 1) reader.skip();
    parts.push(coded.subarray(copied, reader.at));
    let had: readonly Spot[] = [];
    if (places[next] === place) {
      next += 1;
      had = reader.read();
    }
    copied = reader.at;
    if (kind !== "remove") parts.push(encodeSpots(kind === "append" ? [...had, ...spots] : spots));
  }
  parts.push(coded.subarray(copied));
  return Buffer.concat(parts);
}
