/** A report, as a monitor or a person makes it. */
export interface ReportStep {
  readonly kind: "report";
  /** The number of the incident within the day: 1, 2, 3 … */
  readonly incident: number;
  readonly team: string;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly severity: number;
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Repeats of the report carry the same; unique within the day. */
  readonly dedup_key?: string;
}

interface OnIncident {
  readonly incident: number;
  readonly team: string;
}

/** What somebody does. Incidents are named by their numbers within the day. */
export type Action =
  | { readonly kind: "team"; readonly team: string }
  | { readonly kind: "handler"; readonly handler: string; readonly team: string; readonly capacity: number }
  | {
      readonly kind: "shift";
      readonly handler: string;
      readonly team: string;
      readonly available: boolean;
      /** Hands back what they have. */
      readonly release: boolean;
      readonly reason: string;
    }
  | ReportStep
  | (OnIncident & { readonly kind: "acknowledge" })
  | (OnIncident & { readonly kind: "comment"; readonly text: string })
  | (OnIncident & { readonly kind: "escalate"; readonly reason: string })
  | (OnIncident & { readonly kind: "hand-over"; readonly handler: string; readonly reason: string })
  | (OnIncident & { readonly kind: "snooze"; readonly minutes: number })
  | (OnIncident & { readonly kind: "merge"; readonly into: number })
  | (OnIncident & { readonly kind: "resolve"; readonly resolution: string })
  | (OnIncident & { readonly kind: "dismiss"; readonly reason: string })
  | (OnIncident & { readonly kind: "reopen"; readonly reason: string });

/** What somebody does, and when: in seconds since the day began, at six in the morning. */
export type Step = Action & { readonly at_seconds: number };
