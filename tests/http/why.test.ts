import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream } from "../../events/stream.ts";
import { listedStatuses } from "../../projections/incident.ts";
import { MemoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { chosenHandler } from "../simulation/reference-choice.ts";
import { ReferenceDesk } from "../simulation/reference-desk.ts";
import { playInto } from "../support/played-ledger.ts";
import { RandomHistory } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";
import { type Call, callerOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

interface Other {
  readonly handler_id: string;
  readonly has_room: boolean;
  readonly active: number;
  readonly capacity: number;
  readonly available: boolean;
  readonly reason: string;
  readonly sentence: string;
}

interface Step {
  readonly position: number;
  readonly stream: string;
  readonly type: string;
  readonly kind: string;
  readonly because: number | null;
  readonly explains: readonly string[];
  readonly sentence: string;
  readonly alternatives: {
    readonly team: string;
    readonly chosen: Other | null;
    readonly others: readonly Other[];
  } | null;
}

interface Why {
  readonly status: string;
  readonly assigned_to: string | null;
  readonly queue_position: number | null;
  readonly sentence: string;
  readonly place: {
    readonly queue_position: number;
    readonly ahead: readonly (Json & { readonly sentence: string })[];
    readonly more_ahead: number;
    readonly handlers: readonly Other[];
  } | null;
  readonly chain: readonly Step[];
  readonly is_whole: boolean;
}

const why = async (call: Call, url: string): Promise<Why> => {
  const answer = await call("GET", url);
  assert.is(answer.status, 200, `${url}: ${answer.text}`);
  return answer.json as unknown as Why;
};

/** Whatever the rules decided: every decision leads back to facts, and what settled the present is there. */
function mustLeadToFacts({ chain, status, assigned_to, is_whole }: Why, where: string): void {
  const positions = chain.map(({ position }) => position);
  assert.equal(
    positions,
    [...new Set(positions)].sort((a, b) => b - a),
    where,
  );
  assert.ok(is_whole, where);
  for (const { kind, because, position, sentence } of chain) {
    assert.is(because === null, kind === "fact", where);
    if (because !== null) assert.ok(because < position && positions.includes(because), where);
    assert.match(sentence, /^[A-Z].*\.$/);
  }
  assert.is(chain.at(-1)?.kind, "fact", where);
  assert.ok(
    chain.some(({ explains }) => explains.includes("status")),
    where,
  );
  assert.is(
    chain.some(({ explains }) => explains.includes("assigned_to")),
    assigned_to !== null,
    `${where} ${status}`,
  );
}

const leftOutReasons = ["passed-over", "has-had-it", "did-not-react"];

/** Nobody among the alternatives would have come first under rule 3, as the reference has it. */
function mustNotPrefer(reference: ReferenceDesk, step: Step, where: string): void {
  const { alternatives, type } = step;
  if (alternatives === null) return;
  const { team, chosen, others } = alternatives;
  assert.equal(
    others.filter(({ reason }) => reason === "unexplained"),
    [],
    where,
  );
  for (const { handler_id, reason, has_room, available, active, sentence } of others) {
    assert.is(has_room, reference.hasRoom(handler_id, team), where);
    assert.is(active, reference.workOf(handler_id).length, where);
    assert.match(sentence, /^[A-Z].*\.$/);
    if (reason === "unavailable") assert.not(available, where);
    if (reason === "at-capacity") assert.ok(available && !has_room, where);
  }
  const leftOut = others.filter(({ reason }) => leftOutReasons.includes(reason)).map(({ handler_id }) => handler_id);
  switch (type) {
    case "incident.assigned":
    case "incident.rerouted":
      assert.is(chosenHandler(reference, team, leftOut)?.id, chosen?.handler_id, where);
      return;
    case "incident.queued":
    case "incident.ack-timed-out":
      assert.is(chosen, null);
      assert.is(chosenHandler(reference, team, leftOut), undefined, where);
      return;
    case "incident.woken":
      if (chosen !== null) assert.ok(chosen.has_room, where);
      else for (const { has_room } of others) assert.not(has_room, where);
      return;
    default:
      assert.unreachable(`${type} chooses nobody`);
  }
}

const it = suite("why an incident is what it is");

it("leads back to facts for every incident of random histories, and nobody passed by would have come first", async () => {
  const statuses = new Set<string>();
  const types = new Set<string>();
  const reasons = new Set<string>();
  for (const seed of [11, 12, 13, 14, 15]) {
    const ledger = new MemoryLedger({ runtime: systemRuntime() });
    const events = await playInto(ledger, seed, 80);
    const node = await openNode({ ledger });
    const call = callerOf(node.app);
    const steps = new Map<number, Step>();
    const numbers = [...new Set(events.flatMap(({ stream }) => incidentOfStream(stream) ?? []))];
    for (const number of numbers) {
      for (const as_of of ["", ...momentsOf(events, number).map((position) => `?as_of=${position}`)]) {
        const where = `seed ${seed}, incident ${number}${as_of}`;
        const one = await call("GET", `/incidents/${number}${as_of}`);
        const url = `/incidents/${number}/why${as_of}`;
        if (one.status === 404) {
          assert.is((await call("GET", url)).status, 404, where);
          continue;
        }
        const told = await why(call, url);
        for (const field of ["status", "assigned_to", "queue_position"] as const) {
          assert.is(told[field], one.json[field], where);
        }
        mustLeadToFacts(told, where);
        mustExplainPlace(told, where);
        statuses.add(told.status);
        for (const step of told.chain) {
          types.add(step.type);
          for (const { reason } of step.alternatives?.others ?? []) reasons.add(reason);
          if (step.alternatives !== null) steps.set(step.position, step);
        }
      }
    }
    checkSteps(events, steps, `seed ${seed}`);
    await node.close();
  }
  assert.equal([...statuses].sort(), [...listedStatuses].sort());
  for (const type of ["assigned", "queued", "woken", "rerouted", "auto-closed", "severity-raised"]) {
    assert.ok(types.has(`incident.${type}`), `no ${type} in ${[...types]}`);
  }
  for (const reason of ["unavailable", "at-capacity", "higher-load", "more-turns", "has-had-it", "did-not-react"]) {
    assert.ok(reasons.has(reason), `no ${reason} in ${[...reasons]}`);
  }
});

/** Moments of an incident at which there is something to explain: after its wakings and reroutings, and half-way. */
function momentsOf(events: readonly RecordedEvent[], number: number): readonly number[] {
  const own = events.filter(({ stream }) => incidentOfStream(stream) === number);
  const moments = [
    own.findLast(({ type }) => type === "incident.woken"),
    own.findLast(({ type }) => type === "incident.rerouted"),
    own[Math.floor(own.length / 2)],
  ];
  return [...new Set(moments.flatMap((event) => event?.position ?? []))];
}

function checkSteps(events: readonly RecordedEvent[], steps: ReadonlyMap<number, Step>, where: string): void {
  const reference = new ReferenceDesk();
  for (const event of events) {
    const step = steps.get(event.position);
    if (step !== undefined) mustNotPrefer(reference, step, `${where}, position ${event.position}`);
    reference.apply(event);
  }
}

function mustExplainPlace({ status, place, queue_position }: Why, where: string): void {
  assert.is(place !== null, status === "pending", where);
  if (place === null) return;
  assert.is(place.queue_position, queue_position, where);
  assert.is(place.ahead.length + place.more_ahead, place.queue_position - 1, where);
  for (const { reason } of place.handlers) assert.ok(["unavailable", "at-capacity"].includes(reason), where);
}

it("can be asked of whatever can be recorded, decided well or not", async () => {
  const ledger = new MemoryLedger({ runtime: systemRuntime() });
  const history = new RandomHistory(ledger, 5);
  await history.open();
  await history.grow(200);
  const node = await openNode({ ledger });
  for (let number = 1; number <= history.incidents; number += 1) {
    const answer = await callerOf(node.app)("GET", `/incidents/${number}/why`);
    assert.ok(answer.status === 200 || answer.status === 404, answer.text);
  }
  await node.close();
});

const told = suite("the explanation of an incident");

let node: TestNode;
let call: Call;

told.before.each(async () => {
  node = await openNode({ handlers: ["Alice", "Bob"] });
  call = callerOf(node.app);
});
told.after.each(() => node.close());

const act = async (path: string, body?: Json) => {
  const answer = await call("POST", path, body === undefined ? {} : { body });
  assert.ok(answer.status < 300, answer.text);
};
const report = (more: Json = {}) => act("/incidents", { title: "x", ...more });
const reasonsOf = (step: Step | undefined) =>
  Object.fromEntries((step?.alternatives?.others ?? []).map(({ handler_id, reason }) => [handler_id, reason]));

told("says who else could have got it, and why they did not", async () => {
  await call("PATCH", "/handlers/Alice", { body: { capacity: 2 } });
  await report();
  let [step] = (await why(call, "/incidents/1/why")).chain;
  assert.equal([step?.alternatives?.chosen?.handler_id, reasonsOf(step)], ["Alice", { Bob: "joined-later" }]);
  await report();
  [step] = (await why(call, "/incidents/2/why")).chain;
  assert.equal([step?.alternatives?.chosen?.handler_id, reasonsOf(step)], ["Bob", { Alice: "higher-load" }]);
  assert.is(step?.alternatives?.others[0]?.sentence, "Alice had a higher load, 1/2 against 0/1.");
  await report();
  [step] = (await why(call, "/incidents/3/why")).chain;
  assert.equal(reasonsOf(step), { Bob: "at-capacity" });
  for (const number of [1, 2, 3]) await act(`/incidents/${number}/resolve`);
  await report();
  [step] = (await why(call, "/incidents/4/why")).chain;
  assert.equal([step?.alternatives?.chosen?.handler_id, reasonsOf(step)], ["Bob", { Alice: "more-turns" }]);
  await act("/incidents/4/resolve");
  await call("PATCH", "/handlers/Alice", { body: { available: false } });
  await report();
  [step] = (await why(call, "/incidents/5/why")).chain;
  assert.equal(reasonsOf(step), { Alice: "unavailable" });
  // What was decided then is explained by how things were then.
  assert.equal(
    reasonsOf((await why(call, "/incidents/1/why")).chain.find(({ type }) => type === "incident.assigned")),
    {
      Bob: "joined-later",
    },
  );
});

told("says who is ahead in the queue and by what, and why nobody is free", async () => {
  for (const severity of [3, 3, 1, 3, 3]) await report({ severity });
  await call("PATCH", "/handlers/Bob", { body: { available: false } });
  const { sentence, place, chain } = await why(call, "/incidents/5/why");
  assert.is(sentence, "It waits in place 3 of the queue of default. Nobody had room: it waits in the queue.");
  assert.equal(
    place?.ahead.map(({ number, by }) => [number, by]),
    [
      [3, "severity"],
      [4, place?.ahead[1]?.by],
    ],
  );
  assert.is(place?.more_ahead, 0);
  assert.equal(
    place?.handlers.map(({ handler_id, reason }) => [handler_id, reason]),
    [
      ["Alice", "at-capacity"],
      ["Bob", "unavailable"],
    ],
  );
  assert.equal(
    chain.map(({ type }) => type),
    ["incident.queued", "incident.reported"],
  );
  await act("/incidents/5/escalate", { severity: 1 });
  const raised = await why(call, "/incidents/5/why");
  assert.equal(
    [raised.queue_position, raised.chain[0]?.type, raised.chain[0]?.explains],
    [2, "incident.severity-changed", ["severity"]],
  );
});

told("follows a freed slot back to what freed it, in another incident", async () => {
  for (let number = 1; number <= 3; number += 1) await report();
  await act("/incidents/2/resolve");
  const { chain, sentence } = await why(call, "/incidents/3/why");
  assert.equal(
    chain.map(({ type, stream }) => [type, stream]),
    [
      ["incident.assigned", "incident/3"],
      ["incident.resolved", "incident/2"],
    ],
  );
  assert.is(chain[1]?.sentence, "Incident 2: Resolved by admin.");
  assert.is(sentence, "Bob has it. Assigned to Bob by the rules.");
});

told("names the fact and its actor for what was done by hand, and keeps why the handler had it", async () => {
  await report();
  await act("/incidents/1/assign", { handler: "Bob" });
  assert.equal(
    (await why(call, "/incidents/1/why")).chain.map(({ sentence, explains }) => [sentence, explains]),
    [["Handed over from Alice to Bob by admin.", ["status", "assigned_to"]]],
  );
  await act("/incidents/1/resolve");
  const { chain, sentence } = await why(call, "/incidents/1/why");
  assert.equal(
    chain.map(({ explains }) => explains),
    [["status"], ["assigned_to"]],
  );
  assert.is(sentence, "It is resolved; Bob had it. Resolved by admin.");
});

told("says that one that was handed back passed over whom it was taken from", async () => {
  await report();
  await act("/incidents/1/unassign");
  const [step] = (await why(call, "/incidents/1/why")).chain;
  assert.equal([step?.alternatives?.chosen?.handler_id, reasonsOf(step)], ["Bob", { Alice: "passed-over" }]);
});

told("says that a sleeper returned to whom it was taken from", async () => {
  await report();
  await act("/incidents/1/snooze", { minutes: 5 });
  assert.match((await why(call, "/incidents/1/why")).sentence, /^It sleeps until 20.*, and then returns to Alice, if/);
  await act("/incidents/1/wake");
  const [step, cause] = (await why(call, "/incidents/1/why")).chain;
  assert.equal(
    [step?.type, reasonsOf(step), cause?.type],
    ["incident.woken", { Bob: "returns-to-another" }, "incident.wake-asked"],
  );
});

told("is refused for an incident that does not exist", async () => {
  for (const id of ["1", "0", "x", "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11"]) {
    assert.is((await call("GET", `/incidents/${id}/why`)).status, 404);
  }
});
