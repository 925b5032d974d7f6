import * as assert from "uvu/assert";
import { forgetOldKeys } from "../../src/desk/old-keys.ts";
import { forgottenAtOnce } from "../../src/ledger/ledger.ts";
import { keyOf, openDesk } from "../support/desk-under-test.ts";
import { FakeRuntime, settled } from "../support/fake-runtime.ts";
import { suite } from "../support/suite.ts";

const it = suite("old idempotency keys");

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const never = "0000";

async function deskWithKeys(runtime: FakeRuntime, count: number) {
  const place = await openDesk({ runtime });
  for (let key = 0; key < count; key += 1)
    await place.report().then(() => place.run(comment, { idempotency: keyOf(`${key}`) }));
  const isKnown = async (key: number) => (await place.ledger.idempotencyOf("admin", `${key}`, never)) !== null;
  return { ...place, isKnown };
}

const comment = { kind: "comment", incident: 1, text: "is it there?" } as const;

it("are dropped after seven days, soon after the start and every hour", async () => {
  const runtime = new FakeRuntime();
  const { desk, ledger, isKnown } = await deskWithKeys(runtime, 2);
  const stop = forgetOldKeys({ desk, ledger, runtime, onTrouble: () => {} });
  await runtime.pass(7 * day_ms - hour_ms);
  assert.ok(await isKnown(1));
  await runtime.pass(2 * hour_ms);
  assert.not(await isKnown(1));
  stop();
  await settled();
  assert.is(runtime.timers, 0);
});

it("are dropped in time even where the wall clock once ran years ahead", async () => {
  const runtime = new FakeRuntime();
  runtime.setWallClock("2036-01-01T00:00:00.000Z");
  const { desk, ledger, isKnown } = await deskWithKeys(runtime, 1);
  runtime.setWallClock("2026-01-05T08:00:00.000Z");
  forgetOldKeys({ desk, ledger, runtime, onTrouble: () => {} });
  await runtime.pass(6 * day_ms);
  assert.ok(await isKnown(0));
  await runtime.pass(2 * day_ms);
  assert.not(await isKnown(0));
});

it("are dropped in portions, one soon after the other, until none is left", async () => {
  const runtime = new FakeRuntime();
  const { desk } = await openDesk({ runtime });
  let left = 12 * forgottenAtOnce + 7;
  const asked: string[] = [];
  const ledger = {
    forgetIdempotency: async (before: string) => {
      asked.push(before);
      const dropped = Math.min(left, forgottenAtOnce);
      left -= dropped;
      return dropped;
    },
  };
  forgetOldKeys({ desk, ledger, runtime, onTrouble: () => {} });
  await runtime.pass(62_000);
  assert.is(left, 0);
  assert.is(asked.length, 14);
});

it("stay where the storage fails, and are tried again an hour later", async () => {
  const runtime = new FakeRuntime();
  const { desk } = await openDesk({ runtime });
  const troubles: string[] = [];
  let tries = 0;
  const ledger = {
    forgetIdempotency: async () => {
      tries += 1;
      if (tries === 1) throw new Error("the disk is full");
      return 0;
    },
  };
  forgetOldKeys({ desk, ledger, runtime, onTrouble: (what) => troubles.push(what) });
  await runtime.pass(2 * hour_ms);
  assert.equal([tries, troubles], [2, ["old idempotency keys could not be dropped"]]);
});
