import type { Mutant } from "./mutant.ts";

const assignment = "src/rules/settle/assignment.ts";
const waking = "src/rules/settle/waking.ts";
const timeOut = "src/rules/settle/time-out.ts";

/** What `accept` and `settle` could get wrong. */
export const mutantsOfDecisions: readonly Mutant[] = [
  {
    name: "what was handed back does not pass over its handler",
    file: assignment,
    find: "passed === undefined ? undefined : (other) => other === passed",
    replace: "undefined",
  },
  {
    name: "what nobody else takes does not go back to its handler",
    file: assignment,
    find: "for (const { number } of skipped) {",
    replace: "for (const { number } of skipped.slice(skipped.length)) {",
  },
  {
    name: "who wakes it is given it without a look at the room",
    file: waking,
    find: "snoozed_from !== null && board.workload.hasRoom(snoozed_from, team) ? snoozed_from : null",
    replace: "snoozed_from",
  },
  {
    name: "a repeat that raises lets it sleep on",
    file: waking,
    find: 'if (asleep?.status === "snoozed") wake(board, asleep, decide);',
    replace: 'if (asleep?.status === "snoozed" && to_wake.has(number)) wake(board, asleep, decide);',
  },
  {
    name: "an ack timeout goes to one who had it already",
    file: timeOut,
    find: " || had_by.includes(handler)",
    replace: "",
  },
  {
    name: "the next ack timeout is not twice as long",
    file: timeOut,
    find: "Math.min(2 * last_ms, longest_ms)",
    replace: "Math.min(last_ms, longest_ms)",
  },
  {
    name: "an ack timeout grows beyond a day",
    file: timeOut,
    find: "Math.max(plain_ms, Math.min(2 * last_ms, longest_ms))",
    replace: "2 * last_ms",
  },
  {
    name: "queued is never recorded",
    file: "src/rules/settle/settle.ts",
    find: "  recordQueued(board, decide);\n",
    replace: "",
  },
  {
    name: "queued is recorded for what was assigned at once, too",
    file: "src/rules/settle/queued.ts",
    find: 'if (incident?.status === "pending") waiting.push(incident);',
    replace: "if (incident !== undefined) waiting.push(incident);",
  },
  {
    name: "because names the first event of the commit",
    file: "src/rules/settle/because.ts",
    find: "return { offset: own };",
    replace: "return { offset: 0 };",
  },
  {
    name: "what is due at this very instant waits",
    file: "src/rules/settle/due.ts",
    find: "item.due > until",
    replace: "item.due >= until",
  },
  {
    name: "snoozing again forgets whose it was",
    file: "src/rules/accept/snooze.ts",
    find: 'incident.status === "snoozed" ? incident.snoozed_from : bearerOf(incident)',
    replace: "bearerOf(incident)",
  },
  {
    name: "one who leaves is still waited for by what sleeps",
    file: "src/rules/accept/handlers.ts",
    find: ".filter((incident) => incident.snoozed_from === id)",
    replace: ".filter((incident) => incident.snoozed_from === id && incident.severity < 1)",
  },
  {
    name: "merging across teams is allowed",
    file: "src/rules/accept/teaming.ts",
    find: "if (target.team !== incident.team) {",
    replace: 'if (target.team === "" && incident.team === "x") {',
  },
  {
    name: "a repeat that resolves is not resolved",
    file: "src/rules/accept/report.ts",
    find: 'incidentFact(number, "incident.repeated", data, textsOf(command)), ...endings(command, number)];',
    replace: 'incidentFact(number, "incident.repeated", data, textsOf(command))];',
  },
  {
    name: "closing an open incident loses its resolution",
    file: "src/rules/accept/lifecycle.ts",
    find: 'incidentFact(incident.number, "incident.resolved", {}, textOf({ resolution })), closed];',
    replace: 'incidentFact(incident.number, "incident.resolved", {}), closed];',
  },
  {
    name: "reopening does not ask whether its key is open",
    file: "src/rules/accept/lifecycle.ts",
    find: "const conflict = keyConflict(board, incident.team, incident);",
    replace: 'const conflict = keyConflict(board, "", incident);',
  },
  {
    name: "an erasure of all takes the reasons of earlier erasures",
    file: "src/rules/accept/redact.ts",
    find: 'text.type !== "text.erased" && ',
    replace: "",
  },
  {
    name: "an erasure does not reach what was deleted",
    file: "src/rules/accept/accept.ts",
    find: 'command.if_version, command.kind === "redact"',
    replace: "command.if_version, false",
  },
  {
    name: "an erasure of an event without a text is accepted",
    file: "src/rules/accept/redact.ts",
    find: "if (textless.length === 0) return undefined;",
    replace: "if (textless.length >= 0) return undefined;",
  },
];
