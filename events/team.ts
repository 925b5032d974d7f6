import { Type } from "@sinclair/typebox";
import { defineEvent } from "./define-event.ts";
import { body, Capacity, Handle, ShortText } from "./fields.ts";

/** The parameters of a team's rules. */
export const TeamRules = body({
  /** How long an assigned incident may stay unacknowledged, or an acknowledged one silent, in seconds; null: off. */
  ack_timeout_seconds: Type.Union([Type.Integer({ minimum: 1, maximum: 31_536_000 }), Type.Null()]),
  /** The capacity of a handler who joins without one. */
  default_capacity: Capacity,
  /** After how many days a resolved incident is closed; 0: never. */
  auto_close_days: Type.Integer({ minimum: 0, maximum: 3650 }),
  /** How long a snooze without an end lasts, in minutes. */
  default_snooze_minutes: Type.Integer({ minimum: 1, maximum: 527_040 }),
});

const example = {
  ack_timeout_seconds: 900,
  default_capacity: 1,
  auto_close_days: 30,
  default_snooze_minutes: 1440,
};

/** A team exists from here on, with these rules. */
export const teamCreated = defineEvent({
  name: "team.created",
  version: 1,
  kind: "fact",
  data: body({ team: Handle, rules: TeamRules }),
  text: null,
  example: { data: { team: "default", rules: { ...example, ack_timeout_seconds: null } } },
});

/** The team's rules are these, all of them, from here on. */
export const teamRulesChanged = defineEvent({
  name: "team.rules-changed",
  version: 1,
  kind: "fact",
  data: body({ team: Handle, rules: TeamRules }),
  text: body({ reason: Type.Optional(ShortText) }),
  example: { data: { team: "default", rules: example }, text: { reason: "nights are slow" } },
});
