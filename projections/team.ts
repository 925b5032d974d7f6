import type { DataOf } from "../events/registry.ts";

/** The parameters of a team's rules, units in their names. */
export type TeamRules = DataOf<"team.created">["rules"];

/** A pool of handlers with one queue. */
export interface Team {
  readonly team: string;
  readonly version: number;
  readonly rules: TeamRules;
  readonly created_at: string;
}

/** The rules of a team that was created without any. */
export const defaultTeamRules: TeamRules = {
  ack_timeout_seconds: null,
  default_capacity: 1,
  auto_close_days: 30,
  default_snooze_minutes: 24 * 60,
};
