import { InvalidArgumentError, Option } from "commander";

/** The flag that says in which teams a role counts. */
export function teamsOption(): Option {
  return new Option(
    "--teams <names>",
    "the teams in which the role counts, separated by commas (default: all)",
  ).argParser((value) => {
    const names = value.split(",").map((name) => name.trim());
    if (names.includes("")) throw new InvalidArgumentError("Name teams, separated by commas.");
    return names;
  });
}

/** Where a role counts, for a table. */
export function teamsText(teams: readonly string[] | null): string {
  return teams === null ? "all" : teams.join(", ");
}
