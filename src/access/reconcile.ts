import type { Board } from "../../projections/board.ts";
import type { Outcome, Submission } from "../desk/submission.ts";
import { underWay_ms } from "./new-user.ts";
import type { Vault } from "./vault.ts";

/** What the vault and the ledger are brought into step with. */
export interface ReconcileParts {
  readonly vault: Vault;
  readonly desk: { readonly board: Board; submit(submission: Submission): Promise<Outcome>; now(): string };
}

/**
 * Brings the vault into step with the ledger, at every start: what was cut off between the two is done now. Whoever is on
 * record as erased leaves the vault, and so do users and keys that never came on record; who was deactivated is signed out, and
 * revoked keys and ended secrets end. Keys from before the ledger knew any come on record, as administrators' keys, which is what
 * they have been.
 */
export async function reconcile({ vault, desk }: ReconcileParts): Promise<void> {
  if (!(await vault.belongsTo(desk.board.ledger_id))) {
    throw new Error(
      "The vault beside this ledger is another ledger's, and its users and keys would get the rights of others here. Put this ledger's own vault.db there, or move it away to begin with an empty one.",
    );
  }
  const { board } = desk;
  for (const { key_id: key, dialect } of await vault.keys.fromBefore()) {
    const command = { kind: "create-key", key, role: "admin", teams: null, dialect, expires_at: null } as const;
    if (!board.keys.has(key)) await desk.submit({ command, actor: "system" });
    await vault.keys.markRecorded(key);
  }
  const young = new Date(Date.parse(desk.now()) - underWay_ms).toISOString();
  for (const { key_id, revoked_at, is_rotating, created_at } of await vault.keys.list()) {
    const key = board.keys.get(key_id);
    if (key === undefined && created_at < young) await vault.keys.remove(key_id);
    if (key !== undefined && key.revoked_at !== null && revoked_at === null)
      await vault.keys.revoke(key_id, key.revoked_at);
    if (key !== undefined && is_rotating && !key.is_rotating) await vault.keys.endPrevious(key_id);
  }
  for (const { user_id, created_at } of await vault.accounts.list()) {
    const user = board.users.get(user_id);
    if (user === undefined && created_at < young) await vault.accounts.erase(user_id);
    if (user?.is_erased === true) await vault.accounts.erase(user_id);
    else if (user?.is_active === false) {
      await vault.sessions.endAll(user_id);
      await vault.links.endAll(user_id);
    }
  }
  await vault.sessions.forgetStrangers();
}
