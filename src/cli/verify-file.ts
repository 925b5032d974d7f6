import type { NotedHead } from "../audit/audit-report.ts";
import { ExportReader, type ReadExport } from "../transfer/export-reader.ts";
import { type Line, parseLine } from "../transfer/line-shapes.ts";
import { ProofReader, type ReadProof } from "../transfer/proof-reader.ts";
import { readLines } from "../transfer/read-lines.ts";
import { WrongContent } from "../transfer/wrong-content.ts";
import { openExport } from "./open-export.ts";
import type { ExitCode } from "./outcome.ts";
import { printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";

interface FileFlags {
  readonly head?: NotedHead;
  readonly json?: true;
}

type Report =
  | { readonly ok: true; readonly kind: "export"; readonly head_compared: boolean; readonly found: ReadExport }
  | { readonly ok: true; readonly kind: "proof"; readonly head_compared: boolean; readonly found: ReadProof }
  | { readonly ok: false; readonly faults: readonly { readonly line: number | null; readonly fault: string }[] };

/** Checks an export or the proof of an incident by itself, without any ledger, and prints what that proves. */
export async function verifyFile(file: string, flags: FileFlags): Promise<ExitCode> {
  const report = await check(file, flags);
  if (flags.json === true) printJson({ file, ...report });
  else if (!report.ok) printLines([...report.faults.map(({ fault }) => fault), "", isWrong(flags)]);
  else if (report.kind === "export") printLines(exportReport(report.found, report.head_compared));
  else printLines(proofReport(report.found, report.head_compared));
  return report.ok ? 0 : 1;
}

async function check(file: string, { head }: FileFlags): Promise<Report> {
  const head_compared = head !== undefined;
  const progress = progressBar("checking");
  let reader: ExportReader | ProofReader | null = null;
  try {
    for await (const lines of readLines(openExport(file))) {
      reader ??= readerOf(lines, head, progress.show);
      reader.take(lines);
    }
    if (reader === null) throw WrongContent.at(1, "the file is empty");
    return reader instanceof ExportReader
      ? { ok: true, kind: "export", head_compared, found: reader.end() }
      : { ok: true, kind: "proof", head_compared, found: reader.end() };
  } catch (error) {
    if (!(error instanceof WrongContent)) throw error;
    return { ok: false, faults: [{ line: error.line, fault: error.message }] };
  } finally {
    progress.end();
  }
}

function readerOf(
  lines: readonly Line[],
  noted_head: NotedHead | undefined,
  onProgress: (done: number, all: number) => void,
): ExportReader | ProofReader {
  const [first] = lines;
  const header = first === undefined ? null : parseLine(first);
  const format = typeof header === "object" && header !== null && "format" in header ? header.format : null;
  if (format === "incident-ledger/proof/1") return new ProofReader(noted_head);
  if (format === "incident-ledger/export/1") {
    return new ExportReader({ onProgress, ...(noted_head === undefined ? {} : { noted_head }) });
  }
  throw WrongContent.at(1, "it is not the first line of an export or of a proof that this build knows");
}

function* exportReport(found: ReadExport, head_compared: boolean): Generator<string> {
  const { ledger_id, events, commits, decisions, erased, head, state_hash, state_compared } = found;
  yield `export     of the ledger ${ledger_id}`;
  yield `audited    ${events} events in ${commits} commits`;
  yield `decisions  ${decisions} made again as they are recorded`;
  for (const { erased: position, by } of erased) yield `erased     the text of position ${position}, by position ${by}`;
  yield `state hash ${state_hash}`;
  if (!state_compared) yield "note       Another build exported it; its state hash could not be compared.";
  yield `head       ${head.position}:${head.hash}${head_compared ? " (the noted head is in its chain)" : ""}`;
  yield "";
  yield "Nothing is wrong: it is a whole ledger, and every decision in it follows from its facts.";
  if (!head_compared) yield compareHead;
}

function* proofReport(found: ReadProof, head_compared: boolean): Generator<string> {
  const { incident, events, others, first, last, head, erased, left_out } = found;
  yield `proof      of incident ${incident}: ${events} events, from position ${first} to ${last}`;
  yield `chain      over ${others} events of others, without their texts`;
  for (const { erased: position, by } of erased) yield `erased     the text of position ${position}, by position ${by}`;
  for (const position of left_out) yield `note       The text of position ${position} is not in the file.`;
  yield `head       ${head.position}:${head.hash}${head_compared ? " (the noted head is in its chain)" : ""}`;
  yield "";
  yield `Nothing is wrong. In the chain that ends in this head, the ${events} events of incident ${incident} stand at these`;
  yield "positions exactly as they are here, and it has no others there: their versions have no gap, and nothing more of it";
  yield "follows up to the head. Whether each decision follows from the facts shows only the whole ledger.";
  if (!head_compared) yield compareHead;
}

function isWrong({ head }: FileFlags): string {
  return `The file is not as it was written${head === undefined ? "" : ", or not of the ledger whose head was noted"}.`;
}

const compareHead =
  "Whoever can make a whole chain anew can make one like it: compare the head with one that was noted elsewhere (--head).";
