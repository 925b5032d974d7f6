import { type Static, Type } from "@sinclair/typebox";
import { accessEventNames } from "../../../access/access-changes.ts";
import { accessKinds } from "../../../access/access-log.ts";
import type { AccessRecord } from "../../../access/access-records.ts";
import type { HashedEvent } from "../../../ledger/ledger.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";
import type { AuditNames } from "./audit-names.ts";
import { sentenceOfChange, sentenceOfRecord } from "./audit-sentence.ts";

/** Where the rows of the audit come from; where two are of the same instant, the first source's come first. */
export const auditSources = ["ledger", "access-log"] as const;

/** Everything that a row of the audit may be about. */
export const auditKinds = [...accessEventNames, ...accessKinds] as const;

/** An example of a row, for the documentation. */
export const auditExample = {
  source: "access-log",
  kind: "sign-in-failed",
  at: "2023-12-17T10:00:00.000Z",
  last_at: "2023-12-17T10:00:41.000Z",
  count: 6,
  actor: "user:7",
  name: "Ana Ng",
  sentence: "Signing in as Ana Ng failed, 6 times.",
  user_id: 7,
  key_id: null,
  address: "192.0.2.7",
  user_agent: "curl/8.5.0",
  route: null,
  status: null,
  detail: null,
  position: null,
  id: 41,
};

/** A row of the audit. */
export const AuditRow = Type.Object(
  {
    source: Type.String({ enum: [...auditSources] }),
    kind: Type.String({ enum: [...auditKinds] }),
    at: { ...Instant, description: "when; where it happened several times, the first of them" },
    last_at: { ...Instant, description: "the last of them" },
    count: Type.Integer({ minimum: 1, description: "how often" }),
    actor: nullable(
      Type.String({
        description: "who, or as whom: `user:7`, `key:3`, `admin`, `cli`; null: somebody unknown",
      }),
    ),
    name: nullable(Type.String({ description: "what they are called today; `erased user 7` for who is erased" })),
    sentence: Text,
    user_id: nullable(Type.Integer({ description: "the user whom it is about, or who did it" })),
    key_id: nullable(Type.Integer({ description: "the key that it is about, or that did it" })),
    address: nullable(Type.String({ description: "from where; null in the ledger, of several, and of who is erased" })),
    user_agent: nullable(Type.String({ description: "the first 200 characters of what the client calls itself" })),
    route: nullable(
      Type.String({ description: "what was refused: the method, and the pattern of the route; null of several" }),
    ),
    status: nullable(Type.Integer({ description: "with which status" })),
    detail: nullable(Type.String({ description: "a session, or the names of the fields that were changed" })),
    position: nullable(Type.Integer({ description: "the position of the event; null in the access log" })),
    id: nullable(WholeNumber),
  },
  { additionalProperties: false, $id: "AuditRow", examples: [auditExample] },
);

/** The row by reference to the shared schema. */
export const AuditRowAnswer = Type.Unsafe<AuditJson>({ $ref: "AuditRow#" });

/** A row as JSON. */
export type AuditJson = Static<typeof AuditRow>;

/** An event of the ledger as a row of the audit. */
export async function rowOfEvent(event: HashedEvent, names: AuditNames): Promise<AuditJson> {
  const { type, recorded_at, actor, stream, position } = event;
  const about = stream.replace("/", ":");
  const name = await names.of(actor);
  return {
    source: "ledger",
    kind: type,
    at: recorded_at,
    last_at: recorded_at,
    count: 1,
    actor,
    name,
    sentence: capital(sentenceOfChange(event, await names.of(about), name)),
    ...idsOf(about),
    address: null,
    user_agent: null,
    route: null,
    status: null,
    detail: null,
    position,
    id: null,
  };
}

/** A record of the access log as a row of the audit. */
export async function rowOfRecord(record: AccessRecord, names: AuditNames): Promise<AuditJson> {
  const { id, kind, actor, about_user, address, user_agent, route, status, detail } = record;
  const { first_at: at, last_at, count } = record;
  const about = about_user === null ? null : `user:${about_user}`;
  const name = actor === null ? null : await names.of(actor);
  const by = name ?? "somebody unknown";
  return {
    source: "access-log",
    kind,
    at,
    last_at,
    count,
    actor,
    name,
    sentence: capital(sentenceOfRecord(record, by, about === null ? null : await names.of(about))),
    ...idsOf(about ?? actor ?? ""),
    address,
    user_agent,
    route,
    status,
    detail,
    position: null,
    id,
  };
}

function idsOf(about: string): { user_id: number | null; key_id: number | null } {
  const id = (kind: string) => (about.startsWith(kind) ? Number(about.slice(kind.length)) : null);
  return { user_id: id("user:"), key_id: id("key:") };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
