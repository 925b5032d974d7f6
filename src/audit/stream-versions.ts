import { incidentOfStream } from "../../events/stream.ts";

/** Numbers from here on are kept in a map: nobody counts so far, but a forged stream may say so. */
const largest_number = 100_000_000;

/**
 * The version that each stream has reached. There are as many streams as there were incidents, so theirs are kept in
 * four bytes each.
 */
export class StreamVersions {
  #incidents = new Uint32Array(1024);
  readonly #others = new Map<string, number>();

  /** Notes that an event of a stream has this version; returns the version that it should have. */
  take(stream: string, version: number): number {
    const number = incidentOfStream(stream);
    if (number === null || !Number.isSafeInteger(number) || number < 0 || number >= largest_number) {
      const expected = (this.#others.get(stream) ?? 0) + 1;
      this.#others.set(stream, version);
      return expected;
    }
    if (number >= this.#incidents.length) this.#grow(number);
    const expected = (this.#incidents[number] ?? 0) + 1;
    this.#incidents[number] = version;
    return expected;
  }

  #grow(number: number): void {
    const longer = new Uint32Array(Math.max(number + 1, this.#incidents.length * 2));
    longer.set(this.#incidents);
    this.#incidents = longer;
  }
}
