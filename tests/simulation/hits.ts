import type { ReferenceDesk } from "./reference-desk.ts";

/** What must have happened, by the number of the rule in DESIGN §3. */
export const ruleHits = [
  "1 the first of several is taken",
  "1 a report is queued ahead of others",
  "2 somebody has room",
  "3 chosen by only one",
  "3 chosen by load",
  "3 chosen by turns",
  "3 chosen by longest without",
  "3 chosen by order of joining",
  "3 turns lifted on joining or coming back",
  "4 by hand beyond the capacity",
  "4 capacity lowered below the load",
  "5 freed by resolved",
  "5 freed by dismissed",
  "5 freed by merged",
  "5 freed by snoozed",
  "5 freed by deleted",
  "5 freed by handed-back",
  "6 raised in the queue",
  "6 raised with its handler",
  "6 refused: not higher",
  "6 lowered",
  "7 away, work stays",
  "7 away, work released",
  "7 away already, work released",
  "7 left, work released",
  "7 left, return forgotten",
  "7 back",
  "8 handed over",
  "8 handed over by force",
  "8 refused: unavailable",
  "8 handed back, goes to another",
  "8 handed back, the next takes the slot",
  "8 handed back, goes back to them",
  "8 nobody's, put into the queue",
  "9 snoozed",
  "9 snoozed again",
  "9 woken, returns to whom it was taken from",
  "9 woken, its handler has no room",
  "9 woken, nobody's",
  "9 woken by time",
  "9 sleep ended by acknowledging",
  "9 sleep ended by assigning",
  "9 severity changed asleep",
  "9 return forgotten by hand",
  "10 acknowledged by a handler",
  "10 acknowledged beyond the capacity",
  "10 acknowledged by anybody else",
  "10 acknowledged, its handler keeps it",
  "10 nobody's, taken by a handler",
  "11 repeat",
  "11 repeat raises",
  "11 repeat wakes a sleeper",
  "11 repeat resolves",
  "11 key open again after its end",
  "11 refused: key open",
  "11 merged",
  "11 a key moved by a merge is repeated",
  "12 arrived resolved",
  "13 not acknowledged in time",
  "13 acknowledged, then silent",
  "13 rerouted",
  "13 timed out, nobody else",
  "13 the next takes longer",
  "13 timeout changed while clocks run",
  "13 timeout switched off while clocks run",
  "14 several facts of one update",
  "15 late timestamp",
  "15 claimed timestamp",
  "15 refused: in the future",
  "16 auto-closed",
  "16 days changed while some await closing",
  "17 moved from the queue",
  "17 moved from a handler",
  "17 moved asleep",
  "18 done on what is not open",
  "18 refused: not in this status",
  "18 the goal held already",
  "19 reopened on the way",
  "a text erased of what is open",
  "a text erased of what has ended",
  "a text erased of what was deleted",
  "several texts erased at once",
  "nothing left to erase",
  "refused: no such text",
] as const;

export type RuleHit = (typeof ruleHits)[number];

/** The status table of DESIGN §3, deletion and what a repeat of the same status means included. */
export const transitions = {
  reported: ["pending"],
  pending: ["assigned", "acknowledged", "snoozed", "resolved", "dismissed", "merged", "deleted"],
  assigned: ["assigned", "acknowledged", "pending", "snoozed", "resolved", "dismissed", "merged", "deleted"],
  acknowledged: ["assigned", "acknowledged", "pending", "snoozed", "resolved", "dismissed", "merged", "deleted"],
  snoozed: ["snoozed", "assigned", "pending", "acknowledged", "resolved", "dismissed", "merged", "deleted"],
  resolved: ["closed", "pending", "deleted"],
  closed: ["pending", "deleted"],
  dismissed: ["pending", "deleted"],
  merged: ["deleted"],
  deleted: [],
} as const;

/** Counts what the runs went through, so that a rule that is never tried shows. */
export class Hits {
  readonly #counts = new Map<string, number>();
  readonly #cells = new Map<string, number>();
  commands = 0;
  refused = 0;
  unchanged = 0;
  commits = 0;
  events = 0;
  longest_queue = 0;

  rule(label: RuleHit): void {
    this.#add(this.#counts, label);
  }

  transition(from: string, to: string): void {
    this.#add(this.#counts, `${from} → ${to}`);
  }

  /** A command met an incident of a status. */
  cell(status: string, command: string, outcome: string): void {
    this.#add(this.#cells, `${status} ${command} ${outcome}`);
  }

  /** Rule 5: notes which event of this commit freed the slot that a handler fills again. */
  freed(desk: ReferenceDesk, handler: string): void {
    const given = desk.room_given.findLast((one) => one.handler === handler);
    const event = given === undefined ? undefined : desk.commit[given.offset];
    const label = ruleHits.find((rule) => rule === `5 freed by ${event?.type.replace("incident.", "")}`);
    if (label !== undefined) this.rule(label);
  }

  of(label: string): number {
    return this.#counts.get(label) ?? 0;
  }

  /** Every rule and legal transition with its count. */
  table(): { readonly label: string; readonly count: number }[] {
    const steps = Object.entries(transitions).flatMap(([from, targets]) => targets.map((to) => `${from} → ${to}`));
    return [...ruleHits, ...steps].map((label) => ({ label, count: this.of(label) }));
  }

  /** Status by command: how often it was done, changed nothing, was refused. */
  cells(): string[] {
    const rows = new Map<string, Record<string, number>>();
    for (const [key, count] of this.#cells) {
      const [status = "", command = "", outcome = ""] = key.split(" ");
      const row = rows.get(`${command} ${status}`) ?? {};
      row[outcome] = count;
      rows.set(`${command} ${status}`, row);
    }
    return [...rows].sort().map(([name, { written = 0, unchanged = 0, refused = 0 }]) => {
      return `${name.padEnd(24)} ${[written, unchanged, refused].map((count) => String(count).padStart(7)).join("")}`;
    });
  }

  /** All of it, for people. */
  toString(): string {
    const share = ((100 * this.refused) / Math.max(1, this.commands)).toFixed(1);
    return [
      `${this.commands} commands (${share} % refused, ${this.unchanged} changed nothing), ${this.commits} commits, ${this.events} events, longest queue ${this.longest_queue}`,
      ...this.table().map(({ label, count }) => `${String(count).padStart(8)}  ${label}`),
      "command and status           done  no-op  refused",
      ...this.cells(),
    ].join("\n");
  }

  #add(counts: Map<string, number>, key: string): void {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
}
