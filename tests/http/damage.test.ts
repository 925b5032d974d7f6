import * as assert from "uvu/assert";
import { incidentStream } from "../../events/stream.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { LedgerClosed, UnreadableEvent } from "../../src/ledger/ledger-errors.ts";
import { suite } from "../support/suite.ts";
import { type Answer, callerOf, codeOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode } from "./support/node.ts";

const it = suite("a ledger that cannot be read");

/** A node with two closed incidents, over a ledger that can be made unreadable: the first incident, or all of it. */
async function openDamaged() {
  let fault: Error | null = null;
  let is_first_only = true;
  const around = (ledger: Ledger): Ledger => {
    const read: Ledger["read"] = async (filter) => {
      if (fault !== null && (!is_first_only || filter.stream === incidentStream(1))) throw fault;
      return ledger.read(filter);
    };
    const incidentNumber: Ledger["incidentNumber"] = async (id) => {
      if (fault !== null && !is_first_only) throw fault;
      return ledger.incidentNumber(id);
    };
    const instead: Partial<Ledger> = { read, incidentNumber };
    return new Proxy(ledger, {
      get(target, name) {
        const value: unknown = Reflect.get(instead, name) ?? Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };
  const logged: unknown[] = [];
  const node = await openNode({ around, logged });
  const call = callerOf(node.app);
  const ids: unknown[] = [];
  for (const title of ["a", "b"]) {
    const { json } = await call("POST", "/incidents", { body: { title } });
    ids.push(json.incident_id);
    await call("POST", `/incidents/${json.number}/close`);
  }
  const damage = (error: Error | null, firstOnly = true) => {
    fault = error;
    is_first_only = firstOnly;
  };
  return { node, call, ids, logged, damage };
}

const unreadable = (): Error => new UnreadableEvent(6, "its data is no JSON: SECRET");

function mustSayDamaged(answer: Answer): void {
  assert.equal([answer.status, codeOf(answer)], [500, "ledger-damaged"]);
  assert.match(String(answer.json.detail), /position 6\..*verify/);
  assert.not.match(answer.text, /SECRET/);
}

it("is said to be damaged, and where, by what needs the event, and by nothing else", async () => {
  const { node, call, damage, logged } = await openDamaged();
  damage(unreadable());
  for (const answer of [
    await call("GET", "/incidents/1"),
    await call("GET", "/incidents/1/timeline"),
    await call("POST", "/incidents/1/reopen"),
  ]) {
    mustSayDamaged(answer);
    assert.ok(
      logged.some((line) => String(line).includes(String(answer.json.instance)) && String(line).includes("SECRET")),
      "the log has what the answer leaves out",
    );
  }
  assert.is((await call("GET", "/incidents/2")).status, 200);
  assert.is((await call("POST", "/incidents/2/reopen")).status, 200);
  await node.close();
});

it("fails in bulk only the item that needs the event", async () => {
  const { node, call, damage } = await openDamaged();
  damage(unreadable());
  const answer = await call("POST", "/incidents/bulk", { body: { action: "resolve", ids: [1, 2, 3] } });
  const results = rowsOf(answer, "results");
  assert.equal(
    [answer.status, ...results.map(({ status, problem }) => [status, (problem as Json | undefined)?.type])],
    [
      200,
      [500, "/problems/ledger-damaged"],
      [409, "/problems/illegal-transition"],
      [404, "/problems/incident-not-found"],
    ],
  );
  await node.close();
});

it("is a passing failure of the storage while it is closed to be opened again", async () => {
  const { node, call, ids, damage } = await openDamaged();
  damage(new LedgerClosed(), false);
  for (const answer of [
    await call("GET", "/incidents/1"),
    await call("GET", "/events"),
    await call("POST", "/incidents/bulk", { body: { action: "resolve", ids } }),
  ]) {
    assert.equal([answer.status, codeOf(answer), answer.headers["retry-after"]], [503, "storage-failing", "5"]);
  }
  await node.close();
});

it("fails in bulk only the items that come while it is closed", async () => {
  const { node, call, ids, damage } = await openDamaged();
  damage(new LedgerClosed(), false);
  const unknown = Array.from({ length: 50 }, (_, index) => 10 + index);
  const answer = await call("POST", "/incidents/bulk", { body: { action: "resolve", ids: [...unknown, ids[0]] } });
  assert.equal(
    rowsOf(answer, "results").map(({ status }) => status),
    [...unknown.map(() => 404), 503],
  );
  await node.close();
});
