import { type BitSet, emptySet, inBoth, isEmpty, unionOf } from "./bit-set.ts";
import { field_count } from "./searched-words.ts";

/** Incidents of a block, for each field those that have something in it. */
export type FieldSets = readonly BitSet[];

/** Some fields, from one to another. */
export interface FieldSpan {
  readonly from: number;
  readonly to: number;
}

/** The fields that are searched. */
export const allFields: FieldSpan = { from: 0, to: field_count - 1 };

/** Never changed: what is found nowhere is found there by all. */
export const nothing = emptySet();

/** Nothing in any field. Never changed; what is found nowhere is this very object. */
export const nowhere: FieldSets = Array.from({ length: field_count }, () => nothing);

/** Sets with nothing in them, to be filled. */
export function emptyFields(): BitSet[] {
  return Array.from({ length: field_count }, emptySet);
}

/** The set of a field. */
export function at(sets: FieldSets, field: number): BitSet {
  return sets[field] ?? nothing;
}

/** The fields between which something is. */
export function fieldsOf(sets: FieldSets): FieldSpan {
  return { from: sets.findIndex((places) => !isEmpty(places)), to: sets.findLastIndex((places) => !isEmpty(places)) };
}

/** Some sets, or `nowhere` where nothing is in any of them. */
export function unlessEmpty(sets: FieldSets): FieldSets {
  return sets.every(isEmpty) ? nowhere : sets;
}

/** What is in the same field of both. */
export function inSameField(a: FieldSets, b: FieldSets): FieldSets {
  if (a === nowhere || b === nowhere) return nowhere;
  return unlessEmpty(
    a.map((places, field) => {
      const others = at(b, field);
      return places === nothing || others === nothing ? nothing : inBoth(places, others);
    }),
  );
}

/** What is in a field of either. */
export function inEither(a: FieldSets, b: FieldSets): FieldSets {
  if (b === nowhere) return a;
  if (a === nowhere) return b;
  return b.map((places, field) => unionOf(places, at(a, field)));
}

/** By field, what is in it or in one before. */
export function cumulated(having: FieldSets): FieldSets {
  let all = nothing;
  return having.map((places) => {
    if (all === nothing) all = places;
    else if (places !== nothing) all = unionOf(all, places);
    return all;
  });
}
