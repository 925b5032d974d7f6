import { createHash } from "node:crypto";
import type { Desk } from "../../desk/desk.ts";
import type { Outcome } from "../../desk/submission.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Command } from "../../rules/commands.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HistoricIncident } from "./history.ts";

/** Where a history is moved to. */
export interface ImportOptions {
  readonly desk: Pick<Desk, "submit" | "board">;
  readonly ledger: Pick<Ledger, "commitOf" | "incidentNumber">;
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
  /** They were moved before, and stay as they are. */
  readonly already_there: number;
  /** What the rules refused, and why. */
  readonly refused: readonly { readonly source_id: string; readonly detail: string }[];
}

/**
 * Reports the incidents of another system, oldest first, with their times and in the state they had come to. Each is known by
 * ids that are made from what it was: moved again, it changes nothing, however far it has come here meanwhile.
 */
export async function importHistory(
  incidents: readonly HistoricIncident[],
  options: ImportOptions,
): Promise<ImportReport> {
  const refused: { source_id: string; detail: string }[] = [];
  let imported = 0;
  let already_there = 0;
  await makeTeam(options);
  for (const [index, incident] of incidents.entries()) {
    const result = await importOne(incident, options);
    if (result === "imported") imported += 1;
    else if (result === "already there") already_there += 1;
    else refused.push({ source_id: incident.source_id, detail: result.refused });
    options.onProgress?.(index + 1, incidents.length);
  }
  return { read: incidents.length, imported, already_there, refused };
}

const actor = "import";

async function makeTeam({ desk, team }: ImportOptions): Promise<void> {
  if (desk.board.findTeam(team) === undefined) await desk.submit({ command: { kind: "create-team", team }, actor });
}

type Result = "imported" | "already there" | { readonly refused: string };

async function importOne(incident: HistoricIncident, options: ImportOptions): Promise<Result> {
  const { desk, ledger, runtime, team } = options;
  const command_id = commandIdOf(incident, options.system);
  const known = await ledger.commitOf(command_id);
  if (known === null && incident.incident_id !== undefined) {
    if ((await ledger.incidentNumber(incident.incident_id)) !== null) return "already there";
  }
  const isEnded = incident.status === "resolved" || incident.status === "closed";
  const report: Command = {
    kind: "report",
    incident_id: incident.incident_id ?? runtime.uuid(),
    team,
    doubt_timestamp: true,
    ...incident.report,
    ...(isEnded ? { status: incident.status } : handlerOf(incident, options)),
  };
  const reported = await desk.submit({ command: report, actor, command_id });
  const number = "incident" in reported ? (reported.incident?.number ?? null) : null;
  if (number === null) return { refused: detailOf(reported) };
  const further = furtherCommand(incident, number);
  // After a first attempt that ended half way this is still to be done; where it was done, it is known by its id.
  if (further !== null) {
    const done = await desk.submit({ command: further, actor, command_id: `${command_id}:${incident.status}` });
    if (done.kind === "refused" && known === null) return { refused: done.refusal.detail };
  }
  return known === null ? "imported" : "already there";
}

function furtherCommand({ status }: HistoricIncident, incident: number): Command | null {
  if (status === "acknowledged") return { kind: "acknowledge", incident };
  return status === "snoozed" ? { kind: "update", incident, status: "snoozed" } : null;
}

/** Whoever had it keeps it, where the team has such a handler who is available; else the rules decide. */
function handlerOf({ assigned_to }: HistoricIncident, { desk, team }: ImportOptions): { assigned_to?: string } {
  const handler = assigned_to === null ? undefined : desk.board.findHandler(assigned_to);
  if (handler === undefined || handler.team !== desk.board.findTeam(team)?.team || !handler.available) return {};
  return { assigned_to: handler.handler_id };
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
