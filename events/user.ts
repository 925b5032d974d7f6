import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { body, Handle, ProfileField, TeamsInReach, UserId, UserRole } from "./fields.ts";

/** A user exists from here on. Who that is, the vault knows: the ledger holds ids only. */
export const userCreated = defineEvent({
  name: "user.created",
  version: 1,
  kind: "fact",
  data: body({ user: UserId, role: UserRole, teams: TeamsInReach, handler: Type.Union([Handle, Type.Null()]) }),
  text: null,
  example: { data: { user: 7, role: "responder", teams: ["default"], handler: "Alice" } },
});

/** A user has this role from here on. */
export const userRoleChanged = defineEvent({
  name: "user.role-changed",
  version: 1,
  kind: "fact",
  data: body({ user: UserId, role: UserRole }),
  text: null,
  example: { data: { user: 7, role: "manager" } },
});

/** A user's role counts in these teams from here on. */
export const userTeamsChanged = defineEvent({
  name: "user.teams-changed",
  version: 1,
  kind: "fact",
  data: body({ user: UserId, teams: TeamsInReach }),
  text: null,
  example: { data: { user: 7, teams: ["default", "payments"] } },
});

/** A user takes incidents as this handler from here on, or as none. */
export const userHandlerChanged = defineEvent({
  name: "user.handler-changed",
  version: 1,
  kind: "fact",
  data: body({ user: UserId, handler: Type.Union([Handle, Type.Null()]) }),
  text: null,
  example: { data: { user: 7, handler: null } },
});

/** Something personal of a user changed in the vault: which of its fields, never what they hold. */
export const userProfileChanged = defineEvent({
  name: "user.profile-changed",
  version: 1,
  kind: "fact",
  data: body({ user: UserId, fields: Type.Array(ProfileField, { minItems: 1, uniqueItems: true }) }),
  text: null,
  example: { data: { user: 7, fields: ["email"] } },
});

/** A user was invited once more to choose a password; any link before this one ends. */
export const userInvited = defineEvent({
  name: "user.invited",
  version: 1,
  kind: "fact",
  data: body({ user: UserId }),
  text: null,
  example: { data: { user: 7 } },
});

/** A user may do nothing any longer. */
export const userDeactivated = defineEvent({
  name: "user.deactivated",
  version: 1,
  kind: "fact",
  data: body({ user: UserId }),
  text: null,
  example: { data: { user: 7 } },
});

/** A user who was deactivated may sign in again. */
export const userReactivated = defineEvent({
  name: "user.reactivated",
  version: 1,
  kind: "fact",
  data: body({ user: UserId }),
  text: null,
  example: { data: { user: 7 } },
});

/** Everything personal of a user is taken out of the vault: this is final. */
export const userErased = defineEvent({
  name: "user.erased",
  version: 1,
  kind: "fact",
  data: body({ user: UserId }),
  text: null,
  example: { data: { user: 7 } },
});
