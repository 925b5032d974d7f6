import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Board } from "../../projections/board.ts";
import type { Incident } from "../../projections/incident.ts";
import type { ReferenceDesk } from "./reference-desk.ts";
import { isOpenStatus, loadedOn, type ReferenceIncident } from "./reference-incident.ts";

/**
 * What must hold of the board after every commit. The reference is at the same position. Field by field only those
 * incidents are compared that changed; without their numbers, all.
 */
export function checkBoard(board: Board, desk: ReferenceDesk, changed?: ReadonlySet<number>): void {
  strictEqual(board.position, desk.position, "the board is elsewhere");
  strictEqual(board.last_commit_at, desk.at);
  strictEqual(board.last_incident, desk.incidents.size, "the number of the last incident");
  checkIncidents(board, desk, changed);
  checkTally(board);
  checkQueues(board, desk);
  checkHandlers(board, desk);
  checkAgenda(board, desk);
}

function checkIncidents(board: Board, desk: ReferenceDesk, changed: ReadonlySet<number> | undefined): void {
  const open = desk.openIncidents();
  strictEqual(board.incidents.size, open.length, "the number of open incidents");
  for (const incident of desk.incidents.values()) {
    const isOpen = isOpenStatus(incident.status);
    const found = isOpen ? board.incidents.get(incident.number) : board.beside.get(incident.number);
    ok(!isOpen || found, `incident ${incident.number} is open but not on the board`);
    if (found !== undefined && changed?.has(incident.number) !== false) checkIncident(found, incident, desk);
    strictEqual(board.numberOf(incident.incident_id), isOpen ? incident.number : undefined, "an id that leads nowhere");
    for (const key of incident.keys) {
      const holder = desk.openUnder(incident.team, key);
      strictEqual(board.numberOfKey(incident.team, key), holder?.number, `the key ${key} leads elsewhere`);
    }
  }
}

function checkTally(board: Board): void {
  const counted = new Map<string, number>();
  for (const { team, status, severity } of board.incidents.values()) {
    const kind = `${team} ${status} ${severity}`;
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
  }
  for (const team of board.teams.keys()) {
    for (const { status, severity, count } of board.tally.of(team)) {
      const kind = `${team} ${status} ${severity}`;
      strictEqual(count, counted.get(kind) ?? 0, `the tally of ${kind}`);
    }
  }
}

function checkIncident(found: Incident, incident: ReferenceIncident, desk: ReferenceDesk): void {
  const { keys, handler, until, from, had, ...same } = incident;
  const expected = {
    ...same,
    version: desk.versions.get(`incident/${incident.number}`),
    assigned_to: handler,
    dedup_keys: keys,
    snoozed_until: until,
    snoozed_from: from,
    had_by: had,
    responders: [],
  };
  const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof Incident]]));
  deepStrictEqual(shown, expected, `incident ${incident.number} differs`);
  const { assigned_at, acknowledged_at, resolved_at, closed_at } = found;
  if (isOpenStatus(incident.status)) {
    strictEqual(assigned_at !== null, handler !== null, "assigned_at goes with a handler");
    strictEqual(acknowledged_at !== null, incident.status === "acknowledged", "acknowledged_at");
    strictEqual(resolved_at, null, "an open incident has no resolved_at");
  }
  if (incident.status === "resolved") ok(resolved_at, "a resolved incident has its time");
  if (incident.status === "closed") ok(closed_at, "a closed incident has its time");
}

/** Rules 1 and 2: the order of each queue, and that nobody waits for whom somebody has room. */
function checkQueues(board: Board, desk: ReferenceDesk): void {
  for (const team of desk.teams.keys()) {
    const waiting = desk.pendingOf(team).map(({ number }) => number);
    const queue = board.queueOf(team);
    strictEqual(queue.size, waiting.length, `the length of the queue of ${team}`);
    const shown = queue.page(1, waiting.length + 1);
    deepStrictEqual(
      shown.map(({ number }) => number),
      waiting,
      `the order of the queue of ${team}`,
    );
    strictEqual(queue.head()?.number, waiting[0], `the head of the queue of ${team}`);
    for (const [place, incident] of shown.entries()) strictEqual(queue.rankOf(incident), place + 1, "a rank");
    const middle = Math.floor(waiting.length / 2);
    const page = queue.page(middle + 1, 2).map(({ number }) => number);
    deepStrictEqual(page, waiting.slice(middle, middle + 2), `a page of the queue of ${team}`);
    const idle = [...desk.handlers.keys()].filter((id) => desk.hasRoom(id, team));
    ok(waiting.length === 0 || idle.length === 0, `${team} lets incidents wait though ${idle.join(", ")} has room`);
  }
}

/** The workload: every count is the sum of its parts. */
function checkHandlers(board: Board, desk: ReferenceDesk): void {
  strictEqual(board.handlers.size, desk.handlers.size, "the number of handlers");
  for (const expected of desk.handlers.values()) {
    const { id, last, joined, ...same } = expected;
    const found = board.handlers.get(id);
    ok(found, `nobody is ${id}`);
    const { handler_id, last_assigned_position, joined_position, last_assigned_at, version, ...rest } = found;
    deepStrictEqual(rest, same, `the handler ${id} differs`);
    deepStrictEqual([handler_id, last_assigned_position, joined_position], [id, last, joined], `${id} differs`);
    strictEqual(version, desk.versions.get(`handler/${id}`), `the version of ${id}`);
    strictEqual(last_assigned_at === null, last === 0, "the time of the last assignment");
    const work = desk.workOf(id);
    deepStrictEqual(board.workOf(id), work, `what ${id} has`);
    strictEqual(board.activeOf(id), work.length, `how much ${id} has`);
  }
  let loaded = 0;
  for (const team of desk.teams.keys()) {
    const members = board.handlersOf(team);
    const expected = [...desk.handlers.values()].filter((one) => one.team === team);
    expected.sort((a, b) => a.joined - b.joined);
    deepStrictEqual(
      members.map(({ handler_id }) => handler_id),
      expected.map(({ id }) => id),
      `who is in ${team}`,
    );
    loaded += members.reduce((sum, { handler_id }) => sum + board.activeOf(handler_id), 0);
  }
  const borne = desk.openIncidents().filter((incident) => loadedOn(incident) !== null);
  strictEqual(loaded, borne.length, "the loads of all handlers add up to the incidents that somebody has");
}

/** What is due when, and that nothing overdue was left. */
function checkAgenda(board: Board, desk: ReferenceDesk): void {
  const due = desk.dueInOrder();
  deepStrictEqual([...board.agenda.inOrder()].map(withoutNothing), due, "what is due when");
  const [first] = due;
  ok(first === undefined || first.due > desk.at, "something overdue is left undone");
  const next = first === undefined ? undefined : { at: first.due, number: first.number, kind: first.kind };
  deepStrictEqual(board.nextDue(), next, "what is due next");
  const awaiting = due.filter(({ kind }) => kind === "auto-close").map(({ number }) => number);
  deepStrictEqual(new Set(board.resolved.keys()), new Set(awaiting), "what awaits its closing");
  for (const one of board.resolved.values()) {
    const incident = desk.incidents.get(one.number);
    const item = due.find(({ number, kind }) => number === one.number && kind === "auto-close");
    const version = desk.versions.get(`incident/${one.number}`);
    const expected = { incident_id: incident?.incident_id, team: incident?.team, number: one.number, version };
    deepStrictEqual(one, { ...expected, due: item?.due, position: item?.position }, "an incident awaiting its closing");
  }
}

/** The same item without fields that hold undefined. */
function withoutNothing<Item extends object>(item: Item): unknown {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}
