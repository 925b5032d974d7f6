import { copyFileSync, writeFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { ListUnavailable } from "../../src/readmodels/list-unavailable.ts";
import { KeptList } from "../support/readmodels/kept-list.ts";
import { suite } from "../support/suite.ts";

const it = suite("the thread that keeps the list");

it("builds it, and follows the ledger", async () => {
  const place = await KeptList.grown(1);
  const list = place.openThread();
  for (let round = 0; round < 10; round += 1) {
    await place.grow(20);
    list.wake(place.history.position);
    await place.compare(list);
  }
  await list.close();
  await place.grow(50);
  assert.is(await place.visit(), "");
});

it("is empty for a ledger without incidents, and says that it cannot be asked before it is built", async () => {
  const place = new KeptList(1);
  const list = place.openThread();
  assert.is(list.state, "building");
  const error = await list.page({ limit: 10 }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ListUnavailable);
  await place.history.open();
  list.wake(place.history.position);
  const page = await list.page({ limit: 10 }, place.history.position);
  assert.equal(page.rows, []);
  assert.is(list.state, "ready");
  assert.is(await list.waitFor(place.history.position + 1, 50), false);
  await list.close();
});

it("is repaired while it is being read and its file is changed under it", async () => {
  const place = await KeptList.grown(9);
  const list = place.openThread();
  await place.compare(list);
  const [first] = await place.numbers();
  place.alter(`UPDATE states SET state = 'x' WHERE number = ${first}`);
  await place.compare(list);
  assert.is(list.faults, 1);
  await place.grow(30);
  list.wake(place.history.position);
  await place.compare(list);
  await list.close();
});

it("is built anew where a table of its file is gone, and is unavailable meanwhile", async () => {
  const place = await KeptList.grown(11);
  const list = place.openThread();
  await place.compare(list);
  place.alter("DROP TABLE states");
  const error = await list.page({ limit: 10 }, place.history.position).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ListUnavailable);
  assert.ok(await list.waitFor(place.history.position, 10_000));
  await place.compare(list);
  await list.close();
});

it("starts its thread again, with growing pauses, and never throws what ended it", async () => {
  const place = await KeptList.grown(10);
  const away = `${place.ledger_file}.away`;
  const list = place.openThread();
  await place.compare(list);
  await list.close();

  await place.ledger.close();
  copyFileSync(place.ledger_file, away);
  writeFileSync(place.ledger_file, "no ledger");
  place.faults.length = 0;
  const failing = place.openThread();
  while (place.faults.length < 3) assert.is(await failing.waitFor(place.history.position, 50), false);
  assert.is(failing.state, "failing");
  const error = await failing.page({ limit: 1 }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, ListUnavailable);
  assert.match(place.faults.join(" "), /100 ms.*200 ms/);
  copyFileSync(away, place.ledger_file);
  place.ledger = place.openLedger();
  await place.compare(failing);
  assert.is(await failing.snapshot(), true);
  assert.is(failing.state, "ready");
  await failing.close();
});

it("answers many at once while it is being folded", async () => {
  const place = await KeptList.grown(12);
  const list = place.openThread();
  await place.compare(list);
  const pages = [];
  for (let round = 0; round < 10; round += 1) {
    await place.grow(10);
    list.wake(place.history.position);
    const { position } = place.history;
    pages.push(
      ...["severity", "timestamp", "number"].map(async (sort) => {
        const page = await list.page({ limit: 50, sort: sort as "number" }, position);
        assert.ok(page.position >= position);
      }),
    );
  }
  await Promise.all(pages);
  await list.close();
  assert.instance(await list.page({ limit: 1 }).catch((error: unknown) => error), ListUnavailable);
});
