import { Type } from "@sinclair/typebox";
import { TeamRules } from "../../../../events/team.ts";
import type { Team } from "../../../../projections/team.ts";
import { Handle, Instant, nullable, ShortText, strict, Text, WholeNumber } from "../../fields.ts";

const rulesExample = {
  ack_timeout_seconds: 900,
  default_capacity: 1,
  auto_close_days: 30,
  default_snooze_minutes: 1440,
};

/** An example of a team, for the documentation. */
export const teamExample = { name: "network", rules: rulesExample, created_at: "2023-12-17T09:00:00.000Z", version: 1 };

/** A team and its rules, as every answer shows them. */
export const TeamView = Type.Object(
  {
    name: Text,
    rules: Type.Object({
      ack_timeout_seconds: nullable(
        Type.Integer({ description: "how long an incident may stay without a reaction; null: as long as it likes" }),
      ),
      default_capacity: Type.Integer({ description: "of handlers who join without one" }),
      auto_close_days: Type.Integer({ description: "after which resolved incidents are closed; 0: never" }),
      default_snooze_minutes: Type.Integer({ description: "of a snooze without an end" }),
    }),
    created_at: Instant,
    version: WholeNumber,
  },
  { $id: "Team", additionalProperties: false, examples: [teamExample] },
);

/** A team as JSON. */
export type TeamJson = (typeof TeamView)["static"];

/** The team by reference to the shared schema. */
export const TeamAnswer = Type.Unsafe<TeamJson>({ $ref: "Team#" });

const { default_capacity, auto_close_days, default_snooze_minutes } = TeamRules.properties;

const RulesBody = strict({
  ack_timeout_seconds: Type.Optional(nullable(Type.Integer({ minimum: 1, maximum: 31_536_000 }))),
  default_capacity: Type.Optional(default_capacity),
  auto_close_days: Type.Optional(auto_close_days),
  default_snooze_minutes: Type.Optional(default_snooze_minutes),
});

/** A new team; rules that are not named are the usual ones. */
export const CreateTeamBody = strict(
  { name: Handle, rules: Type.Optional(RulesBody) },
  { examples: [{ name: "network", rules: { ack_timeout_seconds: 900 } }] },
);

/** Which rules of a team are to change; those that are not named stay. */
export const ChangeTeamBody = strict(
  { rules: Type.Optional(RulesBody), reason: Type.Optional(ShortText) },
  { examples: [{ rules: { ack_timeout_seconds: 900 }, reason: "nights are slow" }] },
);

/** What a team looks like from outside. */
export function teamView({ team, rules, created_at, version }: Team): TeamJson {
  return { name: team, rules, created_at, version };
}
