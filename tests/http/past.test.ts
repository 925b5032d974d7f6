import * as assert from "uvu/assert";
import type { RecordedEvent } from "../../events/recorded-event.ts";
import { incidentOfStream, incidentStream } from "../../events/stream.ts";
import { Board } from "../../projections/board.ts";
import { foldListed, isListed, type ListedIncident } from "../../projections/incident-list.ts";
import { MemoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { foldEvent } from "../../src/rules/rules.ts";
import { systemRuntime } from "../../src/runtime/runtime.ts";
import { playInto } from "../support/played-ledger.ts";
import { expectedRank } from "../support/readmodels/fresh-fold.ts";
import { RandomHistory } from "../support/readmodels/random-history.ts";
import { suite } from "../support/suite.ts";
import { type Call, callerOf, codeOf, faultsOf, rowsOf } from "./support/client.ts";
import type { Json } from "./support/json.ts";
import { openNode, type TestNode } from "./support/node.ts";

const same = suite("things as of a position are what a fresh fold of the prefix gives");

/** Everything up to the end of the commit in which the position is, folded in the simplest way. */
function prefixAt(events: readonly RecordedEvent[], position: number) {
  const { meta } = events[position - 1] ?? fail(`there is no event ${position}`);
  const end = position - meta.offset + meta.events - 1;
  const board = new Board();
  const all = new Map<number, ListedIncident | null>();
  for (const event of events.slice(0, end)) {
    foldEvent(board, event);
    const number = incidentOfStream(event.stream);
    if (number !== null) all.set(number, foldListed(all.get(number) ?? null, event));
  }
  return { end, board, all };
}

function fail(why: string): never {
  throw new Error(why);
}

async function compareAt(call: Call, events: readonly RecordedEvent[], position: number): Promise<void> {
  const { end, board, all } = prefixAt(events, position);
  const as_of = `as_of=${position}`;
  const listed = [...all.values()].filter((one) => isListed(one));
  for (const team of board.teams.keys()) {
    const answer = await call("GET", `/queue?team=${team}&limit=1000&${as_of}`);
    assert.is(answer.headers["ledger-position"], String(end));
    const pending = listed
      .filter(({ incident }) => incident.status === "pending" && incident.team === team)
      .sort((a, b) => rankOf(listed, a) - rankOf(listed, b));
    assert.equal(
      rowsOf(answer, "incidents").map(shown),
      pending.map((one) => wanted(one, rankOf(listed, one))),
    );
  }
  const handlers = rowsOf(await call("GET", `/handlers?limit=1000&${as_of}`), "handlers");
  const joined = [...board.handlers.values()].filter(({ team }) => team !== null);
  assert.equal(
    handlers.map(({ handler_id, team, active, turns, available, version }) => ({
      ...{ handler_id, team, active, turns, available, version },
    })),
    joined
      .sort((a, b) => a.joined_position - b.joined_position)
      .map(({ handler_id, team, turns, available, version }) => ({
        ...{ handler_id, team, active: board.activeOf(handler_id), turns, available, version },
      })),
  );
  for (const number of [position % (all.size + 1), (position * 7) % (all.size + 1), all.size + 1]) {
    const one = all.get(number) ?? null;
    const answer = await call("GET", `/incidents/${number}?${as_of}`);
    assert.is(answer.status, isListed(one) ? 200 : 404);
    if (number > 0) assert.is(answer.headers["ledger-position"], String(end));
    if (!isListed(one)) continue;
    assert.equal(shown(answer.json), wanted(one, expectedRank(listed, one.incident)));
    const timeline = rowsOf(await call("GET", `/incidents/${number}/timeline?limit=1000&${as_of}`), "events");
    assert.equal(
      timeline.map((event) => event.position),
      events.flatMap((event) =>
        event.stream === incidentStream(number) && event.position <= end ? event.position : [],
      ),
    );
  }
}

const rankOf = (all: readonly ListedIncident[], one: ListedIncident): number => expectedRank(all, one.incident) ?? 0;

function shown({
  number,
  version,
  status,
  team,
  severity,
  assigned_to,
  labels,
  title,
  description,
  queue_position,
}: Json) {
  return { number, version, status, team, severity, assigned_to, labels, title, description, queue_position };
}

function wanted({ incident, texts }: ListedIncident, queue_position: number | null) {
  const { number, version, status, team, severity, assigned_to, labels } = incident;
  const { title, description } = texts;
  return { number, version, status, team, severity, assigned_to, labels, title, description, queue_position };
}

async function allEvents({ services }: TestNode): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (;;) {
    const page = await services.ledger.read({ after: events.length });
    if (page.length === 0) return events;
    events.push(...page);
  }
}

for (const seed of [1, 2]) {
  same(`for commands under the rules, at every position (seed ${seed})`, async () => {
    const ledger = new MemoryLedger({ runtime: systemRuntime() });
    await playInto(ledger, seed, 45);
    const node = await openNode({ ledger });
    const events = await allEvents(node);
    for (let position = 1; position <= events.length; position += 1) {
      await compareAt(callerOf(node.app), events, position);
    }
    await node.close();
  });
}

same("for anything that can be recorded, erased texts gone from every moment", async () => {
  const ledger = new MemoryLedger({ runtime: systemRuntime() });
  const history = new RandomHistory(ledger, 3);
  await history.open();
  await history.grow(90);
  const node = await openNode({ ledger });
  const events = await allEvents(node);
  assert.ok(events.some(({ type }) => type === "text.erased"));
  for (let position = 1; position <= events.length; position += 1) {
    await compareAt(callerOf(node.app), events, position);
  }
  await node.close();
});

const it = suite("as_of");

let node: TestNode;
let call: Call;

it.before.each(async () => {
  node = await openNode();
  call = callerOf(node.app);
});
it.after.each(() => node.close());

const head = async (): Promise<number> => (await node.services.ledger.head()).position;
const report = async (title: string, more: Json = {}): Promise<number> => {
  await call("POST", "/incidents", { body: { title, ...more } });
  return head();
};

it("refuses what is neither a position nor a time, and what lies outside the ledger, and says where that ends", async () => {
  await report("a");
  const urls = ["/queue", "/handlers", "/handlers/Alice", "/teams", "/teams/default", "/incidents/1"];
  for (const url of [...urls, "/incidents/1/timeline", "/incidents/1/why"]) {
    for (const as_of of [
      "",
      "x",
      "-1",
      "1.5",
      "0x10",
      "1e3",
      "2026-02-30T00:00:00Z",
      "2026-01-01",
      "2026-01-01T00:00:00",
    ]) {
      const answer = await call("GET", `${url}?as_of=${as_of}`);
      assert.equal(
        [answer.status, codeOf(answer), faultsOf(answer)],
        [422, "validation-failed", ["as_of"]],
        `${url} ${as_of}`,
      );
    }
    assert.is((await call("GET", `${url}?as_of=1&as_of=2`)).status, 422);
    assert.is((await call("GET", `${url}?as_of=${"1".repeat(65)}`)).status, 422);
    const outside: readonly (readonly [string, string])[] = [
      ["0", "begins at position 1"],
      ["000", "begins at position 1"],
      [String((await head()) + 1), `ends at position ${await head()}`],
      ["9007199254740993", `ends at position ${await head()}`],
      ["9".repeat(60), `ends at position ${await head()}`],
      ["1999-12-31T23:59:59.999Z", "The ledger begins at 20"],
      ["0000-01-01T00:00:00Z", "The ledger begins at 20"],
      ["9999-12-31T23:59:59Z", "in the future"],
    ];
    for (const [as_of, detail] of outside) {
      const answer = await call("GET", `${url}?as_of=${as_of}`);
      assert.equal(
        [answer.status, codeOf(answer), faultsOf(answer)],
        [422, "as-of-outside-ledger", ["as_of"]],
        `${url} ${as_of}`,
      );
      assert.match(String(answer.json.detail), detail);
    }
  }
});

it("takes a time with any offset, and shows the last commit at or before it", async () => {
  const first = await report("a");
  const { recorded_at } = await node.services.ledger.head();
  await new Promise((resolve) => setTimeout(resolve, 3));
  await report("b");
  const local = new Date(Date.parse(recorded_at) + 5.5 * 3_600_000).toISOString().replace("Z", "+05:30");
  for (const as_of of [recorded_at, local, encodeURIComponent(local), recorded_at.toLowerCase()]) {
    const answer = await call("GET", `/incidents/1?as_of=${as_of}`);
    assert.equal([answer.status, answer.headers["ledger-position"]], [200, String(first)], as_of);
    assert.is((await call("GET", `/incidents/2?as_of=${as_of}`)).status, 404, as_of);
  }
});

it("takes a time between the last commit and now, or a little ahead, for the present", async () => {
  const last = await report("a");
  for (const ahead_ms of [0, 60_000, 290_000]) {
    const answer = await call("GET", `/queue?as_of=${new Date(Date.now() + ahead_ms).toISOString()}`);
    assert.equal([answer.status, answer.headers["ledger-position"]], [200, String(last)]);
  }
  const future = new Date(Date.now() + 400_000).toISOString();
  assert.is(codeOf(await call("GET", `/queue?as_of=${future}`)), "as-of-outside-ledger");
});

it("says of an incident that it was not there yet, or not any more; one that was deleted later is shown as it was", async () => {
  const before = await head();
  const then = await report("gone later");
  await call("DELETE", "/incidents/1");
  const after = await head();
  const early = await call("GET", `/incidents/1?as_of=${before}`);
  assert.equal([early.status, codeOf(early)], [404, "incident-not-found"]);
  assert.match(
    String(early.json.detail),
    `no incident 1 yet at position ${before}: it was reported at position ${before + 1}`,
  );
  assert.is(early.headers["ledger-position"], String(before));
  for (const path of ["", "/timeline", "/why"]) {
    assert.is((await call("GET", `/incidents/1${path}?as_of=${then}`)).status, 200, path);
    assert.is((await call("GET", `/incidents/1${path}`)).status, 404, path);
    const late = await call("GET", `/incidents/1${path}?as_of=${after}`);
    assert.is(late.status, 404);
    assert.match(String(late.json.detail), `had been deleted by position ${after}`);
  }
  assert.is((await call("GET", `/incidents/1?as_of=${then}`)).json.title, "gone later");
  assert.match(String((await call("GET", `/incidents/99?as_of=${then}`)).json.detail), "There is no incident 99.");
  assert.is((await call("GET", `/handlers/Nobody?as_of=${then}`)).status, 404);
  assert.is((await call("GET", `/teams/nope?as_of=${then}`)).status, 404);
  assert.is((await call("GET", `/queue?team=nope&as_of=${then}`)).status, 404);
});

it("shows texts as they were, and names as they are today", async () => {
  const then = await report("first title");
  await call("PATCH", "/incidents/1", { body: { title: "second title" } });
  await call("PATCH", "/handlers/Alice", { body: { available: false, reason: "lunch" } });
  const away = await head();
  await call("PATCH", "/handlers/Alice", { body: { available: true, name: "Alice Liddell", capacity: 7 } });
  assert.is((await call("GET", `/incidents/1?as_of=${then}`)).json.title, "first title");
  const { json } = await call("GET", `/handlers/Alice?as_of=${away}`);
  assert.equal(
    [json.name, json.capacity, json.available, json.unavailable_reason],
    ["Alice Liddell", 1, false, "lunch"],
  );
  const [alice] = rowsOf(await call("GET", `/handlers?as_of=${away}`), "handlers");
  assert.equal(alice, json);
});

it("tags what it shows with the version of then, and with what has changed since by erasure or a new name", async () => {
  const then = await report("a secret");
  await call("PATCH", "/incidents/1", { body: { title: "no secret" } });
  const url = `/incidents/1?as_of=${then}`;
  const ask = (etag: string) => call("GET", url, { headers: { "if-none-match": etag } });
  const tag = String((await call("GET", url)).headers.etag);
  assert.is(tag, '"2"');
  assert.is((await ask(tag)).status, 304);
  assert.is((await ask('"3"')).status, 200);
  assert.is((await call("PATCH", "/incidents/1", { body: { title: "x" }, headers: { "if-match": tag } })).status, 412);
  const { ledger, desk } = node.services;
  const [reported] = await ledger.read({ stream: incidentStream(1), limit: 1 });
  const { position, recorded_at, rules } = await ledger.head();
  const command_id = systemRuntime().uuid();
  const data = { erased: reported?.position ?? 0, incident: 1 };
  const envelope = { position: position + 1, stream: incidentStream(1), version: 4, schema_version: 1, recorded_at };
  const meta = { offset: 0, events: 1, rules };
  await ledger.append(position, [
    {
      command_id,
      events: [{ ...envelope, type: "text.erased", actor: "admin", command_id, meta, data, text: null }],
    },
  ]);
  await desk.readable();
  const answer = await ask(tag);
  assert.equal([answer.status, answer.json.title, answer.headers.etag], [200, null, '"2-1"']);
  assert.is((await ask('"2-1"')).status, 304);

  const handler = `/handlers/Alice?as_of=${then}`;
  const known = String((await call("GET", handler)).headers.etag);
  assert.is((await call("GET", handler, { headers: { "if-none-match": known } })).status, 304);
  await call("PATCH", "/handlers/Alice", { body: { name: "Another" } });
  assert.is((await call("GET", handler, { headers: { "if-none-match": known } })).status, 200);
});

it("pages through one moment, whatever is written meanwhile, by link and by cursor", async () => {
  for (let number = 1; number <= 12; number += 1) await report(`incident ${number}`, { severity: 1 + (number % 5) });
  await call("POST", "/teams", { body: { name: "network" } });
  const time = new Date(Date.now() + 60_000).toISOString();
  for (const [url, plural] of [
    ["/queue", "incidents"],
    ["/handlers", "handlers"],
    ["/teams", "teams"],
    ["/incidents/9/timeline", "events"],
  ] as const) {
    for (const follow of ["link", "cursor"] as const) {
      const whole = await call("GET", `${url}?limit=1000`);
      const position = whole.headers["ledger-position"];
      const rows: Json[] = [];
      for (let next: string | null = `${url}?limit=1&count=true&as_of=${time}`; next !== null; ) {
        const answer = await call("GET", next);
        assert.equal([answer.status, answer.headers["ledger-position"]], [200, position], answer.text);
        rows.push(...rowsOf(answer, plural));
        assert.is(answer.json.total, rowsOf(whole, plural).length);
        const link = /<([^>]+)>/.exec(String(answer.headers.link))?.[1] ?? null;
        const { next_cursor } = answer.json;
        assert.is(link === null, next_cursor === null);
        if (link !== null) assert.match(link, `as_of=${position}&`);
        next =
          follow === "link" || link === null ? link : `${url}?limit=1&count=true&as_of=${time}&cursor=${next_cursor}`;
        await report("between the pages", { severity: 1 });
        if (rows.length === 1) await call("POST", "/incidents/1/resolve");
      }
      assert.equal(rows, rowsOf(whole, plural), `${url} by ${follow}`);
      await call("POST", "/incidents/1/reopen");
    }
  }
});

it("takes a cursor only for the moment from which it is", async () => {
  for (let number = 1; number <= 8; number += 1) await report(`incident ${number}`);
  const last = await head();
  const cursorOf = async (query: string) => String((await call("GET", `/queue?limit=1${query}`)).json.next_cursor);
  const past = await cursorOf(`&as_of=${last}`);
  const present = await cursorOf("");
  for (const query of [
    `as_of=${last}&cursor=${present}`,
    `cursor=${past}`,
    `as_of=${last - 2}&cursor=${past}`,
    `as_of=${last}&cursor=${Buffer.from(`[${last + 5},1,"x",1]`).toString("base64url")}`,
    `as_of=${last}&cursor=${Buffer.from(`[0,1,"x",1]`).toString("base64url")}`,
    `as_of=${new Date().toISOString()}&cursor=${Buffer.from(`[-1,1,"x",1]`).toString("base64url")}`,
    `as_of=${last}&cursor=x`,
  ]) {
    const answer = await call("GET", `/queue?${query}`);
    assert.equal([answer.status, faultsOf(answer)], [422, ["cursor"]], query);
  }
  assert.is((await call("GET", `/queue?as_of=${last}&cursor=${past}`)).status, 200);
});

it("is refused where only the present is shown", async () => {
  for (const path of ["/incidents", "/events", "/events/stream", "/statistics"]) {
    const answer = await call("GET", `${path}?as_of=1`);
    assert.equal([answer.status, faultsOf(answer)], [422, ["as_of"]], path);
  }
});
