import * as assert from "uvu/assert";
import { limits } from "../../src/config.ts";
import { AnswerLog } from "../../src/http/plugins/answer-log.ts";
import { suite } from "../support/suite.ts";
import { type Call, callerOf } from "./support/client.ts";
import { adminKey, openNode, type TestNode } from "./support/node.ts";

const it = suite("the log of answers");

type Line = Readonly<Record<string, unknown>>;

let node: TestNode;
let call: Call;
const logged: string[] = [];

it.before.each(async () => {
  logged.length = 0;
  node = await openNode({ logged });
  call = callerOf(node.app);
});
it.after.each(() => node.close());

/** The lines since the last call. Each must be one JSON object. */
const lines = (): Line[] => logged.splice(0).map((line) => JSON.parse(line));

it("names the request, the command, what became of it, the incident and the position", async () => {
  const answer = await call("POST", "/incidents", { body: { title: "x" }, headers: { "x-request-id": "mine-1" } });
  const [line = {}] = lines();
  const { request_id, method, route, status, actor, command, outcome, incident, position, level, took_ms } = line;
  assert.equal(
    { request_id, method, route, status, actor, command, outcome, incident, level },
    {
      request_id: "mine-1",
      method: "POST",
      route: "/incidents",
      status: 201,
      actor: "admin",
      command: "report",
      outcome: "written",
      incident: 1,
      // A machine that has much else to do answers slowly, and then that is what is said.
      level: Number(took_ms) > limits.slow_answer_ms ? 30 : 20,
    },
  );
  assert.is(String(position), answer.headers["ledger-position"]);
  assert.is(typeof took_ms, "number");
});

it("tells refusals of writes and bad keys as information, with the problem", async () => {
  await call("POST", "/incidents", { body: { title: "x", severity: 1 } });
  lines();
  await call("POST", "/incidents/1/escalate", { body: { severity: 1 } });
  await call("GET", "/queue", { headers: { authorization: "Bearer wrong" } });
  await call("GET", "/incidents/9");
  const told = lines().map(({ level, problem, incident }) => [level, problem, incident]);
  assert.equal(told, [
    [30, "not-higher", 1],
    [30, "unauthorized", undefined],
    [20, "incident-not-found", undefined],
  ]);
});

it("tells what failed as a warning, beside the error itself, under the same request id", async () => {
  const broken = await openNode({
    logged,
    instead: ({ ledger }) => ({
      ledger: Object.create(ledger, { head: { value: () => Promise.reject(new Error("it broke")) } }),
    }),
  });
  await callerOf(broken.app)("GET", "/ledger/head", { headers: { "x-request-id": "mine-2" } });
  const told = lines().map(({ level, request_id, route }) => [level, request_id, route]);
  assert.equal(told, [
    [50, "mine-2", "/ledger/head"],
    [40, "mine-2", "/ledger/head"],
  ]);
  await broken.close();
});

it("names every item of a bulk request, under the same request id", async () => {
  await call("POST", "/incidents", { body: { title: "x" } });
  lines();
  await call("POST", "/incidents/bulk", {
    body: { action: "resolve", ids: [1, 99] },
    headers: { "x-request-id": "b" },
  });
  const told = lines().map(({ request_id, command, incident, id, status, problem }) => [
    request_id,
    command,
    incident ?? id,
    status,
    problem,
  ]);
  assert.equal(told, [
    ["b", "resolve", 1, 200, undefined],
    ["b", "resolve", 99, 404, "incident-not-found"],
    ["b", undefined, undefined, 200, undefined],
  ]);
});

it("never holds a key, a body, a query or a header", async () => {
  const body = { title: "a secret title", description: "a secret text" };
  await call("POST", "/incidents", { body, headers: { "idempotency-key": "a-secret-key" } });
  await call("GET", "/incidents?q=secret");
  await call("GET", "/nowhere?token=secret");
  await call("POST", "/incidents", { raw: '{"secret', headers: { authorization: "Bearer secret-key" } });
  await call("POST", "/incidents", { raw: '{"secret' });
  const text = logged.join("");
  assert.not.match(text, /secret/);
  assert.not.match(text, adminKey);
});

it("keeps a line one line, whatever was asked for", async () => {
  await call("GET", '/x"}\n{"level":60,"msg":"forged"}');
  await call("GET", `/x\u001b[2J\u009b2J\u2028${"y".repeat(5000)}`);
  await call("GET", "/x", { headers: { "x-request-id": 'a"\nb' } });
  const told = lines();
  assert.is(told.length, 3);
  for (const { path, msg, request_id } of told) {
    assert.is(msg, "answered");
    assert.match(String(path), /^[\x21-\x7e]*$/);
    assert.match(String(request_id), /^[\w.:-]+$/);
    assert.ok(String(path).length <= 9 * limits.logged_path_characters);
  }
});

it("leaves out what a flood would write, and says how much", () => {
  const written: { readonly fields: Line; readonly sentence: string }[] = [];
  const write = (fields: Line, sentence: string): void => void written.push({ fields, sentence });
  let now_ms = 0;
  const log = new AnswerLog({ level: "info", debug: write, info: write, warn: write } as never, {
    elapsed: () => now_ms,
  });
  const request = { id: "x", method: "POST", actor: "", command: null, outcome: null, problem: "queue-full" } as never;
  const reply = { statusCode: 503, getHeader: () => 7 } as never;
  for (let answer = 0; answer < limits.logged_answers_per_second + 5; answer += 1)
    log.answered(request, reply, "/x", 1);
  assert.is(written.length, limits.logged_answers_per_second);
  now_ms = 1000;
  log.answered(request, reply, "/x", 1);
  assert.equal(written.slice(-2)[0]?.fields, { left_out: 5 });
  assert.is(written.length, limits.logged_answers_per_second + 2);
});
