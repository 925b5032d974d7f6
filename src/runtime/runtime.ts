import { randomBytes, randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** The world outside the rules: time, ids, chance. Injected everywhere, so that a seed replays a whole run. */
export interface Runtime {
  /** Wall-clock time in milliseconds since 1970. */
  now(): number;
  /** Milliseconds on a clock that never runs back, from an arbitrary start. */
  elapsed(): number;
  /** A new UUIDv7, ordered by time. */
  uuid(): string;
  /** Fresh random bytes. */
  random(length: number): Uint8Array;
  /** Calls back once after that many milliseconds; returns the way to cancel. Does not keep the process alive. */
  after(delay_ms: number, callback: () => void): () => void;
}

const poolLength = 4096;

/** The real world. Random bytes are drawn 4 KB at a time. */
export function systemRuntime(): Runtime {
  const pool = Buffer.alloc(poolLength);
  let used = poolLength;
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    uuid: () => v7(),
    random(length) {
      if (length > poolLength / 8) return randomBytes(length);
      if (used + length > poolLength) {
        randomFillSync(pool);
        used = 0;
      }
      used += length;
      return Uint8Array.prototype.slice.call(pool, used - length, used);
    },
    after(delay_ms, callback) {
      const timer = setTimeout(callback, delay_ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
