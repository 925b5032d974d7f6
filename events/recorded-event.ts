import type { DataOf, EventName, TextOf } from "./registry.ts";

/** Where a decision comes from: an earlier event of the same commit, or an older position. */
export type Because = { readonly offset: number } | { readonly position: number };

/** What is known of the commit that an event belongs to. Hashed with the event. */
export interface EventMeta {
  /** The event's place in its commit, from 0. */
  readonly offset: number;
  /** How many events the commit has. */
  readonly events: number;
  /** The number of the rules that decided the commit. */
  readonly rules: number;
  /** On decisions only. */
  readonly because?: Because;
}

/** An event as the ledger holds it, its bodies parsed and brought to the present version. */
export type RecordedEvent<Name extends EventName = EventName> = {
  [N in Name]: {
    /** Gapless 1, 2, 3 … in the whole ledger: the order of truth. */
    readonly position: number;
    /** `incident/42`, `handler/Alice`, `team/default` or `ledger`. */
    readonly stream: string;
    /** Gapless 1, 2, 3 … within the stream. */
    readonly version: number;
    readonly type: N;
    readonly schema_version: number;
    /** Desk time, an instant. */
    readonly recorded_at: string;
    readonly actor: string;
    readonly command_id: string;
    readonly meta: EventMeta;
    readonly data: DataOf<N>;
    /** Null where there is none or it was erased. */
    readonly text: TextOf<N> | null;
  };
}[Name];
