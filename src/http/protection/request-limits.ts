import type { FastifyReply, FastifyRequest } from "fastify";
import { networkOf } from "../../access/client-network.ts";
import { type Config, limits } from "../../config.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { ProblemError } from "../problem-error.ts";
import { clientAddress } from "./client-address.ts";
import { cannotBeGuessed } from "./credential-form.ts";
import { RateLimiter, type Standing } from "./rate-limiter.ts";

/** What the configuration says of limits. */
export type RateSettings = Pick<Config, "rate_limit" | "rate_limit_unauthenticated">;

/**
 * The limits on how often somebody asks; one of these for the whole service, however many ports it has.
 *
 * Requests with a valid credential are counted by that credential. Those without are counted by address, and an address that has
 * used up its share is turned away before its credential is looked at, so that guessing stays slow. Whoever shares an address with
 * somebody who guesses must not be shut out: a credential that was valid before is let in all the same, and one that nobody can
 * guess is verified first, so that new keys and the next access token of who is signed in are taken, too.
 */
export class RequestLimits {
  readonly #credentials: RateLimiter | null;
  readonly #refusals: RateLimiter | null;
  readonly #pages: RateLimiter | null;
  readonly #proven = new Set<string>();

  constructor({ rate_limit, rate_limit_unauthenticated }: RateSettings, runtime: Pick<Runtime, "elapsed">) {
    const limiter = (name: string, per_minute: number): RateLimiter | null =>
      per_minute === 0 ? null : new RateLimiter({ name, per_minute, callers: limits.counted_callers, runtime });
    this.#credentials = limiter("credential", rate_limit);
    this.#refusals = limiter("unauthenticated", rate_limit_unauthenticated);
    this.#pages = limiter("public-pages", rate_limit_unauthenticated * limits.public_page_factor);
  }

  /** Whether anything is to be done when a credential was found valid. */
  get looks_at_callers(): boolean {
    return this.#credentials !== null || this.#refusals !== null;
  }

  /** Whether any address was refused lately: mostly none was, and then nothing needs to be looked up. */
  get has_refused(): boolean {
    return this.#refusals !== null && !this.#refusals.is_idle;
  }

  /** Turns away who has sent too many credentials that were not valid, unless this one is known to be, or may be seen to be. */
  admit(request: FastifyRequest, credential: string | undefined): void {
    const limiter = this.#refusals;
    if (limiter === null) return;
    if (credential !== undefined && this.#proven.has(credential)) return;
    const standing = limiter.look(networkOf(clientAddress(request)));
    if (!standing.is_over || (credential !== undefined && cannotBeGuessed(credential))) return;
    throw rateLimited(limiter, standing, tooManyRefusals);
  }

  /** Counts a public page that costs something. */
  admitToPage(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#pages === null) return;
    const what = "Too many public pages were asked for from this address.";
    count(this.#pages, networkOf(clientAddress(request)), reply, what);
  }

  /**
   * Counts a request whose credential was not valid; its answer says how many more there may be. Gives the answer that is due in
   * its place where there may be none.
   */
  refused(request: FastifyRequest, reply: FastifyReply, credential: string | undefined): ProblemError | null {
    if (credential !== undefined) this.#proven.delete(credential);
    const limiter = this.#refusals;
    if (limiter === null) return null;
    const standing = limiter.take(networkOf(clientAddress(request)));
    if (standing.is_over) return rateLimited(limiter, standing, tooManyRefusals);
    tell(reply, limiter, standing);
    return null;
  }

  /** Counts a request of a caller who is known; null: of somebody who needs no credential, counted by address. */
  admitCaller(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: string | null,
    credential: string | undefined,
  ): void {
    if (this.#refusals !== null && credential !== undefined && caller !== null) this.#prove(credential);
    if (this.#credentials === null) return;
    const counted = caller ?? networkOf(clientAddress(request));
    const whose = caller === null ? "this address" : "this credential";
    count(this.#credentials, counted, reply, `Too many requests came from ${whose}.`);
  }

  #prove(credential: string): void {
    const proven = this.#proven;
    if (proven.has(credential)) return;
    proven.add(credential);
    if (proven.size <= limits.proven_credentials) return;
    for (const oldest of proven) {
      proven.delete(oldest);
      return;
    }
  }
}

const tooManyRefusals = "Too many requests from this address had no valid credential.";

function count(limiter: RateLimiter, caller: string, reply: FastifyReply, what: string): void {
  const standing = limiter.take(caller);
  if (standing.is_over) throw rateLimited(limiter, standing, what);
  tell(reply, limiter, standing);
}

function tell(reply: FastifyReply, limiter: RateLimiter, standing: Standing): void {
  reply.header("ratelimit-policy", limiter.policy).header("ratelimit", limiter.told(standing));
}

function rateLimited(limiter: RateLimiter, standing: Standing, what: string): ProblemError {
  const seconds = standing.retry_seconds;
  return new ProblemError("rate-limited", `${what} Try again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`, {
    headers: {
      "ratelimit-policy": limiter.policy,
      ratelimit: limiter.told(standing),
      "retry-after": String(seconds),
    },
  });
}
