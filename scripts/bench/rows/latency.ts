import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { drive, inDirectory, p99AtRate, report, startService, startYardstick } from "../load.ts";
import { inTurn, median, spread } from "../measure.ts";
import type { BenchRow } from "../row.ts";

const most = 4;

/** How long a report takes at half the load that the service can take. */
export const latency: BenchRow = {
  key: "latency",
  what: "a report's p99 at half that load, less two fsyncs ÷ the bare route's at the same rate",
  goal: `≤ ${most} ×`,
  run: (settings) =>
    inDirectory(async (directory) => {
      const [noop, service] = [await startYardstick(), await startService(directory)];
      try {
        const asked = { method: "POST", path: "/incidents", body: report } as const;
        await drive(service, asked, settings);
        const { per_second } = await drive(service, asked, settings);
        const calm = { ...settings, per_second: Math.floor(per_second / 2) };
        const turns = await inTurn(
          settings.rounds,
          () => p99AtRate(service, asked, calm),
          () => p99AtRate(noop, asked, calm),
        );
        const fsync_ms = p99OfFsync(join(directory, "probe"));
        const ratios = turns.one.map((p99_ms, index) => Math.max(0, p99_ms - 2 * fsync_ms) / (turns.other[index] ?? 0));
        const value = spread(ratios);
        return {
          value,
          is_reached: value.median <= most,
          details: {
            rate_per_second: calm.per_second,
            p99_ms: spread(turns.one),
            bare_p99_ms: spread(turns.other),
            fsync_p99_ms: fsync_ms,
          },
        };
      } finally {
        await Promise.all([noop.stop(), service.stop()]);
      }
    }),
};

/** What the disk needs for a page and its fdatasync, in ninety-nine of a hundred cases. */
function p99OfFsync(file: string): number {
  const descriptor = openSync(file, "w");
  const page = Buffer.alloc(4096, 1);
  const times = Array.from({ length: 300 }, () => {
    const begun_ms = performance.now();
    writeSync(descriptor, page);
    fdatasyncSync(descriptor);
    return performance.now() - begun_ms;
  }).sort((a, b) => a - b);
  closeSync(descriptor);
  return times[Math.ceil(times.length * 0.99) - 1] ?? median(times);
}
