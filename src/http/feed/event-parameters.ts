import { type Static, Type } from "@sinclair/typebox";
import { definitions, type EventName } from "../../../events/registry.ts";
import { words } from "../fields.ts";
import { invalidParameter, ProblemError } from "../problem-error.ts";
import { incidentNumber } from "../routes/incidents/incident-lookup.ts";
import type { Services } from "../services.ts";
import type { EventFilter } from "./event-filter.ts";

/** The query parameters that say which events are wanted. */
export const filterParameters = {
  type: Type.Optional(Type.String({ description: "any of these event types, separated by commas" })),
  kind: Type.Optional(
    words(["fact", "decision"], { description: "only facts, which people and monitors tell, or only decisions" }),
  ),
  incident: Type.Optional(
    Type.String({
      description: "only events of this incident, by number (which may be of one to come) or incident_id",
    }),
  ),
  team: Type.Optional(
    Type.String({
      description:
        "only events of this team, of its handlers, and of the incidents that it has at the time; a move belongs to both teams",
    }),
  ),
};

const FilterParameters = Type.Object(filterParameters);

/** The filter that a query asks for; null where it names an incident that there is not. Refuses other names that mean nothing. */
export async function filterOf(
  services: Services,
  { type, kind, incident, team }: Static<typeof FilterParameters>,
): Promise<EventFilter | null> {
  const types = typesOf(type, kind);
  const filter = { types, incident: null, team: team === undefined ? null : named(services, team) };
  if (incident === undefined) return filter;
  const number = await incidentNumber(services, incident);
  return number === null ? null : { ...filter, incident: number };
}

function typesOf(type: string | undefined, kind: string | undefined): readonly EventName[] | null {
  if (type === undefined && kind === undefined) return null;
  const types = type === undefined ? [...definitions.values()].map(({ name }) => name) : type.split(",").map(eventName);
  const wanted = [...new Set(types)].filter(
    (name) => kind === undefined || definitions.get(name)?.kind === kind.toLowerCase(),
  );
  if (wanted.length === 0) throw invalidParameter("kind", `leaves nothing of the types; none of them is a ${kind}`);
  return wanted;
}

function eventName(name: string): EventName {
  const definition = definitions.get(name.trim());
  if (definition === undefined)
    throw invalidParameter("type", `must name events; ${JSON.stringify(name.slice(0, 64))} is none`);
  return definition.name;
}

function named({ desk }: Services, name: string): string {
  const team = desk.board.findTeam(name);
  if (team === undefined) throw new ProblemError("team-not-found", `There is no team ${name.slice(0, 64)}.`);
  return team.team;
}
