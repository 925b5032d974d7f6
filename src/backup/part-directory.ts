import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** Where a process gathers a backup that is to appear at `target`. */
export function partDirectory(target: string): string {
  return `${target}.${process.pid}.part`;
}

/**
 * Removes what backups to the same target left behind whose processes were killed: such a copy holds texts and keys, under a
 * name that nobody would look for. What a living process gathers stays.
 */
export function removeDeadParts(target: string): void {
  const directory = dirname(resolve(target));
  const prefix = `${basename(target)}.`;
  for (const name of namesIn(directory)) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)\.part$/.exec(name.slice(prefix.length))?.[1];
    if (pid !== undefined && !isOfAnother(Number(pid))) rmSync(join(directory, name), { recursive: true, force: true });
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // That it cannot be read or is missing, making the copy will say.
  }
}

function isOfAnother(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
