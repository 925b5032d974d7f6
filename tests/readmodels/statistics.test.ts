import { array, assert as assertProperty, nat, property } from "fast-check";
import * as assert from "uvu/assert";
import { auditList } from "../../src/audit/list-audit.ts";
import { ledgerEventView } from "../../src/http/routes/events/event-view.ts";
import type { IncidentList } from "../../src/readmodels/incident-list.ts";
import { ListUnavailable } from "../../src/readmodels/list-unavailable.ts";
import { ascending, summarise } from "../../src/readmodels/statistics/duration-summaries.ts";
import { statisticsCsv, textCell } from "../../src/readmodels/statistics/statistics-csv.ts";
import { dimensions, type StatisticsQuery } from "../../src/readmodels/statistics/statistics-query.ts";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { naiveStatistics } from "../support/statistics/naive-statistics.ts";
import { suite } from "../support/suite.ts";

const it = suite("the statistics in read.db");

const everything: StatisticsQuery = {
  filters: {},
  by: dimensions,
  teams: [],
  handlers: [],
  format: "json",
  most_groups: 1000,
};

/** The list with its threads, come up with the ledger. */
async function openThread(place: KeptList): Promise<IncidentList> {
  const list = place.openThread();
  assert.ok(await list.waitFor(place.history.position, 20_000), place.faults.join(" "));
  return list;
}

async function ask(list: IncidentList, place: KeptList, query: Partial<StatisticsQuery> = {}) {
  list.wake(place.history.position);
  const { body, position } = await list.statistics({ ...everything, ...query }, place.history.position);
  assert.is(position, place.history.position);
  return JSON.parse(new TextDecoder().decode(body));
}

/** Fails unless the statistics are what the events of the ledger give, counted by hand. */
async function compare(list: IncidentList, place: KeptList): Promise<void> {
  const events = [];
  for (let after = 0; after < place.history.position; ) {
    const page = await place.ledger.read({ after });
    events.push(...page.map(ledgerEventView));
    after = page.at(-1)?.position ?? place.history.position;
  }
  const { all, by_severity, by_team, by_handler, by_day } = await ask(list, place);
  const severities = by_severity.filter((row: { counts: { reported: number } }) => row.counts.reported > 0);
  assert.equal({ all, by_severity: severities, by_team, by_handler, by_day }, naiveStatistics(events));
}

function audit(place: KeptList) {
  return auditList(place.read_db, place.ledger, place.history.incidents).then(({ faults }) => faults);
}

it("follow a ledger in which incidents are deleted and texts erased", async () => {
  const place = await KeptList.grown(21, 500);
  const list = await openThread(place);
  for (let round = 0; round < 4; round += 1) {
    await compare(list, place);
    await place.grow(60);
  }
  await list.close();
  assert.equal(await audit(place), []);
});

it("are the same for many who ask at once, but not computed for any number of questions", async () => {
  const place = await KeptList.grown(22, 200);
  const list = await openThread(place);
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(list, place)));
  for (const answer of answers) assert.equal(answer, answers[0]);
  const questions = Array.from({ length: 60 }, (_, severity) =>
    ask(list, place, { filters: { severity: [severity] } }),
  );
  const outcomes = await Promise.allSettled(questions);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(refused.length > 0 && refused.length < 60, `${refused.length} refused`);
  for (const { reason } of refused) assert.equal([reason instanceof ListUnavailable, reason.reason], [true, "busy"]);
  assert.equal(await ask(list, place), answers[0]);

  const pending = ask(list, place, { filters: { severity: [1] } }).catch((error: unknown) => error);
  await list.close();
  const late = await ask(list, place).catch((error: unknown) => error);
  for (const error of [await pending, late]) {
    if (error instanceof Error) assert.is((error as ListUnavailable).reason, "closed");
  }
  assert.instance(late, ListUnavailable);
});

it("are made again where they are damaged, missing or altered, and verify says so before", async () => {
  const place = await KeptList.grown(24, 400);
  assert.is(await place.visit(), "there is none");
  const damages: readonly (readonly [string, string])[] = [
    ["UPDATE measures SET incidents = zeroblob(length(incidents)) WHERE block = 1", "they are damaged"],
    ["UPDATE measures SET incidents = x'00' WHERE block = 0", "they are damaged"],
    ["DELETE FROM measures WHERE block = 0", "they are missing"],
    ["DELETE FROM measures WHERE block = (SELECT max(block) FROM measures)", "they are missing"],
    ["DELETE FROM measures", "they are missing"],
  ];
  for (const [damage, expected] of damages) {
    place.alter(damage);
    assert.match((await audit(place)).join(), expected);
    const list = await place.openWithoutThread();
    await compare(list, place);
    assert.ok(list.faults > 0, damage);
    await list.close();
    assert.equal(await audit(place), [], damage);
  }
});

it("are made again by the thread that folds into a damaged block", async () => {
  const place = await KeptList.grown(25, 300);
  await place.visit();
  place.alter("UPDATE measures SET checksum = checksum + 1");
  await place.grow(400);
  const list = await place.openWithoutThread();
  await compare(list, place);
  await list.close();
  assert.equal(await audit(place), []);
});

it("are built anew where a name is damaged or gone", async () => {
  for (const damage of ["UPDATE measure_names SET name = 'x' WHERE id = 1", "DELETE FROM measure_names WHERE id = 1"]) {
    const place = await KeptList.grown(26, 200);
    await place.visit();
    place.alter(damage);
    assert.ok((await audit(place)).length > 0);
    const list = await place.openWithoutThread();
    await place.compare(list);
    const error = await ask(list, place).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    assert.instance(error, ListUnavailable);
    assert.ok(await list.waitFor(place.history.position, 1));
    await compare(list, place);
    await list.close();
  }
});

it("say that a block was written for other incidents", async () => {
  const place = await KeptList.grown(27, 600);
  await place.visit();
  place.alter(
    "UPDATE measures SET (incidents, checksum) = (SELECT incidents, checksum FROM measures WHERE block = 1) WHERE block = 0",
  );
  assert.match((await audit(place)).join(), "measures of incidents 1 to 70: they are damaged");
});

it("have exact percentiles by nearest rank in every group, however long the durations", () => {
  const durations = array(
    nat({ max: 40 }).map((power) => 2 ** power + power),
    { maxLength: 300 },
  );
  const holds = property(durations, nat({ max: 9 }), (values, groups) => {
    const all = Float64Array.from(values, (value, index) => (index % 7 === 3 ? Number.NaN : value));
    const group_of = Uint16Array.from(values, (_, index) => index % (groups + 1));
    const summaries = summarise(ascending(all), group_of, groups + 1);
    for (let group = 0; group <= groups; group += 1) {
      const sorted = [...all].filter((value, index) => group_of[index] === group && !Number.isNaN(value));
      sorted.sort((a, b) => a - b);
      const rank = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
      const { count, p50_ms, p90_ms, p99_ms, max_ms } = summaries[group] ?? {};
      assert.equal([count, p50_ms, p90_ms], [sorted.length, rank(50), rank(90)]);
      assert.equal([p99_ms, max_ms], [rank(99), sorted.at(-1) ?? null]);
    }
  });
  assertProperty(holds, { numRuns: 200 });
});

it("as CSV have no cell that a spreadsheet takes for a formula, and quotes where RFC 4180 wants them", () => {
  const cells: readonly (readonly [string, string])[] = [
    ["Alice", "Alice"],
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\tx", "'\tx"],
    ["\rx", `"'\rx"`],
    ["\nx", `"'\nx"`],
    ["＝1", "'＝1"],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['="x",1', `"'=""x"",1"`],
    ["2023-12-17", "2023-12-17"],
    ["", ""],
  ];
  for (const [text, cell] of cells) assert.is(textCell(text), cell);
  const nothing = { count: 0, mean_ms: null, p50_ms: null, p90_ms: null, p99_ms: null, max_ms: null };
  const row = { counts: [1, 2], durations: [nothing] };
  const csv = statisticsCsv({
    all: { key: null, ...row },
    by: [{ dimension: "team", rows: [{ key: "=x", ...row }] }],
  });
  assert.equal(csv.split("\r\n").slice(1), ["all,,1,2,0,,,,,", "team,'=x,1,2,0,,,,,", ""]);
});
