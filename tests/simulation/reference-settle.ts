import type { Because } from "../../events/recorded-event.ts";
import type { Hits } from "./hits.ts";
import { chosenHandler } from "./reference-choice.ts";
import type { ReferenceDesk, ReferenceDue } from "./reference-desk.ts";
import { isOpenStatus, type ReferenceIncident } from "./reference-incident.ts";

/** A decision that must come next. */
export interface ExpectedDecision {
  readonly type: string;
  readonly number: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly because: Because;
}

const mostDueItems = 500;
const day_ms = 86_400_000;

/**
 * The decisions that must follow the facts of the commit at hand, one by one. Whoever asks for the next one must have
 * applied the one before.
 */
export function* expectedDecisions(desk: ReferenceDesk, hits: Hits): Generator<ExpectedDecision, void> {
  yield* raisesAndWakings(desk, hits);
  yield* whatIsDue(desk, hits);
  for (const team of [...desk.teams.keys()].sort()) yield* servedQueue(desk, team, hits);
  yield* queued(desk);
}

function* raisesAndWakings(desk: ReferenceDesk, hits: Hits): Generator<ExpectedDecision, void> {
  const facts = [...desk.commit];
  for (const incident of [...desk.incidents.values()].sort((a, b) => a.number - b.number)) {
    if (!isOpenStatus(incident.status)) continue;
    const { number, severity } = incident;
    const own = facts.filter(({ stream }) => stream === `incident/${number}`);
    const asked = own.flatMap((fact) => (fact.type === "incident.repeated" ? [fact.data.severity ?? 5] : []));
    const to = Math.min(...asked);
    const isRaised = to < severity;
    if (isRaised) {
      yield decision(desk, "incident.severity-raised", number, { from: severity, to });
      hits.rule("11 repeat raises");
    }
    const isCalled = isRaised || own.some(({ type }) => type === "incident.wake-asked");
    if (isCalled && incident.status === "snoozed") {
      if (isRaised) hits.rule("11 repeat wakes a sleeper");
      yield woken(desk, incident, undefined, hits);
    }
  }
}

function* whatIsDue(desk: ReferenceDesk, hits: Hits): Generator<ExpectedDecision, void> {
  const passed = desk.commit.find((event) => event.type === "time.passed");
  if (passed?.type !== "time.passed") return;
  const { at } = passed.data;
  for (let taken = 0; taken < mostDueItems; taken += 1) {
    const [item] = desk.dueInOrder();
    if (item === undefined || item.due > at) return;
    const incident = desk.incidents.get(item.number);
    if (incident === undefined) throw new Error(`something is due for incident ${item.number}, which nobody reported`);
    if (item.kind === "wake") yield woken(desk, incident, item.position, hits);
    if (item.kind === "ack-timeout") yield timedOut(desk, incident, item, hits);
    if (item.kind === "auto-close") {
      hits.rule("16 auto-closed");
      yield decision(desk, "incident.auto-closed", item.number, {}, item.position);
    }
  }
}

function woken(desk: ReferenceDesk, incident: ReferenceIncident, position: number | undefined, hits: Hits) {
  const { number, from, team } = incident;
  const handler = from !== null && desk.hasRoom(from, team) ? from : null;
  if (handler !== null) hits.rule("9 woken, returns to whom it was taken from");
  else if (from !== null) hits.rule("9 woken, its handler has no room");
  else hits.rule("9 woken, nobody's");
  if (position !== undefined) hits.rule("9 woken by time");
  return decision(desk, "incident.woken", number, { handler }, position);
}

function timedOut(desk: ReferenceDesk, incident: ReferenceIncident, item: ReferenceDue, hits: Hits): ExpectedDecision {
  const { number, team, handler, had, status } = incident;
  const other = chosenHandler(desk, team, [handler, ...had]);
  hits.rule(status === "assigned" ? "13 not acknowledged in time" : "13 acknowledged, then silent");
  if (other !== undefined) {
    hits.rule("13 rerouted");
    return decision(desk, "incident.rerouted", number, { from: handler, handler: other.id }, item.position);
  }
  const plain_ms = (desk.teams.get(team)?.ack_timeout_seconds ?? 0) * 1000;
  const last_ms = item.timeout_ms ?? 0;
  const next_timeout_ms = Math.max(plain_ms, Math.min(2 * last_ms, day_ms));
  hits.rule("13 timed out, nobody else");
  if (next_timeout_ms > plain_ms) hits.rule("13 the next takes longer");
  return decision(desk, "incident.ack-timed-out", number, { handler, next_timeout_ms }, item.position);
}

/** Rules 2, 3 and 8. */
function* servedQueue(desk: ReferenceDesk, team: string, hits: Hits): Generator<ExpectedDecision, void> {
  const passed = passedOver(desk);
  for (let isServed = true; isServed; ) {
    isServed = false;
    const waiting = desk.pendingOf(team);
    for (const [place, { number }] of waiting.entries()) {
      const handler = chosenHandler(desk, team, [passed.get(number) ?? null]);
      if (handler === undefined) continue;
      if (place > 0) hits.rule("8 handed back, the next takes the slot");
      if (waiting.length > 1) hits.rule("1 the first of several is taken");
      if (passed.has(number)) hits.rule("8 handed back, goes to another");
      hits.rule("2 somebody has room");
      hits.rule(`3 chosen by ${handler.by}`);
      hits.freed(desk, handler.id);
      yield decision(desk, "incident.assigned", number, { handler: handler.id }, undefined, handler.id);
      isServed = true;
      break;
    }
  }
  for (const { number } of desk.pendingOf(team)) {
    const handler = passed.get(number);
    if (handler === undefined || !desk.hasRoom(handler, team)) continue;
    hits.rule("8 handed back, goes back to them");
    yield decision(desk, "incident.assigned", number, { handler }, undefined, handler);
  }
}

function passedOver(desk: ReferenceDesk): Map<number, string> {
  const passed = new Map<number, string>();
  for (const event of desk.commit) {
    if (event.type !== "incident.handed-back" || event.data.handler === null) continue;
    passed.set(Number(event.stream.slice("incident/".length)), event.data.handler);
  }
  return passed;
}

function* queued(desk: ReferenceDesk): Generator<ExpectedDecision, void> {
  for (const team of [...desk.teams.keys()].sort()) {
    for (const { number } of desk.pendingOf(team)) {
      if (desk.became_pending.has(number)) yield decision(desk, "incident.queued", number, {});
    }
  }
}

/** Every decision says what it follows from (DESIGN §2, `because`). */
function decision(
  desk: ReferenceDesk,
  type: string,
  number: number,
  data: ExpectedDecision["data"],
  position?: number,
  handler?: string,
): ExpectedDecision {
  const own = desk.commit.findLast(({ stream }) => stream === `incident/${number}`);
  const room = desk.room_given.findLast((given) => given.handler === handler);
  if (own !== undefined) return { type, number, data, because: { offset: own.meta.offset } };
  if (position !== undefined) return { type, number, data, because: { position } };
  if (room !== undefined) return { type, number, data, because: { offset: room.offset } };
  throw new Error(`${type} of incident ${number} would follow from nothing`);
}
