import * as assert from "uvu/assert";
import { suite } from "../../support/suite.ts";
import { type DialectAnswer, type DialectNode, openDialects, type Sent } from "../support/dialect-client.ts";

const it = suite("the dialect tracker");

let service: DialectNode;
const ask = (method: string, path: string, sent?: Sent): Promise<DialectAnswer> =>
  service.ask("tracker", method, path, sent);
const report = (more: object = {}) =>
  ask("POST", "/incidents", {
    json: { title: "Gateway down", description: "Cards declined", reported_by: "jane", severity: "High", ...more },
  });
const patch = (id: number | string, json: unknown) => ask("PATCH", `/incidents/${id}`, { json });
const bodyOf = ({ body }: DialectAnswer) => body as Readonly<Record<string, unknown>>;
const idsOf = (answer: DialectAnswer) => (bodyOf(answer).incidents as { id: number }[]).map(({ id }) => id);

it.before.each(async () => {
  service = await openDialects();
});
it.after.each(() => service.close());

it("answers a report with 201 and the whole incident", async () => {
  const answer = await report();
  assert.is(answer.status, 201);
  const { timestamp, ...rest } = bodyOf(answer);
  assert.equal(rest, {
    id: 1,
    title: "Gateway down",
    description: "Cards declined",
    reported_by: "jane",
    severity: "High",
    status: "Open",
  });
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
});

it("counts its own ids from 1, whatever else the desk has", async () => {
  await service.own("POST", "/incidents", { title: "Another team's" });
  assert.is(bodyOf(await report()).id, 1);
  await service.ask("ucar", "POST", "/incidents/", { json: { description: "another's", source: "operator" } });
  assert.is(bodyOf(await report()).id, 2);
});

it("ignores a status in a report", async () => {
  assert.is(bodyOf(await report({ status: "Resolved" })).status, "Open");
});

it("wants JSON with something in it", async () => {
  const none = { error: "No JSON data provided" };
  for (const sent of [{ json: {} }, {}, { json: [] }, { json: null }, { raw: "{oops" }]) {
    const answer = await ask("POST", "/incidents", sent);
    assert.equal([answer.status, answer.body], [400, none], JSON.stringify(sent));
  }
});

it("names what is missing or blank, in its own order", async () => {
  const all = await ask("POST", "/incidents", { json: { x: 1 } });
  assert.equal(all.body, {
    error: "Missing required field(s)",
    missing: ["title", "description", "reported_by", "severity"],
  });
  const some = await report({ reported_by: "  ", title: "" });
  assert.equal([some.status, bodyOf(some).missing], [400, ["title", "reported_by"]]);
  assert.equal(bodyOf(await report({ description: 5 })).missing, ["description"]);
});

it("knows exactly three severities, and minds the case", async () => {
  for (const severity of ["high", "Critical", "HIGH"]) {
    const answer = await report({ severity });
    assert.is(answer.status, 400);
    assert.equal(answer.body, { error: "Invalid severity", message: "Severity must be ['Low', 'Medium', 'High']" });
  }
  for (const severity of ["Low", "Medium", "High"]) assert.is(bodyOf(await report({ severity })).severity, severity);
});

it("refuses what cannot be recorded, and records nothing", async () => {
  assert.is((await report({ title: "x".repeat(501) })).status, 400);
  assert.is((await report({ description: "a\u0000b" })).status, 400);
  assert.is((await report({ description: "\ud800" })).status, 400);
  assert.equal((await ask("GET", "/incidents")).body, { incidents: [], total: 0 });
});

it("lists the newest first, with a total", async () => {
  for (let n = 0; n < 3; n += 1) await report();
  const answer = await ask("GET", "/incidents");
  assert.equal(idsOf(answer), [3, 2, 1]);
  assert.is(bodyOf(answer).total, 3);
});

it("filters by status and severity together, exactly", async () => {
  await report({ severity: "Low" });
  await report({ severity: "High" });
  await report({ severity: "High" });
  await patch(3, { status: "In Progress" });
  assert.equal(idsOf(await ask("GET", "/incidents?severity=High")), [3, 2]);
  assert.equal(idsOf(await ask("GET", "/incidents?severity=High&status=In%20Progress")), [3]);
  assert.equal(idsOf(await ask("GET", "/incidents?status=Open")), [2, 1]);
  assert.equal((await ask("GET", "/incidents?status=open")).body, { incidents: [], total: 0 });
  assert.equal((await ask("GET", "/incidents?severity=Urgent")).body, { incidents: [], total: 0 });
  assert.equal(idsOf(await ask("GET", "/incidents?status=&severity=")), [3, 2, 1]);
});

it("lists more than it reads at a time", async () => {
  await Promise.all(Array.from({ length: 503 }, () => report()));
  const answer = await ask("GET", "/incidents");
  assert.is(bodyOf(answer).total, 503);
  assert.equal(
    idsOf(answer),
    Array.from({ length: 503 }, (_, index) => 503 - index),
  );
});

it("goes from any status to any other", async () => {
  await report();
  const words = ["Open", "In Progress", "Resolved"];
  for (const from of words) {
    for (const to of words) {
      assert.is(bodyOf(await patch(1, { status: from })).status, from);
      const answer = await patch(1, { status: to });
      assert.equal([answer.status, bodyOf(answer).status], [200, to], `${from} → ${to}`);
    }
  }
});

it("checks in its order: the incident, the body, the status", async () => {
  const notFound = { error: "Incident not found" };
  for (const id of [9, "abc", "1.5", "-1", "0", "1e0"]) {
    const answer = await ask("PATCH", `/incidents/${id}`, { raw: "{oops" });
    assert.equal([answer.status, answer.body], [404, notFound], String(id));
  }
  await report();
  assert.equal((await patch(1, {})).body, { error: "No JSON data provided" });
  const wrong = await patch(1, { status: "Closed" });
  assert.is(wrong.status, 400);
  assert.equal(wrong.body, { error: "Invalid status", message: "Status must be ['Open', 'In Progress', 'Resolved']" });
  const unchanged = await patch(1, { other: 1 });
  assert.equal([unchanged.status, bodyOf(unchanged).status], [200, "Open"]);
});

it("deletes, and shows what it deleted", async () => {
  await report();
  const answer = await ask("DELETE", "/incidents/1");
  assert.is(answer.status, 200);
  assert.is(bodyOf(answer).message, "Incident deleted successfully");
  assert.is((bodyOf(answer).deleted_incident as { id: number }).id, 1);
  assert.equal((await ask("DELETE", "/incidents/1")).body, { error: "Incident not found" });
  assert.is((await patch(1, { status: "Open" })).status, 404);
  assert.is(bodyOf(await report()).id, 2);
});

it("has no GET of one incident, and says what it has", async () => {
  await report();
  const answer = await ask("GET", "/incidents/1");
  assert.is(answer.status, 405);
  assert.is(answer.headers.allow, "DELETE, PATCH");
  assert.is((await ask("PUT", "/incidents")).status, 405);
  assert.is((await ask("GET", "/other")).status, 404);
});

it("takes both spellings of a path", async () => {
  await ask("POST", "/incidents/", { json: { title: "a", description: "b", reported_by: "c", severity: "Low" } });
  assert.equal(idsOf(await ask("GET", "/incidents/")), [1]);
  assert.is((await ask("PATCH", "/incidents/1/", { json: { status: "Resolved" } })).status, 200);
});

it("shows what is done elsewhere, in its own words", async () => {
  await report();
  const [number] = [bodyOf(await service.own("GET", "/queue?team=tracker")).incidents as { number: number }[]];
  const id = number?.[0]?.number;
  const statusAfter = async (method: string, path: string, json?: unknown) => {
    const answer = await service.own(method, path, json);
    assert.is(answer.status, 200, JSON.stringify(answer.body));
    return (bodyOf(await ask("GET", "/incidents")).incidents as { status: string }[])[0]?.status;
  };
  assert.is(await statusAfter("POST", `/incidents/${id}/snooze`, { minutes: 5 }), "Open");
  assert.is(await statusAfter("POST", `/incidents/${id}/acknowledge`), "In Progress");
  assert.is(await statusAfter("POST", `/incidents/${id}/dismiss`), "Resolved");
  assert.is(await statusAfter("POST", `/incidents/${id}/reopen`), "Open");
  assert.is(await statusAfter("POST", `/incidents/${id}/close`), "Resolved");
});

it("keeps an incident's id while it is away in another team", async () => {
  await report();
  await report();
  const { incidents } = bodyOf(await service.own("GET", "/queue?team=tracker")) as { incidents: { number: number }[] };
  const first = incidents[0]?.number;
  await service.own("PATCH", `/incidents/${first}`, { team: "default" });
  assert.equal(idsOf(await ask("GET", "/incidents")), [2]);
  assert.is((await patch(1, { status: "Resolved" })).status, 404);
  await service.own("PATCH", `/incidents/${first}`, { team: "tracker" });
  assert.equal(idsOf(await ask("GET", "/incidents")), [2, 1]);
  assert.is(bodyOf(await report()).id, 3);
});

it("is seen by the desk as ordinary commands of ordinary events", async () => {
  await report();
  await patch(1, { status: "In Progress" });
  const { events } = bodyOf(await service.own("GET", "/events?limit=1000")) as {
    events: { type: string; actor: string; data: Readonly<Record<string, unknown>> }[];
  };
  const ours = events.filter(({ actor }) => actor === "dialect:tracker");
  assert.equal(
    ours.map(({ type }) => type),
    ["incident.reported", "incident.queued", "incident.acknowledged"],
  );
  assert.equal(ours.at(-1)?.data, {
    by: "dialect:tracker",
    handler: null,
    word: { dialect: "tracker", word: "In Progress" },
  });
  assert.is(ours[0]?.data.severity, 2);
});

it("serves a client from start to finish", async () => {
  const opened = bodyOf(await report({ severity: "Medium" }));
  assert.equal(idsOf(await ask("GET", "/incidents?status=Open&severity=Medium")), [opened.id]);
  assert.is(bodyOf(await patch(Number(opened.id), { status: "In Progress" })).status, "In Progress");
  assert.equal(idsOf(await ask("GET", "/incidents?status=Open")), []);
  assert.is(bodyOf(await patch(Number(opened.id), { status: "Resolved" })).status, "Resolved");
  assert.is((await ask("DELETE", `/incidents/${opened.id}`)).status, 200);
  assert.equal((await ask("GET", "/incidents")).body, { incidents: [], total: 0 });
});

it("tells a severity that is no word from one that is not there", async () => {
  const missing = { error: "Missing required field(s)", missing: ["severity"] };
  for (const severity of [null, "", " "]) assert.equal((await report({ severity })).body, missing);
  const invalid = { error: "Invalid severity", message: "Severity must be ['Low', 'Medium', 'High']" };
  for (const severity of [5, ["High"], { a: 1 }]) assert.equal((await report({ severity })).body, invalid);
});

it("never uses the id of a deleted incident again", async () => {
  await report();
  await report();
  assert.is((await ask("DELETE", "/incidents/2")).status, 200);
  assert.is(bodyOf(await report()).id, 3);
  assert.equal(idsOf(await ask("GET", "/incidents")), [3, 1]);
  assert.is((await patch(2, { status: "Open" })).status, 404);
});

it("says in its own words that what was merged stays so", async () => {
  await report();
  await report();
  await service.own("POST", "/incidents/1/merge", { into: 2 });
  const refused = await patch(1, { status: "Open" });
  const message = "The incident was merged into another one and cannot change";
  assert.equal([refused.status, refused.body], [409, { error: "Conflict", message }]);
  assert.is((await patch(1, { status: "Resolved" })).status, 200);
});

it("answers 404 in JSON for paths that it does not have, however odd", async () => {
  for (const path of ["/", "/incident", "/incidents/1/x", "/incidents/%zz"]) {
    const answer = await ask("GET", path);
    assert.equal([answer.status, answer.body], [404, { error: "Not found" }], path);
  }
});
