import { readlinkSync } from "node:fs";
import { setPriority } from "node:os";

/** Nice value of a thread that works for later: a third of the weight of one that answers somebody. */
const patience = 5;

/**
 * Lets the calling thread go behind the others of this machine where they compete for a core. Only Linux has priorities
 * for single threads; elsewhere, and where it is not allowed, nothing changes.
 */
export function stepBack(): void {
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (Number.isInteger(thread) && thread !== process.pid) setPriority(thread, patience);
  } catch {
    // The work is done all the same, only not behind the others.
  }
}
