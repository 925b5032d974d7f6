import { Type } from "@sinclair/typebox";
import { limits } from "../../../config.ts";
import { textWords } from "../../../rules/commands.ts";
import {
  DedupKey,
  Description,
  Handle,
  HandleOrNull,
  IncidentReference,
  IncidentType,
  LabelChanges,
  Labels,
  Links,
  Minutes,
  nullable,
  PersonName,
  Severity,
  ShortText,
  Source,
  spoken,
  strict,
  Time,
  Title,
  words,
} from "../../fields.ts";
import { anyCase } from "../../validation/any-case.ts";

const reason = Type.Optional(ShortText);

/** Report. */
export const ReportBody = strict(
  {
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    type: Type.Optional(IncidentType),
    severity: Type.Optional(Severity),
    timestamp: Type.Optional(Time),
    source: Type.Optional(Source),
    reported_by: Type.Optional(PersonName),
    team: Type.Optional(Handle),
    dedup_key: Type.Optional(DedupKey),
    labels: Type.Optional(Labels),
    links: Type.Optional(Links),
    assigned_to: Type.Optional(Handle),
    status: Type.Optional(words(["resolved"], { description: "for one that is over already" })),
  },
  {
    anyOf: [{ required: ["title"] }, { required: ["description"] }],
    examples: [
      {
        title: "Complete system failure",
        type: "System Outage",
        severity: 1,
        timestamp: "2023-12-17T10:00:00Z",
        reported_by: "ops@example.com",
        labels: { service: "checkout" },
      },
    ],
  },
);

/** The statuses that an Update may ask for. */
export const askedStatuses = [
  "pending",
  "assigned",
  "acknowledged",
  "snoozed",
  "resolved",
  "closed",
  "dismissed",
] as const;

const updateFields = {
  status: Type.Optional(words(askedStatuses)),
  assigned_to: Type.Optional(HandleOrNull),
  force: Type.Optional(Type.Boolean({ description: "assign even to somebody who is unavailable" })),
  severity: Type.Optional(Severity),
  title: Type.Optional(Title),
  description: Type.Optional(Description),
  type: Type.Optional(nullable(IncidentType)),
  team: Type.Optional(Handle),
  links: Type.Optional(Links),
  resolution: Type.Optional(ShortText),
  reason,
  until: Type.Optional(Time),
};

const updateExample = { examples: [{ severity: 1, labels: { service: "checkout", region: "eu" } }] };

/** Update. */
export const UpdateBody = strict({ ...updateFields, labels: Type.Optional(Labels) }, updateExample);

/** Update by PATCH, which may be a merge patch. */
export const PatchBody = strict({ ...updateFields, labels: Type.Optional(LabelChanges) }, updateExample);

/** Acknowledge: whose it becomes where nobody has it. */
export const AcknowledgeBody = strict({ handler: Type.Optional(Handle) }, { examples: [{ handler: "Alice" }] });
/** Resolve. */
export const ResolveBody = strict(
  { resolution: Type.Optional(ShortText), reason },
  { examples: [{ resolution: "Restarted the balancer." }] },
);
/** The actions that take nothing but a reason. */
export const ReasonBody = strict({ reason }, { examples: [{ reason: "a test of the monitor" }] });
/** The actions that take nothing. */
export const EmptyBody = strict({}, { examples: [{}] });
/** Escalate: without a severity, one step up. */
export const EscalateBody = strict(
  { severity: Type.Optional(Severity), reason },
  { examples: [{ severity: 1, reason: "customers are affected" }] },
);
/** Assign: `force` for a handler who is unavailable. */
export const AssignBody = strict(
  { handler: Handle, force: Type.Optional(Type.Boolean()), reason },
  { examples: [{ handler: "Bob" }] },
);
/** Snooze: until a time or for some minutes; one of them is needed. */
export const SnoozeBody = strict(
  { until: Type.Optional(Time), minutes: Type.Optional(Minutes), reason },
  { anyOf: [{ required: ["until"] }, { required: ["minutes"] }], examples: [{ minutes: 60 }] },
);
/** Comment: 1 to 10,000 characters, not all of them white space. */
export const CommentBody = strict({ text: spoken(10_000) }, { examples: [{ text: "The provider confirms." }] });
/** Merge: the open incident that this one is a duplicate of. */
export const MergeBody = strict({ into: IncidentReference, reason }, { examples: [{ into: 4 }] });

/** Redact: either `all`, or positions and words. */
export const RedactBody = strict(
  {
    all: Type.Optional(
      Type.Literal(true, { description: "every text of the incident", "x-expects": "true, or left out" }),
    ),
    texts: Type.Optional(
      Type.Array(
        Type.Unsafe<number | string>({
          type: ["integer", "string"],
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          pattern: `^${anyCase(textWords)}$`,
          description: `the position of one of the incident's events, or one of ${textWords.join(", ")}`,
          "x-expects": `the position of an event, or one of ${textWords.join(", ")}`,
        }),
        { minItems: 1, maxItems: limits.redacted_texts },
      ),
    ),
    reason,
  },
  {
    anyOf: [{ required: ["all"] }, { required: ["texts"] }],
    examples: [{ texts: [17, "comments"], reason: "a customer's address stood in them" }],
  },
);

/** What can be done with many incidents at once. */
export type BulkAction = "acknowledge" | "resolve" | "close" | "assign";

/** Bulk: which other fields go with which action is checked by `bulk.ts`. */
export const BulkBody = strict(
  {
    action: Type.Unsafe<BulkAction>({ type: "string", enum: ["acknowledge", "resolve", "close", "assign"] }),
    ids: Type.Array(IncidentReference, { minItems: 1, maxItems: limits.bulk_incidents }),
    handler: Type.Optional(Handle),
    force: Type.Optional(Type.Boolean()),
    resolution: Type.Optional(ShortText),
    reason,
  },
  { examples: [{ action: "resolve", ids: [4, 7], resolution: "Restarted the balancer." }] },
);
