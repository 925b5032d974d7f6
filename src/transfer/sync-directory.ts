import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes what was created, renamed or removed in a directory durable. Not every file system can; then nothing happens. */
export function syncDirectory(directory: string): void {
  try {
    const descriptor = openSync(directory, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // What was renamed is in place all the same, only not yet on the disk for certain.
  }
}
