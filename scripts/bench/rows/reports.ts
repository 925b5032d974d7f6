import { compared, countIncidents, drive, inDirectory, report, startService, startYardstick } from "../load.ts";
import { inTurn, spread } from "../measure.ts";
import type { BenchRow } from "../row.ts";

const least = 0.5;

/** Reports per second, next to a bare route. */
export const reports: BenchRow = {
  key: "reports",
  what: "reports per second over HTTP, durable, hash-chained, settled, readable when answered ÷ a bare route",
  goal: `≥ ${least} × (0.4 at the very least)`,
  run: (settings) =>
    inDirectory(async (directory) => {
      const [noop, service] = [await startYardstick(), await startService(directory)];
      try {
        let answered = 0;
        const asked = { method: "POST", path: "/incidents", body: report } as const;
        const ours = async () => {
          const round = await drive(service, asked, settings);
          answered += round.answered;
          // The list is folded up to date here, so that nothing is left over for the yardstick's next round.
          const begun_ms = performance.now();
          await countIncidents(service);
          return { ...round, behind_ms: performance.now() - begun_ms };
        };
        const turns = await inTurn(settings.rounds, ours, () => drive(noop, asked, settings));
        const held = await countIncidents(service);
        if (held < answered) throw new Error(`${answered} reports were answered, but only ${held} can be read`);
        const { value, speeds } = compared(turns.one, turns.other);
        return {
          value,
          is_reached: value.median >= least,
          details: {
            ...speeds,
            p99_ms: spread(turns.one.map((round) => round.p99_ms)),
            bare_p99_ms: spread(turns.other.map((round) => round.p99_ms)),
            list_behind_ms: spread(turns.one.map((round) => round.behind_ms)),
            incidents_answered: answered,
            incidents_readable: held,
          },
        };
      } finally {
        await Promise.all([noop.stop(), service.stop()]);
      }
    }),
};
