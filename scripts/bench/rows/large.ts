import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { writeClosedLedger } from "../closed-ledger.ts";
import { countIncidents, drive, report, startService } from "../load.ts";
import { inTurn, ratios, spread } from "../measure.ts";
import type { BenchRow, BenchSettings, Measured } from "../row.ts";

/** What becomes of the service when its ledger has grown large. They share the ledger; the last one reports into it. */
export const large: readonly BenchRow[] = [
  {
    key: "memory",
    what: "heap after a collection, and external, with many closed incidents ÷ with none",
    goal: "≤ 1.5 ×",
    run: (settings) => withBoth(settings, memory),
  },
  {
    key: "start",
    what: "from start to ready with a large ledger ÷ with an empty one",
    goal: "≤ 2 ×",
    run: (settings) => withBoth(settings, startToReady),
  },
  {
    key: "large",
    what: "reports per second with many closed incidents in the ledger ÷ with none",
    goal: "≥ 0.9 ×",
    run: (settings) => withBoth(settings, reportsPerSecond),
  },
];

interface Both {
  readonly full: string;
  readonly empty: string;
  readonly events: number;
}

let made: Promise<Both> | undefined;

async function withBoth(
  settings: BenchSettings,
  work: (both: Both, settings: BenchSettings) => Promise<Measured>,
): Promise<Measured> {
  made ??= makeBoth(settings.incidents);
  const both = await made;
  const measured = await work(both, settings);
  return { ...measured, details: { incidents: settings.incidents, events: both.events, ...measured.details } };
}

/** Makes a large ledger and an empty one, each with its list and its snapshot, as a service leaves them that was stopped. */
async function makeBoth(incidents: number): Promise<Both> {
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-bench-large-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  const [full, empty] = [join(directory, "full"), join(directory, "empty")];
  const { position: events } = await writeClosedLedger(full, incidents);
  for (const data_dir of [full, empty]) {
    const service = await startService(data_dir);
    await listed(service);
    await service.stop();
  }
  return { full, empty, events };
}

/** Waits until the list can be asked: after a large ledger it is built for minutes. */
async function listed(service: Parameters<typeof countIncidents>[0]): Promise<void> {
  for (;;) {
    try {
      await countIncidents(service);
      return;
    } catch {
      await sleep(500);
    }
  }
}

async function reportsPerSecond({ full, empty }: Both, settings: BenchSettings): Promise<Measured> {
  const services = [await startService(full), await startService(empty)] as const;
  try {
    const asked = { method: "POST", path: "/incidents", body: report } as const;
    const turn = (service: (typeof services)[number]) => async () => {
      const { per_second } = await drive(service, asked, settings);
      await listed(service);
      return per_second;
    };
    const turns = await inTurn(settings.rounds, turn(services[0]), turn(services[1]));
    const value = ratios(turns.one, turns.other);
    return {
      value,
      is_reached: value.median >= 0.9,
      details: { per_second: spread(turns.one), empty_per_second: spread(turns.other) },
    };
  } finally {
    await Promise.all(services.map((service) => service.stop()));
  }
}

async function startToReady({ full, empty }: Both, { rounds }: BenchSettings): Promise<Measured> {
  const turns = await inTurn(
    rounds,
    () => timeToReady(full),
    () => timeToReady(empty),
  );
  rmSync(join(full, "snapshots"), { recursive: true });
  const without_snapshot_ms = await timeToReady(full);
  const value = ratios(turns.one, turns.other);
  return {
    value,
    is_reached: value.median <= 2,
    details: { ready_ms: spread(turns.one), empty_ready_ms: spread(turns.other), without_snapshot_ms },
  };
}

async function timeToReady(data_dir: string): Promise<number> {
  const begun_ms = performance.now();
  const service = await startService(data_dir);
  try {
    for (;;) {
      const { statusCode, body } = await request(`${service.url}/readyz`);
      await body.dump();
      if (statusCode === 200) return performance.now() - begun_ms;
      await sleep(5);
    }
  } finally {
    await service.stop();
  }
}

async function memory({ full, empty }: Both, { rounds }: BenchSettings): Promise<Measured> {
  const turns = await inTurn(
    rounds,
    async () => bytesOf(full),
    async () => bytesOf(empty),
  );
  const value = ratios(turns.one, turns.other);
  return {
    value,
    is_reached: value.median <= 1.5,
    details: { bytes: spread(turns.one), empty_bytes: spread(turns.other) },
  };
}

function bytesOf(data_dir: string): number {
  const program = fileURLToPath(new URL("../memory-of-service.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", program, data_dir],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(stdout);
}
