import { createHmac, hash, timingSafeEqual } from "node:crypto";
import type { Runtime } from "../runtime/runtime.ts";

/** How long a device stays known, in seconds. */
export const deviceLife_s = 180 * 24 * 60 * 60;

const form = /^([A-Za-z0-9_-]{22})\.([0-9a-z]{1,12})\.([A-Za-z0-9_-]{43})$/;

/** What devices stand on. */
export interface DevicesOptions {
  /** A secret of the vault. */
  readonly secret: Uint8Array;
  readonly runtime: Pick<Runtime, "now" | "random">;
}

/**
 * Marks the devices that an account has been signed in with (OWASP's device cookies): a mark opens nothing, it only gives its
 * bearer a count of failed attempts of their own. It holds for one account, half a year, and can only be made here.
 */
export class Devices {
  readonly #secret: Uint8Array;
  readonly #runtime: DevicesOptions["runtime"];

  constructor({ secret, runtime }: DevicesOptions) {
    this.#secret = secret;
    this.#runtime = runtime;
  }

  /** A new mark for a device that this account was signed in with. */
  mark(user_id: number): string {
    const name = Buffer.from(this.#runtime.random(16)).toString("base64url");
    const made_s = Math.floor(this.#runtime.now() / 1000).toString(36);
    return `${name}.${made_s}.${this.#seal(user_id, name, made_s)}`;
  }

  /** The name of the device, where its mark is ours, of this account and not too old; else null. */
  nameOf(mark: string | null, user_id: number): string | null {
    const [, name, made_s, seal] = form.exec(mark ?? "") ?? [];
    if (name === undefined || made_s === undefined || seal === undefined) return null;
    const right = this.#seal(user_id, name, made_s);
    // Digests have one length, whatever was presented.
    const isOurs = timingSafeEqual(hash("sha256", seal, "buffer"), hash("sha256", right, "buffer"));
    const age_s = this.#runtime.now() / 1000 - Number.parseInt(made_s, 36);
    return isOurs && age_s < deviceLife_s ? name : null;
  }

  #seal(user_id: number, name: string, made_s: string): string {
    return createHmac("sha256", this.#secret).update(`device:${user_id}:${name}:${made_s}`).digest("base64url");
  }
}
