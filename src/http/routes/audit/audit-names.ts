import { nameOfUser } from "../../../access/user-names.ts";
import type { Services } from "../../services.ts";

/** What those are called who are neither users nor keys. */
const others: Readonly<Record<string, string>> = {
  admin: "the administrator's key",
  cli: "the command line",
  system: "the service",
  clock: "the clock",
  import: "an import",
};

/** How those are called who are in the audit, as of today. Each is looked up once. */
export class AuditNames {
  readonly #services: Pick<Services, "desk" | "identity" | "keys">;
  readonly #known = new Map<string, Promise<string>>();

  constructor(services: Pick<Services, "desk" | "identity" | "keys">) {
    this.#services = services;
  }

  /** The name of an actor, such as `user:7`. */
  of(actor: string): Promise<string> {
    const known = this.#known.get(actor);
    if (known !== undefined) return known;
    const name = this.#lookUp(actor);
    this.#known.set(actor, name);
    return name;
  }

  async #lookUp(actor: string): Promise<string> {
    const [kind, number] = actor.split(":", 2);
    const id = Number(number);
    if (kind === "user") {
      const user = this.#services.desk.board.users.get(id);
      const account = await this.#services.identity.vault.accounts.get(id);
      return user === undefined ? `user ${id}` : nameOfUser(user, account);
    }
    if (kind === "key") return (await this.#services.keys.get(id))?.name ?? `key ${id}`;
    return others[actor] ?? actor;
  }
}
