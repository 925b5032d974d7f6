import type { Runtime } from "../../runtime/runtime.ts";

/** Where somebody stands with a limit. */
export interface Standing {
  /** Whether nothing was left. */
  readonly is_over: boolean;
  /** How many more may come at once. */
  readonly remaining: number;
  /** When all of it can be had again. */
  readonly reset_seconds: number;
  /** When the next one can come; 0: now. */
  readonly retry_seconds: number;
}

/** What a limit counts, and how much of it. */
export interface RateLimiterOptions {
  /** As `RateLimit` names it. */
  readonly name: string;
  readonly per_minute: number;
  /** How many callers are counted at the same time; the longest unseen is forgotten, so that memory is bounded. */
  readonly callers: number;
  readonly runtime: Pick<Runtime, "elapsed">;
}

/** The window, in seconds. */
const window_seconds = 60;
const window_ms = window_seconds * 1000;

/**
 * Lets each caller through so many times a minute: a bucket of that many, filled evenly. Kept is one number for each caller, the
 * time when its bucket is full again (the generic cell rate algorithm, ITU-T I.371). What is turned away is not counted.
 */
export class RateLimiter {
  /** What `RateLimit-Policy` says of it. */
  readonly policy: string;
  readonly #name: string;
  readonly #per_minute: number;
  readonly #callers: number;
  readonly #runtime: Pick<Runtime, "elapsed">;
  /** By caller, the longest unseen first: the moment when the bucket is full. */
  readonly #full_at_ms = new Map<string, number>();

  #all_full_at_ms = 0;

  constructor({ name, per_minute, callers, runtime }: RateLimiterOptions) {
    this.policy = `"${name}";q=${per_minute};w=${window_seconds}`;
    this.#name = name;
    this.#per_minute = per_minute;
    this.#callers = callers;
    this.#runtime = runtime;
  }

  /** Whether every bucket is full. */
  get is_idle(): boolean {
    if (this.#full_at_ms.size === 0) return true;
    if (this.#runtime.elapsed() < this.#all_full_at_ms) return false;
    this.#full_at_ms.clear();
    return true;
  }

  /** How many callers are counted. */
  get size(): number {
    return this.#full_at_ms.size;
  }

  /** Counts one, unless nothing is left. */
  take(caller: string): Standing {
    const now_ms = this.#runtime.elapsed();
    const full_at_ms = Math.max(now_ms, this.#full_at_ms.get(caller) ?? 0);
    const taken_ms = full_at_ms + window_ms / this.#per_minute;
    // Sums of fractions may miss the window by less than anybody can notice.
    const is_over = taken_ms - now_ms > window_ms + 0.001;
    const left_ms = is_over ? full_at_ms : taken_ms;
    this.#full_at_ms.delete(caller);
    this.#full_at_ms.set(caller, left_ms);
    this.#all_full_at_ms = Math.max(this.#all_full_at_ms, left_ms);
    if (this.#full_at_ms.size > this.#callers) this.#forgetOldest();
    return this.#standing(is_over, left_ms - now_ms);
  }

  /** Where a caller stands, without counting: over, where the next one would be turned away. */
  look(caller: string): Standing {
    const now_ms = this.#runtime.elapsed();
    const until_full_ms = Math.max(0, (this.#full_at_ms.get(caller) ?? 0) - now_ms);
    return this.#standing(until_full_ms + window_ms / this.#per_minute > window_ms + 0.001, until_full_ms);
  }

  /** What `RateLimit` says of a standing. */
  told({ remaining, reset_seconds }: Standing): string {
    return `"${this.#name}";r=${remaining};t=${reset_seconds}`;
  }

  #standing(is_over: boolean, until_full_ms: number): Standing {
    const each_ms = window_ms / this.#per_minute;
    return {
      is_over,
      remaining: Math.max(0, Math.floor((window_ms - until_full_ms + 0.001) / each_ms)),
      reset_seconds: Math.ceil(until_full_ms / 1000),
      retry_seconds: is_over ? Math.max(1, Math.ceil((until_full_ms + each_ms - window_ms) / 1000)) : 0,
    };
  }

  #forgetOldest(): void {
    for (const caller of this.#full_at_ms.keys()) {
      this.#full_at_ms.delete(caller);
      return;
    }
  }
}
