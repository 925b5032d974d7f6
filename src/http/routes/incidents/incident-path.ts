import { Type } from "@sinclair/typebox";

/** The incident in a path. */
export const IncidentPath = Type.Object({
  id: Type.String({ description: "the incident's number or incident_id", examples: ["42"] }),
});
