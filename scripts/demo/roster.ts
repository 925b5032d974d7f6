import type { DemoTeam } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import type { Step } from "./step.ts";

const hour = 3600;
/** Early, late, night, in seconds since six in the morning. They overlap by half an hour. */
const shifts = [
  { name: "early", from: 0, to: 8.5 * hour },
  { name: "late", from: 8 * hour, to: 16.5 * hour },
  { name: "night", from: 16 * hour, to: 24 * hour },
] as const;

type Shift = Extract<Step, { kind: "shift" }>;

/** Who comes and goes when: shifts, breaks, and now and then somebody who has to leave and drops everything. */
export function rosterOf(team: DemoTeam, chance: Chance): Shift[] {
  return team.handlers.flatMap(([handler], index) => {
    const shift = shifts[index % shifts.length] ?? shifts[0];
    const at = (at_seconds: number, available: boolean, release: boolean, reason: string): Shift => ({
      at_seconds: Math.round(at_seconds),
      kind: "shift",
      handler,
      team: team.team,
      available,
      release,
      reason,
    });
    const begins = at(shift.from, true, false, `${shift.name} shift begins`);
    const away = shift.from === 0 ? [] : [at(0, false, true, "not on shift")];
    const pause_at = shift.from + chance.between(3, 5) * hour;
    const pause = [at(pause_at, false, false, "break"), at(pause_at + hour / 2, true, false, "back from the break")];
    const leaves_early = chance.happens(0.15);
    const end = leaves_early ? shift.to - chance.between(1, 2) * hour : shift.to;
    const ends = at(end, false, true, leaves_early ? "has to leave" : `${shift.name} shift ends`);
    return [...away, begins, ...pause, ...(end < 24 * hour ? [ends] : [])];
  });
}
