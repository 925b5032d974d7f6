import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { body, Instant, KeyId, KeyRole, TeamsInReach } from "./fields.ts";

/** A key for a program exists from here on. Its name and the hash of its secret are in the vault. */
export const keyCreated = defineEvent({
  name: "key.created",
  version: 1,
  kind: "fact",
  data: body({
    key: KeyId,
    role: KeyRole,
    teams: TeamsInReach,
    /** The one dialect that it opens; null: the service's own interface. */
    dialect: Type.Union([Type.String({ minLength: 1, maxLength: 32 }), Type.Null()]),
    /** When it ends by itself; null: it does not. */
    expires_at: Type.Union([Instant, Type.Null()]),
  }),
  text: null,
  example: {
    data: { key: 3, role: "integration", teams: ["default"], dialect: null, expires_at: "2027-01-31T00:00:00.000Z" },
  },
});

/** A key has a new secret; the one before it is good, too, until it is ended or the key has another new one. */
export const keyRotated = defineEvent({
  name: "key.rotated",
  version: 1,
  kind: "fact",
  data: body({ key: KeyId }),
  text: null,
  example: { data: { key: 3 } },
});

/** The secret before a key's present one is good for nothing from here on. */
export const keyRotationEnded = defineEvent({
  name: "key.rotation-ended",
  version: 1,
  kind: "fact",
  data: body({ key: KeyId }),
  text: null,
  example: { data: { key: 3 } },
});

/** A key is good for nothing from here on. */
export const keyRevoked = defineEvent({
  name: "key.revoked",
  version: 1,
  kind: "fact",
  data: body({ key: KeyId }),
  text: null,
  example: { data: { key: 3 } },
});
