import { spawnSync } from "node:child_process";
import type { Tool } from "./attack.ts";

/** What shows that a program is there and may do its work. */
const trials: Readonly<Record<Tool, readonly string[]>> = {
  strace: ["-o", "/dev/null", "true"],
  gcc: ["--version"],
  prlimit: ["--version"],
};

/** Why an attack that needs this cannot be made here; null where it can. */
export function missingTool(tool: Tool): string | null {
  const { status, error } = spawnSync(tool, trials[tool], { stdio: "ignore" });
  if (error !== undefined) return `${tool} is not installed`;
  return status === 0 ? null : `${tool} is not allowed to work here`;
}
