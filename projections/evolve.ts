import type { RecordedEvent } from "../events/recorded-event.ts";
import { incidentOfStream } from "../events/stream.ts";
import type { Board } from "./board.ts";
import { emptyScratch } from "./commit-scratch.ts";
import { evolveKey, evolveUser } from "./evolve-access.ts";
import { evolveHandler } from "./evolve-handler.ts";
import { evolveIncident } from "./evolve-incident.ts";
import { evolveTeam } from "./evolve-team.ts";

/**
 * Folds one event into the board, in place. It accepts every recorded event and never throws on one. Rules of
 * number 1: turns and clocks are decided here.
 */
export function evolve(board: Board, event: RecordedEvent): void {
  if (event.meta.offset === 0) board.scratch = emptyScratch();
  board.position = event.position;
  board.rules = event.meta.rules;
  board.last_commit_at = event.recorded_at;
  const number = incidentOfStream(event.stream);
  if (number !== null) evolveIncident(board, number, event);
  else if (event.stream.startsWith("handler/")) evolveHandler(board, event);
  else if (event.stream.startsWith("team/")) evolveTeam(board, event);
  else if (event.stream.startsWith("user/")) evolveUser(board, event);
  else if (event.stream.startsWith("key/")) evolveKey(board, event);
  else evolveLedger(board, event);
}

function evolveLedger(board: Board, event: RecordedEvent): void {
  board.ledger_version = event.version;
  if (event.type === "ledger.opened") board.ledger_id = event.data.ledger_id;
  if (event.type === "time.passed") board.scratch.due_until = event.data.at;
}
