import type { RecordedEvent } from "../../../events/recorded-event.ts";
import type { EventName } from "../../../events/registry.ts";
import { incidentOfStream } from "../../../events/stream.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { BoundedCache } from "../../readmodels/bounded-cache.ts";

/** What says to which team an incident or a handler belongs from there on. */
const tellingTypes: readonly EventName[] = [
  "incident.reported",
  "incident.moved",
  "incident.reopened",
  "handler.joined",
  "handler.left",
];
const none: readonly string[] = [];
/** Streams whose team is remembered; the ledger is asked for any other's. */
const remembered_streams = 2000;

/**
 * The teams of events that are read in their order: an incident's event belongs to the team that has the incident then, a
 * handler's to the team that the handler is in. A move belongs to both teams, a leaving to the team that is left.
 */
export class TeamsAlong {
  readonly #ledger: Pick<Ledger, "read">;
  #teams = emptyCache();
  #reached: number | null = null;

  constructor(ledger: Pick<Ledger, "read">) {
    this.#ledger = ledger;
  }

  /**
   * The teams of each of these events, which are all that stand in the range, or all of one stream. Where the range does not
   * begin where the one before ended, nothing that is remembered holds any longer.
   */
  async of(
    events: readonly RecordedEvent[],
    { after, reached }: { readonly after: number; readonly reached: number },
  ): Promise<readonly (readonly string[])[]> {
    if (this.#reached !== after) this.#teams = emptyCache();
    this.#reached = null;
    const teams: (readonly string[])[] = [];
    for (const event of events) teams.push(await this.#teamsOf(event));
    this.#reached = reached;
    return teams;
  }

  async #teamsOf(event: RecordedEvent): Promise<readonly string[]> {
    const { stream } = event;
    // A team's own events are known by their stream, and what concerns the whole ledger is no team's.
    if (incidentOfStream(stream) === null && !stream.startsWith("handler/")) return none;
    const known = this.#teams.get(stream);
    const before = known === undefined ? await this.#lookUp(stream, event.position) : known;
    const after = teamAfter(event, before);
    this.#teams.set(stream, after);
    const both = before === after ? [after] : event.type === "incident.moved" ? [before, after] : [after ?? before];
    return both.filter((team) => team !== null);
  }

  async #lookUp(stream: string, position: number): Promise<string | null> {
    let team: string | null = null;
    for (const event of await this.#ledger.read({ stream, types: tellingTypes, until: position - 1 })) {
      team = teamAfter(event, team);
    }
    return team;
  }
}

function emptyCache(): BoundedCache<string, string | null> {
  return new BoundedCache(remembered_streams, remembered_streams, () => 1);
}

function teamAfter(event: RecordedEvent, before: string | null): string | null {
  switch (event.type) {
    case "incident.reported":
    case "incident.reopened":
    case "handler.joined":
      return event.data.team;
    case "incident.moved":
      return event.data.to;
    case "handler.left":
      return null;
    default:
      return before;
  }
}
