import { existsSync } from "node:fs";
import { join } from "node:path";
import { openVault, type Vault } from "../access/vault.ts";
import { Desk } from "../desk/desk.ts";
import { openSqliteLedger } from "../ledger/sqlite/sqlite-ledger.ts";
import { boardAt } from "../readmodels/fold-board.ts";
import { loadLatestSnapshot } from "../readmodels/snapshots.ts";
import type { Command } from "../rules/commands.ts";
import { type Runtime, systemRuntime } from "../runtime/runtime.ts";
import { ledgerFileIn, refuseCutRestore, refuseDamagedLog } from "./data-dir.ts";
import { CannotRun } from "./outcome.ts";

/** What a verb that changes who may do what works with. */
export interface AccessTools {
  readonly vault: Vault;
  readonly desk: Desk;
  readonly runtime: Runtime;
  /** Gives a command to the desk. Throws with its sentence where it is refused. */
  readonly give: (command: Command) => Promise<void>;
  /** Whether no file of the ledger holds anything any more of what was erased; false after a few seconds. */
  readonly whenErased: () => Promise<boolean>;
}

/** How long it waits for a running service that writes just now, in milliseconds. */
const busy_timeout_ms = 5000;
const erasure_wait_ms = 5000;

/** Runs work on the vault and the desk of a data directory, also beside a running service: that one learns of it at once. */
export async function withDesk<Result>(
  data_dir: string,
  work: (tools: AccessTools) => Promise<Result>,
): Promise<Result> {
  refuseCutRestore(data_dir);
  const [vault_file, ledger_file] = [join(data_dir, "vault.db"), ledgerFileIn(data_dir)];
  if (!existsSync(vault_file) || !existsSync(ledger_file)) {
    throw new CannotRun(`There is no vault in ${data_dir}; start the service there once, or name another --data-dir.`);
  }
  refuseDamagedLog(data_dir);
  const runtime = systemRuntime();
  const vault = openVault({ file: vault_file, runtime });
  try {
    const ledger = openSqliteLedger({ file: ledger_file, runtime, busy_timeout_ms });
    try {
      const loadBoard = async () => boardAt(ledger, { from: await loadLatestSnapshot(data_dir, ledger) });
      const desk = await Desk.open({ ledger, runtime, loadBoard });
      await desk.catchUp();
      const give = async (command: Command) => {
        const outcome = await desk.submit({ command, actor: "cli" });
        if (outcome.kind === "refused") throw new CannotRun(outcome.refusal.detail);
      };
      const whenErased = () => {
        const patience = new Promise<boolean>((resolve) => runtime.after(erasure_wait_ms, () => resolve(false)));
        return Promise.race([ledger.whenErased().then(() => true), patience]);
      };
      try {
        return await work({ vault, desk, runtime, give, whenErased });
      } finally {
        // A running service looks at the ledger as soon as it sees that the vault was written to.
        await vault.touch();
        await desk.close();
      }
    } finally {
      await ledger.close();
    }
  } finally {
    await vault.close();
  }
}
