import type { Role } from "../../../projections/access.ts";
import { type Right, rightOfCommand, rightsOfRole } from "../../rules/rights.ts";

/** What each right is about, in words, for people. */
const meanings: Readonly<Record<Right, string>> = {
  read: "read everything but the lists of users and keys and the audit",
  report: "report",
  work: "work incidents",
  lead: "run a team: its handlers and its rules",
  administer: "everything else",
};

/** Who may do what, as a table in Markdown: one row for each right, with the commands that it takes. */
export function rightsTable(): string {
  const roles = Object.keys(rightsOfRole) as Role[];
  const rows = (Object.keys(meanings) as Right[]).map((right) => {
    const commands = Object.entries(rightOfCommand)
      .filter(([kind, needed]) => needed === right && kind !== "pass-time")
      .map(([kind]) => kind);
    const what = [meanings[right], commands.join(", ")].filter((part) => part !== "").join(": ");
    return `| ${what} | ${roles.map((role) => (rightsOfRole[role].includes(right) ? "yes" : "")).join(" | ")} |`;
  });
  return [`| | ${roles.join(" | ")} |`, `| --- | ${roles.map(() => "---").join(" | ")} |`, ...rows].join("\n");
}
