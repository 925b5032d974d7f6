import type { ReferenceDesk, ReferenceHandler } from "./reference-desk.ts";

/** What decided between the chosen handler and the next best. */
export type Criterion = "only one" | "load" | "turns" | "longest without" | "order of joining";

interface Candidate {
  readonly handler: ReferenceHandler;
  readonly active: number;
}

/** Rule 3, word by word: whom it chooses in a team, leaving out some, and why. */
export function chosenHandler(
  desk: ReferenceDesk,
  team: string,
  leftOut: readonly (string | null)[],
): { readonly id: string; readonly by: Criterion } | undefined {
  const candidates: Candidate[] = [...desk.handlers.values()]
    .filter(({ id }) => desk.hasRoom(id, team) && !leftOut.includes(id))
    .map((handler) => ({ handler, active: desk.workOf(handler.id).length }));
  candidates.sort((a, b) => difference(a, b).order);
  const [first, second] = candidates;
  if (first === undefined) return undefined;
  return { id: first.handler.id, by: second === undefined ? "only one" : difference(first, second).by };
}

function difference(a: Candidate, b: Candidate): { readonly order: number; readonly by: Criterion } {
  const load = a.active * b.handler.capacity - b.active * a.handler.capacity;
  if (load !== 0) return { order: load, by: "load" };
  if (a.handler.turns !== b.handler.turns) return { order: a.handler.turns - b.handler.turns, by: "turns" };
  if (a.handler.last !== b.handler.last) return { order: a.handler.last - b.handler.last, by: "longest without" };
  return { order: a.handler.joined - b.handler.joined, by: "order of joining" };
}
