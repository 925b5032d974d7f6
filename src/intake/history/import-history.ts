import { createHash } from "node:crypto";
import { definitions } from "../../../events/registry.ts";
import { incidentStream } from "../../../events/stream.ts";
import type { Status } from "../../../projections/incident.ts";
import { foldListed, type ListedIncident } from "../../../projections/incident-list.ts";
import type { Desk } from "../../desk/desk.ts";
import type { Outcome } from "../../desk/submission.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Command } from "../../rules/commands.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HistoricIncident } from "./history.ts";

/** Where a history is moved to. */
export interface ImportOptions {
  readonly desk: Pick<Desk, "submit" | "board">;
  readonly ledger: Pick<Ledger, "commitOf" | "incidentNumber" | "read">;
  readonly runtime: Pick<Runtime, "uuid">;
  /** The system that it comes from; it stands in the command ids. */
  readonly system: string;
  readonly team: string;
  readonly onProgress?: (done: number, all: number) => void;
}

/** What came of moving a history. */
export interface ImportReport {
  readonly read: number;
  readonly imported: number;
  /** They were moved before, and are as the other system says. */
  readonly already_there: number;
  /** They were moved before, nobody has touched them here, and they have come on there: they were brought to that state. */
  readonly brought_on: number;
  /** They were moved before and differ now, but somebody has worked on them here: what is here counts. By the other system's ids. */
  readonly kept: readonly string[];
  /** Who had it there is unknown here, or is not at work. By the other system's ids. */
  readonly without_handler: readonly string[];
  /** Texts were too long for the ledger and were cut off, or had characters that it cannot keep. By the other system's ids. */
  readonly altered: readonly string[];
  /** What the rules refused, and why. */
  readonly refused: readonly { readonly source_id: string; readonly detail: string }[];
}

/**
 * Reports the incidents of another system, oldest first, with their times and in the state they had come to. Each is known by
 * ids that are made from what it was: moved again, it is not reported again. What has come on there since is brought to that state,
 * as long as nobody but an import has done anything with it here; once somebody has, what is here counts.
 */
export async function importHistory(
  incidents: readonly HistoricIncident[],
  options: ImportOptions,
): Promise<ImportReport> {
  const counts = { imported: 0, already_there: 0, brought_on: 0 };
  const kept: string[] = [];
  const without_handler: string[] = [];
  const altered: string[] = [];
  const refused: { source_id: string; detail: string }[] = [];
  await makeTeam(options);
  for (const [index, incident] of incidents.entries()) {
    const { source_id } = incident;
    const result = await importOne(incident, options);
    if (typeof result === "object") refused.push({ source_id, detail: result.refused });
    else if (result === "kept") kept.push(source_id);
    else counts[result] += 1;
    if (result === "imported") {
      if (incident.assigned_to !== null && handlerOf(incident, options) === null) without_handler.push(source_id);
      if (incident.is_altered) altered.push(source_id);
    }
    options.onProgress?.(index + 1, incidents.length);
  }
  return { read: incidents.length, ...counts, kept, without_handler, altered, refused };
}

const actor = "import";

async function makeTeam({ desk, team }: ImportOptions): Promise<void> {
  if (desk.board.findTeam(team) === undefined) await desk.submit({ command: { kind: "create-team", team }, actor });
}

type Result = "imported" | "already_there" | "brought_on" | "kept" | { readonly refused: string };

async function importOne(incident: HistoricIncident, options: ImportOptions): Promise<Result> {
  const { desk, ledger, runtime, team } = options;
  const command_id = commandIdOf(incident, options.system);
  const known = (await ledger.commitOf(command_id)) !== null;
  if (!known && incident.incident_id !== undefined) {
    // It came another way, as by an export: it is ours.
    if ((await ledger.incidentNumber(incident.incident_id)) !== null) return "already_there";
  }
  const handler = handlerOf(incident, options);
  const report: Command = {
    kind: "report",
    incident_id: incident.incident_id ?? runtime.uuid(),
    team,
    doubt_timestamp: true,
    ...incident.report,
    // Whoever had what has ended is on record; where nobody did, nobody is to get it for a moment.
    ...(handler !== null ? { assigned_to: handler } : isEnded(incident.status) ? { status: incident.status } : {}),
  };
  const reported = await desk.submit({ command: report, actor, command_id });
  const number = "incident" in reported ? (reported.incident?.number ?? null) : null;
  if (number === null) return { refused: detailOf(reported) };
  const moved = await bringOn(incident, number, command_id, options);
  return known || typeof moved === "object" ? moved : "imported";
}

/** Brings an incident to the state that it has there, where nobody has touched it here. */
async function bringOn(
  { status }: HistoricIncident,
  incident: number,
  command_id: string,
  { desk, ledger }: ImportOptions,
): Promise<Exclude<Result, "imported">> {
  let listed: ListedIncident | null = null;
  let isTouched = false;
  let brought_to: string | null = null;
  for (const event of await ledger.read({ stream: incidentStream(incident) })) {
    listed = foldListed(listed, event);
    const isFact = definitions.get(event.type)?.kind === "fact";
    isTouched ||= isFact && event.actor !== actor;
    if (event.command_id.startsWith(`${command_id}:`)) brought_to = event.command_id.split(":").at(-1) ?? null;
  }
  if (listed === null || sameAs[status].includes(listed.incident.status)) return "already_there";
  if (isTouched) return "kept";
  // It is there as it was last time; what has become of it since, time has made of it: a sleeper that has woken sleeps no more.
  if (brought_to === status) return "already_there";
  const done = await desk.submit({
    command: { kind: "update", incident, status, by_way_of_reopening: true, unless_status: sameAs[status] },
    actor,
    command_id: `${command_id}:${listed.incident.version}:${status}`,
  });
  return done.kind === "refused" ? { refused: done.refusal.detail } : "brought_on";
}

/** The statuses of the desk that a state there can have come to here by itself. */
const sameAs: Readonly<Record<HistoricIncident["status"], readonly Status[]>> = {
  pending: ["pending", "assigned", "snoozed"],
  acknowledged: ["acknowledged"],
  snoozed: ["snoozed"],
  resolved: ["resolved", "closed", "dismissed", "merged"],
  closed: ["closed", "dismissed", "merged"],
};

function isEnded(status: HistoricIncident["status"]): status is "resolved" | "closed" {
  return status === "resolved" || status === "closed";
}

/** Who had it and has it here, too: a handler of the team who is available. Null: the rules decide. */
function handlerOf({ assigned_to }: HistoricIncident, { desk, team }: ImportOptions): string | null {
  const handler = assigned_to === null ? undefined : desk.board.findHandler(assigned_to);
  if (handler === undefined || handler.team !== desk.board.findTeam(team)?.team || !handler.available) return null;
  return handler.handler_id;
}

/**
 * The same incident of the same system gets the same id, in whichever state it is read. Nothing of its text is in it: the id
 * stays for ever, and a text can be erased.
 */
function commandIdOf({ source_id, report: { timestamp } }: HistoricIncident, system: string): string {
  const identity = JSON.stringify([source_id, timestamp]);
  return `import:${system}:${createHash("sha256").update(identity).digest("hex").slice(0, 32)}`;
}

function detailOf(outcome: Outcome): string {
  return outcome.kind === "refused" ? outcome.refusal.detail : "the desk did not take it";
}
