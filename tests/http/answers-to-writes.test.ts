import * as assert from "uvu/assert";
import { boardAt } from "../../src/readmodels/fold-board.ts";
import { writeSnapshot } from "../../src/readmodels/snapshot-file.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf, codeOf } from "./support/client.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("the answer to a write");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const shown = ({ status, json, headers }: Answer) => ({
  status,
  json,
  etag: headers.etag,
  location: headers.location,
  position: headers["ledger-position"],
});

it("shows a handler as this write left them, not as another one did at the same time", async () => {
  const answers = await Promise.all([
    call("PATCH", "/handlers/Alice", { body: { capacity: 2, name: "Alice the First" } }),
    call("PATCH", "/handlers/Alice", { body: { capacity: 3, name: "Alice the Second" } }),
    call("PATCH", "/handlers/Alice", { body: { capacity: 4, available: false, reason: "lunch" } }),
  ]);
  assert.equal(
    answers.map(({ json, headers }) => [json.capacity, json.name, json.unavailable_reason, json.version, headers.etag]),
    [
      [2, "Alice the First", null, 3, '"3"'],
      [3, "Alice the Second", null, 5, '"5"'],
      [4, "Alice the Second", "lunch", 7, '"7"'],
    ],
  );
  assert.equal(
    answers.map(({ headers }) => Number(headers["ledger-position"])),
    [7, 9, 11],
  );
});

it("shows a team as this write left it, not as another one did at the same time", async () => {
  const answers = await Promise.all(
    [1, 2, 3].map((auto_close_days) => call("PATCH", "/teams/default", { body: { rules: { auto_close_days } } })),
  );
  assert.equal(
    answers.map(({ json, headers }) => [
      (json.rules as { auto_close_days: number }).auto_close_days,
      headers.etag,
      Number(headers["ledger-position"]),
    ]),
    [
      [1, '"2"', 6],
      [2, '"3"', 7],
      [3, '"4"', 8],
    ],
  );
});

it("shows a handler at the present version where there was nothing to do", async () => {
  const answers = await Promise.all([
    call("PATCH", "/handlers/Alice", { body: { capacity: 1 } }),
    call("PATCH", "/handlers/Alice", { body: { capacity: 2 } }),
  ]);
  assert.equal(
    answers.map(({ status, json, headers }) => [status, json.capacity, headers.etag]),
    [
      [200, 1, '"1"'],
      [200, 2, '"2"'],
    ],
  );
});

/** Dora joins and gets what waits; then everything about her changes, and she leaves. Then her joining is repeated. */
async function joinedAndGone(one: Call): Promise<{ first: Answer; again: Answer }> {
  for (const title of ["a", "b", "c", "d"]) await one("POST", "/incidents", { body: { title } });
  const joining = { body: { handler_id: "Dora", name: "Dora D." }, headers: { "idempotency-key": "k" } };
  const first = await one("POST", "/handlers", joining);
  await one("PATCH", "/handlers/Dora", { body: { capacity: 3, name: "Theodora" } });
  await one("POST", "/incidents/4/resolve");
  await one("PATCH", "/handlers/Dora", { body: { available: false, reason: "on holiday" } });
  await one("DELETE", "/handlers/Dora");
  return { first, again: await one("POST", "/handlers", joining) };
}

it("shows a handler who has left since as the first answer did, when it is repeated with its key", async () => {
  const { first, again } = await joinedAndGone(call);
  assert.equal([first.status, first.json.team, first.json.name, first.json.active], [201, "default", "Dora D.", 1]);
  assert.equal(shown(again), shown(first));
  assert.is(again.headers["idempotency-replayed"], "true");
});

it("is the same when it is repeated, whatever snapshots there are", async () => {
  const data_dir = temporaryDirectory();
  const kept = await openNode({ instead: ({ config }) => ({ config: { ...config, data_dir } }) });
  const { ledger } = kept.services;
  const snapshot = async () => writeSnapshot(data_dir, await boardAt(ledger), (await ledger.head()).hash);
  const one = callerOf(kept.app);
  await snapshot();
  const { first, again } = await joinedAndGone(one);
  await snapshot();
  const later = await one("POST", "/handlers", {
    body: { handler_id: "Dora", name: "Dora D." },
    headers: { "idempotency-key": "k" },
  });
  assert.equal([shown(again), shown(later)], [shown(first), shown(first)]);
  await kept.close();
});

it("shows a change of a handler as it was, when it is repeated with its key", async () => {
  await call("POST", "/incidents", { body: { title: "a" } });
  const change = { body: { available: false, reason: "lunch" }, headers: { "idempotency-key": "k" } };
  const first = await call("PATCH", "/handlers/alice", change);
  await call("PATCH", "/handlers/Alice", { body: { available: true, name: "Al" } });
  await call("POST", "/incidents/1/resolve");
  const again = await call("PATCH", "/handlers/alice", change);
  assert.equal([first.json.unavailable_reason, first.json.active], ["lunch", 1]);
  assert.equal(shown(again), shown(first));
});

it("shows a team as it was, when it is repeated with its key", async () => {
  const creation = { body: { name: "network" }, headers: { "idempotency-key": "k" } };
  const first = await call("POST", "/teams", creation);
  await call("PATCH", "/teams/network", { body: { rules: { auto_close_days: 1 } } });
  const again = await call("POST", "/teams", creation);
  assert.equal(shown(again), shown(first));
});

const merging = (labels: Record<string, string>, key = "k") => ({
  raw: JSON.stringify({ labels }),
  headers: { "content-type": "application/merge-patch+json", "idempotency-key": key },
});

it("is given again for a merge of labels, though the incident was deleted since", async () => {
  await call("POST", "/incidents", { body: { title: "a", labels: { a: "1" } } });
  const first = await call("PATCH", "/incidents/1", merging({ b: "2" }));
  await call("DELETE", "/incidents/1");
  const again = await call("PATCH", "/incidents/1", merging({ b: "2" }));
  assert.equal(first.json.labels, { a: "1", b: "2" });
  assert.equal(shown(again), shown(first));
  const other = await call("PATCH", "/incidents/1", merging({ b: "3" }));
  assert.equal([other.status, codeOf(other)], [422, "idempotency-key-reused"]);
  assert.is((await call("PATCH", "/incidents/1", merging({ b: "2" }, "new"))).status, 404);
});

it("is given again for a merge of labels, though there would be too many of them by now", async () => {
  await call("POST", "/incidents", { body: { title: "a", labels: { a: "1" } } });
  const first = await call("PATCH", "/incidents/1", merging({ b: "2" }));
  const labels = Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`l${index}`, "x"]));
  await call("PUT", "/incidents/1", { body: { labels } });
  assert.equal(shown(await call("PATCH", "/incidents/1", merging({ b: "2" }))), shown(first));
});
