import type { RecordedEvent } from "../../events/recorded-event.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readStream } from "../ledger/read-stream.ts";
import { BoundedCache } from "./bounded-cache.ts";

/** How the texts of one kind of stream are folded. */
export interface TextFold<Texts> {
  readonly nothing: Texts;
  readonly fold: (before: Texts, event: RecordedEvent) => Texts;
  /** About how many characters they have. */
  readonly weigh: (texts: Texts) => number;
}

interface Known<Texts> {
  readonly texts: Texts;
  /** Version of the last event of the stream that is folded in. */
  version: number;
}

interface Load<Texts> {
  readonly result: Promise<Texts>;
  /** Committed while the ledger was being read. */
  readonly meanwhile: RecordedEvent[];
}

/** On average an entry may have so many characters; long texts make room for fewer. */
const characters_per_entry = 4096;

/**
 * Texts by stream, read from the ledger at first use and kept right by the events that are committed afterwards. Versions
 * within the stream tell which events are folded in already, so that neither a load nor an event can come too late.
 */
export class StreamTextCache<Texts> {
  readonly #ledger: Ledger;
  readonly #fold: TextFold<Texts>;
  readonly #known: BoundedCache<string, Known<Texts>>;
  readonly #loads = new Map<string, Load<Texts>>();

  constructor(ledger: Ledger, capacity: number, fold: TextFold<Texts>) {
    this.#ledger = ledger;
    this.#fold = fold;
    this.#known = new BoundedCache(capacity, capacity * characters_per_entry, ({ texts }) => fold.weigh(texts));
  }

  /** The texts of a stream; those of nothing, where there is no such stream. */
  async get(stream: string): Promise<Texts> {
    const known = this.#known.get(stream);
    if (known !== undefined) return known.texts;
    const loading = this.#loads.get(stream);
    if (loading !== undefined) return loading.result;
    const meanwhile: RecordedEvent[] = [];
    const result = this.#load(stream, meanwhile).finally(() => this.#loads.delete(stream));
    this.#loads.set(stream, { result, meanwhile });
    return result;
  }

  /** Takes in a committed event. To be called for every one, in order, once the ledger holds it. */
  apply(event: RecordedEvent): void {
    this.#loads.get(event.stream)?.meanwhile.push(event);
    const known = event.version === 1 ? { texts: this.#fold.nothing, version: 0 } : this.#known.peek(event.stream);
    if (known === undefined || event.version <= known.version) return;
    if (event.type === "text.erased" || event.version !== known.version + 1) {
      this.#known.delete(event.stream);
      return;
    }
    const texts = this.#fold.fold(known.texts, event);
    if (texts === known.texts && event.version > 1) known.version = event.version;
    else this.#known.set(event.stream, { texts, version: event.version });
  }

  async #load(stream: string, meanwhile: RecordedEvent[]): Promise<Texts> {
    for (;;) {
      meanwhile.length = 0;
      let known: Known<Texts> = { texts: this.#fold.nothing, version: 0 };
      for await (const event of readStream(this.#ledger, stream)) known = this.#next(known, event);
      // What was read may hold a text that has been erased since: it is read again.
      if (meanwhile.some((event) => event.type === "text.erased")) continue;
      for (const event of meanwhile) if (event.version > known.version) known = this.#next(known, event);
      if (known.version > 0) this.#known.set(stream, known);
      return known.texts;
    }
  }

  #next({ texts }: Known<Texts>, event: RecordedEvent): Known<Texts> {
    return { texts: this.#fold.fold(texts, event), version: event.version };
  }
}
