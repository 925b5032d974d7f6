import { titleOf } from "../../http/title-of.ts";
import { entriesOf, type HistoryReader } from "./history.ts";

// GET /incidents/ of klimbb answers with all of its incidents, a bare array in the order of their creation:
//
//     [{"incident_id": "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11", "type": "System Outage", "severity": 1, "status": "Assigned",
//       "timestamp": "2023-12-17T10:00:00Z", "description": "Complete system failure", "assigned_to": "Alice"}]

const statuses = {
  Pending: "pending",
  Open: "pending",
  Assigned: "pending",
  "In Progress": "acknowledged",
  Snoozed: "snoozed",
  Resolved: "resolved",
  Closed: "closed",
} as const;
const words = Object.keys(statuses) as (keyof typeof statuses)[];

/** Reads the list of `klimbb`. Incidents keep their ids. */
export const klimbbHistory: HistoryReader = {
  team: "default",
  list_path: "/incidents/",
  read: (answer) =>
    entriesOf(answer, "The answer").map((entry) => {
      const incident_id = entry.uuid("incident_id");
      const description = entry.text("description");
      const type = entry.text("type", 200);
      return {
        source_id: incident_id,
        incident_id,
        status: statuses[entry.word("status", words)],
        assigned_to: entry.textOrNull("assigned_to"),
        is_altered: entry.is_altered,
        report: {
          title: titleOf(description) ?? titleOf(type) ?? "(no description)",
          description,
          ...(type === "" ? {} : { type }),
          severity: entry.integer("severity", 1, 5),
          timestamp: entry.time("timestamp"),
        },
      };
    }),
  nextPage: () => null,
  total: () => null,
};
