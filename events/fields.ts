import { type TProperties, Type } from "@sinclair/typebox";

/** An object without additional properties: what is not described is not recorded. */
export function body<Properties extends TProperties>(properties: Properties) {
  return Type.Object(properties, { additionalProperties: false });
}

/** An instant in UTC with milliseconds, `2026-01-31T09:15:00.000Z`: text order is time order. */
export const Instant = Type.String({
  pattern: "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$",
});

/** A UUID in lower case; ids that we make are of version 7, so that they are ordered by time (RFC 9562). */
export const Uuid = Type.String({ pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" });

/** A permanent handle of a handler or a team. Never a name or an address of a person: it is hashed for ever. */
export const Handle = Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$" });

/** Who did it: an id such as `admin`, `key:3` or `clock`. */
export const Actor = Type.String({ minLength: 1, maxLength: 128 });

/** 1 (critical) to 5 (info). */
export const Severity = Type.Integer({ minimum: 1, maximum: 5 });

/** The number of an incident in its ledger: 1, 2, 3 … */
export const IncidentNumber = Type.Integer({ minimum: 1 });

/** A position in the ledger. */
export const Position = Type.Integer({ minimum: 1 });

/** The id of a user: 1, 2, 3 …, never used again. */
export const UserId = Type.Integer({ minimum: 1 });

/** The id of a key: 1, 2, 3 …, never used again. */
export const KeyId = Type.Integer({ minimum: 1 });

/** The names of what the vault holds of a user. */
export const ProfileField = Type.Union([Type.Literal("email"), Type.Literal("full_name"), Type.Literal("phone")]);

/** What a user may do: `viewer` reads, `responder` works incidents, `manager` runs teams, `admin` everything. */
export const UserRole = Type.Union([
  Type.Literal("viewer"),
  Type.Literal("responder"),
  Type.Literal("manager"),
  Type.Literal("admin"),
]);

/** What a key may do: what a user may, or as an `integration` only report into its one team. */
export const KeyRole = Type.Union([Type.Literal("integration"), ...UserRole.anyOf]);

/** The teams in which a role counts; null: in all of them, later ones too. */
export const TeamsInReach = Type.Union([Type.Array(Handle, { maxItems: 200, uniqueItems: true }), Type.Null()]);

/** How many incidents a handler takes at once. */
export const Capacity = Type.Integer({ minimum: 1, maximum: 1000 });

/** A key under which repeats of the same report find each other. */
export const DedupKey = Type.String({ minLength: 1, maxLength: 512 });

/** What sort of incident it is, in the reporter's own terms. */
export const IncidentType = Type.String({ minLength: 1, maxLength: 200 });

/** Where a report came from: `operator`, `prometheus`, … */
export const Source = Type.String({ minLength: 1, maxLength: 200 });

/** At most 64 strings to strings. */
export const Labels = Type.Unsafe<Record<string, string>>({
  type: "object",
  propertyNames: { type: "string", minLength: 1, maxLength: 128 },
  additionalProperties: { type: "string", maxLength: 1024 },
  maxProperties: 64,
});

/** The word that a client of a dialect used, kept so that the dialect can show it again. */
export const Word = body({
  dialect: Type.String({ minLength: 1, maxLength: 32 }),
  word: Type.String({ minLength: 1, maxLength: 64 }),
});

/** A title, at most 500 UTF-16 code units. */
export const Title = Type.String({ maxLength: 500 });
/** A description, at most 65,536 UTF-16 code units. */
export const Description = Type.String({ maxLength: 65_536 });
/** A comment, reason or resolution, at most 10,000 UTF-16 code units. */
export const ShortText = Type.String({ maxLength: 10_000 });
/** The name or address of a person, at most 200 UTF-16 code units. */
export const PersonName = Type.String({ maxLength: 200 });

/** Links to what helps: dashboards, runbooks. http or https only. */
export const Links = Type.Array(
  body({
    href: Type.String({ pattern: "^[Hh][Tt][Tt][Pp][Ss]?://[^\\s]+$", maxLength: 2048 }),
    text: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  { maxItems: 32 },
);
