import { openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { compileShim } from "./compile-shim.ts";

const fields = ["calls", "first", "last", "error", "drops_syncs", "failed"] as const;
type Field = (typeof fields)[number];
const forGood = Number.MAX_SAFE_INTEGER;

/** Orders to the shim between a service and its disk (faulty-disk.c): which of its writes and syncs to ledger.db fail. */
export class DiskOrders {
  /** What a service needs in its environment so that the shim is there. */
  readonly env: Readonly<Record<string, string>>;
  readonly #fd: number;

  constructor(directory: string) {
    const file = join(directory, "disk-orders");
    writeFileSync(file, Buffer.alloc(8 * fields.length));
    this.#fd = openSync(file, "r+");
    this.env = { LD_PRELOAD: compileShim("faulty-disk", directory), TORTURE_DISK_ORDERS: file };
  }

  /** How many writes and syncs the disk has seen. */
  get calls(): number {
    return this.#get("calls");
  }

  /** How many of them failed. */
  get failed(): number {
    return this.#get("failed");
  }

  /** Lets the n-th call from now fail, and all that come after it if `times` says so. */
  failAt(n: number, error: "EIO" | "ENOSPC", times: "once" | "for good"): void {
    const first = this.calls + n;
    this.#set("error", constants.errno[error]);
    this.#set("last", times === "once" ? first : forGood);
    this.#set("first", first);
  }

  /** Lets nothing fail any more. */
  heal(): void {
    this.#set("first", 0);
  }

  /** Syncs say yes from now on and do nothing. */
  dropSyncs(): void {
    this.#set("drops_syncs", 1);
  }

  #get(field: Field): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#fd, bytes, 0, 8, 8 * fields.indexOf(field));
    return Number(bytes.readBigInt64LE());
  }

  #set(field: Field, value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.#fd, bytes, 0, 8, 8 * fields.indexOf(field));
  }
}
