import { type TProperties, type TSchema, Type } from "@sinclair/typebox";
import {
  Capacity,
  DedupKey,
  Description,
  Handle,
  IncidentNumber,
  IncidentType,
  Instant,
  KeyId,
  KeyRole,
  Labels,
  Links,
  PersonName,
  Position,
  ProfileField,
  Severity,
  ShortText,
  Source,
  TeamsInReach,
  Title,
  UserId,
  UserRole,
  Word,
} from "../../events/fields.ts";
import { TeamRules } from "../../events/team.ts";
import { listedStatuses } from "../../projections/incident.ts";
import { type Command, textWords } from "../rules/commands.ts";

type CommandOf<Kind extends Command["kind"]> = Extract<Command, { readonly kind: Kind }>;

/** The fields of every command as a scenario may write them: the compiler sees to it that none is missing. */
type CommandFields = {
  readonly [Kind in Command["kind"]]: {
    readonly [Field in Exclude<keyof CommandOf<Kind>, "kind" | "incident_id">]-?: TSchema;
  };
};

const Flag = Type.Boolean();
const Versions = Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 });
const SomeRules = Type.Partial(TeamRules);
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const words = (...all: string[]) => Type.Union(all.map((word) => Type.Literal(word)));

const onIncident = { incident: IncidentNumber, if_version: Versions, word: Word, reason: ShortText };

const fields: CommandFields = {
  report: {
    team: Handle,
    type: IncidentType,
    severity: Severity,
    timestamp: Instant,
    doubt_timestamp: Flag,
    source: Source,
    dedup_key: DedupKey,
    labels: Labels,
    title: Title,
    description: Description,
    reported_by: PersonName,
    links: Links,
    assigned_to: Handle,
    status: words("resolved", "closed"),
    resolution: ShortText,
    word: Word,
  },
  update: {
    ...onIncident,
    title: Title,
    description: Description,
    links: Links,
    resolution: ShortText,
    type: orNull(IncidentType),
    labels: Labels,
    team: Handle,
    severity: Severity,
    assigned_to: orNull(Handle),
    force: Flag,
    status: words("pending", "assigned", "acknowledged", "snoozed", "resolved", "closed", "dismissed"),
    until: Instant,
    by_way_of_reopening: Flag,
    unless_status: Type.Array(words(...listedStatuses, "deleted")),
  },
  escalate: { ...onIncident, severity: Severity },
  acknowledge: { ...onIncident, handler: Handle },
  resolve: { ...onIncident, resolution: ShortText },
  close: onIncident,
  reopen: onIncident,
  dismiss: onIncident,
  assign: { ...onIncident, handler: Handle, force: Flag },
  unassign: onIncident,
  snooze: { ...onIncident, until: Instant, minutes: Type.Integer({ minimum: 1 }) },
  wake: onIncident,
  comment: { ...onIncident, text: ShortText },
  merge: { ...onIncident, into: IncidentNumber },
  move: { ...onIncident, team: Handle },
  delete: onIncident,
  redact: {
    ...onIncident,
    all: Type.Literal(true),
    texts: Type.Array(Type.Union([Position, ...textWords.map((word) => Type.Literal(word))]), { minItems: 1 }),
  },
  "add-handler": { handler: Handle, team: Handle, capacity: Capacity, name: PersonName },
  "change-handler": {
    handler: Handle,
    if_version: Versions,
    capacity: Capacity,
    name: PersonName,
    available: Flag,
    release: Flag,
    reason: ShortText,
  },
  "remove-handler": { handler: Handle, if_version: Versions, reason: ShortText },
  "create-team": { team: Handle, rules: SomeRules },
  "change-team": { team: Handle, if_version: Versions, rules: SomeRules, reason: ShortText },
  "create-user": { user: UserId, role: UserRole, teams: TeamsInReach, handler: orNull(Handle) },
  "change-user": {
    user: UserId,
    if_version: Versions,
    role: UserRole,
    teams: TeamsInReach,
    handler: orNull(Handle),
    active: Flag,
    profile: Type.Array(ProfileField, { minItems: 1 }),
  },
  "invite-user": { user: UserId },
  "erase-user": { user: UserId, if_version: Versions },
  "create-key": {
    key: KeyId,
    role: KeyRole,
    teams: TeamsInReach,
    dialect: orNull(Type.String({ minLength: 1, maxLength: 32 })),
    expires_at: orNull(Instant),
  },
  "rotate-key": { key: KeyId },
  "end-key-rotation": { key: KeyId },
  "revoke-key": { key: KeyId },
  "pass-time": { at: Instant },
};

/** The schemas of each command's fields, by the command's name. A report names the incident that it may open. */
export const commandFields: ReadonlyMap<string, TProperties> = new Map(
  Object.entries({ ...fields, report: { incident: IncidentNumber, ...fields.report } }),
);

/** Whether a word names a command. */
export function isCommand(word: string): word is Command["kind"] {
  return commandFields.has(word);
}
