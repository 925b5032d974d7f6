import { bearerOf, isOpen } from "../../../projections/incident.ts";
import { after } from "../../../projections/instant.ts";
import { incidentFact, present, textOf } from "../new-event.ts";
import { refuse } from "./accepted.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

const minute_ms = 60 * 1000;
const year_ms = 366 * 24 * 60 * minute_ms;

/** Rule 9: asleep until a time, at most a year away; without one, for as long as the team's rules say. */
export function snooze(until: string | undefined, minutes: number | undefined): Step {
  return ({ board, context, reason, word }, incident) => {
    if (!isOpen(incident.status)) return illegal(incident, "snoozed");
    const default_minutes = board.teams.get(incident.team)?.rules.default_snooze_minutes ?? 24 * 60;
    const end = until ?? after(context.at, (minutes ?? default_minutes) * minute_ms);
    const field = until === undefined && minutes !== undefined ? "minutes" : "until";
    if (incident.status === "snoozed" && incident.snoozed_until === end) return [];
    if (end <= context.at) {
      return refuse("until-not-in-the-future", `${end} is not in the future: it is ${context.at}.`, field);
    }
    if (end > after(context.at, year_ms)) {
      return refuse("until-too-far", "An incident sleeps for a year at most.", field);
    }
    const from = incident.status === "snoozed" ? incident.snoozed_from : bearerOf(incident);
    const data = { until: end, from, ...present({ word }) };
    return [incidentFact(incident.number, "incident.snoozed", data, textOf({ reason }))];
  };
}

/** Awake before its time. */
export const askToWake: Step = ({ word }, incident) => {
  if (incident.status === "snoozed") return [incidentFact(incident.number, "incident.wake-asked", present({ word }))];
  return isOpen(incident.status) ? [] : illegal(incident, "woken");
};
