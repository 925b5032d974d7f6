import * as assert from "uvu/assert";
import { suite } from "../../support/suite.ts";
import { type DialectAnswer, type DialectNode, openDialects, type Sent } from "../support/dialect-client.ts";

const it = suite("the dialect ucar");

let service: DialectNode;
const ask = (method: string, path: string, sent?: Sent): Promise<DialectAnswer> =>
  service.ask("ucar", method, path, sent);
const report = (description = "Самокат не в сети", source = "operator") =>
  ask("POST", "/incidents/", { json: { description, source } });
const patch = (id: number | string, status: unknown) => ask("PATCH", `/incidents/${id}`, { json: { status } });
const bodyOf = ({ body }: DialectAnswer) => body as Readonly<Record<string, unknown>>;
const idsOf = (answer: DialectAnswer) => (bodyOf(answer).incidents as { id: number }[]).map(({ id }) => id);
const faultsOf = ({ body }: DialectAnswer) =>
  (body as { detail: { type: string; loc: unknown[]; msg: string; input: unknown; ctx?: unknown }[] }).detail;

it.before.each(async () => {
  service = await openDialects();
});
it.after.each(() => service.close());

it("answers a report with 201, always new, in whole seconds of UTC", async () => {
  const answer = await ask("POST", "/incidents/", {
    json: { description: "Самокат не в сети", source: "monitoring", status: "closed", other: 1 },
  });
  assert.is(answer.status, 201);
  const { created_at, ...rest } = bodyOf(answer);
  assert.equal(rest, { id: 1, description: "Самокат не в сети", source: "monitoring", status: "new" });
  assert.match(String(created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
});

it("takes an empty description, and gives the desk a title for it", async () => {
  const answer = await report("");
  assert.equal([answer.status, bodyOf(answer).description], [201, ""]);
  const { incidents } = bodyOf(await service.own("GET", "/queue?team=ucar")) as { incidents: { title: string }[] };
  assert.is(incidents[0]?.title, "(no description)");
});

it("names a missing field with the whole input", async () => {
  const answer = await ask("POST", "/incidents/", { json: { description: "x" } });
  assert.is(answer.status, 422);
  assert.equal(answer.body, {
    detail: [{ type: "missing", loc: ["body", "source"], msg: "Field required", input: { description: "x" } }],
  });
});

it("names every fault of a body at once", async () => {
  const answer = await ask("POST", "/incidents/", { json: { description: 5, source: "stranger" } });
  const expected = "'operator', 'monitoring' or 'partner'";
  assert.equal(faultsOf(answer), [
    { type: "string_type", loc: ["body", "description"], msg: "Input should be a valid string", input: 5 },
    { type: "enum", loc: ["body", "source"], msg: `Input should be ${expected}`, input: "stranger", ctx: { expected } },
  ]);
});

it("tells no body, a list and broken JSON apart", async () => {
  const none = await ask("POST", "/incidents/");
  assert.equal([none.status, faultsOf(none)[0]?.type, faultsOf(none)[0]?.loc], [422, "missing", ["body"]]);
  const list = await ask("POST", "/incidents/", { json: [] });
  assert.is(faultsOf(list)[0]?.type, "model_attributes_type");
  const broken = await ask("POST", "/incidents/", { raw: '{"description": }' });
  assert.equal([broken.status, faultsOf(broken)[0]?.type], [422, "json_invalid"]);
  assert.equal(faultsOf(broken)[0]?.loc, ["body", 16]);
  assert.is(faultsOf(broken)[0]?.msg, "JSON decode error");
});

it("lists by id, in pages, with a total that knows nothing of pages", async () => {
  for (let n = 0; n < 5; n += 1) await report();
  const page = await ask("GET", "/incidents/?skip=1&limit=2");
  assert.equal([idsOf(page), bodyOf(page).total], [[2, 3], 5]);
  assert.equal(idsOf(await ask("GET", "/incidents/")), [1, 2, 3, 4, 5]);
  assert.equal((await ask("GET", "/incidents/?skip=9")).body, { incidents: [], total: 5 });
});

it("filters by status", async () => {
  for (let n = 0; n < 3; n += 1) await report();
  await patch(2, "in_progress");
  const found = await ask("GET", "/incidents/?status=in_progress");
  assert.equal([idsOf(found), bodyOf(found).total], [[2], 1]);
  assert.equal(idsOf(await ask("GET", "/incidents/?status=new")), [1, 3]);
});

it("refuses what is wrong in a query", async () => {
  const cases: [string, string, string][] = [
    ["skip=-1", "skip", "greater_than_equal"],
    ["limit=0", "limit", "greater_than_equal"],
    ["limit=1001", "limit", "less_than_equal"],
    ["limit=ten", "limit", "int_parsing"],
    ["skip=1.5", "skip", "int_parsing"],
    ["status=open", "status", "enum"],
    ["status=", "status", "enum"],
  ];
  for (const [query, name, type] of cases) {
    const answer = await ask("GET", `/incidents/?${query}`);
    assert.equal(
      [answer.status, faultsOf(answer)[0]?.loc, faultsOf(answer)[0]?.type],
      [422, ["query", name], type],
      query,
    );
  }
});

it("says in Russian that there is no such incident", async () => {
  for (const id of [999, -5, 0]) {
    const answer = await ask("GET", `/incidents/${id}`);
    assert.equal([answer.status, answer.body], [404, { detail: `Инцидент с ID ${id} не найден` }]);
  }
});

it("refuses an id that is no number", async () => {
  const answer = await ask("GET", "/incidents/abc");
  assert.equal(faultsOf(answer), [
    {
      type: "int_parsing",
      loc: ["path", "incident_id"],
      msg: "Input should be a valid integer, unable to parse string as an integer",
      input: "abc",
    },
  ]);
});

it("looks at the body before it looks for the incident", async () => {
  assert.is((await patch(999, "nothing")).status, 422);
  assert.is((await ask("PATCH", "/incidents/999", { json: {} })).status, 422);
  assert.is((await patch(999, "new")).status, 404);
  const both = await patch("abc", "nothing");
  assert.equal(
    faultsOf(both).map(({ loc }) => loc[0]),
    ["path", "body"],
  );
});

it("goes from any status to any other", async () => {
  await report();
  const words = ["new", "in_progress", "resolved", "closed"];
  for (const from of words) {
    for (const to of words) {
      assert.is(bodyOf(await patch(1, from)).status, from);
      const answer = await patch(1, to);
      assert.equal([answer.status, bodyOf(answer).status], [200, to], `${from} → ${to}`);
    }
  }
});

it("makes two steps one command, so that nobody is given the incident in between", async () => {
  await service.own("POST", "/teams", { team: "ucar" });
  await service.own("POST", "/handlers", { handler_id: "Uma", team: "ucar" });
  await report();
  await patch(1, "closed");
  await patch(1, "resolved");
  const { events } = bodyOf(await service.own("GET", "/events?limit=1000")) as { events: { type: string }[] };
  assert.equal(
    events.slice(-2).map(({ type }) => type),
    ["incident.reopened", "incident.resolved"],
  );
});

it("changes nothing where the incident is there already", async () => {
  await service.own("POST", "/teams", { team: "ucar" });
  await service.own("POST", "/handlers", { handler_id: "Uma", team: "ucar" });
  await report();
  const head = bodyOf(await service.own("GET", "/ledger/head")).position;
  assert.is(bodyOf(await patch(1, "new")).status, "new");
  assert.is(bodyOf(await service.own("GET", "/ledger/head")).position, head);
});

it("shows statuses that it does not have as those that stand for them", async () => {
  await report();
  await report();
  const numbers = (
    bodyOf(await service.own("GET", "/queue?team=ucar")) as { incidents: { number: number }[] }
  ).incidents.map(({ number }) => number);
  const statusOf = async (id: number) => bodyOf(await ask("GET", `/incidents/${id}`)).status;
  await service.own("POST", `/incidents/${numbers[0]}/snooze`, { minutes: 5 });
  assert.is(await statusOf(1), "new");
  await service.own("POST", `/incidents/${numbers[0]}/dismiss`);
  assert.is(await statusOf(1), "resolved");
  await service.own("POST", `/incidents/${numbers[0]}/reopen`);
  await service.own("POST", `/incidents/${numbers[0]}/merge`, { into: numbers[1] });
  assert.is(await statusOf(1), "closed");
  const refused = await patch(1, "new");
  assert.is(refused.status, 409);
  assert.type(bodyOf(refused).detail, "string");
});

it("knows an incident's source that is none of its own as the operator's", async () => {
  await report();
  await service.own("POST", "/incidents", { title: "t", team: "ucar", source: "prometheus" });
  assert.is(bodyOf(await ask("GET", "/incidents/2")).source, "operator");
  assert.is(bodyOf(await ask("GET", "/incidents/2")).description, "t");
});

it("answers other methods with 405", async () => {
  for (const [method, path] of [
    ["DELETE", "/incidents/1"],
    ["PUT", "/incidents/"],
    ["POST", "/health"],
  ] as const) {
    const answer = await ask(method, path);
    assert.equal([answer.status, answer.body], [405, { detail: "Method Not Allowed" }]);
    assert.type(answer.headers.allow, "string");
  }
  assert.equal((await ask("GET", "/other")).body, { detail: "Not Found" });
});

it("says where things are, and that it is healthy", async () => {
  const root = bodyOf(await ask("GET", "/"));
  assert.equal(Object.keys(root), ["message", "version", "docs", "endpoints"]);
  assert.equal((await ask("GET", "/health")).body, { status: "healthy", service: "incident-api" });
  const described = bodyOf(await ask("GET", "/openapi.json"));
  assert.equal(Object.keys(described.paths as object).sort(), [
    "/",
    "/health",
    "/incidents/",
    "/incidents/{incident_id}",
  ]);
  const [{ url }] = described.servers as [{ url: string }];
  assert.is(new URL(url, "http://localhost/compat/ucar/openapi.json").pathname, "/compat/ucar/");
});

it("serves a client from start to finish, whichever way it spells the paths", async () => {
  const opened = bodyOf(await ask("POST", "/incidents", { json: { description: "Нет связи", source: "partner" } }));
  assert.equal(idsOf(await ask("GET", "/incidents?status=new")), [opened.id]);
  assert.is(bodyOf(await patch(`${opened.id}/`, "in_progress")).status, "in_progress");
  assert.is(bodyOf(await patch(Number(opened.id), "resolved")).status, "resolved");
  assert.is(bodyOf(await patch(Number(opened.id), "closed")).status, "closed");
  assert.is(bodyOf(await ask("GET", `/incidents/${opened.id}`)).status, "closed");
  assert.equal((await ask("GET", "/incidents?status=new")).body, { incidents: [], total: 0 });
});

it("knows no incident of an id that is larger than any number, and says so with the id", async () => {
  for (const id of ["9007199254740993", "123456789012345678901234567890"]) {
    const answer = await ask("GET", `/incidents/${id}`);
    assert.equal([answer.status, answer.body], [404, { detail: `Инцидент с ID ${id} не найден` }]);
    assert.equal((await patch(id, "new")).body, answer.body);
  }
  assert.is((await ask("GET", "/incidents/%zz")).status, 404);
});

it("takes a body of another type for a text", async () => {
  for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
    const raw = "description=x&source=operator";
    const answer = await ask("POST", "/incidents/", { raw, headers: { "content-type": type } });
    assert.equal(
      [answer.status, faultsOf(answer)],
      [
        422,
        [
          {
            type: "model_attributes_type",
            loc: ["body"],
            msg: "Input should be a valid dictionary or object to extract fields from",
            input: raw,
          },
        ],
      ],
    );
  }
  const problem = { "content-type": "application/problem+json; charset=utf-8" };
  const json = '{"description": "x", "source": "operator"}';
  assert.is((await ask("POST", "/incidents/", { raw: json, headers: problem })).status, 201);
});

it("says in its own words that what was merged stays so", async () => {
  await service.own("POST", "/incidents", { title: "elsewhere" });
  await report();
  await report();
  await service.own("POST", "/incidents/2/merge", { into: 3 });
  assert.is(bodyOf(await patch(1, "closed")).status, "closed");
  const refused = await patch(1, "in_progress");
  assert.equal(
    [refused.status, refused.body],
    [409, { detail: "Инцидент объединён с другим, его статус изменить нельзя" }],
  );
});

it("answers in JSON without a charset, faults too", async () => {
  const answers = [await report(), await ask("GET", "/incidents/"), await ask("GET", "/incidents/9")];
  for (const { headers } of answers) assert.is(headers["content-type"], "application/json");
});
