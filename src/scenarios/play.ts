import { incidentOfStream } from "../../events/stream.ts";
import type { Command } from "../rules/commands.ts";
import { standsForIncident } from "./field-kind.ts";
import { IncidentNames } from "./incident-names.ts";
import type { CommandLine, EventLine } from "./scenario.ts";
import { type Happening, ScenarioDesk } from "./scenario-desk.ts";
import { ScenarioFault } from "./scenario-fault.ts";

/** A scenario being played: its desk, its names, and what time it is. */
export class Play {
  readonly desk: ScenarioDesk;
  readonly names = new IncidentNames();
  #time: string;

  /** Opens the desk at the time of the scenario's first line. */
  constructor(opened_at: string) {
    this.desk = new ScenarioDesk(opened_at);
    this.#time = opened_at;
  }

  /** The time of the line last played. */
  get time(): string {
    return this.#time;
  }

  /**
   * The time of a line, and makes it the present: its own `at`, else of a report its timestamp, else that of the line
   * before. It never falls: a report of something earlier is made now. Refuses an `at` before the present.
   */
  timeOf(line: CommandLine | EventLine): string {
    const isReport = line.kind === "command" ? line.command === "report" : line.type === "incident.reported";
    const timestamp = isReport ? line.fields.timestamp : undefined;
    if (line.at !== null && line.at < this.#time) {
      throw new ScenarioFault(
        line.line,
        `at is ${line.at}, but the line before is of ${this.#time}; times never fall.`,
      );
    }
    const time = line.at ?? (typeof timestamp === "string" ? timestamp : this.#time);
    if (time > this.#time) this.#time = time;
    return this.#time;
  }

  /** Has the desk decide a command. A report's name stands for the incident that it opens. */
  command(line: CommandLine): Happening[] {
    const at = this.timeOf(line);
    const happenings = this.desk.submit(this.#commandOf(line, at), line.actor ?? "admin", at);
    const name = line.fields.incident;
    if (line.command === "report" && typeof name === "string") {
      for (const happening of happenings) {
        if (happening.kind !== "event" || happening.event.type !== "incident.reported") continue;
        this.names.give(name, happening.event.data.number, line.line);
      }
    }
    return happenings;
  }

  #commandOf(line: CommandLine, at: string): Command {
    const { command: kind } = line;
    if (kind === "pass-time") return { kind, at };
    const fields: Record<string, unknown> = { ...line.fields };
    if (kind === "report") {
      delete fields.incident;
      fields.incident_id = this.desk.newId();
    }
    for (const [field, value] of Object.entries(fields)) {
      if (standsForIncident(field)) fields[field] = this.names.numberOf(value, line.line);
    }
    // The parser has checked every field against the command's own schemas.
    return { kind, ...fields } as Command;
  }
}

/** What the stream of an event is about, in the scenario's own words. */
export function subjectOf(stream: string, names: IncidentNames): string {
  const number = incidentOfStream(stream);
  if (number !== null) return String(names.nameOf(number));
  return stream.slice(stream.indexOf("/") + 1);
}
