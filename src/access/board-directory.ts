import type { Board } from "../../projections/board.ts";
import { principalOf } from "../rules/rights.ts";
import type { Directory } from "./directory.ts";
import type { Freshness } from "./freshness.ts";
import type { Keys } from "./keys.ts";

/** Who is who, as the board of the ledger has it. */
export function boardDirectory(
  desk: { readonly board: Board; now(): string },
  keys: Pick<Keys, "get">,
  freshness: Freshness,
): Directory {
  return {
    user(user_id) {
      const user = desk.board.users.get(user_id);
      if (user === undefined || user.is_erased) return null;
      const { role, teams, handler, is_active: active } = user;
      return { role, teams, handler, active };
    },
    fresh: () => freshness.ensure(),
    learn: () => freshness.learn(),
    async key(actor) {
      const principal = principalOf(desk.board, actor, () => desk.now());
      if (principal === null) return null;
      const { role, teams } = principal;
      if (!actor.startsWith("key:")) return { name: actor, role, teams };
      const known = await keys.get(Number(actor.slice("key:".length)));
      return known === null ? null : { name: known.name, role, teams };
    },
  };
}
