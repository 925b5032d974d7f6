import { setImmediate as pause } from "node:timers/promises";
import type { Command } from "commander";
import { Board } from "../../projections/board.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readCommits } from "../ledger/read-commits.ts";
import { foldListedAnew } from "../readmodels/listed-anew.ts";
import { stateHash } from "../readmodels/state-hash.ts";
import { foldEvent } from "../rules/rules.ts";
import { boardDocument, boardLines, shownPlaces } from "./board-report.ts";
import { dataDirOption, warnOfCutLog, withLedger } from "./data-dir.ts";
import { incidentOf } from "./incident-argument.ts";
import { explainIncident } from "./incident-explanation.ts";
import { tellIncident } from "./incident-story.ts";
import { CannotRun, type ExitCode, FoundWrong } from "./outcome.ts";
import { jsonOption, printJson, printLines } from "./print.ts";
import { progressBar } from "./progress.ts";
import { StatusCounts } from "./status-counts.ts";
import { lastPosition, type Until, untilOption } from "./until.ts";

interface ReplayFlags {
  readonly dataDir: string;
  readonly until?: Until;
  readonly incident?: string;
  readonly team?: string;
  readonly why?: true;
  readonly json?: true;
}

/** Adds the verb `replay`. */
export function addReplay(program: Command, end: (code: ExitCode) => void): void {
  program
    .command("replay")
    .description(
      "Folds the ledger from its first event and prints what the desk looked like: queues, workload, counts, state hash. It reads only, beside a running service too.",
    )
    .addOption(dataDirOption())
    .addOption(untilOption())
    .option("--incident <number|id>", "tell the story of this incident instead (default: none)", incidentOf)
    .option("--why", "with --incident: say why it is what it is, and who else could have got it (default: off)")
    .option("--team <name>", "print the queue and workload of this team only (default: all teams)")
    .addOption(jsonOption())
    .action(async (flags: ReplayFlags) => {
      const { incident } = flags;
      if (incident !== undefined && flags.team !== undefined)
        throw new CannotRun("Give --incident or --team, not both.");
      if (incident === undefined && flags.why === true) throw new CannotRun("Give --incident with --why.");
      warnOfCutLog(flags.dataDir);
      await withLedger(flags.dataDir, (ledger) =>
        unlessDamaged(() => {
          if (incident === undefined) return replay(ledger, flags);
          return flags.why === true ? explainIncident(ledger, incident, flags) : tellIncident(ledger, incident, flags);
        }),
      );
      end(0);
    });
}

/** What cannot be read or folded is something wrong with the ledger. */
async function unlessDamaged(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new FoundWrong(message.includes("verify") ? message : `${message} Run verify to learn more.`, {
      cause: error,
    });
  }
}

async function replay(ledger: Ledger, flags: ReplayFlags): Promise<void> {
  const head = await ledger.head();
  const until = await lastPosition(ledger, flags.until);
  const { board, hash, counts } = await fold(ledger, until);
  const team = flags.team === undefined ? undefined : board.findTeam(flags.team);
  if (flags.team !== undefined && team === undefined) {
    throw new CannotRun(`There is no team ${flags.team}; there are ${[...board.teams.keys()].sort().join(", ")}.`);
  }
  const teams = team === undefined ? [...board.teams.keys()].sort() : [team.team];
  const report = { board, teams, counts, hash, head_position: head.position, state_hash: stateHash(board) };
  if (flags.json === true) printJson(boardDocument(report));
  else printLines(boardLines(report, await titlesOf(ledger, board, teams)));
}

/** The titles of the incidents that head the queues, as of the board's position. */
async function titlesOf(ledger: Ledger, board: Board, teams: readonly string[]): Promise<Map<number, string>> {
  const titles = new Map<number, string>();
  for (const team of teams) {
    for (const { number } of board.queueOf(team).page(1, shownPlaces)) {
      const listed = await foldListedAnew(ledger, number, board.position);
      const title = listed?.texts.title ?? null;
      if (title !== null) titles.set(number, title);
    }
  }
  return titles;
}

/** Folds from the first event on, never from a snapshot: only so does it prove what it prints. */
async function fold(ledger: Ledger, until: number) {
  const board = new Board();
  const counts = new StatusCounts();
  const progress = progressBar("folding");
  let hash = "";
  try {
    for await (const events of readCommits(ledger, { after: 0, until })) {
      for (const event of events) {
        foldEvent(board, event);
        counts.take(board, event);
      }
      board.beside.clear();
      hash = events.at(-1)?.hash ?? hash;
      progress.show(board.position, Math.max(until, board.position));
      await pause();
    }
  } finally {
    progress.end();
  }
  return { board, hash, counts: counts.counts() };
}
