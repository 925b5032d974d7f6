import type { DataOf, TextOf } from "../../events/registry.ts";

/** Statuses that an Update may ask for, in the desk's words. */
export type AskedStatus = "pending" | "assigned" | "acknowledged" | "snoozed" | "resolved" | "closed" | "dismissed";

export type Labels = NonNullable<DataOf<"incident.reported">["labels"]>;
export type Links = NonNullable<TextOf<"incident.reported">["links"]>;
export type Word = NonNullable<DataOf<"incident.reported">["word"]>;
export type TeamRules = DataOf<"team.created">["rules"];

/** A command on one incident. */
interface OnIncident {
  readonly incident: number;
  /** Refused (`version-mismatch`) unless the incident is at one of these versions. */
  readonly if_version?: readonly number[];
  /** What a dialect's client said, kept with the fact. */
  readonly word?: Word;
  /** A text, erasable, kept with the fact. */
  readonly reason?: string;
}

export interface Report {
  readonly kind: "report";
  /** A UUIDv7 for the incident, should one be opened. */
  readonly incident_id: string;
  readonly team?: string;
  readonly type?: string;
  readonly severity?: number;
  /** When it happened, an instant; else the desk time. */
  readonly timestamp?: string;
  /** Take a timestamp from the future as a claim and record the desk time, instead of refusing. */
  readonly doubt_timestamp?: boolean;
  readonly source?: string;
  readonly dedup_key?: string;
  readonly labels?: Labels;
  readonly title?: string;
  readonly description?: string;
  readonly reported_by?: string;
  readonly links?: Links;
  readonly assigned_to?: string;
  readonly status?: "resolved" | "closed";
  readonly resolution?: string;
  readonly word?: Word;
}

export interface Update extends OnIncident {
  readonly kind: "update";
  readonly title?: string;
  readonly description?: string;
  readonly links?: Links;
  readonly resolution?: string;
  /** null removes it. */
  readonly type?: string | null;
  readonly labels?: Labels;
  readonly team?: string;
  readonly severity?: number;
  /** null hands it back. */
  readonly assigned_to?: string | null;
  readonly force?: boolean;
  readonly status?: AskedStatus;
  /** With status snoozed: until when. */
  readonly until?: string;
  /** A dialect's any-to-any transition: reopen first where the status cannot be reached otherwise (rule 19). */
  readonly by_way_of_reopening?: boolean;
}

export interface Escalate extends OnIncident {
  readonly kind: "escalate";
  /** Without it, one step up. */
  readonly severity?: number;
}
export interface Acknowledge extends OnIncident {
  readonly kind: "acknowledge";
  readonly handler?: string;
}
export interface Resolve extends OnIncident {
  readonly kind: "resolve";
  readonly resolution?: string;
}
export interface Close extends OnIncident {
  readonly kind: "close";
}
export interface Reopen extends OnIncident {
  readonly kind: "reopen";
}
export interface Dismiss extends OnIncident {
  readonly kind: "dismiss";
}
export interface Assign extends OnIncident {
  readonly kind: "assign";
  readonly handler: string;
  /** Hand it even to somebody who is unavailable. */
  readonly force?: boolean;
}
export interface Unassign extends OnIncident {
  readonly kind: "unassign";
}
export interface Snooze extends OnIncident {
  readonly kind: "snooze";
  readonly until?: string;
  /** How long from the desk time; `until` wins. */
  readonly minutes?: number;
}
export interface Wake extends OnIncident {
  readonly kind: "wake";
}
export interface Comment extends OnIncident {
  readonly kind: "comment";
  readonly text: string;
}
export interface Merge extends OnIncident {
  readonly kind: "merge";
  readonly into: number;
}
export interface Move extends OnIncident {
  readonly kind: "move";
  readonly team: string;
}
export interface Delete extends OnIncident {
  readonly kind: "delete";
}

export interface AddHandler {
  readonly kind: "add-handler";
  readonly handler: string;
  readonly team?: string;
  readonly capacity?: number;
  readonly name?: string;
}
export interface ChangeHandler {
  readonly kind: "change-handler";
  readonly handler: string;
  readonly if_version?: readonly number[];
  readonly capacity?: number;
  readonly name?: string;
  readonly available?: boolean;
  /** With `available: false`: hand back what they have. */
  readonly release?: boolean;
  readonly reason?: string;
}
export interface RemoveHandler {
  readonly kind: "remove-handler";
  readonly handler: string;
  readonly if_version?: readonly number[];
  readonly reason?: string;
}
export interface CreateTeam {
  readonly kind: "create-team";
  readonly team: string;
  readonly rules?: Partial<TeamRules>;
}
export interface ChangeTeam {
  readonly kind: "change-team";
  readonly team: string;
  readonly if_version?: readonly number[];
  readonly rules: Partial<TeamRules>;
  readonly reason?: string;
}
/** It is now `at`. */
export interface PassTime {
  readonly kind: "pass-time";
  readonly at: string;
}

export type IncidentCommand =
  | Update
  | Escalate
  | Acknowledge
  | Resolve
  | Close
  | Reopen
  | Dismiss
  | Assign
  | Unassign
  | Snooze
  | Wake
  | Comment
  | Merge
  | Move
  | Delete;

export type Command =
  | Report
  | IncidentCommand
  | AddHandler
  | ChangeHandler
  | RemoveHandler
  | CreateTeam
  | ChangeTeam
  | PassTime;

/** What the desk adds to a command when it decides it. */
export interface CommandContext {
  readonly command_id: string;
  readonly actor: string;
  /** Desk time, an instant. */
  readonly at: string;
}
