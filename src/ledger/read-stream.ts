import type { HashedEvent, Ledger } from "./ledger.ts";

const page_events = 1000;

/** One stream's events, oldest first, page by page, up to a position (without one: as far as it goes). */
export async function* readStream(ledger: Ledger, stream: string, until?: number): AsyncGenerator<HashedEvent> {
  let after = 0;
  for (;;) {
    const page = await ledger.read({ stream, after, limit: page_events, ...(until === undefined ? {} : { until }) });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < page_events) return;
    after = last.position;
  }
}
