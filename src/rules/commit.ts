import type { EventMeta, RecordedEvent } from "../../events/recorded-event.ts";
import { definitionOf, type EventName } from "../../events/registry.ts";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import type { Board } from "../../projections/board.ts";
import type { CommandContext } from "./commands.ts";
import type { NewDecision, NewFact } from "./new-event.ts";
import type { Rules } from "./rules.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes a commit of facts: folds them into the board one by one, lets the rules settle what follows, and gives all
 * events, facts and decisions, as they are to be recorded. The board is then where the commit leaves it.
 */
export function decideCommit(
  board: Board,
  rules: Rules,
  context: CommandContext,
  facts: readonly NewFact[],
): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  const metas: Writable<EventMeta>[] = [];

  const record = (
    entry: { type: EventName; stream: string; data: unknown; text?: unknown },
    because?: EventMeta["because"],
  ): RecordedEvent => {
    const meta: Writable<EventMeta> = { offset: events.length, events: 0, rules: rules.number };
    if (because !== undefined) meta.because = because;
    const event = {
      position: board.position + 1,
      stream: entry.stream,
      version: nextVersion(board, entry.stream),
      type: entry.type,
      schema_version: definitionOf(entry.type).version,
      recorded_at: context.at,
      actor: context.actor,
      command_id: context.command_id,
      meta,
      data: entry.data,
      text: entry.text ?? null,
    } as RecordedEvent;
    events.push(event);
    metas.push(meta);
    rules.evolve(board, event);
    return event;
  };

  for (const fact of facts) record(fact);
  rules.settle(board, (decision: NewDecision) =>
    record({ type: decision.type, stream: incidentStream(decision.number), data: decision.data }, decision.because),
  );
  for (const meta of metas) meta.events = events.length;
  return events;
}

/** The version that the next event of this stream gets. */
function nextVersion(board: Board, stream: string): number {
  const number = incidentOfStream(stream);
  if (number !== null) return 1 + (board.incident(number)?.version ?? board.resolved.get(number)?.version ?? 0);
  const name = stream.slice(stream.indexOf("/") + 1);
  if (stream.startsWith("handler/")) return 1 + (board.handlers.get(name)?.version ?? 0);
  if (stream.startsWith("team/")) return 1 + (board.teams.get(name)?.version ?? 0);
  if (stream.startsWith("user/")) return 1 + (board.users.get(Number(name))?.version ?? 0);
  if (stream.startsWith("key/")) return 1 + (board.keys.get(Number(name))?.version ?? 0);
  return 1 + board.ledger_version;
}
