import * as assert from "uvu/assert";
import { type Minute, whatGrew } from "../../scripts/soak/growth.ts";
import { suite } from "../support/suite.ts";

const it = suite("npm run soak");

const steady: Omit<Minute, "minute"> = {
  incidents: 1200,
  memory_mb: 300,
  p50_ms: 4,
  p99_ms: 20,
  ledger_wal_mb: 4,
  list_wal_mb: 16,
};

function minutes(count: number, figureAt: (minute: number) => Partial<Minute>): Minute[] {
  return Array.from({ length: count }, (_, minute) => ({ minute, ...steady, ...figureAt(minute) }));
}

it("names nothing where figures only vary, or grow while the service warms up", () => {
  assert.equal(
    whatGrew(minutes(60, (minute) => ({ memory_mb: 300 + (minute % 7) * 5, p99_ms: minute === 50 ? 900 : 20 }))),
    [],
  );
  assert.equal(whatGrew(minutes(60, (minute) => ({ memory_mb: Math.min(300, 200 + minute * 10) }))), []);
  assert.equal(whatGrew(minutes(5, (minute) => ({ memory_mb: 100 * minute }))), []);
});

it("names each figure that goes on growing", () => {
  assert.equal(whatGrew(minutes(60, (minute) => ({ memory_mb: 200 + 10 * minute, ledger_wal_mb: 2 * minute }))), [
    "memory_mb grew from 500 to 700.",
    "ledger_wal_mb grew from 60 to 100.",
  ]);
});
