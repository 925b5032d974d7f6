import type { Board } from "../../../projections/board.ts";
import { forbidden, has, principalOf, type Right } from "../../rules/rights.ts";
import { ProblemError } from "../problem-error.ts";
import type { Services } from "../services.ts";
import { actorOf, refuseCredential } from "./authentication.ts";

/** What a route takes: a right, or only a credential that is good for anything. */
export type NeededRight = Right | "any";

type Admitting = Pick<Services, "authenticate" | "freshness" | "desk"> & {
  readonly config: Pick<Services["config"], "auth">;
};

/**
 * The actor of a request that may do something of this kind somewhere; whether they may do just this, in this team, is the
 * desk's to say. Refuses with 401 whoever is unknown, and whoever has no rights any longer; with 403 whoever lacks the right.
 */
export function admittedActor(
  services: Admitting,
  authorization: string | undefined,
  needed: NeededRight,
): string | Promise<string> {
  if (services.config.auth === "off") return "admin";
  const actor = actorOf(authorization, services.authenticate);
  return actor instanceof Promise ? actor.then(known) : checked(actor);

  async function known(found: string): Promise<string> {
    await learnOf(services, found);
    return checked(found);
  }

  function checked(actor: string): string {
    const { board } = services.desk;
    const principal = principalOf(board, actor, () => services.desk.now());
    if (principal === null) throw refuseCredential(actor);
    if (needed === "any" || has(principal.role, needed)) return actor;
    const { code, detail } = forbidden(principal.role, needed);
    throw new ProblemError(code, detail, { actor });
  }
}

/** Whatever the command line has just put on record is known here before it is looked who somebody is. */
export async function learnOf({ desk, freshness }: Pick<Services, "desk" | "freshness">, actor: string): Promise<void> {
  await freshness.ensure();
  if (!isOnRecord(desk.board, actor)) await freshness.learn();
}

function isOnRecord({ keys, users }: Board, actor: string): boolean {
  const id = Number(actor.slice(actor.indexOf(":") + 1));
  if (actor.startsWith("key:")) return keys.has(id);
  return actor.startsWith("user:") ? users.has(id) : true;
}
