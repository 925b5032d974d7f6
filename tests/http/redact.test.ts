import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("POST /incidents/{id}/redact");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const secret = "Mr Miller";

/** An incident with a text in its report, a comment, an edit and its resolution. Its positions: 6, 8, 9, 10. */
async function outage(): Promise<void> {
  const report = { title: `${secret} called`, description: "it is down", reported_by: secret };
  await call("POST", "/incidents", { body: report });
  await call("POST", "/incidents/1/comments", { body: { text: `ask ${secret}` } });
  await call("PATCH", "/incidents/1", { body: { description: `${secret} says it is down` } });
  await call("POST", "/incidents/1/resolve", { body: { resolution: "restarted" } });
}

const redact = (body: Json, headers: Record<string, string> = {}, id: string | number = 1): Promise<Answer> =>
  call("POST", `/incidents/${id}/redact`, { body, headers });

async function timeline(): Promise<readonly Json[]> {
  return rowsOf(await call("GET", "/incidents/1/timeline"), "events");
}

/** By position: whether there is a text, and who erased it. */
async function textsOf(): Promise<unknown[]> {
  const events = (await timeline()).filter(({ text, erased_by }) => text !== null || erased_by !== null);
  return events.map(({ position, text, erased_by }) => [position, text !== null, erased_by]);
}

it("answers with the incident without its texts, and every view of it has lost them", async () => {
  await outage();
  const { status, json, headers } = await redact({ all: true, reason: "asked for" });
  assert.is(status, 200);
  assert.equal(
    [json.title, json.description, json.reported_by, json.resolution, json.links],
    [null, null, null, null, []],
  );
  assert.equal([json.status, json.version, headers.etag], ["resolved", 9, '"9"']);
  assert.is(Number(headers["ledger-position"]), 14);
  for (const url of ["/incidents/1", "/incidents", "/incidents/1/timeline", "/events", "/queue", "/handlers"]) {
    const answer = await call("GET", url);
    assert.is(answer.status, 200, url);
    assert.not.match(answer.text, secret);
  }
});

it("leaves the events, without text, with the position of who erased it", async () => {
  await outage();
  await redact({ all: true, reason: "asked for" });
  assert.equal(await textsOf(), [
    [6, false, 11],
    [8, false, 12],
    [9, false, 13],
    [10, false, 14],
    [11, true, null],
  ]);
});

it("erases what is named, by position or by what it holds", async () => {
  await outage();
  assert.is((await redact({ texts: ["Comments"] })).status, 200);
  const { json } = await redact({ texts: [9] });
  assert.equal([json.title, json.description], [`${secret} called`, "it is down"]);
  assert.equal(await textsOf(), [
    [6, true, null],
    [8, false, 11],
    [9, false, 12],
    [10, true, null],
  ]);
});

it("says 200 and writes nothing where nothing is left to erase", async () => {
  await outage();
  const first = await redact({ all: true });
  for (const body of [{ all: true }, { texts: [6, "title", "links"] }]) {
    const again = await redact(body);
    assert.equal(
      [again.status, again.json, again.headers["ledger-position"]],
      [200, first.json, first.headers["ledger-position"]],
    );
  }
});

it("refuses what is no text of this incident, naming it", async () => {
  await outage();
  await call("POST", "/incidents", { body: { title: "another" } });
  for (const [position, says] of [
    [11, /no event at position 11/],
    [999, /no event at position 999/],
    [3, /no event at position 3/],
  ] as const) {
    const answer = await redact({ texts: [6, position] });
    assert.equal([answer.status, codeOf(answer), faultsOf(answer)], [422, "unknown-text", ["#/texts"]]);
    assert.match(String(answer.json.detail), says);
  }
  const assigned = await call("POST", "/incidents/1/reopen");
  assert.is(assigned.status, 200);
  const textless = (await timeline()).find(({ type }) => type === "incident.assigned");
  const answer = await redact({ texts: [textless?.position] });
  assert.match(String(answer.json.detail), new RegExp(`at position ${textless?.position} never had a text`));
});

it("refuses a body that says neither, both, nothing or something else", async () => {
  await outage();
  const wrong: readonly Json[] = [
    {},
    { reason: "x" },
    { all: false },
    { all: "true" },
    { all: true, texts: ["title"] },
    { texts: [] },
    { texts: ["names"] },
    { texts: [0] },
    { texts: [1.5] },
    { texts: ["6"] },
    { texts: "title" },
    { texts: null },
    { texts: Array.from({ length: 1001 }, () => 6) },
    { all: true, reason: 1 },
    { all: true, why: "x" },
  ];
  for (const body of wrong) {
    const answer = await redact(body);
    assert.equal([answer.status, codeOf(answer)], [422, "validation-failed"], JSON.stringify(body));
  }
  assert.is((await call("POST", "/incidents/1/redact")).status, 400);
  assert.is((await redact({ all: true }, {}, 9)).status, 404);
  assert.is((await textsOf()).length, 4);
});

it("heeds If-Match and Idempotency-Key", async () => {
  await outage();
  assert.is((await redact({ all: true }, { "if-match": '"4"' })).status, 412);
  const key = { "idempotency-key": "once", "if-match": '"5"' };
  const first = await redact({ all: true }, key);
  const again = await redact({ all: true }, key);
  assert.equal([again.status, again.json, again.headers["idempotency-replayed"]], [200, first.json, "true"]);
  assert.is((await redact({ texts: ["title"] }, { "idempotency-key": "once" })).status, 422);
});

it("brings no text back by a repeat of the request that wrote it", async () => {
  const report = { body: { title: `${secret} called` }, headers: { "idempotency-key": "report" } };
  const comment = { body: { text: `ask ${secret}` }, headers: { "idempotency-key": "comment" } };
  const change = { body: { title: `not ${secret}` }, headers: { "idempotency-key": "change" } };
  const requests = [
    () => call("POST", "/incidents", report),
    () => call("POST", "/incidents/1/comments", comment),
    () => call("PATCH", "/incidents/1", change),
  ];
  for (const request of requests) assert.match((await request()).text, secret);
  await redact({ all: true });
  for (const request of requests) {
    const again = await request();
    assert.is(again.headers["idempotency-replayed"], "true");
    assert.not.match(again.text, secret);
  }
});

it("misses no comment that comes at the same time", async () => {
  await outage();
  const answers = await Promise.all([
    call("POST", "/incidents/1/comments", { body: { text: secret } }),
    redact({ all: true }),
    call("POST", "/incidents/1/comments", { body: { text: "after it" } }),
    redact({ texts: ["title", "resolution"] }),
  ]);
  assert.equal(
    answers.map(({ status }) => status),
    [201, 200, 201, 200],
  );
  const held = (await timeline()).filter(({ text }) => text !== null);
  assert.equal(
    held.map(({ text }) => text),
    [{ text: "after it" }],
  );
});

it("works on an incident that was deleted, by number and by id, which stays deleted", async () => {
  await outage();
  const deleted = await call("DELETE", "/incidents/1", { body: { reason: secret } });
  const id = String(deleted.json.incident_id);
  const by_number = await redact({ texts: ["title"] });
  assert.equal([by_number.status, by_number.json.status, by_number.json.title], [200, "deleted", null]);
  assert.is((await redact({ all: true }, {}, id)).status, 200);
  assert.is((await call("GET", "/incidents/1")).status, 404);
  const events = await call("GET", "/events?incident=1");
  assert.not.match(events.text, secret);
});

it("says 202 while a file still holds the words because somebody else reads it", async () => {
  const held = await openNode({ instead: () => ({ whenErased: async () => false }) });
  const ask = callerOf(held.app);
  await ask("POST", "/incidents", { body: { title: "a secret" } });
  const { status, json } = await ask("POST", "/incidents/1/redact", { body: { all: true } });
  await held.close();
  assert.equal([status, json.title], [202, null]);
});
