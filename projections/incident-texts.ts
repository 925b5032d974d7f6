import type { RecordedEvent } from "../events/recorded-event.ts";

/** A link to what helps: http or https. */
export interface Link {
  readonly href: string;
  readonly text?: string;
}

/** What people wrote about one incident: the fold of its own events' texts, as far as they are not erased. */
export interface IncidentTexts {
  readonly title: string | null;
  readonly description: string | null;
  readonly reported_by: string | null;
  readonly links: readonly Link[];
  readonly resolution: string | null;
}

/** The texts of an incident of which nothing is known, or whose texts were erased. */
export const noTexts: IncidentTexts = {
  title: null,
  description: null,
  reported_by: null,
  links: [],
  resolution: null,
};

/** Folds one event of the incident's own stream. Whoever sees `text.erased` folds the whole stream again. */
export function foldIncidentTexts(before: IncidentTexts, event: RecordedEvent): IncidentTexts {
  switch (event.type) {
    case "incident.reported": {
      const { title, description, reported_by, links } = event.text ?? {};
      return {
        title: title ?? null,
        description: description ?? null,
        reported_by: reported_by ?? null,
        links: links ?? [],
        resolution: null,
      };
    }
    case "incident.edited": {
      if (event.text === null) return before;
      const { title, description, links, resolution } = event.text;
      return {
        ...before,
        ...(title === undefined ? {} : { title }),
        ...(description === undefined ? {} : { description }),
        ...(links === undefined ? {} : { links }),
        ...(resolution === undefined ? {} : { resolution }),
      };
    }
    case "incident.resolved":
      return event.text?.resolution === undefined ? before : { ...before, resolution: event.text.resolution };
    case "incident.reopened":
      return { ...before, resolution: null };
    default:
      return before;
  }
}
