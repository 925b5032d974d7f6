import type { HashedEvent } from "../../src/ledger/ledger.ts";

const start_ms = Date.UTC(2023, 0, 1);
const teams = Array.from({ length: 20 }, (_, index) => `team-${index}`);
const handlers = Array.from({ length: 200 }, (_, index) => `handler-${index}`);

/** An event of a generated life: its type, its data, whether it begins a commit, and how long after the one before it comes. */
interface Step {
  readonly type: string;
  readonly data: object;
  readonly text?: object;
  /** After so many further reports. */
  readonly after: number;
}

/**
 * The events of so many incidents as a ledger would hold them, in batches of whole commits of about 10,000 events. Nobody
 * decides; lives overlap as on a busy desk: each incident is reported, assigned at once or after a wait, acknowledged,
 * resolved and closed, some are escalated, handed over or reopened. The same for the same number of incidents.
 */
export function* generatedEvents(incidents: number, days: number): Generator<HashedEvent[]> {
  const apart_ms = (days * 24 * 60 * 60 * 1000) / incidents;
  const due = new Map<number, { number: number; steps: Step[]; version: number }[]>();
  let batch: HashedEvent[] = [];
  let position = 0;
  const commit = (number: number, version: number, at: string, steps: readonly Step[]): void => {
    for (const [offset, { type, data, text }] of steps.entries()) {
      position += 1;
      const meta = { offset, events: steps.length, rules: 1 };
      const envelope = { position, stream: `incident/${number}`, version: version + offset, type, schema_version: 1 };
      const who = { actor: "admin", command_id: idOf(position), meta };
      batch.push({
        ...envelope,
        recorded_at: at,
        ...who,
        data,
        text: text ?? null,
        hash: "",
      } as unknown as HashedEvent);
    }
  };
  for (let tick = 1; tick <= incidents + 1000; tick += 1) {
    const at = new Date(start_ms + Math.floor(tick * apart_ms)).toISOString();
    if (tick <= incidents) {
      const [first, ...rest] = lifeOf(tick, at);
      commit(tick, 1, at, first);
      schedule(due, tick, { number: tick, steps: rest.flat(), version: 1 + first.length });
    }
    for (const life of due.get(tick) ?? []) {
      const [step, ...steps] = life.steps;
      if (step === undefined) continue;
      commit(life.number, life.version, at, [step]);
      schedule(due, tick, { number: life.number, steps, version: life.version + 1 });
    }
    due.delete(tick);
    if (batch.length < 10_000) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function schedule<Life extends { steps: Step[] }>(due: Map<number, Life[]>, tick: number, life: Life): void {
  const [next] = life.steps;
  if (next === undefined) return;
  const then = tick + next.after;
  const those = due.get(then);
  if (those === undefined) due.set(then, [life]);
  else those.push(life);
}

/** The first commit of an incident, and what happens to it later, event by event. */
function lifeOf(number: number, at: string): [Step[], ...Step[][]] {
  const chance = (salt: number): number => (Math.imul(number ^ (salt * 0x9e3779b9), 0x85ebca6b) >>> 8) / 2 ** 24;
  const handler = handlers[Math.floor(chance(1) * handlers.length)];
  const team = teams[Math.floor(chance(2) * teams.length)];
  const severity = 1 + Math.floor(chance(3) * 5);
  const incident_id = idOf(number);
  const labels = { service: `service-${number % 50}`, region: `region-${number % 7}` };
  const data = {
    incident_id,
    number,
    team,
    type: "System Outage",
    severity,
    timestamp: at,
    source: "prometheus",
    labels,
  };
  const text = { title: `Incident ${number}`, description: "Something does not answer as it should. ".repeat(4) };
  const step = (type: string, after: number, more: object = {}): Step => ({
    type: `incident.${type}`,
    data: more,
    after,
  });
  const reported: Step = { type: "incident.reported", data, text, after: 0 };
  const wait = 1 + Math.floor(chance(4) * 20);
  const waits = chance(5) < 0.4;
  return [
    [reported, waits ? step("queued", 0) : step("assigned", 0, { handler })],
    waits ? [step("assigned", wait, { handler })] : [],
    [step("acknowledged", 1 + Math.floor(chance(6) * 30), { by: "admin", handler })],
    chance(7) < 0.1 ? [step("severity-changed", 3, { from: severity, to: Math.max(1, severity - 1) })] : [],
    chance(8) < 0.1 ? [step("handed-over", 5, { handler: handlers[number % 200], from: handler })] : [],
    [step("resolved", 5 + Math.floor(chance(9) ** 4 * 400))],
    chance(10) < 0.7 ? [step("closed", 50)] : [],
  ];
}

function idOf(number: number): string {
  return `0198c0de-7b1c-7cc3-9d53-${number.toString(16).padStart(12, "0")}`;
}
