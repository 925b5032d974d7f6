import { existsSync } from "node:fs";
import { join } from "node:path";
import { leavingAsFound } from "../ledger/sqlite/leaving-as-found.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { walDamage, walDamageTold } from "../ledger/sqlite/wal-damage.ts";
import type { Manifest } from "./manifest.ts";

/** How the ledger of a data directory stands to a backup. */
export interface PresentLedger {
  /** Whether there is anything that a restore would replace. */
  readonly is_there: boolean;
  /** Where it ends; null where there is none, or none that can be read. */
  readonly position: number | null;
  /** How many of its events the backup does not have; null where that is not known. */
  readonly lost_events: number | null;
  /** What is there, and what of it the backup does not have, as a sentence. */
  readonly told: string;
}

/** Compares the ledger of a data directory with a backup. */
export async function presentLedger(data_dir: string, manifest: Manifest): Promise<PresentLedger> {
  const file = join(data_dir, "ledger.db");
  if (!existsSync(file)) {
    const is_there = existsSync(join(data_dir, "vault.db"));
    const told = is_there ? `There is no ledger in ${data_dir}, but a vault.` : `There is no ledger in ${data_dir}.`;
    return { is_there, position: null, lost_events: is_there ? null : 0, told };
  }
  const damage = walDamage(file);
  if (damage !== null) {
    const told = `${walDamageTold(file, damage)}, so what the backup lacks of the ledger in ${data_dir} is not known; recover may get it back.`;
    return { is_there: true, position: null, lost_events: null, told };
  }
  try {
    return await leavingAsFound(file, () => compare(file, data_dir, manifest));
  } catch {
    const told = `The ledger in ${data_dir} cannot be read, so what the backup lacks of it is not known.`;
    return { is_there: true, position: null, lost_events: null, told };
  }
}

async function compare(file: string, data_dir: string, { ledger_id, head }: Manifest): Promise<PresentLedger> {
  const ledger = openSqliteLedger({ file, readonly: true });
  try {
    const { position } = await ledger.head();
    const found = (lost_events: number, told: string): PresentLedger => {
      return { is_there: true, position, lost_events, told };
    };
    const there = `The ledger in ${data_dir} ends at position ${position}`;
    if (position === 0) return found(0, `The ledger in ${data_dir} is empty.`);
    const [first] = await ledger.read({ limit: 1 });
    if (first?.type !== "ledger.opened" || first.data.ledger_id !== ledger_id) {
      return found(position, `${there} and is another one than that of the backup, which has none of its events.`);
    }
    if (position < head.position) return found(0, `${there}, and the backup goes on to ${head.position}.`);
    const [same] = await ledger.readStored(head.position - 1, 1);
    if (same === undefined || Buffer.from(same.hash).toString("hex") !== head.hash) {
      const told = `${there} and parts from the backup's somewhere before position ${head.position}.`;
      return { is_there: true, position, lost_events: null, told };
    }
    if (position === head.position) return found(0, `${there}, as the backup does: nothing is lost.`);
    const lost = `positions ${head.position + 1} to ${position} are not in the backup and would be lost`;
    return found(position - head.position, `${there}: ${lost}.`);
  } finally {
    await ledger.close();
  }
}
