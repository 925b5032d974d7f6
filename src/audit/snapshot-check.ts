import { existsSync, readFileSync } from "node:fs";
import { parseSnapshot, snapshotFiles } from "../readmodels/snapshot-file.ts";
import { stateHash } from "../readmodels/state-hash.ts";
import { rulesOf } from "../rules/rules.ts";
import type { BoardCheck } from "./audit-report.ts";

/** The snapshots of a data directory, to be compared with the fold, and what there is to say of the others. */
export interface SnapshotChecks {
  readonly checks: readonly BoardCheck[];
  readonly notes: readonly string[];
}

/**
 * Reads all snapshots: the start goes on from the newest, and questions about the past from the others. To be called before
 * the ledger's head is noted, so that the fold comes to them. One that this build would pass over is a note; one that it
 * would go on from must equal the fold.
 */
export function snapshotChecks(data_dir: string): SnapshotChecks {
  const files = snapshotFiles(data_dir);
  if (files.length === 0) return { checks: [], notes: ["There is no snapshot of the board to compare."] };
  const checks: BoardCheck[] = [];
  const notes: string[] = [];
  for (const { file, position } of files) {
    const content = contentOf(file);
    // A running service takes away those that it needs no more.
    if (content === null) continue;
    const check = checkOf(content, position);
    if (check !== null) checks.push(check);
    else notes.push(`The snapshot at position ${position} cannot be used by this build, and was not compared.`);
  }
  return { checks, notes };
}

function checkOf(content: string, position: number): BoardCheck | null {
  const snapshot = parseSnapshot(content);
  if (snapshot === null || rulesOf(snapshot.header.rules) === undefined) return null;
  const { hash, state_hash } = snapshot.header;
  if (snapshot.header.position !== position) return null;
  return {
    position,
    compare: (board, found) => {
      if (found !== hash) return `the snapshot there is of a ledger whose hash there is ${hash}, not ${found}`;
      const folded = stateHash(board);
      return folded === state_hash ? null : `the snapshot there has state hash ${state_hash}, the fold has ${folded}`;
    },
  };
}

function contentOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return existsSync(file) ? "" : null;
  }
}
