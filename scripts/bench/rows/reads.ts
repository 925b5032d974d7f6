import { ask, compared, drive, inDirectory, report, startService, startYardstick } from "../load.ts";
import { inTurn } from "../measure.ts";
import type { BenchRow, BenchSettings, Measured } from "../row.ts";
import type { ServerProcess } from "../server-process.ts";

const pending = 10_000;

/** What people and machines read most. */
export const reads: readonly BenchRow[] = [
  {
    key: "incident",
    what: "GET /incidents/{id} ÷ a bare route that serves the same JSON",
    goal: "≥ 0.8 ×",
    run: (settings) => readsPerSecond(settings, { path: "/incidents/1", pending: 1, least: 0.8 }),
  },
  {
    key: "queue",
    what: "GET /queue, first page of 10,000 pending ÷ a bare route that serves the same JSON",
    goal: "≥ 0.5 ×",
    run: (settings) => readsPerSecond(settings, { path: "/queue", pending, least: 0.5 }),
  },
  {
    key: "handlers",
    what: "GET /handlers with 10,000 pending ÷ a bare route that serves the same JSON",
    goal: "≥ 0.5 ×",
    run: (settings) => readsPerSecond(settings, { path: "/handlers", pending, least: 0.5 }),
  },
];

interface Read {
  readonly path: string;
  readonly pending: number;
  readonly least: number;
}

function readsPerSecond(settings: BenchSettings, { path, pending: wanted, least }: Read): Promise<Measured> {
  return inDirectory(async (directory) => {
    const service = await startService(directory);
    const servers = [service];
    try {
      await reportMany(service, wanted + 3);
      const bare = await startYardstick(await ask<unknown>(service, "GET", path));
      servers.push(bare);
      const turns = await inTurn(
        settings.rounds,
        () => drive(service, { method: "GET", path }, settings),
        () => drive(bare, { method: "GET", path: "/constant" }, settings),
      );
      const { value, speeds } = compared(turns.one, turns.other);
      return { value, is_reached: value.median >= least, details: speeds };
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
}

async function reportMany(service: ServerProcess, count: number): Promise<void> {
  const at_once = 64;
  const body: object = JSON.parse(report);
  for (let done = 0; done < count; done += at_once) {
    const wave = Array.from({ length: Math.min(at_once, count - done) }, () =>
      ask(service, "POST", "/incidents", body),
    );
    await Promise.all(wave);
  }
}
