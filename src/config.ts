import { ConfigError } from "./config-error.ts";
import { corsOriginsOf, perMinuteOf, publicUrlOf, trustedProxiesOf } from "./network-settings.ts";

/** How the service is configured. Every field comes from a variable of `variables`; nothing else reads the environment. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Where the ledger, the read model, the vault and `admin.key` are. */
  readonly data_dir: string;
  /** Who joins the team `default` when the ledger is opened. */
  readonly handlers: readonly string[];
  /** Null: one is made at the first start and kept in the data directory. */
  readonly admin_api_key: string | null;
  readonly auth: "required" | "off";
  /** What access tokens are signed with: the first signs, all verify. None: a secret of the vault. */
  readonly secret_keys: readonly string[];
  /** The SMTP server that mails go through, and who they are from; null: no mails are sent. */
  readonly smtp: SmtpConfig | null;
  /** How long a record of the access log is kept, in days. */
  readonly access_log_days: number;
  /** For how long it still takes requests after it was told to stop, while /readyz is red. */
  readonly drain_seconds: number;
  readonly log_level: LogLevel;
  /** The origin under which others reach the service, where it is not http://HOST:PORT. */
  readonly public_url: string | null;
  /** The origins whose pages may ask the service from a browser. */
  readonly cors_origins: readonly string[];
  /** Addresses and ranges of the proxies whose X-Forwarded-For is believed. */
  readonly trusted_proxies: readonly string[];
  /** Requests a minute for each credential; 0: as many as come. */
  readonly rate_limit: number;
  /** Credentials that are not valid, a minute for each address; 0: as many as come. */
  readonly rate_limit_unauthenticated: number;
  /** Null: pretty on a terminal, else json. */
  readonly log_format: "pretty" | "json" | null;
  /** The dialects that are on. */
  readonly dialects: readonly DialectChoice[];
  /** Whether dialects that know no credentials need none. */
  readonly dialects_open: boolean;
}

/** How mails are sent. */
export interface SmtpConfig {
  /** May hold a password. */
  readonly url: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** The dialects that there are. */
export const dialectNames = ["klimbb", "tracker", "ucar"] as const;
/** The name of a dialect. */
export type DialectName = (typeof dialectNames)[number];

/** A dialect that is switched on. */
export interface DialectChoice {
  readonly name: DialectName;
  /** A port of its own, whose whole URL space it is; null: only under /compat/<name>. */
  readonly port: number | null;
}

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
/** How much is logged; each level includes those after it. */
export type LogLevel = (typeof logLevels)[number];

/** The limits of the HTTP interface, each with its unit in its name. */
export const limits = {
  /** A request's body. */
  body_bytes: 1_048_576,
  /** Rows of a list, and how many there are without `limit`. */
  page_rows: 1000,
  default_page_rows: 100,
  /** Incidents that one bulk request may name, and how many of them are with the desk at a time. */
  bulk_incidents: 500,
  bulk_wave_incidents: 50,
  /** Positions and words that one redaction may name. */
  redacted_texts: 1000,
  /** How long the answer to a redaction waits until no file holds the text any more. */
  redaction_wait_ms: 5000,
  /** Passwords that are hashed at once (19 MiB and a core each), and how many more may wait for that. */
  hashings_at_once: 2,
  waiting_hashings: 64,
  /** Records of the access log: all of them, new ones in a minute that strangers and known callers cause, and those that wait to be written. */
  access_log_rows: 100_000,
  access_log_stranger_rows: 60,
  access_log_known_rows: 600,
  access_log_waiting_rows: 5000,
  /** Networks that are remembered of each key, to tell when it is used from another one. */
  key_networks: 100,
  /** How many new networks of a key are noted in a minute, each with a write. */
  key_networks_per_minute: 10,
  /** Mails that wait to be sent. */
  waiting_mails: 1000,
  /** What is searched for: UTF-16 code units of `q`, and words in it. */
  search_characters: 1000,
  search_words: 32,
  /** Groups of statistics by any one thing, such as days or handlers. */
  statistics_groups: 10_000,
  /** An Idempotency-Key. */
  idempotency_key_characters: 255,
  /** How long `Ledger-Min-Position` waits. */
  min_position_wait_ms: 5000,
  /** How far ahead of the clock, or of the last commit, a time in `as_of` may be and still mean the present. */
  as_of_ahead_ms: 5 * 60_000,
  /** Events of one incident's explanation, and how many of its decisions are shown with their alternatives. */
  why_events: 500,
  why_decisions: 8,
  /** Faults that one validation answer names. */
  faults: 100,
  /** A path parameter, decoded. */
  path_parameter_characters: 256,
  /** All headers of a request together, and how many there may be. */
  header_bytes: 16_384,
  headers: 100,
  /** A request must have arrived within this time, and its headers within that; how often it is looked whether they have. */
  request_timeout_ms: 60_000,
  headers_timeout_ms: 20_000,
  arrival_check_ms: 2000,
  /** Connections to one port; whoever comes then is not taken. */
  connections: 10_000,
  /** Addresses or credentials that one rate limit counts at the same time; the longest unseen is forgotten. */
  counted_callers: 10_000,
  /** Credentials that were valid and are remembered, so that who shares an address with somebody who guesses is still let in. */
  proven_credentials: 10_000,
  /** How many times what RATE_LIMIT_UNAUTHENTICATED allows of refusals an address may ask for costly public pages. */
  public_page_factor: 10,
  /** How long a command waits for its turn before it is turned away with 503. */
  command_wait_ms: 5000,
  /** Those who follow GET /events/stream at the same time. */
  feed_clients: 2000,
  /** What may wait for a client that is at the head before the next events: one who takes longer is cut off, and resumes. */
  feed_buffer_bytes: 1_048_576,
  /** A client that reads history and takes nothing for so long is cut off. */
  feed_standstill_ms: 5 * 60_000,
  /** How often a client hears something, if only a comment. */
  feed_heartbeat_ms: 15_000,
  /** When a client that lost its connection shall come back; up to as much again is added, so that not all come at once. */
  feed_retry_ms: 1000,
  /** Positions that one GET /events?team= looks at: a page may be short, and `next_cursor` goes on. */
  team_page_positions: 10_000,
  /** Teams that have metrics under their own name; what is in others is put together. */
  metric_teams: 100,
  /** An answer that takes longer is logged as slow. */
  slow_answer_ms: 1000,
  /** Refusals, failures and slow answers that are logged in a second, and the characters of a path that nothing has. */
  logged_answers_per_second: 100,
  logged_path_characters: 200,
  /** How far desk time may be ahead of the wall clock before /readyz turns red. */
  desk_ahead_ms: 5 * 60_000,
  /**
   * The background scrub reads the whole chain again and again: so many events at once, a pause after each such page, after
   * the start and after the last page.
   */
  scrub_page_events: 200,
  scrub_page_pause_ms: 100,
  scrub_first_pause_ms: 2000,
  scrub_pass_pause_ms: 10 * 60_000,
  /** One line of an export or a proof, in which an event stands whole. */
  export_line_bytes: 16_777_216,
  /** All answers together in which another system lists its incidents, and how long each of them may take. */
  history_bytes: 268_435_456,
  history_answer_ms: 60_000,
} as const;

/** One variable of the environment, and the flag of the same name in kebab-case. */
export interface Variable {
  readonly name: string;
  /** As `--help` shows it. */
  readonly default: string;
  readonly meaning: string;
}

/** All variables, for `--help` and the README. */
export const variables: readonly Variable[] = [
  { name: "HOST", default: "127.0.0.1", meaning: "the address to listen on" },
  { name: "PORT", default: "8000", meaning: "the port to listen on, 0 to 65535 (0: any free one)" },
  {
    name: "DATA_DIR",
    default: "./data",
    meaning: "the directory of the ledger, the read model, the vault and admin.key",
  },
  {
    name: "HANDLERS",
    default: "Alice,Bob,Charlie",
    meaning: "who joins the team default when the ledger is opened, separated by commas; empty: nobody",
  },
  {
    name: "ADMIN_API_KEY",
    default: "made at the first start",
    meaning: "the administrator's key, at least 16 characters; one that is made is written to DATA_DIR/admin.key",
  },
  { name: "AUTH", default: "required", meaning: "required, or off, which only a loopback HOST may have" },
  {
    name: "SECRET_KEY",
    default: "made at the first start",
    meaning:
      "what access tokens are signed with, at least 32 characters; to change it, put the new one before the old one and a comma, and drop the old one after an hour",
  },
  {
    name: "SMTP_URL",
    default: "unset: no mails are sent",
    meaning: "the server that mails go through, as in smtps://user:password@mail.example.com",
  },
  {
    name: "SMTP_FROM",
    default: "unset",
    meaning: "who mails are from, as in Incident Ledger <ledger@example.com>; needed with SMTP_URL",
  },
  {
    name: "DIALECTS",
    default: "none",
    meaning: `which other systems' interfaces are on (${dialectNames.join(", ")}), separated by commas; ucar=8001 gives one a port of its own as well`,
  },
  {
    name: "DIALECTS_OPEN",
    default: "false",
    meaning:
      "whether dialects need no key: false, true (only with a loopback HOST), or to-everyone, which lets whoever reaches HOST report, change and delete",
  },
  {
    name: "ACCESS_LOG_DAYS",
    default: "90",
    meaning: "how long records of sign-ins, refusals and new addresses of keys are kept, in days, 1 to 3650",
  },
  {
    name: "DRAIN_SECONDS",
    default: "0",
    meaning: "how long it still takes requests after a stop signal, /readyz red, for load balancers; 0 to 3600",
  },
  {
    name: "PUBLIC_URL",
    default: "http://HOST:PORT",
    meaning:
      "the origin under which others reach the service: links in mails start with it; with https, browsers are told to stay with it (HSTS)",
  },
  {
    name: "CORS_ORIGINS",
    default: "none",
    meaning: "the sites whose pages may ask the service from a browser, as exact origins, separated by commas",
  },
  {
    name: "TRUSTED_PROXIES",
    default: "none",
    meaning: "proxies whose X-Forwarded-For is believed: addresses and ranges (10.0.0.0/8), separated by commas",
  },
  {
    name: "RATE_LIMIT",
    default: "0",
    meaning: "requests a minute for each credential; 0: as many as come",
  },
  {
    name: "RATE_LIMIT_UNAUTHENTICATED",
    default: "60",
    meaning:
      "requests without a valid credential that an address (IPv6: a /64) may make a minute, and ten times as many for public pages that cost something; 0: as many as come",
  },
  { name: "LOG_LEVEL", default: "info", meaning: `how much is logged: ${logLevels.join(", ")}` },
  { name: "LOG_FORMAT", default: "pretty on a terminal, else json", meaning: "pretty or json" },
];

/** Values by the names of `variables`, as the environment holds them. */
export type Given = Readonly<Record<string, string | undefined>>;

/** Reads a configuration; later sources win (the environment, then flags). Refuses impossible values. */
export function readConfig(...sources: readonly Given[]): Config {
  const given = (name: string): string | undefined => sources.findLast((source) => source[name] !== undefined)?.[name];
  const host = nonEmpty("HOST", given("HOST") ?? "127.0.0.1");
  const auth = oneOf("AUTH", ["required", "off"], given("AUTH") ?? "required");
  if (auth === "off" && !isLoopback(host)) {
    throw new ConfigError(`AUTH=off needs a loopback HOST such as 127.0.0.1, but HOST is ${host}.`);
  }
  const log_format = given("LOG_FORMAT");
  const port = portOf(given("PORT") ?? "8000");
  return {
    host,
    port,
    data_dir: nonEmpty("DATA_DIR", given("DATA_DIR") ?? "./data"),
    handlers: handlersOf(given("HANDLERS") ?? "Alice,Bob,Charlie"),
    admin_api_key: adminKeyOf(given("ADMIN_API_KEY")),
    auth,
    secret_keys: secretKeysOf(given("SECRET_KEY")),
    smtp: smtpOf(given("SMTP_URL"), given("SMTP_FROM")),
    access_log_days: daysOf(given("ACCESS_LOG_DAYS") ?? "90"),
    drain_seconds: drainOf(given("DRAIN_SECONDS") ?? "0"),
    log_level: oneOf("LOG_LEVEL", logLevels, given("LOG_LEVEL") ?? "info"),
    dialects: dialectsOf(given("DIALECTS") ?? "", port),
    dialects_open: isOpen(given("DIALECTS_OPEN") ?? "false", host),
    public_url: publicUrlOf(given("PUBLIC_URL")),
    cors_origins: corsOriginsOf(given("CORS_ORIGINS") ?? ""),
    trusted_proxies: trustedProxiesOf(given("TRUSTED_PROXIES") ?? ""),
    rate_limit: perMinuteOf("RATE_LIMIT", given("RATE_LIMIT") ?? "0"),
    rate_limit_unauthenticated: perMinuteOf("RATE_LIMIT_UNAUTHENTICATED", given("RATE_LIMIT_UNAUTHENTICATED") ?? "60"),
    log_format: log_format === undefined ? null : oneOf("LOG_FORMAT", ["pretty", "json"], log_format),
  };
}

/** Whether only this machine can reach that address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function nonEmpty(name: string, value: string): string {
  if (value.trim() === "") throw new ConfigError(`${name} is empty; give it a value or leave it out.`);
  return value;
}

function oneOf<const Word extends string>(name: string, words: readonly Word[], value: string): Word {
  const found = words.find((word) => word === value.toLowerCase());
  if (found === undefined) throw new ConfigError(`${name} is ${quoted(value)}; it must be one of ${words.join(", ")}.`);
  return found;
}

function portOf(value: string, what = "PORT is"): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) throw new ConfigError(`${what} ${quoted(value)}; it must be a number from 0 to 65535.`);
  return port;
}

function drainOf(value: string): number {
  const seconds = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  if (!(seconds <= 3600)) {
    throw new ConfigError(`DRAIN_SECONDS is ${quoted(value)}; it must be a whole number of seconds from 0 to 3600.`);
  }
  return seconds;
}

function daysOf(value: string): number {
  const days = /^\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  if (!(days >= 1 && days <= 3650)) {
    throw new ConfigError(`ACCESS_LOG_DAYS is ${quoted(value)}; it must be a whole number of days from 1 to 3650.`);
  }
  return days;
}

function handlersOf(value: string): readonly string[] {
  if (value.trim() === "") return [];
  const handlers = value.split(",").map((handler) => handler.trim());
  const wrong = handlers.find((handler) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(handler));
  if (wrong !== undefined) {
    throw new ConfigError(
      `HANDLERS names ${quoted(wrong)}; an id has 1 to 64 letters, digits, dots, hyphens or underscores and starts with a letter or digit.`,
    );
  }
  const seen = new Set(handlers.map((handler) => handler.toLowerCase()));
  if (seen.size < handlers.length) throw new ConfigError("HANDLERS names somebody twice; name each handler once.");
  return handlers;
}

function dialectsOf(value: string, main_port: number): readonly DialectChoice[] {
  if (value.trim() === "" || value.trim().toLowerCase() === "none") return [];
  const dialects = value.split(",").map(dialectOf);
  if (new Set(dialects.map(({ name }) => name)).size < dialects.length) {
    throw new ConfigError("DIALECTS names a dialect twice; name each one once.");
  }
  const ports = [main_port, ...dialects.map(({ port }) => port)].filter((port) => port !== null && port !== 0);
  if (new Set(ports).size === ports.length) return dialects;
  throw new ConfigError("DIALECTS gives a dialect a port that another one or PORT has; choose one for each.");
}

function dialectOf(value: string): DialectChoice {
  const [word = "", port, ...more] = value.trim().split("=");
  const name = dialectNames.find((known) => known === word.trim().toLowerCase());
  if (name === undefined || more.length > 0) {
    throw new ConfigError(
      `DIALECTS names ${quoted(value.trim())}; a dialect is one of ${dialectNames.join(", ")}, with a port of its own as in ucar=8001.`,
    );
  }
  return { name, port: port === undefined ? null : portOf(port.trim(), `DIALECTS gives ${name} the port`) };
}

function isOpen(value: string, host: string): boolean {
  const word = oneOf("DIALECTS_OPEN", ["false", "true", "to-everyone"], value);
  if (word !== "true" || isLoopback(host)) return word !== "false";
  throw new ConfigError(
    `DIALECTS_OPEN=true needs a loopback HOST, but HOST is ${host}; give keys with key create --dialect, or say DIALECTS_OPEN=to-everyone if you mean it.`,
  );
}

function adminKeyOf(value: string | undefined): string | null {
  if (value === undefined || value === "") return null;
  if (!/^[\x21-\x7e]{16,}$/.test(value)) {
    throw new ConfigError("ADMIN_API_KEY must have at least 16 printable ASCII characters and no spaces.");
  }
  return value;
}

function secretKeysOf(value: string | undefined): readonly string[] {
  if (value === undefined || value === "") return [];
  const secrets = value.split(",");
  if (secrets.every((secret) => /^[\x21-\x7e]{32,}$/.test(secret))) return secrets;
  throw new ConfigError(
    "SECRET_KEY must have at least 32 printable ASCII characters, and no spaces or commas; a comma stands only between a new one and an old one.",
  );
}

/** Neither value is ever quoted: the URL may hold a password. */
function smtpOf(url: string | undefined, from: string | undefined): SmtpConfig | null {
  if (url === undefined || url === "") return null;
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  if ((protocol !== "smtp:" && protocol !== "smtps:") || new URL(url).hostname === "") {
    throw new ConfigError(
      "SMTP_URL must be a URL such as smtps://user:password@mail.example.com or smtp://localhost:25.",
    );
  }
  const sender = /^(?:([^<>\p{Cc}]*)<)?([^\s<>@,;:"\p{Cc}]+@[^\s<>@,;:"\p{Cc}]+?)>?$/u.exec(from?.trim() ?? "");
  if (sender?.[2] === undefined || (sender[1] === undefined) === from?.trim().endsWith(">")) {
    throw new ConfigError(
      "SMTP_FROM must name an address when SMTP_URL is set, as in Incident Ledger <ledger@example.com>.",
    );
  }
  return { url, from: { name: sender[1]?.trim().replace(/^"(.*)"$/, "$1") ?? "", address: sender[2] } };
}

function quoted(value: string): string {
  return JSON.stringify(value);
}
