import * as assert from "uvu/assert";
import type { Desk } from "../../src/desk/desk.ts";
import { suite } from "../support/suite.ts";
import { callerOf } from "./support/client.ts";
import { openNode } from "./support/node.ts";

const it = suite("a desk whose queue is full");

/** The same desk, but as many commands wait for it as may. */
function full(desk: Desk): Desk {
  return new Proxy(desk, {
    get(target, key) {
      const value: unknown = key === "waiting" ? target.queue_length : Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

it("turns writes away before their bodies are looked at, and answers reads and unknown callers as ever", async () => {
  const node = await openNode({ instead: ({ desk }) => ({ desk: full(desk as Desk) }) });
  const call = callerOf(node.app);
  for (const body of [{ title: "one too many" }, { titel: "not even valid" }]) {
    const { status, headers, json } = await call("POST", "/incidents", { body });
    assert.is(status, 503);
    assert.is(json.type, "/problems/queue-full");
    assert.is(headers["retry-after"], "1");
  }
  assert.is((await call("GET", "/queue")).status, 200);
  assert.is((await call("GET", "/livez")).status, 200);
  const unknown = await call("POST", "/incidents", { body: { title: "x" }, headers: { authorization: null } });
  assert.is(unknown.status, 401);
  await node.close();
});
