import * as assert from "uvu/assert";
import { HistogramCell } from "../../src/metrics/histogram.ts";
import { suite } from "../support/suite.ts";

const it = suite("a histogram");

it("counts a value in the bucket of its bound, and adds the buckets up", () => {
  const cell = new HistogramCell([1, 5]);
  for (const value of [0, 1, 1.5, 5, 6, 100]) cell.observe(value);
  const samples = [...cell.samples("x", { a: "b" })];
  assert.equal(
    samples.map(({ metricName, labels, value }) => [metricName, labels?.le, value]),
    [
      ["x_bucket", 1, 2],
      ["x_bucket", 5, 4],
      ["x_bucket", "+Inf", 6],
      ["x_sum", undefined, 113.5],
      ["x_count", undefined, 6],
    ],
  );
  assert.is(cell.count, 6);
});
