import * as assert from "uvu/assert";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const it = suite("searching over HTTP");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

async function report(body: Json): Promise<number> {
  const answer = await call("POST", "/incidents", { body });
  assert.is(answer.status, 201, answer.text);
  return Number(answer.json.number);
}

async function find(parameters: Readonly<Record<string, string>>): Promise<number[]> {
  const answer = await call("GET", `/incidents?${new URLSearchParams(parameters)}`);
  assert.is(answer.status, 200, answer.text);
  return rowsOf(answer, "incidents").map(({ number }) => Number(number));
}

it("finds incidents by their titles, descriptions and comments, at once after they were written", async () => {
  const commented = await report({ title: "slow" });
  const described = await report({ title: "quick", description: "Störung im Checkout" });
  const titled = await report({ title: "CHECKOUT steht" });
  await call("POST", `/incidents/${commented}/comments`, { body: { text: "the check-out again" } });
  assert.equal(await find({ q: "checkout" }), [titled, described]);
  assert.equal(await find({ q: "check" }), [titled, described, commented]);
  assert.equal(await find({ q: "check out" }), [commented]);
  assert.equal(await find({ q: "STORUNG" }), [described]);
  assert.equal(await find({ q: "check -again" }), [titled, described]);
  assert.equal(await find({ q: '"check out" slow' }), [commented]);
  assert.equal(await find({ q: "check", sort: "number" }), [commented, described, titled]);
  assert.equal(await find({ q: "check", sort: "relevance", limit: "1" }), [titled]);
  await call("PATCH", `/incidents/${titled}`, { body: { title: "nothing" } });
  assert.equal(await find({ q: "checkout" }), [described]);
  await call("DELETE", `/incidents/${described}`);
  assert.equal(await find({ q: "checkout" }), []);
});

it("pages through what it finds, with filters and a total", async () => {
  const numbers: number[] = [];
  for (let made = 0; made < 5; made += 1) numbers.unshift(await report({ title: "pump", severity: 1 + (made % 2) }));
  const first = await call("GET", "/incidents?q=pump&severity=1&limit=2&count=true");
  assert.is(first.json.total, 3);
  assert.match(String(first.headers.link), "q=pump&severity=1");
  const second = await call("GET", `/incidents?q=Pump&severity=1&limit=2&cursor=${first.json.next_cursor}`);
  const found = [...rowsOf(first, "incidents"), ...rowsOf(second, "incidents")].map(({ number }) => number);
  assert.equal(found, [numbers[0], numbers[2], numbers[4]]);
  assert.is(second.json.next_cursor, null);
  const foreign = await call("GET", `/incidents?q=pumps&severity=1&cursor=${first.json.next_cursor}`);
  assert.is(foreign.status, 422);
  assert.equal(faultsOf(foreign), ["cursor"]);
});

it("refuses what has nothing to look for, too many words, and an order by relevance without a search", async () => {
  for (const [query, fault, detail] of [
    ["q=", "q", "a letter, a digit or an emoji"],
    ["q=%20", "q", "a letter, a digit or an emoji"],
    ["q=-test", "q", "not only what to leave out"],
    ["q=%22%22*", "q", "a letter, a digit or an emoji"],
    [`q=${Array.from({ length: 33 }, (_, index) => `w${index}`).join("+")}`, "q", "at most 32 words"],
    [`q=${"x".repeat(1001)}`, "q", "1000"],
    ["q=a&q=b", "q", ""],
    ["sort=relevance", "sort", "needs a search"],
  ] as const) {
    const answer = await call("GET", `/incidents?${query}`);
    assert.is(answer.status, 422, query);
    assert.is(codeOf(answer), "validation-failed", query);
    assert.equal(faultsOf(answer), [fault], query);
    assert.match(answer.text, detail, query);
  }
});

it("takes whatever is typed for words, never for a language of its own", async () => {
  const number = await report({ title: "NEAR AND OR NOT title:x ^a* (b) {c} 'd' e'f 100% c++ \\ 🔥" });
  for (const q of [
    "AND",
    "NOT near",
    "title:x",
    "^a*",
    "(b",
    "{c}",
    "'d'",
    "e'f",
    "100%",
    "c++",
    "\\ a",
    "🔥",
    "'; DROP TABLE words; --f",
  ]) {
    assert.equal(await find({ q }), q.includes("DROP") ? [] : [number], q);
  }
  assert.equal(await find({ q: "near" }), [number]);
});
