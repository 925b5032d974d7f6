import { compareText } from "./compare.ts";
import type { Handler } from "./handler.ts";
import { OrderedSet } from "./ordered-set.ts";

/** A handler and how many incidents they have. */
export interface Loaded {
  readonly handler: Handler;
  readonly active: number;
}

/** Rule 3: lowest load, fewest turns, longest without an assignment, order of joining. Total. */
export function compareForAssignment(a: Loaded, b: Loaded): number {
  return (
    a.active * b.handler.capacity - b.active * a.handler.capacity ||
    a.handler.turns - b.handler.turns ||
    a.handler.last_assigned_position - b.handler.last_assigned_position ||
    a.handler.joined_position - b.handler.joined_position ||
    compareText(a.handler.handler_id, b.handler.handler_id)
  );
}

/** Who has what, and who is next to get something. Knows handlers who have left, too. */
export class Workload {
  readonly #handlers = new Map<string, Handler>();
  readonly #ids = new Map<string, string>();
  readonly #work = new Map<string, Set<number>>();
  /** Per team, the available handlers with room, the next one first. */
  readonly #free = new Map<string, OrderedSet<Loaded>>();

  get handlers(): ReadonlyMap<string, Handler> {
    return this.#handlers;
  }

  /** The handler of this id, whatever its case. */
  find(handler_id: string): Handler | undefined {
    return this.#handlers.get(handler_id) ?? this.#handlers.get(this.#ids.get(handler_id.toLowerCase()) ?? "");
  }

  /** Records a handler as they are now. */
  put(handler: Handler): void {
    this.#unrank(handler.handler_id);
    this.#handlers.set(handler.handler_id, handler);
    this.#ids.set(handler.handler_id.toLowerCase(), handler.handler_id);
    this.#rank(handler.handler_id);
  }

  /** An incident became this handler's. */
  take(handler_id: string, incident: number): void {
    this.#unrank(handler_id);
    const work = this.#work.get(handler_id);
    if (work === undefined) this.#work.set(handler_id, new Set([incident]));
    else work.add(incident);
    this.#rank(handler_id);
  }

  /** An incident is no longer this handler's. */
  release(handler_id: string, incident: number): void {
    this.#unrank(handler_id);
    const work = this.#work.get(handler_id);
    work?.delete(incident);
    if (work?.size === 0) this.#work.delete(handler_id);
    this.#rank(handler_id);
  }

  /** How many incidents they have. */
  activeOf(handler_id: string): number {
    return this.#work.get(handler_id)?.size ?? 0;
  }

  /** The numbers of the incidents they have, ascending. */
  workOf(handler_id: string): number[] {
    return [...(this.#work.get(handler_id) ?? [])].sort((a, b) => a - b);
  }

  /** A team's handlers in the order of joining. */
  handlersOf(team: string): Handler[] {
    return [...this.#handlers.values()]
      .filter((handler) => handler.team === team)
      .sort((a, b) => a.joined_position - b.joined_position);
  }

  /** Whether the rules may give this handler an incident of the team. */
  hasRoom(handler_id: string, team: string): boolean {
    const handler = this.#handlers.get(handler_id);
    return handler !== undefined && handler.team === team && roomy(handler, this.activeOf(handler_id));
  }

  /** The handler whom rule 3 chooses among the team's available ones with room, leaving out some. */
  next(team: string, leftOut: (handler_id: string) => boolean = nobody): Handler | undefined {
    for (const { handler } of this.#free.get(team)?.values() ?? []) {
      if (!leftOut(handler.handler_id)) return handler;
    }
    return undefined;
  }

  #rank(handler_id: string): void {
    const handler = this.#handlers.get(handler_id);
    if (handler === undefined || handler.team === null) return;
    const active = this.activeOf(handler_id);
    if (!roomy(handler, active)) return;
    let free = this.#free.get(handler.team);
    if (free === undefined) {
      free = new OrderedSet(compareForAssignment);
      this.#free.set(handler.team, free);
    }
    free.add({ handler, active });
  }

  #unrank(handler_id: string): void {
    const handler = this.#handlers.get(handler_id);
    if (handler === undefined || handler.team === null) return;
    this.#free.get(handler.team)?.delete({ handler, active: this.activeOf(handler_id) });
  }
}

function roomy(handler: Handler, active: number): boolean {
  return handler.available && active < handler.capacity;
}

function nobody(): boolean {
  return false;
}
