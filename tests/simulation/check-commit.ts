import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { isDecision } from "../../events/registry.ts";
import type { CommandContext } from "../../src/rules/commands.ts";
import { type Hits, transitions } from "./hits.ts";
import { mustEqual } from "./must-equal.ts";
import type { ReferenceDesk } from "./reference-desk.ts";
import type { ExpectedFact } from "./reference-lookup.ts";
import { type ExpectedDecision, expectedDecisions } from "./reference-settle.ts";

/**
 * Checks a commit event by event against what the design says must be in it, and brings the reference to where the
 * commit ends.
 */
export function checkCommit(
  desk: ReferenceDesk,
  events: readonly RecordedEvent[],
  facts: readonly ExpectedFact[],
  context: CommandContext,
  hits: Hits,
): void {
  const first_position = desk.position + 1;
  ok(context.at >= desk.at, "time ran back");
  let decisions: Generator<ExpectedDecision, void> | null = null;
  for (const [offset, event] of events.entries()) {
    checkForm(desk, event, events, offset, context);
    const fact = facts[offset];
    if (fact !== undefined) {
      mustEqual(
        { type: event.type, stream: event.stream, data: event.data },
        { type: fact.type, stream: fact.stream, data: fact.data },
        "another fact",
      );
      ok(!isDecision(event.type) && event.meta.because === undefined, `${event.type} is a fact`);
    } else {
      decisions ??= expectedDecisions(desk, hits);
      const expected: ExpectedDecision | undefined = decisions.next().value ?? undefined;
      ok(expected, `nothing follows any more, but ${event.type} in ${event.stream} was decided`);
      const { because } = event.meta;
      mustEqual(
        { type: event.type, stream: event.stream, data: event.data, because },
        { type: expected.type, stream: `incident/${expected.number}`, data: expected.data, because: expected.because },
        "another decision",
      );
      checkRoom(desk, event);
      ok(isDecision(event.type) && because, `${event.type} is a decision`);
      ok("offset" in because ? because.offset < offset : because.position < first_position, "because of what is later");
    }
    applyAndNote(desk, event, hits);
  }
  ok(events.length >= facts.length, "a fact is missing");
  const missing = (decisions ?? expectedDecisions(desk, hits)).next().value;
  strictEqual(missing, undefined, `a decision is missing: ${JSON.stringify(missing)}`);
  hits.commits += 1;
  hits.events += events.length;
}

/** Rule 4: by rule nothing is ever given to one who is away, of another team, or full. */
function checkRoom(desk: ReferenceDesk, event: RecordedEvent): void {
  if (event.type !== "incident.assigned" && event.type !== "incident.rerouted" && event.type !== "incident.woken")
    return;
  const handler = desk.handlers.get(event.data.handler ?? "");
  const team = desk.incidents.get(Number(event.stream.slice("incident/".length)))?.team;
  if (event.data.handler === null) return;
  ok(
    handler?.available && handler.team === team,
    `${event.type} to ${event.data.handler}, who takes nothing of ${team}`,
  );
  ok(desk.workOf(handler.id).length < handler.capacity, `${event.type} to ${handler.id}, who has no room`);
}

function checkForm(
  desk: ReferenceDesk,
  event: RecordedEvent,
  events: readonly RecordedEvent[],
  offset: number,
  context: CommandContext,
): void {
  const { position, version, recorded_at, actor, command_id, meta } = event;
  strictEqual(position, desk.position + 1, "positions have a gap");
  strictEqual(version, (desk.versions.get(event.stream) ?? 0) + 1, `versions of ${event.stream} have a gap`);
  const common = { recorded_at, actor, command_id, offset: meta.offset, events: meta.events, rules: meta.rules };
  const { at, ...who } = context;
  deepStrictEqual(common, { recorded_at: at, ...who, offset, events: events.length, rules: 1 }, "what a commit shares");
}

/** Applies an event to the reference; checks that the status table allows what it does, and counts it. */
function applyAndNote(desk: ReferenceDesk, event: RecordedEvent, hits: Hits): void {
  const number = event.stream.startsWith("incident/") ? Number(event.stream.slice("incident/".length)) : 0;
  const before = desk.incidents.get(number);
  const status = before?.status ?? "reported";
  const [team, until, handler] = [before?.team, before?.until, before?.handler];
  const id = event.stream.slice("handler/".length);
  const known = desk.handlers.get(id);
  const own_turns = event.type === "handler.joined" && known?.last_team !== event.data.team ? 0 : (known?.turns ?? 0);
  desk.apply(event);
  if (event.type === "handler.joined" || event.type === "handler.made-available") {
    if ((desk.handlers.get(id)?.turns ?? 0) > own_turns) hits.rule("3 turns lifted on joining or coming back");
  }
  const after = desk.incidents.get(number);
  if (after === undefined) return;
  const isOther = after.status !== status || after.until !== until || after.handler !== handler;
  if (!isOther && event.type !== "incident.handed-over") return;
  if (after.team !== team && status === "pending") return;
  const legal: readonly string[] = transitions[status as keyof typeof transitions];
  ok(legal.includes(after.status), `${event.type} made a ${status} incident ${after.status}`);
  hits.transition(status, after.status);
}
