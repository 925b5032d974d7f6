import { spawnSync } from "node:child_process";
import type { Tool } from "./attack.ts";

const version: Readonly<Record<Tool, readonly string[]>> = {
  strace: ["-V"],
  gcc: ["--version"],
  prlimit: ["--version"],
};

/** Why an attack that needs this cannot be made here; null where it can. */
export function missingTool(tool: Tool): string | null {
  const { status } = spawnSync(tool, version[tool], { stdio: "ignore" });
  return status === 0 ? null : `${tool} is not installed`;
}
