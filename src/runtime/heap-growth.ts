import { setFlagsFromString } from "node:v8";

/** By how many per cent of what is in use the heap may grow before it is looked through for garbage. */
const growth_percent = 50;

/**
 * Keeps the garbage of all threads of this process within a share of what they use. Where much waits, all of it outlives the young
 * generation; V8 by itself would let such a heap grow to four times its content before it looks through it, as long as the machine has
 * memory.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growth_percent}`);
}
