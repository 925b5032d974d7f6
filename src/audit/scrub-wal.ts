import { openDurable } from "../ledger/sqlite/durable-database.ts";
import { ledgerFile } from "../ledger/sqlite/ledger-tables.ts";
import { truncateWal } from "../ledger/sqlite/truncate-wal.ts";
import { walDamage, walDamageTold } from "../ledger/sqlite/wal-damage.ts";

/** How long the taking over waits for whoever writes, in milliseconds. */
const busy_timeout_ms = 250;

/**
 * Looks whether the WAL of a running service's ledger is damaged, and if so has SQLite take it over at once: a running service
 * does not read the checksums that a start would stop at. What is damaged in the pages themselves shows in the chain.
 * Returns a fault, without a full stop, or null.
 */
export function scrubWal(file: string): string | null {
  const damage = walDamage(file);
  if (damage === null) return null;
  const database = openDurable(ledgerFile, { file, busy_timeout_ms });
  try {
    const outcome = truncateWal(database, busy_timeout_ms) ? "it was taken over" : "it cannot be taken over just now";
    return `${walDamageTold(file, damage)} when it is opened anew; ${outcome}`;
  } finally {
    database.close();
  }
}
