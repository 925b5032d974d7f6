import { existsSync, readFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { Ledger } from "../ledger/ledger.ts";
import { listFile } from "./list-file.ts";
import { parseSnapshot, snapshotFiles } from "./snapshot-file.ts";

/**
 * Whether what was folded from the ledger has seen more of it than there is: then events that were durable are missing at its
 * end, because a file was exchanged, or its WAL was lost. To be called before the read models are opened, which
 * are made again from what is there. Returns a sentence, or null.
 */
export async function lostEnd(data_dir: string, ledger: Ledger): Promise<string | null> {
  const { position } = await ledger.head();
  const [first] = await ledger.read({ limit: 1 });
  if (first?.type !== "ledger.opened") return null;
  const { ledger_id } = first.data;
  const seen = Math.max(seenByList(data_dir, ledger_id), seenBySnapshot(data_dir, ledger_id, position));
  if (seen <= position) return null;
  return `The ledger ends at position ${position}, but what was folded from it before has seen it up to ${seen}: events are missing at its end. Whoever has a newer backup, or a ledger.db-wal that was lost, should stop the service and restore it.`;
}

function seenByList(data_dir: string, ledger_id: string): number {
  const { file } = listFile(data_dir);
  if (!existsSync(file)) return 0;
  try {
    const database = new Database(file, { readonly: true });
    try {
      const found = database
        .prepare<[string], number>("SELECT position FROM checkpoint WHERE ledger_id = ? AND complete = 1")
        .pluck()
        .get(ledger_id);
      return found ?? 0;
    } finally {
      database.close();
    }
  } catch {
    return 0; // Damaged, or of another build: it says nothing, and is made again.
  }
}

/** Only what the ledger does not reach is read: to parse one takes as long as to go on from it. */
function seenBySnapshot(data_dir: string, ledger_id: string, end: number): number {
  for (const { file, position } of snapshotFiles(data_dir)) {
    if (position <= end) return 0;
    try {
      const header = parseSnapshot(readFileSync(file, "utf8"))?.header;
      if (header?.position === position && header.ledger_id === ledger_id) return position;
    } catch {
      // It cannot be read, and says nothing.
    }
  }
  return 0;
}
