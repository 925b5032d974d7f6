import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { producesIn } from "../produced/produced.ts";

const made: string[] = [];

/** A new directory, gone when the process ends. */
export function temporaryDirectory(): string {
  if (made.length === 0) process.once("exit", removeAll);
  const directory = mkdtempSync(join(tmpdir(), "incident-ledger-"));
  made.push(directory);
  producesIn(directory);
  return directory;
}

function removeAll(): void {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
}
