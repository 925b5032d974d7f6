import { Type } from "@sinclair/typebox";
import { KeyRole } from "../../../../events/fields.ts";
import type { AccessKey } from "../../../../projections/access.ts";
import type { KnownKey } from "../../../access/keys.ts";
import { dialectNames } from "../../../config.ts";
import { Handle, Instant, nullable, strict, Text, Time, WholeNumber, words } from "../../fields.ts";

/** The roles that a key may have, the least first. */
export const keyRoles = KeyRole.anyOf.map(({ const: role }) => role);

/** Where a role counts: the names of teams; null: everywhere. */
export const TeamsInReach = Type.Unsafe<string[] | null>({
  ...Type.Array(Handle, { maxItems: 200, uniqueItems: true }),
  type: ["array", "null"],
  description: "the teams in which the role counts; null: all of them, later ones too",
});

/** An example of a key, for the documentation. */
export const keyExample = {
  key_id: 3,
  name: "prometheus",
  role: "integration",
  teams: ["default"],
  dialect: null,
  created_at: "2023-12-17T09:00:00.000Z",
  expires_at: null,
  revoked_at: null,
  rotating: false,
  last_used_at: "2023-12-17T10:00:00.000Z",
  last_used_from: "192.0.2.7",
};

const properties = {
  key_id: WholeNumber,
  name: Text,
  role: Type.Unsafe<AccessKey["role"]>({ type: "string", enum: keyRoles }),
  teams: TeamsInReach,
  dialect: nullable(Type.String({ description: "the one dialect that it opens; null: the service's own interface" })),
  created_at: Instant,
  expires_at: nullable(Instant),
  revoked_at: nullable(Instant),
  rotating: Type.Boolean({ description: "the secret before the present one is good, too" }),
  last_used_at: nullable(Instant),
  last_used_from: nullable(Type.String({ description: "the address it was last used from" })),
};

/** A key as every answer shows it: never its secret. */
export const KeyView = Type.Object(properties, { $id: "Key", additionalProperties: false, examples: [keyExample] });

/** A key as JSON. */
export type KeyJson = (typeof KeyView)["static"];

/** The key by reference to the shared schema. */
export const KeyAnswer = Type.Unsafe<KeyJson>({ $ref: "Key#" });

const secretExample = "il_<43 letters, digits, hyphens and underscores><6 of checksum>";

/** A key in the one answer that shows its secret. */
export const FreshKeyAnswer = Type.Object(
  {
    ...properties,
    key: nullable(
      Type.String({
        description: "the secret: shown here and never again; null where this repeats an answer that has shown it",
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ ...keyExample, last_used_at: null, last_used_from: null, key: secretExample }],
  },
);

/** A new key. */
export const CreateKeyBody = strict(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      pattern: "^[^\\u0000-\\u001f\\u007f]*\\S[^\\u0000-\\u001f\\u007f]*$",
      description: "what it is for",
      "x-expects": "1 to 200 characters on one line",
    }),
    role: words(keyRoles, { description: "what it may do: `integration` only reports, into one team" }),
    teams: Type.Optional(TeamsInReach),
    expires_at: Type.Optional(nullable(Time, { description: "when it ends by itself; without it, it does not" })),
    dialect: Type.Optional(
      nullable(words(dialectNames), { description: "the one dialect that it opens, and nothing else" }),
    ),
  },
  { examples: [{ name: "prometheus", role: "integration", teams: ["default"] }] },
);

/**
 * What a key looks like from outside: what it may do stands in the ledger, the rest in the vault. A key of an imported ledger
 * is unknown to the vault, and goes by its number.
 */
export function keyView(key: AccessKey, known: KnownKey | null): KeyJson {
  const { key: key_id, role, teams, dialect, created_at, expires_at, revoked_at, is_rotating: rotating } = key;
  return {
    key_id,
    name: known?.name ?? `key ${key_id}`,
    role,
    teams: teams === null ? null : [...teams],
    dialect,
    created_at,
    expires_at,
    revoked_at,
    rotating,
    last_used_at: known?.last_used_at ?? null,
    last_used_from: known?.last_used_from ?? null,
  };
}
