import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Metric } from "prom-client";
import { gauge, type Sample } from "./metric.ts";
import type { MetricSources } from "./sources.ts";

const files = ["ledger.db", "ledger.db-wal", "read.db", "read.db-wal", "vault.db"];

/** What lies in the data directory: sizes, the room that is left, the newest snapshot. */
export function fileMetrics({ config, runtime, desk }: MetricSources): Metric[] {
  const { data_dir } = config;
  if (data_dir === undefined) return [];
  return [
    gauge("incident_ledger_file_size_bytes", "Size of a file of the data directory; 0 where there is none", () =>
      Promise.all(
        files.map(async (file) => {
          const size = (await stat(join(data_dir, file)).catch(() => null))?.size ?? 0;
          return { labels: { file }, value: size };
        }),
      ),
    ),
    gauge("incident_ledger_disk_free_bytes", "Room left on the disk of the data directory", async () => {
      const disk = await statfs(data_dir).catch(() => null);
      return disk === null ? [] : [{ value: disk.bavail * disk.bsize }];
    }),
    gauge(
      "incident_ledger_snapshot_lag_positions",
      "How many positions the newest snapshot of the board is behind the ledger: what a start has to fold",
      async () => {
        const { position } = await newestSnapshot(data_dir);
        return [{ value: Math.max(0, desk.durable_position - position) }];
      },
    ),
    gauge(
      "incident_ledger_snapshot_age_seconds",
      "Time since the newest snapshot of the board was written; none where there is no snapshot",
      async (): Promise<Sample[]> => {
        const { file } = await newestSnapshot(data_dir);
        const written = file === null ? null : await stat(file).catch(() => null);
        return written === null ? [] : [{ value: Math.max(0, runtime.now() - written.mtimeMs) / 1000 }];
      },
    ),
  ];
}

/** The snapshot of the highest position, by its name; position 0 where there is none. */
async function newestSnapshot(data_dir: string): Promise<{ readonly file: string | null; readonly position: number }> {
  const directory = join(data_dir, "snapshots");
  let newest = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    newest = Math.max(newest, Number(/^board-(\d{1,15})\.json$/.exec(name)?.[1] ?? 0));
  }
  return { file: newest === 0 ? null : join(directory, `board-${newest}.json`), position: newest };
}
