import { entriesOf, fieldOf, type HistoryReader } from "./history.ts";

// GET /incidents of tracker answers with all of its incidents, the newest first:
//
//     {"incidents": [{"id": 7, "title": "Gateway down", "description": "Cards are declined.", "reported_by": "jane",
//       "severity": "High", "status": "Open", "timestamp": "2025-09-06T20:52:35.521060"}], "total": 1}

const severities = { Low: 4, Medium: 3, High: 2 } as const;
const statuses = { Open: "pending", "In Progress": "acknowledged", Resolved: "resolved" } as const;

/** Reads the list of `tracker`. */
export const trackerHistory: HistoryReader = {
  team: "tracker",
  list_path: "/incidents",
  read: (answer) =>
    entriesOf(fieldOf(answer, "incidents"), "`incidents`")
      .map((entry) => {
        const id = entry.integer("id", 1);
        const whole_title = entry.text("title");
        const title = entry.kept(whole_title, 500);
        const description = entry.text("description");
        const reported_by = entry.text("reported_by", 200);
        const status = statuses[entry.word("status", ["Open", "In Progress", "Resolved"])];
        return {
          source_id: String(id),
          status,
          assigned_to: null,
          is_altered: entry.is_altered,
          report: {
            title: title.trim() === "" ? "(no title)" : title,
            // What did not fit into the title is not lost.
            description: title === whole_title ? description : entry.kept(`${whole_title}\n\n${description}`),
            ...(reported_by.trim() === "" ? {} : { reported_by }),
            severity: severities[entry.word("severity", ["Low", "Medium", "High"])],
            timestamp: entry.time("timestamp"),
          },
        };
      })
      .sort((a, b) => Number(a.source_id) - Number(b.source_id)),
  nextPage: () => null,
  total: totalOf,
};

/** The number of incidents that an answer claims to be of; null where it claims nothing. */
export function totalOf(answer: unknown): number | null {
  const total = fieldOf(answer, "total");
  return typeof total === "number" && Number.isSafeInteger(total) ? total : null;
}
