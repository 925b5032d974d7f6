import type { AccessChanges } from "../access/access-changes.ts";
import type { Freshness } from "../access/freshness.ts";
import type { Identity } from "../access/identity.ts";
import type { KeptAccessLog } from "../access/kept-access-log.ts";
import type { KeyUses } from "../access/key-uses.ts";
import type { Keys } from "../access/keys.ts";
import type { Scrubber } from "../audit/scrubber.ts";
import type { Config } from "../config.ts";
import type { Desk } from "../desk/desk.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { DeskFigures } from "../metrics/desk-figures.ts";
import type { RequestFigures } from "../metrics/request-figures.ts";
import type { IncidentList } from "../readmodels/incident-list.ts";
import type { Past } from "../readmodels/past.ts";
import type { HandlerTextCache, IncidentTextCache } from "../readmodels/texts.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { AnnouncedStop } from "./announced-stop.ts";
import type { LiveFeed } from "./feed/live-feed.ts";
import type { Authenticate } from "./plugins/authentication.ts";
import type { RequestLimits } from "./protection/request-limits.ts";

/** What the routes stand on. */
export interface Services {
  readonly desk: Pick<
    Desk,
    | "submit"
    | "board"
    | "readable"
    | "durable_position"
    | "state"
    | "waiting"
    | "queue_length"
    | "now"
    | "clockAhead_ms"
    | "onCommitted"
    | "catchUp"
  >;
  readonly ledger: Ledger;
  readonly list: Pick<IncidentList, "page" | "ask" | "statistics" | "state" | "position">;
  /** Whether no file holds anything any more of what was erased up to a position; told when it is so, false after a while. */
  readonly whenErased: (position: number) => Promise<boolean>;
  /** How things were. */
  readonly past: Past;
  readonly texts: Pick<IncidentTextCache, "get">;
  readonly handler_texts: Pick<HandlerTextCache, "handler">;
  /** What the desk has done since the start; it is the desk's meter. */
  readonly desk_figures: DeskFigures;
  /** What was answered since the start. */
  readonly request_figures: RequestFigures;
  /** Who follows the ledger, and how far behind it they are. */
  readonly feed: Pick<LiveFeed, "follow" | "refusal" | "close" | "clients" | "catching_up" | "cut_off" | "lag_ms">;
  /** What the background scrub of the ledger has found. */
  readonly scrub: Pick<Scrubber, "position" | "faults" | "damage">;
  readonly stop: Pick<AnnouncedStop, "is_announced" | "ends_connections">;
  readonly runtime: Runtime;
  /** The files lie in `data_dir`, where there is one. */
  readonly config: Pick<Config, "auth" | "host"> &
    Partial<
      Pick<Config, "data_dir" | "dialects" | "dialects_open" | "public_url" | "cors_origins" | "trusted_proxies">
    >;
  /** How often somebody may ask. */
  readonly request_limits: RequestLimits;
  /** The keys of programs. */
  readonly keys: Pick<
    Keys,
    "find" | "ownerOf" | "create" | "remove" | "list" | "get" | "revoke" | "rotate" | "endPrevious"
  >;
  readonly authenticate: Authenticate;
  /** Learns of what the command line does. */
  readonly freshness: Pick<Freshness, "ensure" | "learn">;
  /** When and from where keys are used. */
  readonly key_uses: Pick<KeyUses, "note">;
  /** What happened at the door, and what changed who may do what. */
  readonly access_log: Pick<KeptAccessLog, "page" | "count">;
  readonly access_changes: AccessChanges;
  /** What people sign in with. */
  readonly identity: Identity;
  /** The secret under which requests with an idempotency key are fingerprinted. */
  readonly idempotency_secret: Uint8Array;
  /** What GET / and /health say of the build. */
  readonly about: { readonly name: string; readonly version: string };
}
