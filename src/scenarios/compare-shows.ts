import { isDeepStrictEqual } from "node:util";
import type { Play } from "./play.ts";
import type { ShownValue, Shows } from "./scenario.ts";
import { ScenarioFault, wordsInstead } from "./scenario-fault.ts";
import { writtenValue } from "./told-event.ts";

/** Fields that hold instants: a file may write them in any usual way. */
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** Compares what the read models show with what the scenario expects; one sentence for each difference. */
export function compareShows(shows: Shows, play: Play): string[] {
  return [...queues(shows, play), ...workload(shows, play), ...incidents(shows, play), ...handlers(shows, play)];
}

function queues(shows: Shows, play: Play): string[] {
  return [...shows.queue].flatMap(([team, expected]) => {
    const { board } = play.desk;
    if (board.findTeam(team) === undefined) throw unknown(expected.line, "team", team, board.teams.keys());
    const queue = board.queueOf(team);
    const names = queue.page(1, queue.size).map(({ number }) => String(play.names.nameOf(number)));
    return differs(expected, names, `the queue of ${team}`);
  });
}

function workload(shows: Shows, play: Play): string[] {
  return [...shows.workload].flatMap(([handler, expected]) => {
    const { board } = play.desk;
    if (board.findHandler(handler) === undefined)
      throw unknown(expected.line, "handler", handler, board.handlers.keys());
    return differs(expected, board.activeOf(handler), `the workload of ${handler}`);
  });
}

function incidents(shows: Shows, play: Play): string[] {
  return [...shows.incidents].flatMap(([name, fields]) =>
    [...fields].flatMap(([field, expected]) => {
      const number = play.names.numberOf(name, expected.line);
      const incident = play.desk.incident(number);
      if (incident === null) throw new ScenarioFault(expected.line, `There is no incident ${name}.`);
      const shown: Record<string, unknown> = {
        ...incident,
        merged_into: incident.merged_into === null ? null : play.names.nameOf(incident.merged_into),
        queue_position: play.desk.board.queuePositionOf(incident),
      };
      return fieldDiffers(field, expected, shown, name);
    }),
  );
}

function handlers(shows: Shows, play: Play): string[] {
  return [...shows.handlers].flatMap(([name, fields]) =>
    [...fields].flatMap(([field, expected]) => {
      const { board } = play.desk;
      const handler = board.findHandler(name);
      if (handler === undefined) throw unknown(expected.line, "handler", name, board.handlers.keys());
      const work = board.workOf(handler.handler_id).map((number) => play.names.nameOf(number));
      return fieldDiffers(field, expected, { ...handler, active: work.length, incidents: work }, name);
    }),
  );
}

function fieldDiffers(field: string, expected: ShownValue, shown: Record<string, unknown>, whose: string): string[] {
  if (!Object.hasOwn(shown, field)) {
    const instead = wordsInstead(field, Object.keys(shown));
    throw new ScenarioFault(expected.line, `Nothing shows a field ${field} of ${whose}. ${instead}`);
  }
  return differs(expected, shown[field], `${field} of ${whose}`);
}

function differs(expected: ShownValue, value: unknown, what: string): string[] {
  if (isDeepStrictEqual(asInstant(expected.value), value)) return [];
  return [
    `line ${expected.line}: ${what} is expected to be ${writtenValue(expected.value)}, but is ${writtenValue(value)}`,
  ];
}

function asInstant(value: unknown): unknown {
  if (typeof value !== "string" || !time.test(value) || Number.isNaN(Date.parse(value))) return value;
  return new Date(value).toISOString();
}

function unknown(line: number, what: string, name: string, known: Iterable<string>): ScenarioFault {
  return new ScenarioFault(line, `There is no ${what} ${name}. ${wordsInstead(name, known)}`);
}
