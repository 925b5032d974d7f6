import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { spread } from "../measure.ts";
import type { BenchRow } from "../row.ts";

/** What has a program of its own, and is only gathered here. */
export const others: readonly BenchRow[] = [
  {
    key: "disk",
    what: "bytes on disk per incident of five events, in ledger.db (`npm run disk-use` explains them)",
    goal: "told",
    run: async () => {
      const told = run<{ ledger: Bytes; read_db: Bytes; keys: Bytes }>("disk-use.ts", ["--json"]);
      return {
        value: spread([told.ledger.bytes_per_incident]),
        is_reached: true,
        details: {
          read_db_bytes_per_incident: told.read_db.bytes_per_incident,
          keys_bytes_per_incident: told.keys.bytes_per_incident,
        },
      };
    },
  },
  {
    key: "feed",
    what: "milliseconds from desk time to arrival, p99, of 1,000 event-stream clients at 100 events a second",
    goal: "< 250 ms, every one gets every event in order",
    run: async ({ seconds }) => {
      const told = run<Feed>("bench-feed.ts", ["--json", "--seconds", String(5 * seconds)]);
      return {
        value: spread([told.p99_ms]),
        is_reached: told.p99_ms < 250 && told.broken === 0,
        details: { clients: told.clients, events: told.events, broken: told.broken, p50_ms: told.p50_ms },
      };
    },
  },
];

interface Bytes {
  readonly bytes_per_incident: number;
}

interface Feed {
  readonly clients: number;
  readonly events: number;
  readonly broken: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
}

function run<Told>(script: string, args: readonly string[]): Told {
  const program = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program, ...args], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return JSON.parse(stdout) as Told;
}
