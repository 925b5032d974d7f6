import type { AgendaItem } from "../../../projections/agenda.ts";
import type { Board } from "../../../projections/board.ts";
import type { Decide } from "../new-event.ts";
import { becauseOf } from "./because.ts";
import { timeOut } from "./time-out.ts";
import { wake } from "./waking.ts";

/** How many due items one commit takes at most. What is left over needs another `time.passed` with the same time. */
const mostPerCommit = 500;

/** Does what `time.passed` made due, by due time, incident and kind, each wholly. */
export function doWhatIsDue(board: Board, decide: Decide): void {
  const until = board.scratch.due_until;
  if (until === null) return;
  for (let taken = 0; taken < mostPerCommit; taken += 1) {
    const item = board.agenda.first();
    if (item === undefined || item.due > until) return;
    doOne(board, item, decide);
    if (board.agenda.first() === item) throw new Error(`what is due for incident ${item.number} would never end`);
  }
}

function doOne(board: Board, item: AgendaItem, decide: Decide): void {
  const { number, kind, position } = item;
  switch (kind) {
    case "wake": {
      const incident = board.incidents.get(number);
      if (incident !== undefined) wake(board, incident, decide, position);
      return;
    }
    case "ack-timeout": {
      const incident = board.incidents.get(number);
      if (incident !== undefined) timeOut(board, incident, item, decide);
      return;
    }
    case "auto-close":
      decide({ type: "incident.auto-closed", number, data: {}, because: becauseOf(board, number, position) });
      return;
    default: {
      const never: never = kind;
      throw new Error(`nothing is known of ${String(never)}`);
    }
  }
}
