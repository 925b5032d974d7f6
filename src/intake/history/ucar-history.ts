import { titleOf } from "../../http/title-of.ts";
import { entriesOf, fieldOf, type HistoryReader } from "./history.ts";
import { totalOf } from "./tracker-history.ts";

// GET /incidents/?skip=0&limit=1000 of ucar answers with a page of its incidents, by id:
//
//     {"incidents": [{"id": 1, "description": "Самокат не в сети", "source": "monitoring", "status": "new",
//       "created_at": "2026-11-20T23:32:02"}], "total": 1}

const statuses = { new: "pending", in_progress: "acknowledged", resolved: "resolved", closed: "closed" } as const;
const page_rows = 1000;

/** Reads the list of `ucar`, page by page. */
export const ucarHistory: HistoryReader = {
  team: "ucar",
  list_path: "/incidents/",
  read: (answer) =>
    entriesOf(fieldOf(answer, "incidents"), "`incidents`")
      .map((entry) => {
        const description = entry.text("description");
        return {
          source_id: String(entry.integer("id", 1)),
          status: statuses[entry.word("status", ["new", "in_progress", "resolved", "closed"])],
          assigned_to: null,
          is_altered: entry.is_altered,
          report: {
            title: titleOf(description) ?? "(no description)",
            description,
            source: entry.word("source", ["operator", "monitoring", "partner"]),
            timestamp: entry.time("created_at"),
          },
        };
      })
      .sort((a, b) => Number(a.source_id) - Number(b.source_id)),
  nextPage: (first, answer, read) => {
    const total = totalOf(answer);
    const skipped = Number(first.searchParams.get("skip") ?? 0);
    if (total === null || skipped + read >= total) return null;
    const next = new URL(first);
    next.searchParams.set("skip", String(skipped + read));
    next.searchParams.set("limit", String(page_rows));
    return next;
  },
  total: totalOf,
};
