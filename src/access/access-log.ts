/** What the access log tells of, beside the changes that are events of the ledger. */
export const accessKinds = [
  "sign-in",
  "sign-in-failed",
  "throttled",
  "refresh-reused",
  "signed-out",
  "password-changed",
  "recovery-asked",
  "recovery-used",
  "invitation-used",
  "session-ended",
  "refused",
  "rate-limited",
  "key-first-used-from",
  "user-edited",
  "others",
] as const;

/** What happened at the door. */
export type AccessKind = (typeof accessKinds)[number];

/** Something that happened at the door: what, who, from where. Nothing secret is ever in it. */
export interface AccessEntry {
  readonly kind: AccessKind;
  /** `user:7`, `key:3`, `admin`; missing where nobody knows who it was. */
  readonly actor?: string;
  readonly address: string;
  readonly user_agent?: string;
  /** The user whom it was done to, where that is somebody else than who did it. */
  readonly about_user?: number;
  /** Of a request that was refused: its method and the pattern of its route, and the status of the answer. Of one that came too often: the status alone. */
  readonly route?: string;
  readonly status?: number;
  /** A session, or the names of fields, for example. No password, token or e-mail address. */
  readonly detail?: string;
}

/** Takes down what happens at the door. Must neither fail nor take long. */
export interface AccessLog {
  record(entry: AccessEntry): void;
}

/** Takes down nothing. */
export const noAccessLog: AccessLog = { record: () => {} };
