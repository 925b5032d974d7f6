import { ProblemError } from "../../problem-error.ts";

/** There is no such team, or there was none. */
export function teamNotFound(name: string): ProblemError {
  return new ProblemError("team-not-found", `There is no team ${name.slice(0, 64)}.`);
}
