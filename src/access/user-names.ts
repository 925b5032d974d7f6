import type { User } from "../../projections/access.ts";
import type { Board } from "../../projections/board.ts";
import type { Account, Accounts } from "./accounts.ts";

/** What stands in the place of whoever was erased. */
export function erasedName(user: number): string {
  return `erased user ${user}`;
}

/** How a user is called: their full name, else their address; by their number alone where the vault does not know them. */
export function nameOfUser({ user, is_erased }: User, account: Account | null): string {
  if (is_erased) return erasedName(user);
  return account === null ? `user ${user}` : (account.full_name ?? account.email);
}

/**
 * How a handler is called: who is a user, by that user's full name; else by the name `given` in the ledger; else, where they
 * were a user who is erased, by what stands in the place of that one, whose own name is gone from the ledger, too.
 */
export async function handlerName(
  board: Pick<Board, "users">,
  accounts: Pick<Accounts, "get">,
  handler: string,
  given: string | null,
): Promise<string | null> {
  let erased: string | null = null;
  for (const user of board.users.values()) {
    if (user.handler !== handler) continue;
    if (!user.is_erased) return (await accounts.get(user.user))?.full_name ?? given;
    erased = erasedName(user.user);
  }
  return given ?? erased;
}
