import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { insist } from "./attack.ts";

/** Compiles one of the C files here into a library for LD_PRELOAD, in that directory; returns its path. */
export function compileShim(name: "faulty-disk" | "false-clock", directory: string): string {
  const library = join(directory, `${name}.so`);
  if (existsSync(library)) return library;
  const source = fileURLToPath(new URL(`${name}.c`, import.meta.url));
  const { status, stderr } = spawnSync("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  insist(status === 0, `gcc cannot compile ${source}: ${stderr}`);
  return library;
}
