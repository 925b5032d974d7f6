import { readFile } from "node:fs/promises";
import type { Board } from "../../projections/board.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { rulesOf } from "../rules/rules.ts";
import { parseSnapshot, type SnapshotHeader, snapshotFiles } from "./snapshot-file.ts";

/**
 * The board of the newest snapshot that fits the ledger, at or before a position if one is given. Null where there is
 * none: damaged, foreign and newer ones are passed over, and nothing that is wrong with them is an error. Deleting
 * snapshots costs nothing but time.
 */
export async function loadLatestSnapshot(
  data_dir: string,
  ledger: Ledger,
  at_most: number = Number.MAX_SAFE_INTEGER,
): Promise<Board | null> {
  for (const { file, position } of snapshotFiles(data_dir)) {
    if (position > at_most) continue;
    const content = await readFile(file, "utf8").catch(() => "");
    const snapshot = parseSnapshot(content);
    if (snapshot === null || snapshot.header.position !== position) continue;
    if (await fits(snapshot.header, ledger)) return snapshot.board;
  }
  return null;
}

/** Whether the ledger has that event at that position, so that the state can be a fold of it. */
async function fits(header: SnapshotHeader, ledger: Ledger): Promise<boolean> {
  if (rulesOf(header.rules) === undefined) return false;
  const [first] = await ledger.read({ limit: 1 });
  const [last] = await ledger.read({ after: header.position - 1, limit: 1 });
  if (first?.type !== "ledger.opened" || first.data.ledger_id !== header.ledger_id) return false;
  return last?.position === header.position && last.hash === header.hash && last.meta.offset === last.meta.events - 1;
}
