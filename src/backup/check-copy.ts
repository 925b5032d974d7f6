import { existsSync } from "node:fs";
import { join } from "node:path";
import { vaultFile } from "../access/vault-tables.ts";
import { auditLedger } from "../audit/audit.ts";
import type { Audit } from "../audit/audit-report.ts";
import { sentenceOf } from "../audit/fault.ts";
import { checkLedgerFile } from "../audit/ledger-file.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { openDurable } from "../ledger/sqlite/durable-database.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { WrongContent } from "../transfer/wrong-content.ts";
import type { Manifest } from "./manifest.ts";

/**
 * Audits the files of a backup where they lie: the whole ledger as `verify` does, that it is the one of the manifest, and
 * that the vault can be opened. Throws `WrongContent` with the first thing that is wrong. Nothing is left beside them.
 */
export async function checkCopy(
  directory: string,
  { ledger_id, head }: Pick<Manifest, "ledger_id" | "head">,
  onProgress: (done: number, all: number) => void,
): Promise<void> {
  const file = join(directory, "ledger.db");
  const ledger = opened(file);
  try {
    const audit = await auditLedger(ledger, { noted_head: head, onProgress });
    const fault = firstFault(audit, file);
    if (fault !== null) throw wrong(`its ledger is damaged, ${fault}`);
    if (audit.ledger_id !== ledger_id) throw wrong(`it holds the ledger ${audit.ledger_id}, not ${ledger_id}`);
    if (audit.position !== head.position) {
      throw wrong(`its ledger ends at position ${audit.position}, not ${head.position}`);
    }
    const unknown = unknownRules(audit);
    if (unknown !== null) throw wrong(unknown);
  } finally {
    await ledger.close();
  }
  if (existsSync(join(directory, "vault.db"))) checkVault(join(directory, "vault.db"));
}

/** The first thing that is wrong with an audited ledger or its file, without a full stop, or null. */
export function firstFault(audit: Audit, file: string): string | null {
  const [first] = audit.faults;
  return first === undefined ? (checkLedgerFile(file).faults[0] ?? null) : sentenceOf(first);
}

/** Why this build cannot check all of a ledger, without a full stop, or null. */
export function unknownRules({ not_checkable: [unknown] }: Audit): string | null {
  return unknown === undefined ? null : `this build does not know its rules ${unknown.rules}; use a newer one`;
}

function opened(file: string): Ledger {
  try {
    return openSqliteLedger({ file, readonly: true });
  } catch (error) {
    throw wrong(`its ledger cannot be opened, ${messageOf(error)}`);
  }
}

function checkVault(file: string): void {
  let said: string | undefined;
  try {
    const database = openDurable(vaultFile, { file, readonly: true });
    try {
      said = database.prepare<[], string>("PRAGMA integrity_check(1)").pluck().get();
    } finally {
      database.close();
    }
  } catch (error) {
    throw wrong(`its vault cannot be opened, ${messageOf(error)}`);
  }
  if (said !== "ok") throw wrong(`its vault is damaged, SQLite finds ${said}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}

function wrong(fault: string): WrongContent {
  return new WrongContent(`The backup is not right: ${fault}.`);
}
