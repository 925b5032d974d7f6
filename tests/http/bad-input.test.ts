import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, faultsOf } from "./support/client.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("bad input over HTTP");

let node: TestNode;
let call: Call;
let before: number;

it.before(async () => {
  node = await openNode();
  call = callerOf(node.app);
  await call("POST", "/incidents", { body: { title: "the one" } });
  await call("POST", "/incidents", { body: { title: "the other" } });
  before = (await node.services.ledger.head()).position;
});
it.after(() => node.close());
it.after.each(async () => {
  assert.is((await node.services.ledger.head()).position, before, "bad input wrote something");
});

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** Every write route, with a body that it takes, and what is wrong with each field: [pointer, values]. */
interface WriteRoute {
  readonly method: Method;
  readonly url: string;
  readonly good: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly wrong?: Readonly<Record<string, readonly unknown[]>>;
}

const long = (length: number): string => "x".repeat(length);
const noText = [1, true, null, {}, [], "\u0000", "a\ud800", "\udfffb"];
const text = (length: number): readonly unknown[] => [...noText, long(length + 1)];
const handle = [...noText, "", "a b", "-a", long(65), "caf\u00e9", "a/b"];
const severity = [0, 6, -1, 1.5, 2 ** 60, "", "2", "urgent", true, null, {}, []];
const time = [
  ...noText,
  "",
  "2023-02-30T10:00:00Z",
  "2023-12-17",
  "2023-12-17T10:00:00",
  "17.12.2023",
  "now",
  1700000000,
];
const labels = [
  "x",
  1,
  null,
  [],
  { a: 1 },
  { a: null },
  { a: {} },
  { "": "x" },
  { [long(129)]: "x" },
  { a: long(1025) },
];
const links = [
  "x",
  {},
  null,
  [1],
  [{}],
  [{ href: "ftp://x" }],
  [{ href: "javascript:alert(1)" }],
  [{ href: "http://" }],
];
const flag = [0, 1, "true", null, {}, []];
const reason = { reason: text(10_000) };

const onIncident = (action: string, route: Omit<WriteRoute, "method" | "url">): WriteRoute => ({
  method: "POST",
  url: `/incidents/1/${action}`,
  ...route,
});

const update = {
  good: { title: "better" },
  wrong: {
    status: ["", "open", "merged", "deleted", 1, null, {}],
    assigned_to: [1, true, {}, "", "a b"],
    force: flag,
    severity,
    title: [...text(500), "", "   "],
    description: text(65_536),
    type: [1, {}, "", long(201), "\u0000"],
    team: handle,
    labels,
    links,
    resolution: text(10_000),
    until: time,
    ...reason,
  },
};

const routes: readonly WriteRoute[] = [
  {
    method: "POST",
    url: "/incidents",
    good: { title: "a fault" },
    required: ["title"],
    wrong: {
      title: [...text(500), "", " \n "],
      description: text(65_536),
      type: [...text(200), ""],
      severity,
      timestamp: [...time, "2100-01-01T00:00:00Z"],
      source: [...text(200), ""],
      reported_by: text(200),
      team: [...handle, "nobody-knows"],
      dedup_key: [...text(512), ""],
      labels,
      links,
      assigned_to: [...handle, "nobody"],
      status: ["", "closed", "pending", 1, null],
    },
  },
  { method: "PUT", url: "/incidents/1", ...update },
  { method: "PATCH", url: "/incidents/1", ...update },
  {
    method: "POST",
    url: "/incidents/bulk",
    good: { action: "resolve", ids: [1] },
    required: ["action", "ids"],
    wrong: {
      action: ["", "delete", 1, null, {}],
      ids: [1, "1", {}, null, [], [0], [-1], [1.5], [2 ** 60], [null], [{}], ["x"], ["0"], new Array(501).fill(1)],
      handler: [...handle, "Alice"],
      force: [...flag, true],
      resolution: text(10_000),
      ...reason,
    },
  },
  onIncident("acknowledge", { good: {}, wrong: { handler: [...handle, "nobody"] } }),
  onIncident("resolve", { good: {}, wrong: { resolution: text(10_000), ...reason } }),
  onIncident("close", { good: {}, wrong: reason }),
  onIncident("reopen", { good: {}, wrong: reason }),
  onIncident("dismiss", { good: {}, wrong: reason }),
  onIncident("escalate", { good: {}, wrong: { severity, ...reason } }),
  onIncident("assign", {
    good: { handler: "Bob" },
    required: ["handler"],
    wrong: { handler: [...handle, "nobody"], force: flag, ...reason },
  }),
  onIncident("unassign", { good: {}, wrong: reason }),
  onIncident("snooze", {
    good: { until: "2027-01-01T00:00:00Z" },
    required: ["until"],
    wrong: { until: [...time, "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"], ...reason },
  }),
  onIncident("snooze", { good: { minutes: 5 }, wrong: { minutes: [0, -1, 1.5, "5", null, 527_041, 2 ** 60] } }),
  onIncident("wake", { good: {} }),
  onIncident("merge", {
    good: { into: 2 },
    required: ["into"],
    wrong: { into: [0, -1, 1.5, 2 ** 60, "", "x", null, {}, 99, "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11"], ...reason },
  }),
  onIncident("comments", { good: { text: "hello" }, required: ["text"], wrong: { text: [...text(10_000), "", " "] } }),
  { method: "DELETE", url: "/incidents/1", good: {}, wrong: reason },
  {
    method: "POST",
    url: "/handlers",
    good: { handler_id: "Dora" },
    required: ["handler_id"],
    wrong: {
      handler_id: handle,
      name: text(200),
      team: [...handle, "nobody-knows"],
      capacity: [0, 1001, 1.5, "1", null, 2 ** 60],
    },
  },
  {
    method: "PATCH",
    url: "/handlers/Alice",
    good: { capacity: 2 },
    wrong: {
      capacity: [0, 1001, 1.5, "1", null],
      name: text(200),
      available: flag,
      release: [...flag, true],
      ...reason,
    },
  },
  { method: "DELETE", url: "/handlers/Alice", good: {}, wrong: reason },
  {
    method: "POST",
    url: "/teams",
    good: { name: "network" },
    required: ["name"],
    wrong: {
      name: handle,
      rules: [1, null, [], "x"],
      "rules/ack_timeout_seconds": [0, -1, 1.5, "900", 31_536_001],
      "rules/default_capacity": [0, 1001, null, "1"],
      "rules/auto_close_days": [-1, 3651, null],
      "rules/default_snooze_minutes": [0, 527_041, null],
      "rules/unheard_of": [1],
    },
  },
  {
    method: "PATCH",
    url: "/teams/default",
    good: { rules: { auto_close_days: 7 } },
    wrong: { rules: [1, null, []], "rules/nope": [1], ...reason },
  },
];

for (const { method, url, good, required = [], wrong = {} } of routes) {
  const name = `${method} ${url} (${Object.keys(good).join(", ")})`;

  it(`is refused by ${name}, field by field, with the field's name`, async () => {
    for (const [field, values] of Object.entries(wrong)) {
      for (const value of values) {
        const answer = await call(method, url, { body: withField(good, field, value) });
        const what = `${name} ${field}: ${JSON.stringify(value)?.slice(0, 60)} gave ${answer.text.slice(0, 400)}`;
        assert.is(answer.status, 422, what);
        const faults = faultsOf(answer);
        assert.ok(
          faults.some((fault) => fault.startsWith(`#/${field}`)),
          what,
        );
      }
    }
  });

  it(`is refused by ${name} where a field is missing, unknown or oddly named`, async () => {
    for (const field of required) {
      const body = Object.fromEntries(Object.entries(good).filter(([key]) => key !== field));
      const answer = await call(method, url, { body });
      assert.equal([answer.status, faultsOf(answer)], [422, [`#/${field}`]], answer.text);
    }
    const odd: readonly (readonly [string, string])[] = [
      ["unheard_of", "#/unheard_of"],
      ["a/b~c d", "#/a~1b~0c%20d"],
      ["__proto__", "#/__proto__"],
      ["constructor", "#/constructor"],
      ["\u0000", "#/%00"],
    ];
    for (const [key, pointer] of odd) {
      const raw = `{${JSON.stringify(key)}: 1, ${JSON.stringify(good).slice(1)}`.replace(/, \}$/, "}");
      const answer = await call(method, url, { raw });
      assert.is(answer.status, 422, `${key}: ${answer.text}`);
      assert.ok(faultsOf(answer).includes(pointer), answer.text);
    }
    const surrogate = await call(method, url, { raw: '{"\\ud800": 1}' });
    assert.is(surrogate.status, 422);
  });

  it(`is refused by ${name} where it is no object, no JSON, too deep, too large or in another format`, async () => {
    for (const raw of ["[]", "1", '"x"', "null", "true", "[".repeat(400_000) + "]".repeat(400_000)]) {
      const answer = await call(method, url, { raw });
      assert.equal(
        [answer.status, faultsOf(answer)],
        [422, ["#"]],
        `${raw.slice(0, 20)}: ${answer.text.slice(0, 300)}`,
      );
    }
    const deep = `{"labels":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`;
    assert.is((await call(method, url, { raw: deep })).status, 422);
    for (const raw of ["{", "{'a': 1}", '{"a": 1,}', '{"a": NaN}', "nope", '{"a": "\u0001"}', "{} {}", "\u0000"]) {
      assert.is((await call(method, url, { raw })).status, 400, raw);
    }
    const latin = Buffer.concat([Buffer.from('{"title": "caf'), Buffer.from([0xe9]), Buffer.from('"}')]);
    assert.is((await call(method, url, { raw: latin })).status, 400);
    const large = await call(method, url, { raw: JSON.stringify({ ...good, description: long(1_048_576) }) });
    assert.is(large.status, 413);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "nonsense"]) {
      assert.is((await call(method, url, { raw: "{}", headers: { "content-type": type } })).status, 415, type);
    }
    const patch = await call(method, url, {
      raw: '{"nope":1}',
      headers: { "content-type": "application/merge-patch+json" },
    });
    assert.is(patch.status, method === "PATCH" ? 422 : 415);
    if (required.length > 0) assert.is((await call(method, url)).status, 400);
  });
}

function withField(good: Readonly<Record<string, unknown>>, field: string, value: unknown): Record<string, unknown> {
  const [first = "", second] = field.split("/");
  return { ...good, [first]: second === undefined ? value : { [second]: value } };
}

it("is told where a body stops being JSON, and nothing that stands in it", async () => {
  const secret = "hunter2secret";
  for (const [raw, detail] of [
    [secret, "The body is not JSON: line 1, column 1 needs a value."],
    [`{"email": "a@example.com",\n "password": ${secret}}`, "The body is not JSON: line 2, column 14 needs a value."],
    [`{"password": "${secret}`, "The body is not JSON: line 1, column 28 needs the end of a string."],
    [`{"password": "${secret}"} x`, "The body is not JSON: line 1, column 31 needs the end of the body."],
  ] as const) {
    for (const url of ["/auth/login", "/incidents"]) {
      const { status, json, text } = await call("POST", url, { raw });
      assert.equal([status, json.detail], [400, detail]);
      assert.not.match(text, "hunter");
    }
  }
});

it("names every fault at once", async () => {
  const body = { titel: "x", severity: 9, labels: { a: 1, b: 2 }, links: [{ href: "x" }], status: "gone" };
  const answer = await call("POST", "/incidents", { body });
  assert.equal([...faultsOf(answer)].sort(), [
    "#/labels/a",
    "#/labels/b",
    "#/links/0/href",
    "#/severity",
    "#/status",
    "#/titel",
    "#/title",
  ]);
});

it("is counted, not answered with a megabyte of faults", async () => {
  const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field_${index}`, 1]));
  const answer = await call("POST", "/incidents", { body });
  assert.equal([answer.status, faultsOf(answer).length], [422, 100]);
});

it("counts characters as the ledger does, so that what passes here passes there", async () => {
  const emoji = "\u{1f600}".repeat(251);
  assert.equal(faultsOf(await call("POST", "/incidents", { body: { title: emoji } })), ["#/title"]);
});

it("refuses labels that no object can hold", async () => {
  const answer = await call("POST", "/incidents", { raw: '{"title":"x","labels":{"__proto__":"y"}}' });
  assert.equal([answer.status, faultsOf(answer)], [422, ["#/labels/__proto__"]]);
});

it("refuses what the fields contradict", async () => {
  const both = await call("POST", "/incidents/1/snooze", { body: { until: "2027-01-01T00:00:00Z", minutes: 5 } });
  assert.equal(faultsOf(both), ["#/minutes"]);
  for (const body of [
    { status: "pending", assigned_to: "Bob" },
    { status: "assigned", assigned_to: null },
    { until: "2027-01-01T00:00:00Z" },
  ]) {
    assert.is((await call("PATCH", "/incidents/1", { body })).status, 422, JSON.stringify(body));
  }
});

const queries: readonly (readonly [string, string])[] = [
  ["/incidents?limit=0", "limit"],
  ["/incidents?limit=1001", "limit"],
  ["/incidents?limit=ten", "limit"],
  ["/incidents?limit=", "limit"],
  ["/incidents?limit=1.5", "limit"],
  ["/incidents?limit=1&limit=2", "limit"],
  ["/incidents?status=gone", "status"],
  ["/incidents?status=", "status"],
  ["/incidents?status=open,,closed", "status"],
  ["/incidents?severity=0", "severity"],
  ["/incidents?severity=1,urgent", "severity"],
  ["/incidents?label=service", "label"],
  ["/incidents?reported_after=yesterday", "reported_after"],
  ["/incidents?reported_before=2023-02-30T00:00:00Z", "reported_before"],
  ["/incidents?sort=title", "sort"],
  ["/incidents?count=perhaps", "count"],
  ["/incidents?cursor=xyz", "cursor"],
  ["/incidents?type=%00", "type"],
  ["/queue?cursor=WzFd", "cursor"],
  ["/queue?limit=-1", "limit"],
  ["/handlers?cursor=e30", "cursor"],
  ["/handlers?limit=9999999999999999999", "limit"],
  ["/handlers?limit=1e400", "limit"],
  [`/incidents?limit=${"9".repeat(400)}`, "limit"],
  ["/events?limit=-Infinity", "limit"],
  ["/events?after=Infinity", "after"],
  ["/teams?cursor=WzFd", "cursor"],
  ["/events?after=-1", "after"],
  ["/events?after=1e300", "after"],
  ["/events?after=9007199254740993", "after"],
  ["/events?type=incident.nonsense", "type"],
  ["/events?cursor=WzFlMzAwXQ", "cursor"],
  ["/incidents/1/timeline?limit=0", "limit"],
  ["/incidents/1/timeline?cursor=WyJhIl0", "cursor"],
];

for (const [url, parameter] of queries) {
  it(`is refused by GET ${url}`, async () => {
    const answer = await call("GET", url);
    assert.equal([answer.status, faultsOf(answer)], [422, [parameter]], answer.text);
  });
}

it("lets the last of double keys count, and takes what only looks odd", async () => {
  const other = await openNode();
  const ask = callerOf(other.app);
  const twice = await ask("POST", "/incidents", { raw: '{"title":"first","severity":9,"title":"last","severity":1}' });
  assert.equal([twice.status, twice.json.title, twice.json.severity], [201, "last", 1]);
  const odd = { title: "\u{1f600} <script>\u2028\ufeff", labels: { constructor: "c", toString: "t", "a.b/c": "" } };
  const answer = await ask("POST", "/incidents", { body: odd });
  assert.equal([answer.status, answer.json.title, answer.json.labels], [201, odd.title, odd.labels]);
  assert.equal((await ask("GET", "/incidents/2")).json, answer.json);
  const marked = await ask("POST", "/incidents", { raw: '\ufeff{"title":"with a byte order mark"}' });
  assert.is(marked.status, 201);
  await other.close();
});
