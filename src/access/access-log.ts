/** What happens at the door. */
export type AccessKind =
  | "sign-in"
  | "sign-in-failed"
  | "throttled"
  | "refresh-reused"
  | "signed-out"
  | "password-changed"
  | "recovery-asked"
  | "recovery-used"
  | "invitation-used"
  | "session-ended";

/** Something that happened at the door: what, who, from where. Nothing secret is ever in it. */
export interface AccessEntry {
  readonly kind: AccessKind;
  /** `user:7`; missing where nobody knows who it was. */
  readonly actor?: string;
  readonly address: string;
  readonly user_agent?: string;
  /** A session, for example. No password, token or e-mail address. */
  readonly detail?: string;
}

/** Takes down what happens at the door. Must neither fail nor take long. */
export interface AccessLog {
  record(entry: AccessEntry): void;
}

/** Takes down nothing. */
export const noAccessLog: AccessLog = { record: () => {} };
