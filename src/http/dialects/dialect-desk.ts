import type { FastifyRequest } from "fastify";
import type { Incident } from "../../../projections/incident.ts";
import type { IncidentTexts } from "../../../projections/incident-texts.ts";
import type { Outcome } from "../../desk/submission.ts";
import { TeamOrdinals } from "../../readmodels/team-ordinals.ts";
import { readTeamPage, type TeamPage, type TeamQuery } from "../../readmodels/team-page.ts";
import type { Command, Report, Update } from "../../rules/commands.ts";
import type { Done } from "../command-answer.ts";
import { ProblemError } from "../problem-error.ts";
import { incidentOf, textsAfter } from "../routes/incidents/incident-answer.ts";
import { findIncident } from "../routes/incidents/incident-lookup.ts";
import type { Services } from "../services.ts";
import { DialectError } from "./dialect-fault.ts";

/** An incident as a dialect shows it. */
export interface Shown {
  /** The dialect's own id: its ordinal in the team. */
  readonly ordinal: number;
  readonly incident: Incident;
  readonly texts: IncidentTexts;
}

/** A report as a dialect makes it: team and id are added. */
export type DialectReport = Omit<Report, "kind" | "incident_id" | "team" | "doubt_timestamp">;

/** Changes as a dialect makes them. */
export type DialectUpdate = Omit<Update, "kind" | "incident" | "team" | "by_way_of_reopening">;

/** Which incidents to list. */
export type DialectQuery = Omit<TeamQuery, "team" | "count">;

/** How many incidents are read at a time where a dialect lists all of them. */
const page_rows = 200;

/** The desk as one dialect sees it: one team, ids of its own, ordinary commands. */
export class DialectDesk {
  readonly #services: Services;
  readonly #team: string;
  readonly #ordinals: TeamOrdinals;

  constructor(services: Services, team: string) {
    const { desk, list } = services;
    this.#services = services;
    this.#team = team;
    this.#ordinals = new TeamOrdinals({
      team: () => this.#teamName(),
      list,
      durablePosition: () => desk.durable_position,
    });
    desk.onCommitted((events) => this.#ordinals.note(events));
  }

  /** Reports an incident in the team. */
  async report(request: FastifyRequest, report: DialectReport): Promise<Shown> {
    await this.#makeTeam();
    // Before anything is written: what cannot be answered must not be recorded.
    await this.#ordinals.ready();
    const incident_id = this.#services.runtime.uuid();
    const team = this.#teamName();
    const command = { kind: "report", incident_id, team, doubt_timestamp: true, ...report } as const;
    return this.#shown(await this.#run(request, command));
  }

  /** The incident with this ordinal, as far as it is in the team now; else null. */
  async find(ordinal: number): Promise<Shown | null> {
    const number = await this.#ordinals.numberOf(ordinal);
    return number === null ? null : this.#inTeam(String(number), ordinal);
  }

  /** The incident with this `incident_id`, as far as it is in the team now; else null. */
  findById(incident_id: string): Promise<Shown | null> {
    return this.#inTeam(incident_id);
  }

  /** The number of the incident with this ordinal, as far as it is in the team now; else null. Cheaper than `find`. */
  async locate(ordinal: number): Promise<number | null> {
    const number = await this.#ordinals.numberOf(ordinal);
    if (number === null) return null;
    const open = this.#services.desk.board.incidents.get(number);
    if (open !== undefined) return open.team === this.#teamName() ? number : null;
    return (await this.#inTeam(String(number), ordinal)) === null ? null : number;
  }

  /** Changes an incident; any status can be reached from any other but `merged`. */
  async update(request: FastifyRequest, incident: number, changes: DialectUpdate): Promise<Shown> {
    const command = { kind: "update", incident, by_way_of_reopening: true, ...changes } as const;
    return this.#shown(await this.#run(request, command));
  }

  /** Deletes an incident, and gives it as it was. */
  async remove(request: FastifyRequest, shown: Shown): Promise<Shown> {
    await this.#run(request, { kind: "delete", incident: shown.incident.number });
    return shown;
  }

  /** Some of the team's incidents, and how many match. */
  list(query: DialectQuery): Promise<TeamPage> {
    const { list, desk } = this.#services;
    const whole = { team: this.#teamName(), ...query, count: true };
    return list.ask((connection) => readTeamPage(connection, whole), desk.durable_position);
  }

  /** All of the team's incidents that match, some at a time. */
  async *all(query: Omit<DialectQuery, "limit" | "skip" | "after">): AsyncGenerator<readonly Shown[]> {
    const { list, desk } = this.#services;
    const at_least = desk.durable_position;
    for (let after: number | undefined; ; ) {
      const start = after === undefined ? {} : { after };
      const page = { team: this.#teamName(), limit: page_rows, ...query, ...start };
      const { rows } = await list.ask((connection) => readTeamPage(connection, page), at_least);
      yield rows;
      after = rows.at(-1)?.ordinal;
      if (rows.length < page_rows) return;
    }
  }

  /** What was asked for and what became of it stands with the request, for the log. */
  async #run(request: FastifyRequest, command: Command): Promise<Done> {
    request.command = command;
    const outcome = await this.#services.desk.submit({ command, actor: request.actor });
    request.outcome = outcome;
    return done(outcome);
  }

  #teamName(): string {
    return this.#services.desk.board.findTeam(this.#team)?.team ?? this.#team;
  }

  /** The team follows from the configuration: no right of the caller's is asked for. */
  async #makeTeam(): Promise<void> {
    if (this.#services.desk.board.findTeam(this.#team) !== undefined) return;
    // Somebody else may be doing the same: that it exists is all that is wanted.
    await this.#services.desk.submit({ command: { kind: "create-team", team: this.#team }, actor: "system" });
  }

  async #inTeam(id: string, ordinal?: number): Promise<Shown | null> {
    const found = await findIncident(this.#services, id).catch((error: unknown) => {
      if (error instanceof ProblemError && error.code === "incident-not-found") return null;
      throw error;
    });
    if (found === null || found.incident.team !== this.#teamName()) return null;
    const { incident, texts } = found;
    return { incident, texts, ordinal: ordinal ?? (await this.#ordinalOf(incident)) };
  }

  async #shown(outcome: Done): Promise<Shown> {
    const incident = incidentOf(outcome);
    const [texts, ordinal] = await Promise.all([textsAfter(this.#services, outcome), this.#ordinalOf(incident)]);
    return { incident, texts, ordinal };
  }

  async #ordinalOf({ number }: Incident): Promise<number> {
    const ordinal = await this.#ordinals.ordinalOf(number);
    if (ordinal === null) throw new Error(`incident ${number} has no ordinal in the team ${this.#team}`);
    return ordinal;
  }
}

function done(outcome: Outcome): Done {
  if (outcome.kind === "refused") throw new DialectError({ kind: "refused", refusal: outcome.refusal });
  if (outcome.kind === "key-reused") throw new Error("a dialect sends no idempotency keys");
  return outcome;
}
