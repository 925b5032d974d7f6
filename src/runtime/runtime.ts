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
  const random = (length: number): Uint8Array => {
    if (length > poolLength / 8) return randomBytes(length);
    if (used + length > poolLength) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return Uint8Array.prototype.slice.call(pool, used - length, used);
  };
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    uuid: orderedUuids(random),
    random,
    after(delay_ms, callback) {
      const timer = setTimeout(callback, delay_ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

/**
 * UUIDv7 in the order in which they are made, within a millisecond too: a counter takes the place of the first random
 * bits (RFC 9562, 6.2, method 1). The random bits come from the pool; drawing them one id at a time costs more than all
 * else about an id.
 */
function orderedUuids(random: (length: number) => Uint8Array): () => string {
  const state = { msecs: 0, counter: 0 };
  return () => {
    const bytes = random(16);
    const now = Date.now();
    if (now > state.msecs) {
      state.msecs = now;
      // Its upper bit is free, so that it has room to count.
      state.counter = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) >>> 1;
    } else if (state.counter < 0xffff_ffff) {
      state.counter += 1;
    } else {
      state.msecs += 1;
      state.counter = 0;
    }
    return v7({ random: bytes, msecs: state.msecs, seq: state.counter });
  };
}
