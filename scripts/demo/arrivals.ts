import { type DemoTeam, demoTeams, things } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import type { ReportStep } from "./step.ts";

/** An incident to come. */
export interface Arrival {
  readonly at_seconds: number;
  readonly report: ReportStep;
  /** The incident whose consequence it is: it will be merged into that, if anybody notices in time. */
  readonly root: number | null;
}

const day = 24 * 3600;
/** How busy each hour is, from six in the morning on. */
const hours = [3, 4, 7, 9, 10, 9, 8, 9, 10, 9, 8, 7, 6, 5, 5, 4, 3, 2, 2, 2, 1, 1, 1, 2];
const severityWeights = [4, 14, 42, 28, 12];
/** When one fault sets off many reports at once, and which share of the day they are. */
const storms = [
  { at: 4.6 * 3600, share: 0.06, team: 0 },
  { at: 9.4 * 3600, share: 0.05, team: 2 },
];

interface Raw {
  readonly at_seconds: number;
  readonly team: DemoTeam;
  /** The storm it belongs to, if any; the first of a storm is its cause. */
  readonly storm: number | null;
}

/** All incidents of a day, in the order in which they are reported. */
export function arrivalsOf(incidents: number, chance: Chance): Arrival[] {
  const raw: Raw[] = storms.flatMap(({ at, share, team }, storm) =>
    Array.from({ length: Math.floor(incidents * share) }, (_, index) => ({
      at_seconds: at + (index === 0 ? 0 : chance.between(20, 900)),
      team: demoTeams[team] ?? first(),
      storm,
    })),
  );
  while (raw.length < incidents) {
    const at_seconds = (chance.weighted(hours) + chance.next()) * (day / hours.length);
    const team = demoTeams[chance.weighted(demoTeams.map(({ share }) => share))] ?? first();
    raw.push({ at_seconds, team, storm: null });
  }
  const sorted = raw.sort((a, b) => a.at_seconds - b.at_seconds).slice(0, incidents);
  const roots = new Map<number, number>();
  return sorted.map(({ at_seconds, team, storm }, index) => {
    const incident = index + 1;
    const root = storm === null ? null : (roots.get(storm) ?? null);
    if (storm !== null && root === null) roots.set(storm, incident);
    const urgent = storm !== null && root === null;
    return { at_seconds: Math.round(at_seconds), report: reportOf(incident, team, urgent, chance), root };
  });
}

function first(): DemoTeam {
  const [team] = demoTeams;
  if (team === undefined) throw new Error("there are no teams");
  return team;
}

function reportOf(incident: number, { team, kinds }: DemoTeam, urgent: boolean, chance: Chance): ReportStep {
  const kind = chance.pick(kinds);
  const used: Record<string, string> = {};
  const title = chance.pick(kind.titles).replace(/\{(\w+)\}/g, (_, name: string) => {
    used[name] = chance.pick(things[name] ?? [name]);
    return used[name];
  });
  const { number: _, ...labels } = used;
  const repeats = kind.source !== "helpdesk" && chance.happens(0.15);
  return {
    kind: "report",
    incident,
    team,
    type: kind.type,
    title: title.charAt(0).toUpperCase() + title.slice(1),
    description: kind.description,
    severity: urgent ? 1 : chance.weighted(severityWeights) + 1,
    source: kind.source,
    labels,
    ...(repeats ? { dedup_key: `${team}-${incident}` } : {}),
  };
}
