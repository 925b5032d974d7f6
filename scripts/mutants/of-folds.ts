import type { Mutant } from "./mutant.ts";

const workload = "projections/workload.ts";
const evolveIncident = "projections/evolve-incident.ts";
const evolveHandler = "projections/evolve-handler.ts";
const incidentChange = "projections/incident-change.ts";

/** What the board and the folds under it could get wrong. */
export const mutantsOfFolds: readonly Mutant[] = [
  {
    name: "the tie-break by turns is dropped",
    file: workload,
    find: "    a.handler.turns - b.handler.turns ||\n",
    replace: "",
  },
  {
    name: "the tie-break by the last assignment is dropped",
    file: workload,
    find: "    a.handler.last_assigned_position - b.handler.last_assigned_position ||\n",
    replace: "",
  },
  {
    name: "the load is not compared by capacity",
    file: workload,
    find: "a.active * b.handler.capacity - b.active * a.handler.capacity",
    replace: "a.active - b.active",
  },
  {
    name: "the capacity is off by one",
    file: workload,
    find: "active < handler.capacity",
    replace: "active <= handler.capacity",
  },
  {
    name: "the release of a slot is forgotten",
    file: evolveIncident,
    find: "board.workload.release(from, after.number);",
    replace: "",
  },
  {
    name: "a waking return counts as a turn",
    file: evolveIncident,
    find: 'if (handler === undefined || event.type === "incident.woken") return;',
    replace: "if (handler === undefined) return;",
  },
  {
    name: "queued is recorded again for what was pending before",
    file: evolveIncident,
    find: 'after.status === "pending" && before?.status !== "pending"',
    replace: 'after.status === "pending"',
  },
  {
    name: "the date of closing moves with every comment",
    file: evolveIncident,
    find: "      board.resolved.set(number, { ...awaiting, version: event.version });",
    replace:
      '      board.resolved.set(number, { ...awaiting, version: event.version });\n      board.agenda.set({ due: later(event.recorded_at, day_ms), number, kind: "auto-close", position: event.position });',
  },
  {
    name: "turns are not lifted on joining",
    file: evolveHandler,
    find: "turns: liftedTurns(board, handler, team, own),",
    replace: "turns: own,",
  },
  {
    name: "turns are not lifted on coming back",
    file: evolveHandler,
    find: "put(board, { ...now, available: true, turns }, event, true);",
    replace: "put(board, { ...now, available: true, turns: turns - turns + before.turns }, event, true);",
  },
  {
    name: "the queue is ordered by number alone",
    file: "projections/queue.ts",
    find: "a.severity - b.severity || compareText(a.timestamp, b.timestamp) || a.number - b.number",
    replace: "a.number - b.number",
  },
  {
    name: "a rank is off where something stands before it",
    file: "projections/ordered-set.ts",
    find: "if (order > 0) rank += countOf(node.left) + 1;",
    replace: "if (order > 0) rank += countOf(node.left);",
  },
  {
    name: "the keys of what was merged lead nowhere",
    file: incidentChange,
    find: "return { dedup_keys: union(before.dedup_keys, event.data.keys) };",
    replace: "return {};",
  },
  {
    name: "a raise does not forget who had it",
    file: incidentChange,
    find: "{ severity: event.data.to, had_by: holdersFrom(before) }",
    replace: "{ severity: event.data.to }",
  },
  {
    name: "a move keeps the acknowledgement",
    file: incidentChange,
    find: ': { ...unheld, team: event.data.to, status: "pending", had_by: [] };',
    replace:
      ': { ...unheld, acknowledged_by: before.acknowledged_by, team: event.data.to, status: "pending", had_by: [] };',
  },
  {
    name: "what is reopened loses its keys",
    file: "projections/incident-fold.ts",
    find: "dedup_keys: [...incident.dedup_keys],",
    replace: "dedup_keys: [],",
  },
  {
    name: "a repeat counts as a sign of life",
    file: "projections/ack-clock.ts",
    find: '    case "incident.repeated":\n',
    replace: "",
  },
  {
    name: "a changed timeout leaves running clocks alone",
    file: "projections/evolve-team.ts",
    find: "restartAckClocks(board, before.team, event);",
    replace: "",
  },
  {
    name: "a snapshot loses who has what",
    file: "projections/board-state.ts",
    find: "if (bearer !== null) board.workload.take(bearer, incident.number);",
    replace: "",
  },
  {
    name: "an erasure misses a text that came after the look at the ledger",
    file: evolveIncident,
    find: "if (texts !== undefined) noteHeldText(texts, event);",
    replace: "",
  },
  {
    name: "an erasure counts as a sign of life",
    file: "projections/ack-clock.ts",
    find: '    case "text.erased":\n',
    replace: "",
  },
];
