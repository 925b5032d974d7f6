import { readFileSync } from "node:fs";
import { parseSnapshot, snapshotFiles } from "../readmodels/snapshot-file.ts";
import { stateHash } from "../readmodels/state-hash.ts";
import { rulesOf } from "../rules/rules.ts";
import type { BoardCheck } from "./audit-report.ts";

/** The newest snapshot of a data directory, to be compared with the fold; or why there is nothing to compare. */
export type SnapshotCheck = { readonly check: BoardCheck } | { readonly note: string };

/**
 * Reads the newest snapshot. To be called before the ledger's head is noted, so that the fold comes to it. One that
 * this build would pass over is a note; one that it would go on from must equal the fold.
 */
export function newestSnapshot(data_dir: string): SnapshotCheck {
  const [newest] = snapshotFiles(data_dir);
  if (newest === undefined) return { note: "There is no snapshot of the board to compare." };
  const snapshot = parseSnapshot(contentOf(newest.file));
  if (snapshot === null || rulesOf(snapshot.header.rules) === undefined) {
    return { note: `The snapshot at position ${newest.position} cannot be used by this build, and was not compared.` };
  }
  const { position, hash, state_hash } = snapshot.header;
  return {
    check: {
      position,
      compare: (board, found) => {
        if (found !== hash) return `the snapshot there is of a ledger whose hash there is ${hash}, not ${found}`;
        const folded = stateHash(board);
        return folded === state_hash ? null : `the snapshot there has state hash ${state_hash}, the fold has ${folded}`;
      },
    },
  };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // A running service deletes old snapshots.
    return "";
  }
}
