import { type Algorithm, hash, parseOptions, verify } from "@node-rs/argon2";
import { limits } from "../config.ts";
import { BoundedWork } from "./bounded-work.ts";

/** The package gives its enumeration as a type alone: this is its Argon2id. */
const argon2id: Algorithm.Argon2id = 2;

/** OWASP ASVS 5.0, appendix C: argon2id with 19 MiB, two passes, one lane. */
const cost = { algorithm: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const;

/**
 * The hash of a password that nobody knows, of the same cost as all others: it is verified where there is no other, so that
 * who asks for somebody unknown waits as long.
 */
export const nobodysHash =
  "$argon2id$v=19$m=19456,t=2,p=1$p6h2sD8KL1ebfKZpeGjSPQ$qo3L+KDFv0s0HeanpXyoz9EudSV22Lig7lAbB2CKTgI";

/**
 * Hashes passwords by argon2id and compares them, exactly as they were typed. Each takes 19 MiB and tens of milliseconds of a
 * core, so few run at once, some wait, and what comes beyond is refused with `WorkRefused`.
 */
export class PasswordHashing {
  readonly #work: BoundedWork;

  constructor(
    bounds: ConstructorParameters<typeof BoundedWork>[0] = {
      at_once: limits.hashings_at_once,
      waiting: limits.waiting_hashings,
    },
  ) {
    this.#work = new BoundedWork(bounds);
  }

  /** The PHC string of a password, with a salt of its own. */
  hash(password: string): Promise<string> {
    return this.#work.run(() => hash(password, cost));
  }

  /** Whether that is the password. Without a hash it never is, and takes as long. */
  async verify(password_hash: string | null, password: string): Promise<boolean> {
    const isRight = await this.#work.run(() => verify(password_hash ?? nobodysHash, password));
    return isRight && password_hash !== null;
  }

  /** Whether a hash was made at another cost than today's, so that it should be made anew. */
  isOutdated(password_hash: string): boolean {
    const found = parseOptions(password_hash);
    return Object.entries(cost).some(([name, value]) => found[name as keyof typeof cost] !== value);
  }
}
