import type { RecordedEvent } from "../../events/recorded-event.ts";
import { handlerStream, incidentOfStream, incidentStream } from "../../events/stream.ts";
import { foldHandlerTexts, type HandlerTexts, noHandlerTexts } from "../../projections/handler-texts.ts";
import { foldIncidentTexts, type IncidentTexts, noTexts } from "../../projections/incident-texts.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { StreamTextCache } from "./stream-text-cache.ts";

/** What people wrote about incidents: the board has none of it. */
export class IncidentTextCache {
  readonly #cache: StreamTextCache<IncidentTexts>;

  /** Keeps the texts of at most so many incidents, and at most 4096 characters for each of them on average. */
  constructor(ledger: Ledger, capacity = 20_000) {
    this.#cache = new StreamTextCache(ledger, capacity, {
      nothing: noTexts,
      fold: foldIncidentTexts,
      weigh: incidentCharacters,
    });
  }

  /** The texts of an incident, as the ledger's last commit left them. */
  get(number: number): Promise<IncidentTexts> {
    return this.#cache.get(incidentStream(number));
  }

  /** Takes in a committed event. To be called for every one, in order. */
  apply(event: RecordedEvent): void {
    if (incidentOfStream(event.stream) !== null) this.#cache.apply(event);
  }
}

/** The names of handlers, and why they are away. */
export class HandlerTextCache {
  readonly #cache: StreamTextCache<HandlerTexts>;

  /** Keeps the texts of at most so many handlers. */
  constructor(ledger: Ledger, capacity = 20_000) {
    this.#cache = new StreamTextCache(ledger, capacity, {
      nothing: noHandlerTexts,
      fold: foldHandlerTexts,
      weigh: ({ name, unavailable_reason }) => (name?.length ?? 0) + (unavailable_reason?.length ?? 0),
    });
  }

  /** The texts of the handler with exactly this id, as the ledger's last commit left them. */
  handler(handler_id: string): Promise<HandlerTexts> {
    return this.#cache.get(handlerStream(handler_id));
  }

  /** Takes in a committed event. To be called for every one, in order. */
  apply(event: RecordedEvent): void {
    if (event.stream.startsWith("handler/")) this.#cache.apply(event);
  }
}

function incidentCharacters({ title, description, reported_by, resolution, links }: IncidentTexts): number {
  let characters = 0;
  for (const text of [title, description, reported_by, resolution]) characters += text?.length ?? 0;
  for (const link of links) characters += link.href.length + (link.text?.length ?? 0);
  return characters;
}
