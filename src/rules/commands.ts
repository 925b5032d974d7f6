import type { DataOf, TextOf } from "../../events/registry.ts";
import type { KeyRole, UserRole } from "../../projections/access.ts";
import type { Status } from "../../projections/incident.ts";

/** Statuses that an Update may ask for, in the desk's words. */
export type AskedStatus = "pending" | "assigned" | "acknowledged" | "snoozed" | "resolved" | "closed" | "dismissed";

/** Labels of an incident: names to values. */
export type Labels = NonNullable<DataOf<"incident.reported">["labels"]>;
/** Links to what helps. */
export type Links = NonNullable<TextOf<"incident.reported">["links"]>;
/** The word of a dialect's client. */
export type Word = NonNullable<DataOf<"incident.reported">["word"]>;
/** The name of something personal of a user. */
export type ProfileField = DataOf<"user.profile-changed">["fields"][number];
/** The parameters of a team's rules. */
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

/** Something happened. Opens an incident, or is recorded as a repeat of the open one that its key leads to. */
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

/** Changes any of an incident's fields, as one commit; any refusal refuses all (rule 14). */
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
  /** The status is left as it is where it is one of these: a dialect's word stands for several of the desk's. */
  readonly unless_status?: readonly Status[];
}

/** Raises the severity (rule 6). */
export interface Escalate extends OnIncident {
  readonly kind: "escalate";
  /** Without it, one step up. */
  readonly severity?: number;
}
/** Somebody sees to it (rule 10). */
export interface Acknowledge extends OnIncident {
  readonly kind: "acknowledge";
  readonly handler?: string;
}
/** The work is done. */
export interface Resolve extends OnIncident {
  readonly kind: "resolve";
  readonly resolution?: string;
}
/** Finished for the books; an open one is resolved as well. */
export interface Close extends OnIncident {
  readonly kind: "close";
}
/** Puts what has ended back into the queue. */
export interface Reopen extends OnIncident {
  readonly kind: "reopen";
}
/** It was a false alarm. */
export interface Dismiss extends OnIncident {
  readonly kind: "dismiss";
}
/** Hands it to a handler of its team (rule 8). */
export interface Assign extends OnIncident {
  readonly kind: "assign";
  readonly handler: string;
  /** Hand it even to somebody who is unavailable. */
  readonly force?: boolean;
}
/** Hands it back to the queue (rule 8). */
export interface Unassign extends OnIncident {
  readonly kind: "unassign";
}
/** Lets it sleep until a time (rule 9). */
export interface Snooze extends OnIncident {
  readonly kind: "snooze";
  readonly until?: string;
  /** How long from the desk time; `until` wins. */
  readonly minutes?: number;
}
/** Ends its sleep. */
export interface Wake extends OnIncident {
  readonly kind: "wake";
}
/** Says something about it. */
export interface Comment extends OnIncident {
  readonly kind: "comment";
  readonly text: string;
}
/** It is a duplicate of another (rule 11). */
export interface Merge extends OnIncident {
  readonly kind: "merge";
  readonly into: number;
}
/** Gives it to another team (rule 17). */
export interface Move extends OnIncident {
  readonly kind: "move";
  readonly team: string;
}
/** Leaves only a tombstone of it. */
export interface Delete extends OnIncident {
  readonly kind: "delete";
}

/** Words for the texts of an incident: each stands for every event whose text holds such a field. */
export const textWords = ["title", "description", "reported_by", "links", "resolution", "comments", "reasons"] as const;
/** One of those words. */
export type TextWord = (typeof textWords)[number];

/** Erases texts of an incident for ever, each that of a whole event. Either all of them or some. */
export interface Redact extends OnIncident {
  readonly kind: "redact";
  /** Whatever has a text, but for the reasons of erasures. */
  readonly all?: true;
  /** Positions of its events, and words. */
  readonly texts?: readonly (number | TextWord)[];
}

/** Somebody joins a team, for the first time or again. */
export interface AddHandler {
  readonly kind: "add-handler";
  readonly handler: string;
  readonly team?: string;
  readonly capacity?: number;
  readonly name?: string;
}
/** Changes a handler's capacity, name or availability (rule 7). */
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
/** Somebody leaves their team; their work is handed back. */
export interface RemoveHandler {
  readonly kind: "remove-handler";
  readonly handler: string;
  readonly if_version?: readonly number[];
  readonly reason?: string;
}
/** Makes a team. */
export interface CreateTeam {
  readonly kind: "create-team";
  readonly team: string;
  readonly rules?: Partial<TeamRules>;
}
/** Changes a team's rules; those that are not named stay. */
export interface ChangeTeam {
  readonly kind: "change-team";
  readonly team: string;
  readonly if_version?: readonly number[];
  readonly rules: Partial<TeamRules>;
  readonly reason?: string;
}
/** Somebody may sign in. Who that is, the vault knows already. */
export interface CreateUser {
  readonly kind: "create-user";
  readonly user: number;
  readonly role: UserRole;
  /** null: every team. */
  readonly teams: readonly string[] | null;
  readonly handler?: string | null;
}
/** Changes what a user may do, and as which handler they take incidents. */
export interface ChangeUser {
  readonly kind: "change-user";
  readonly user: number;
  readonly if_version?: readonly number[];
  readonly role?: UserRole;
  readonly teams?: readonly string[] | null;
  readonly handler?: string | null;
  /** Which fields of what is personal change in the vault. */
  readonly profile?: readonly ProfileField[];
  /** Deactivating them makes their handler unavailable and hands back what they have. */
  readonly active?: boolean;
}
/** A user is to choose a password, once more. */
export interface InviteUser {
  readonly kind: "invite-user";
  readonly user: number;
}
/** Everything personal of a user goes, the texts about their handler too; their handler leaves. */
export interface EraseUser {
  readonly kind: "erase-user";
  readonly user: number;
  readonly if_version?: readonly number[];
}
/** A program may use this key. The vault has its hash already. */
export interface CreateKey {
  readonly kind: "create-key";
  readonly key: number;
  readonly role: KeyRole;
  /** null: every team. */
  readonly teams: readonly string[] | null;
  readonly dialect: string | null;
  /** An instant, or null: it does not end by itself. */
  readonly expires_at: string | null;
}
/** A key has a new secret. The vault has it already. */
export interface RotateKey {
  readonly kind: "rotate-key";
  readonly key: number;
}
/** The secret before a key's present one is good for nothing any longer. */
export interface EndKeyRotation {
  readonly kind: "end-key-rotation";
  readonly key: number;
}
/** A key is good for nothing any longer. */
export interface RevokeKey {
  readonly kind: "revoke-key";
  readonly key: number;
}
/** It is now `at`. */
export interface PassTime {
  readonly kind: "pass-time";
  readonly at: string;
}

/** The commands that name an incident. */
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
  | Delete
  | Redact;

/** The commands about who may do what. */
export type AccessCommand =
  | CreateUser
  | ChangeUser
  | InviteUser
  | EraseUser
  | CreateKey
  | RotateKey
  | EndKeyRotation
  | RevokeKey;

/** Every command there is. */
export type Command =
  | Report
  | IncidentCommand
  | AddHandler
  | ChangeHandler
  | RemoveHandler
  | CreateTeam
  | ChangeTeam
  | AccessCommand
  | PassTime;

/** What the desk adds to a command when it decides it. */
export interface CommandContext {
  readonly command_id: string;
  readonly actor: string;
  /** Desk time, an instant. */
  readonly at: string;
}
