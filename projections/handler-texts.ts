import type { RecordedEvent } from "../events/recorded-event.ts";

/** What people wrote about one handler: the fold of the handler's own events' texts, as far as they are not erased. */
export interface HandlerTexts {
  /** The name that is shown; null: none was given. */
  readonly name: string | null;
  /** Why they are away; null while available, and where nobody said why. */
  readonly unavailable_reason: string | null;
}

/** What is known of a handler before the first event. */
export const noHandlerTexts: HandlerTexts = { name: null, unavailable_reason: null };

/** Folds one event of the handler's own stream. Whoever sees `text.erased` folds the whole stream again. */
export function foldHandlerTexts(before: HandlerTexts, event: RecordedEvent): HandlerTexts {
  switch (event.type) {
    case "handler.joined":
      return { name: event.text?.name ?? before.name, unavailable_reason: null };
    case "handler.renamed":
      return { ...before, name: event.text?.name ?? null };
    case "handler.made-unavailable":
      return { ...before, unavailable_reason: event.text?.reason ?? null };
    case "handler.made-available":
    case "handler.left":
      return { ...before, unavailable_reason: null };
    default:
      return before;
  }
}
