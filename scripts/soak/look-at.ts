import { statSync } from "node:fs";
import { join } from "node:path";
import { residentOf } from "../torture/service-watch.ts";
import type { Minute } from "./growth.ts";

/** What one minute is told of, and where to look for the rest. */
interface Looked extends Pick<Minute, "minute" | "incidents"> {
  readonly latencies_ms: readonly number[];
  readonly pid: number;
  readonly data_dir: string;
}

/** Looks at a service and its files at the end of a minute. */
export function lookAt({ minute, incidents, latencies_ms, pid, data_dir }: Looked): Minute {
  const sorted = [...latencies_ms].sort((a, b) => a - b);
  const quantile = (part: number): number => rounded(sorted[Math.floor((sorted.length - 1) * part)] ?? 0);
  return {
    minute,
    incidents,
    memory_mb: residentOf(pid),
    p50_ms: quantile(0.5),
    p99_ms: quantile(0.99),
    ledger_wal_mb: megabytesOf(join(data_dir, "ledger.db-wal")),
    list_wal_mb: megabytesOf(join(data_dir, "read.db-wal")),
  };
}

function megabytesOf(file: string): number {
  return rounded((statSync(file, { throwIfNoEntry: false })?.size ?? 0) / 2 ** 20);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
