import * as assert from "uvu/assert";
import { fillLedger } from "../../scripts/bench/fill-ledger.ts";
import { day_seconds, generateDay } from "../../scripts/demo/generate-day.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("a generated day");

it("is the same for the same seed, and another for another", () => {
  const day = generateDay({ seed: 7, incidents: 200 });
  assert.equal(day, generateDay({ seed: 7, incidents: 200 }));
  assert.not.equal(day, generateDay({ seed: 8, incidents: 200 }));
});

it("is in order, with all that can happen, and the incidents that were asked for", () => {
  const day = generateDay({ seed: 1, incidents: 300 });
  const times = day.map(({ at_seconds }) => at_seconds);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(times.every((at) => at >= 0 && at < day_seconds));
  const opened = new Set(day.flatMap((step) => (step.kind === "report" ? [step.incident] : [])));
  assert.is(opened.size, 300);
  const kinds = new Set(day.map(({ kind }) => kind));
  for (const kind of [
    "shift",
    "acknowledge",
    "comment",
    "escalate",
    "hand-over",
    "snooze",
    "merge",
    "resolve",
    "dismiss",
    "reopen",
  ]) {
    assert.ok(kinds.has(kind as "shift"), `nobody does ${kind}`);
  }
  assert.ok(new Set(day.flatMap((step) => (step.kind === "report" ? [step.title] : []))).size > 80);
  for (const incidents of [1, 2, 10]) {
    const few = generateDay({ seed: 3, incidents }).flatMap((step) => (step.kind === "report" ? [step.incident] : []));
    assert.is(new Set(few).size, incidents);
  }
});

it("fills a ledger through the desk, which verifies", async () => {
  const data_dir = freshDirectory();
  const filled = await fillLedger({ data_dir, seed: 2, incidents: 60, begins: "2026-01-05T06:00:00.000Z" });
  assert.ok(filled.written > 200, JSON.stringify(filled));
  assert.ok(filled.refused < filled.written / 20, JSON.stringify(filled));
  const { code, stdout, stderr } = await runCli(["verify", "--data-dir", data_dir]);
  assert.is(code, 0, stdout + stderr);
});
