import { spawnSync } from "node:child_process";

/** Whether Prometheus' own checker is here. */
export const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;

/** Runs it; returns what it says against what it was given: nothing, where all is well. */
export function promtool(args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  return status === 0 && stderr === "" ? "" : `${stdout}${stderr}`;
}
