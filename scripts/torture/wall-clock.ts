import { openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { compileShim } from "./compile-shim.ts";

/** The wall clock of a service, to be turned while it runs (false-clock.c). */
export class WallClock {
  /** What a service needs in its environment so that its clock is this one. */
  readonly env: Readonly<Record<string, string>>;
  readonly #fd: number;
  #offset_ms = 0;

  constructor(directory: string) {
    const file = join(directory, "wall-clock");
    writeFileSync(file, Buffer.alloc(8));
    this.#fd = openSync(file, "r+");
    this.env = { LD_PRELOAD: compileShim("false-clock", directory), TORTURE_CLOCK: file };
  }

  /** What the service takes for the time, in milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offset_ms;
  }

  /** Turns it ahead, or back. */
  jump(by_ms: number): void {
    this.#offset_ms += by_ms;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(this.#offset_ms) * 1_000_000n);
    writeSync(this.#fd, bytes, 0, 8, 0);
  }
}
