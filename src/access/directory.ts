/** What the ledger says of a user. */
export interface DirectoryUser {
  readonly role: string;
  /** null: every team. */
  readonly teams: readonly string[] | null;
  /** The handler that they are, or null. */
  readonly handler: string | null;
  readonly active: boolean;
}

/** What the ledger says of a key. */
export interface DirectoryKey {
  readonly name: string;
  readonly role: string;
  /** null: every team. */
  readonly teams: readonly string[] | null;
}

/** Who is who, as the ledger has it. Whoever it does not know may do nothing. */
export interface Directory {
  user(user_id: number): DirectoryUser | null;
  /** Resolves when whatever another process did before it last wrote to the vault is known here. */
  fresh(): Promise<void>;
  /** Learns of what others have put on record, as the command line does beside a service. */
  learn(): Promise<void>;
  /** Of a key's actor, `admin` or `key:7`. */
  key(actor: string): Promise<DirectoryKey | null>;
}
