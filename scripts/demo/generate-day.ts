import { arrivalsOf } from "./arrivals.ts";
import { demoTeams } from "./catalogue.ts";
import { Chance } from "./chance.ts";
import { Imagined } from "./imagined.ts";
import { rosterOf } from "./roster.ts";
import type { Step } from "./step.ts";

/** What sort of day it is. */
export interface DayOptions {
  /** The same seed gives the same day, on every machine. */
  readonly seed: number;
  /** How many incidents are opened, from 1. More incidents take less time each, so that the day stays as busy. */
  readonly incidents: number;
}

/** How long a day is. */
export const day_seconds = 24 * 3600;

/**
 * A day of a company's incidents, step by step, in the order of time: four teams, shifts and breaks, two storms, and for each
 * incident what becomes of it. Pure. Who is free when is imagined by the generator, roughly as the desk's rules have it; a
 * desk that decides otherwise may refuse a step now and then, which is no harm.
 */
export function generateDay({ seed, incidents }: DayOptions): Step[] {
  const chance = new Chance(seed);
  const steps: Step[] = demoTeams.flatMap(({ team, handlers }) => [
    { at_seconds: 0, kind: "team" as const, team },
    ...handlers.map(([handler, capacity]) => ({ at_seconds: 0, kind: "handler" as const, handler, team, capacity })),
  ]);
  const imagined = new Imagined(chance, Math.min(3, 300 / incidents), (step) => steps.push(step));
  for (const team of demoTeams) {
    for (const [handler, capacity] of team.handlers) imagined.hire(handler, team.team, capacity);
    for (const change of rosterOf(team, chance)) imagined.plan(change.at_seconds, () => imagined.change(change));
  }
  for (const arrival of arrivalsOf(incidents, chance))
    imagined.plan(arrival.at_seconds, () => imagined.arrive(arrival));
  imagined.runUntil(day_seconds);
  return steps;
}
