import type { Board } from "../../projections/board.ts";
import type { Outcome, Submission } from "../desk/submission.ts";
import type { Vault } from "./vault.ts";

/** What the vault and the ledger are brought into step with. */
export interface ReconcileParts {
  readonly vault: Vault;
  readonly desk: { readonly board: Board; submit(submission: Submission): Promise<Outcome>; now(): string };
}

/**
 * Brings the vault into step with the ledger, at every start: what was cut off between the two is done now. Whoever is on
 * record as erased leaves the vault, who was deactivated is signed out, revoked keys are marked; and keys from before the
 * ledger knew any come on record, as administrators' keys, which is what they have been.
 */
export async function reconcile({ vault, desk }: ReconcileParts): Promise<void> {
  if (!(await vault.belongsTo(desk.board.ledger_id))) {
    throw new Error(
      "The vault beside this ledger is another ledger's, and its users and keys would get the rights of others here. Put this ledger's own vault.db there, or move it away to begin with an empty one.",
    );
  }
  for (const { key_id: key, dialect } of await vault.keys.fromBefore()) {
    if (desk.board.keys.has(key)) continue;
    const command = { kind: "create-key", key, role: "admin", teams: null, dialect, expires_at: null } as const;
    await desk.submit({ command, actor: "system" });
  }
  for (const { key_id, revoked_at } of await vault.keys.list()) {
    const ended = desk.board.keys.get(key_id)?.revoked_at ?? null;
    if (ended !== null && revoked_at === null) await vault.keys.revoke(key_id, ended);
  }
  for (const { user_id } of await vault.accounts.list()) {
    const user = desk.board.users.get(user_id);
    if (user?.is_erased === true) await vault.accounts.erase(user_id);
    else if (user?.is_active === false) await vault.sessions.endAll(user_id);
  }
}
