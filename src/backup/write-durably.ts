import { writeFileSync } from "node:fs";

/** Writes a new file, for its owner only, that is on the disk when this returns. */
export function writeDurably(file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: 0o600, flag: "wx", flush: true });
}
