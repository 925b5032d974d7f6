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
 * The names of the handlers who are users: their own ones, out of the vault. A handler who is nobody's has none here, and
 * neither has one whose user has given no full name.
 */
export async function handlerNames(
  board: Pick<Board, "users">,
  accounts: Pick<Accounts, "get">,
  handlers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  if (board.users.size === 0) return names;
  const wanted = new Set(handlers);
  for (const user of board.users.values()) {
    const { handler } = user;
    if (handler === null || !wanted.has(handler)) continue;
    // Whoever is the handler now goes before whoever was it and is erased.
    if (user.is_erased && names.has(handler)) continue;
    const name = user.is_erased ? erasedName(user.user) : ((await accounts.get(user.user))?.full_name ?? null);
    if (name !== null) names.set(handler, name);
  }
  return names;
}
