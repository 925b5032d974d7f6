import * as assert from "uvu/assert";
import { suite } from "../../support/suite.ts";
import { type DialectAnswer, type DialectNode, openDialects, type Sent } from "../support/dialect-client.ts";

const it = suite("the dialect klimbb");

let service: DialectNode;
const ask = (method: string, path: string, sent?: Sent): Promise<DialectAnswer> =>
  service.ask("klimbb", method, path, sent);
const bodyOf = ({ body }: DialectAnswer) => body as Readonly<Record<string, unknown>>;
const minute = (m: number) => `2023-12-17T10:${String(m).padStart(2, "0")}:00Z`;

const report = async (type: string, severity: number, m: number, more: object = {}) => {
  const json = { type, severity, timestamp: minute(m), description: `${type} at ${m}`, ...more };
  const answer = await ask("POST", "/incidents/", { json });
  assert.is(answer.status, 201, JSON.stringify(answer.body));
  return bodyOf(answer);
};
const put = async (id: unknown, json: object) => {
  const answer = await ask("PUT", `/incidents/${id}/`, { json });
  assert.is(answer.status, 200, JSON.stringify(answer.body));
  return bodyOf(answer);
};
const get = async (id: unknown) => bodyOf(await ask("GET", `/incidents/${id}/`));
const stateOf = ({ status, assigned_to }: Readonly<Record<string, unknown>>) => [status, assigned_to];
const faults = async (method: string, path: string, sent: Sent) => {
  const answer = await ask(method, path, sent);
  assert.is(answer.status, 400, JSON.stringify(answer.body));
  return answer.body;
};
const whole = { type: "Outage", severity: 1, timestamp: minute(0), description: "Down" };

it.before.each(async () => {
  service = await openDialects();
});
it.after.each(() => service.close());

it("scenario 1: an outage goes to the first available handler at once", async () => {
  const incident = await report("System Outage", 1, 0);
  assert.equal(stateOf(incident), ["Assigned", "Alice"]);
  const { incident_id, ...rest } = incident;
  assert.match(String(incident_id), /^[0-9a-f-]{36}$/);
  assert.equal(rest, {
    type: "System Outage",
    severity: 1,
    timestamp: "2023-12-17T10:00:00Z",
    description: "System Outage at 0",
    status: "Assigned",
    assigned_to: "Alice",
  });
});

it("scenario 2: two of severity 3 go to a handler each, evenly", async () => {
  await report("System Outage", 1, 0);
  assert.equal(stateOf(await report("Software Bug", 3, 5)), ["Assigned", "Bob"]);
  assert.equal(stateOf(await report("Software Bug", 3, 6)), ["Assigned", "Charlie"]);
});

it("scenario 3: who is freed gets the most urgent one that waits", async () => {
  const network = await report("Network Issue", 2, 0);
  await report("A", 3, 1);
  await report("B", 3, 2);
  const later = await report("Later", 3, 9);
  const urgent = await report("Urgent", 2, 10);
  assert.equal(
    [stateOf(later), stateOf(urgent)],
    [
      ["Pending", null],
      ["Pending", null],
    ],
  );
  assert.is((await put(network.incident_id, { status: "Resolved" })).status, "Resolved");
  assert.equal(stateOf(await get(urgent.incident_id)), ["Assigned", "Alice"]);
  assert.equal(stateOf(await get(later.incident_id)), ["Pending", null]);
});

it("scenario 3, as it may also come: reported as resolved, it takes nobody", async () => {
  const incident = await report("Network Issue", 2, 0, { status: "Resolved" });
  assert.equal(stateOf(incident), ["Resolved", null]);
  assert.equal(stateOf(await report("Outage", 1, 1)), ["Assigned", "Alice"]);
});

it("scenario 4: with everybody busy an incident waits until somebody is free", async () => {
  const first = await report("A", 1, 0);
  await report("B", 1, 1);
  await report("C", 1, 2);
  const waiting = await report("D", 1, 3);
  assert.equal(stateOf(waiting), ["Pending", null]);
  await put(first.incident_id, { status: "Resolved" });
  assert.equal(stateOf(await get(waiting.incident_id)), ["Assigned", "Alice"]);
});

it("scenario 5: a breach that is raised goes ahead of everything less urgent", async () => {
  const first = await report("A", 2, 0);
  await report("B", 2, 1);
  await report("C", 2, 2);
  await report("Slow", 2, 3);
  const breach = await report("Security Breach", 4, 5);
  const raw = '{"severity": 4, "severity": 1}';
  assert.is(bodyOf(await ask("PUT", `/incidents/${breach.incident_id}/`, { raw })).severity, 1);
  await put(first.incident_id, { status: "Resolved" });
  assert.equal(stateOf(await get(breach.incident_id)), ["Assigned", "Alice"]);
});

it("lists a bare array in the order of creation", async () => {
  assert.equal((await ask("GET", "/incidents/")).body, []);
  await report("Late", 5, 30);
  await report("Early", 1, 1);
  const list = (await ask("GET", "/incidents")).body as { type: string }[];
  assert.equal(
    list.map(({ type }) => type),
    ["Late", "Early"],
  );
});

it("names what is missing, by field", async () => {
  const required = ["This field is required."];
  assert.equal(await faults("POST", "/incidents/", { json: {} }), {
    type: required,
    severity: required,
    timestamp: required,
    description: required,
  });
  assert.is(Object.keys((await faults("POST", "/incidents/", {})) as object).length, 4);
});

it("says of each field what is wrong with it", async () => {
  const cases: [object, object][] = [
    [{ severity: "high" }, { severity: ["A valid integer is required."] }],
    [{ severity: 2.5 }, { severity: ["A valid integer is required."] }],
    [{ severity: true }, { severity: ["A valid integer is required."] }],
    [{ severity: 0 }, { severity: ["Ensure this value is greater than or equal to 1."] }],
    [{ severity: 6 }, { severity: ["Ensure this value is less than or equal to 5."] }],
    [{ severity: null }, { severity: ["This field may not be null."] }],
    [{ type: " " }, { type: ["This field may not be blank."] }],
    [{ type: ["a"] }, { type: ["Not a valid string."] }],
    [{ type: "x".repeat(201) }, { type: ["Ensure this field has no more than 200 characters."] }],
    [{ status: "Lost" }, { status: ['"Lost" is not a valid choice.'] }],
    [{ assigned_to: 5 }, { assigned_to: ["Not a valid string."] }],
  ];
  for (const [more, expected] of cases) {
    assert.equal(await faults("POST", "/incidents/", { json: { ...whole, ...more } }), expected);
  }
  for (const timestamp of ["yesterday", "2023-02-30T10:00:00Z", 5, "2023-12-17"]) {
    const { timestamp: said } = (await faults("POST", "/incidents/", { json: { ...whole, timestamp } })) as {
      timestamp: string[];
    };
    assert.match(said[0] ?? "", /^Datetime has wrong format\. Use one of these formats instead: YYYY-MM-DD/);
  }
  assert.equal((await ask("GET", "/incidents/")).body, []);
});

it("takes a severity in quotes, and times of other zones or none", async () => {
  const incident = await report("A", 1, 0, { severity: "3", timestamp: "2023-12-17 12:00+02:00" });
  assert.equal([incident.severity, incident.timestamp], [3, "2023-12-17T10:00:00Z"]);
  assert.is(
    (await report("A", 1, 0, { timestamp: "2023-12-17T10:00:00.123456" })).timestamp,
    "2023-12-17T10:00:00.123000Z",
  );
});

it("believes no time from the future, and shows it all the same", async () => {
  const incident = await report("A", 1, 0, { timestamp: "2099-01-01T00:00:00Z" });
  assert.is(incident.timestamp, "2099-01-01T00:00:00Z");
});

it("says where JSON breaks off, and of what is no object what it is", async () => {
  const { detail } = (await faults("POST", "/incidents/", { raw: '{"type": }' })) as { detail: string };
  assert.is(detail, "JSON parse error - Expecting value: line 1 column 10 (char 9)");
  const list = await faults("POST", "/incidents/", { json: [] });
  assert.equal(list, { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] });
});

it("takes forms as well as JSON", async () => {
  const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
  const raw = "type=Outage&severity=4&severity=2&timestamp=2023-12-17T10:00:00Z&description=Down";
  const answer = await ask("POST", "/incidents/", { raw, headers: urlencoded });
  assert.equal([answer.status, bodyOf(answer).severity, bodyOf(answer).status], [201, 2, "Assigned"]);
  const parts = ["type=A", "severity=3", `timestamp=${minute(1)}`, "description=B"].map((part) => {
    const [name, value] = part.split("=");
    return `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  });
  const multipart = {
    raw: `${parts.join("")}--x--\r\n`,
    headers: { "content-type": "multipart/form-data; boundary=x" },
  };
  assert.is((await ask("POST", "/incidents/", multipart)).status, 201);
  const plain = await ask("POST", "/incidents/", { raw: "x", headers: { "content-type": "text/plain" } });
  assert.equal([plain.status, plain.body], [415, { detail: 'Unsupported media type "text/plain" in request.' }]);
});

it("knows no other incidents and no other methods", async () => {
  const notFound = { detail: "Not found." };
  for (const id of ["0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11", "abc", "1"]) {
    const answer = await ask("GET", `/incidents/${id}/`);
    assert.equal([answer.status, answer.body], [404, notFound]);
    assert.is((await ask("PUT", `/incidents/${id}/`, { raw: "{oops" })).status, 404);
  }
  const patch = await ask("PATCH", "/incidents/0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11/", { json: {} });
  assert.equal([patch.status, patch.body], [405, { detail: 'Method "PATCH" not allowed.' }]);
  assert.equal((await ask("DELETE", "/incidents/")).body, { detail: 'Method "DELETE" not allowed.' });
});

it("hands over to whom it is told, and back to the queue", async () => {
  const { incident_id } = await report("A", 1, 0);
  assert.equal(stateOf(await put(incident_id, { assigned_to: "Charlie" })), ["Assigned", "Charlie"]);
  assert.equal(stateOf(await put(incident_id, { status: "In Progress", assigned_to: "bob" })), ["In Progress", "Bob"]);
  // Nobody else waits: somebody else with room gets it.
  const back = await put(incident_id, { status: "Pending", assigned_to: null });
  assert.is(back.status, "Assigned");
  assert.is.not(back.assigned_to, "Bob");
  const unknown = await faults("PUT", `/incidents/${incident_id}/`, { json: { assigned_to: "Nobody" } });
  assert.equal(Object.keys(unknown as object), ["assigned_to"]);
});

it("hands over even to who is away, as its clients expect", async () => {
  const { incident_id } = await report("A", 1, 0);
  await service.own("PATCH", "/handlers/Bob", { available: false });
  assert.equal(stateOf(await put(incident_id, { assigned_to: "Bob" })), ["Assigned", "Bob"]);
});

it("reads status words without regard to case, and Open as to be worked on", async () => {
  const { incident_id } = await report("A", 1, 0);
  assert.is((await put(incident_id, { status: "in progress" })).status, "In Progress");
  assert.is((await put(incident_id, { status: "OPEN" })).status, "In Progress");
  assert.is((await put(incident_id, { status: "resolved" })).status, "Resolved");
  assert.is((await put(incident_id, { status: "Open" })).status, "Assigned");
  assert.is((await put(incident_id, { status: "snoozed" })).status, "Snoozed");
  assert.is((await put(incident_id, { status: "open" })).status, "Assigned");
});

it("goes from any status to any other", async () => {
  const { incident_id } = await report("A", 1, 0);
  const words = ["Assigned", "In Progress", "Snoozed", "Resolved", "Closed"];
  for (const from of words) {
    for (const to of words) {
      assert.is((await put(incident_id, { status: from })).status, from);
      assert.is((await put(incident_id, { status: to })).status, to, `${from} → ${to}`);
    }
  }
});

it("takes back the whole object as it showed it, and changes nothing", async () => {
  const incident = await report("A", 2, 0);
  for (const status of ["Assigned", "In Progress", "Resolved", "Closed"]) {
    const now = await put(incident.incident_id, { status });
    const { position } = bodyOf(await service.own("GET", "/ledger/head"));
    assert.equal(await put(incident.incident_id, now), now);
    assert.is(bodyOf(await service.own("GET", "/ledger/head")).position, position);
  }
});

it("lowers a severity as well as it raises one", async () => {
  const { incident_id } = await report("A", 1, 0);
  assert.is((await put(incident_id, { severity: 5 })).severity, 5);
  assert.is((await put(incident_id, { severity: 1 })).severity, 1);
});

it("shows what the service's own API does, and is seen there", async () => {
  const { incident_id } = await report("A", 1, 0);
  const own = bodyOf(await service.own("GET", `/incidents/${incident_id}`));
  assert.equal([own.type, own.title, own.team, own.status], ["A", "A at 0", "default", "assigned"]);
  await service.own("POST", `/incidents/${incident_id}/dismiss`);
  assert.is((await get(incident_id)).status, "Closed");
  await service.own("POST", "/incidents", { title: "Only a title" });
  const list = (await ask("GET", "/incidents/")).body as Readonly<Record<string, unknown>>[];
  assert.equal([list[1]?.type, list[1]?.description, list[1]?.severity], ["", "Only a title", 3]);
});

it("serves a client from start to finish, without slashes too", async () => {
  const answer = await ask("POST", "/incidents", { json: whole });
  const { incident_id } = bodyOf(answer);
  assert.is(bodyOf(await ask("GET", `/incidents/${incident_id}`)).status, "Assigned");
  assert.is(
    bodyOf(await ask("PUT", `/incidents/${incident_id}`, { json: { status: "In Progress" } })).status,
    "In Progress",
  );
  assert.is(bodyOf(await ask("PUT", `/incidents/${incident_id}`, { json: { status: "Closed" } })).status, "Closed");
  assert.is(((await ask("GET", "/incidents")).body as unknown[]).length, 1);
});

it("says of a handler whom it does not know nothing of other paths", async () => {
  const { incident_id } = await report("A", 1, 0);
  const unknown = await faults("PUT", `/incidents/${incident_id}/`, { json: { assigned_to: "Nobody" } });
  assert.equal(unknown, { assigned_to: ["There is no such handler."] });
});

it("says in its own words that what was merged stays so", async () => {
  const first = await report("A", 1, 0);
  const second = await report("B", 1, 1);
  await service.own("POST", `/incidents/${first.incident_id}/merge`, { into: second.incident_id });
  assert.is((await get(first.incident_id)).status, "Closed");
  const refused = await faults("PUT", `/incidents/${first.incident_id}/`, { json: { status: "Pending" } });
  assert.equal(refused, { status: ["The incident was merged into another one and cannot change any more."] });
});

it("answers 404 for paths that it does not have, and for ids of other dialects", async () => {
  await service.ask("ucar", "POST", "/incidents/", { json: { description: "x", source: "operator" } });
  for (const path of ["/", "/incident/", "/incidents/1/", "/incidents/%zz/"]) {
    const answer = await ask("GET", path);
    assert.equal([answer.status, answer.body], [404, { detail: "Not found." }], path);
  }
});
