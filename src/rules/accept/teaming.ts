import { isOpen } from "../../../projections/incident.ts";
import { incidentFact, textOf } from "../new-event.ts";
import { refuse } from "./accepted.ts";
import { isRefused, keyConflict, namedTeam } from "./references.ts";
import type { Step } from "./step.ts";
import { illegal } from "./transitions.ts";

/** Rule 17: an open incident goes to another existing team. */
export function move(team_name: string): Step {
  return ({ board, reason }, incident) => {
    const team = namedTeam(board, team_name);
    if (isRefused(team)) return team;
    if (team.team === incident.team) return [];
    if (!isOpen(incident.status)) return illegal(incident, "moved");
    const conflict = keyConflict(board, team.team, incident);
    if (conflict !== undefined) return conflict;
    const data = { from: incident.team, to: team.team };
    return [incidentFact(incident.number, "incident.moved", data, textOf({ reason }))];
  };
}

/** Rule 11: it is a duplicate of another open incident of its team; all its keys lead there from now on. */
export function merge(into: number): Step {
  return ({ board, reason }, incident) => {
    if (incident.status === "merged" && incident.merged_into === into) return [];
    if (!isOpen(incident.status)) return illegal(incident, "merged");
    if (into === incident.number) {
      return refuse("merge-into-itself", `Incident ${into} cannot be a duplicate of itself. Name another.`, "into");
    }
    const target = board.incident(into);
    if (target === undefined || target.status === "deleted") {
      return refuse("unknown-incident", `There is no incident ${into}.`, "into");
    }
    if (!isOpen(target.status)) {
      const detail = `Incident ${into} is ${target.status}. Merge into an open one, or reopen it first.`;
      return refuse("merge-target-not-open", detail, "into");
    }
    if (target.team !== incident.team) {
      const detail = `Incident ${into} belongs to the team ${target.team}, this one to ${incident.team}. Move one first.`;
      return refuse("merge-across-teams", detail, "into");
    }
    return [
      incidentFact(incident.number, "incident.merged", { into }, textOf({ reason })),
      incidentFact(into, "incident.absorbed", { number: incident.number, keys: [...incident.dedup_keys] }),
    ];
  };
}
