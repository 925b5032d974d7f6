import { existsSync } from "node:fs";
import type { Command } from "commander";
import { auditLedger } from "../audit/audit.ts";
import type { Audit, AuditOptions, NotedHead } from "../audit/audit-report.ts";
import { type Fault, sentenceOf } from "../audit/fault.ts";
import { checkLedgerFile } from "../audit/ledger-file.ts";
import { auditList } from "../audit/list-audit.ts";
import { snapshotChecks } from "../audit/snapshot-check.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { leavingAsFound } from "../ledger/sqlite/leaving-as-found.ts";
import { listFile } from "../readmodels/list-file.ts";
import { dataDirOption, ledgerFileIn, withLedger } from "./data-dir.ts";
import { headOption } from "./head-option.ts";
import { CannotRun, type ExitCode } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";
import { lastPosition, type Until, untilOption } from "./until.ts";
import { verifyFile } from "./verify-file.ts";

/** How many faults, and how many erasures, people are shown. */
const shownFaults = 10;
const shownErasures = 10;

interface VerifyFlags {
  readonly dataDir: string;
  readonly until?: Until;
  readonly head?: NotedHead;
  readonly file?: string;
  readonly json?: true;
}

/** Adds the verb `verify`. */
export function addVerify(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("verify")
    .description(
      "Audits the ledger: hashes, positions, texts, schemas, every decision made again from its facts, snapshot and read model. It reads only, beside a running service too.",
    )
    .addOption(dataDirOption())
    .addOption(headOption())
    .addOption(untilOption())
    .option("--file <file|->", "check this export or this proof of an incident instead, by itself (default: none)")
    .addOption(jsonOption())
    .action(async (flags: VerifyFlags) => {
      if (flags.file !== undefined) {
        if (flags.until !== undefined)
          throw new CannotRun("Give --file or --until, not both: a file is checked whole.");
        return end(await verifyFile(flags.file, flags));
      }
      const report = await withLedger(flags.dataDir, (ledger) => verify(ledger, flags));
      if (flags.json === true) printJson(report);
      else printLines(reportLines(report));
      end(report.ok ? 0 : 1);
    });
}

interface VerifyReport extends Omit<Audit, "board"> {
  readonly ok: boolean;
  /** The head to note elsewhere, for `--head`. */
  readonly head: string;
  /** How many texts were erased; `erased` says which, and by which events. */
  readonly erased_count: number;
  /** Incidents of read.db that were compared with a fresh fold. */
  readonly compared_rows: number;
}

async function verify(ledger: Ledger, flags: VerifyFlags): Promise<VerifyReport> {
  const { dataDir: data_dir, until, head } = flags;
  const snapshots = snapshotChecks(data_dir);
  if (until !== undefined && "position" in until) await lastPosition(ledger, until);
  if (until !== undefined && head !== undefined && "position" in until && head.position > until.position) {
    throw new CannotRun(`The head of position ${head.position} is not reached by --until ${until.position}.`);
  }
  const file = checkLedgerFile(ledgerFileIn(data_dir));
  const progress = progressBar("auditing");
  const options: AuditOptions = {
    ...(until === undefined
      ? {}
      : "position" in until
        ? { until_position: until.position }
        : { until_time: until.time }),
    ...(head === undefined ? {} : { noted_head: head }),
    boards: snapshots.checks,
    onProgress: progress.show,
  };
  const { board, ...audit } = await auditLedger(ledger, options).finally(progress.end);
  if (audit.events === 0 && audit.fault_count === 0 && until !== undefined && "time" in until) {
    throw new CannotRun(`The ledger begins after ${until.time}; name a later time.`);
  }
  const isWhole = until === undefined && board !== null;
  const list = isWhole ? await verifyList(data_dir, ledger, board.last_incident) : leftOut(until !== undefined);
  const [of_file = [], of_list = []] = [file.faults, list.faults].map((faults) =>
    faults.map((fault): Fault => ({ position: null, fault })),
  );
  const fault_count = audit.fault_count + of_file.length + of_list.length;
  const uncheckable = audit.not_checkable.length > 0;
  return {
    ok: fault_count === 0 && !uncheckable,
    head: `${audit.position}:${audit.hash}`,
    ...audit,
    erased_count: audit.erased.length,
    fault_count,
    // What is wrong with the file explains the others.
    faults: [...of_file, ...audit.faults, ...of_list],
    compared_rows: list.rows,
    notes: [...audit.notes, ...file.notes, ...snapshots.notes, ...list.notes],
  };
}

interface ListReport {
  readonly rows: number;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

async function verifyList(data_dir: string, ledger: Ledger, last_incident: number): Promise<ListReport> {
  const { file } = listFile(data_dir);
  if (!existsSync(file)) return { rows: 0, faults: [], notes: ["There is no read.db to compare."] };
  const progress = progressBar("comparing");
  const compare = () => auditList(file, ledger, last_incident, progress.show);
  const { rows, faults, note } = await leavingAsFound(file, compare).finally(progress.end);
  return { rows, faults, notes: note === null ? [] : [note] };
}

function leftOut(isPartial: boolean): ListReport {
  const why = isPartial ? "the audit was not of the whole ledger" : "the ledger itself cannot be folded to its end";
  return { rows: 0, faults: [], notes: [`read.db was not compared: ${why}.`] };
}

/** How many texts were erased, and by which events; of many the first. */
function* erasureLines({ erased, erased_count }: VerifyReport): Generator<string> {
  if (erased_count === 0) return;
  yield `erased     ${erased_count === 1 ? "1 text" : `${erased_count} texts`}`;
  for (const { erased: position, by } of erased.slice(0, shownErasures)) {
    yield `           the text of position ${position}, by position ${by}`;
  }
  const unlisted = erased_count - shownErasures;
  if (unlisted > 0) yield `           and ${unlisted} more (--json lists them all)`;
}

function* reportLines(report: VerifyReport): Generator<string> {
  const shown = report.faults.slice(0, shownFaults);
  for (const fault of shown) yield sentenceOf(fault);
  const unlisted = report.fault_count - shown.length;
  if (unlisted > 0) yield `and ${unlisted} more (--json lists up to a hundred)`;
  if (report.fault_count > 0) yield "";
  yield `ledger     ${report.ledger_id}`;
  yield `audited    ${report.events} events in ${report.commits} commits, up to position ${report.position}`;
  yield `decisions  ${report.decisions} made again as they are recorded`;
  for (const { rules, commits } of report.not_checkable) {
    yield `           ${commits} commits under rules ${rules} are not checkable by this build`;
  }
  if (report.compared_rows > 0) yield `read.db    ${report.compared_rows} incidents compared with their events`;
  yield* erasureLines(report);
  for (const note of report.notes) yield `note       ${note}`;
  yield `head       ${report.head}`;
  yield "";
  if (report.ok)
    yield "Nothing is wrong. Note the head elsewhere: verify --head finds any later change of what is before it.";
  else if (report.fault_count === 0) yield "Nothing was found wrong, but not everything could be checked.";
  else yield report.fault_count === 1 ? "One thing is wrong." : `${report.fault_count} things are wrong.`;
}
