import { type Incident, isOpen, type OpenStatus } from "./incident.ts";

/** What an open incident is counted under. */
type Counted = Pick<Incident, "team" | "status" | "severity">;

const openStatuses: readonly OpenStatus[] = ["pending", "assigned", "acknowledged", "snoozed"];
const severities = [1, 2, 3, 4, 5] as const;

/** How many incidents of a team are open, with one status and one severity. */
export interface OpenCount {
  readonly team: string;
  readonly status: OpenStatus;
  readonly severity: number;
  readonly count: number;
}

/** How many incidents are open, by team, status and severity: kept with every change, so that asking costs nothing. */
export class OpenTally {
  /** For each team a count of every severity for every status. */
  readonly #teams = new Map<string, Int32Array>();

  /** An incident of the first kind became one of the second; null: it was, or is, not open. */
  move(before: Counted | null, after: Counted | null): void {
    if (before !== null && after !== null && isSame(before, after)) return;
    if (before !== null) this.#add(before, -1);
    if (after !== null) this.#add(after, 1);
  }

  /** All counts of a team, those that are 0 too. */
  *of(team: string): Generator<OpenCount> {
    const counts = this.#teams.get(team);
    for (const [row, status] of openStatuses.entries()) {
      for (const severity of severities) {
        yield { team, status, severity, count: counts?.[row * severities.length + severity - 1] ?? 0 };
      }
    }
  }

  #add({ team, status, severity }: Counted, change: number): void {
    if (!isOpen(status)) return;
    let counts = this.#teams.get(team);
    if (counts === undefined) {
      counts = new Int32Array(openStatuses.length * severities.length);
      this.#teams.set(team, counts);
    }
    const place = openStatuses.indexOf(status) * severities.length + severity - 1;
    counts[place] = (counts[place] ?? 0) + change;
  }
}

function isSame(a: Counted, b: Counted): boolean {
  return a.status === b.status && a.severity === b.severity && a.team === b.team;
}
