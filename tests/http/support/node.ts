import { join } from "node:path";
import { pino } from "pino";
import type { AccessKey } from "../../../projections/access.ts";
import { AccessChanges } from "../../../src/access/access-changes.ts";
import { boardDirectory } from "../../../src/access/board-directory.ts";
import { Freshness } from "../../../src/access/freshness.ts";
import { openIdentity } from "../../../src/access/identity.ts";
import { KeptAccessLog } from "../../../src/access/kept-access-log.ts";
import { KeyUses } from "../../../src/access/key-uses.ts";
import type { PasswordHashing } from "../../../src/access/password-hashing.ts";
import { openVault, type Vault } from "../../../src/access/vault.ts";
import { type Config, type DialectName, limits } from "../../../src/config.ts";
import { Desk } from "../../../src/desk/desk.ts";
import { AnnouncedStop } from "../../../src/http/announced-stop.ts";
import { buildApp } from "../../../src/http/app.ts";
import type { App } from "../../../src/http/app-type.ts";
import { buildDialects, type ServedDialect } from "../../../src/http/dialects/mount-dialects.ts";
import { LiveFeed } from "../../../src/http/feed/live-feed.ts";
import { authenticateKeys, authenticateUsersToo } from "../../../src/http/plugins/authentication.ts";
import { RequestLimits } from "../../../src/http/protection/request-limits.ts";
import type { Services } from "../../../src/http/services.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { MemoryLedger } from "../../../src/ledger/memory/memory-ledger.ts";
import { DeskFigures } from "../../../src/metrics/desk-figures.ts";
import { RequestFigures } from "../../../src/metrics/request-figures.ts";
import { boardAt } from "../../../src/readmodels/fold-board.ts";
import { IncidentList } from "../../../src/readmodels/incident-list.ts";
import { PastInProcess } from "../../../src/readmodels/past-in-process.ts";
import { HandlerTextCache, IncidentTextCache } from "../../../src/readmodels/texts.ts";
import { type Runtime, systemRuntime } from "../../../src/runtime/runtime.ts";
import { KeptMails } from "../../support/access/identity-under-test.ts";
import { temporaryDirectory } from "../../support/ledger/temporary-directory.ts";
import { keepCredential, produced } from "../../support/produced/produced.ts";
import { tapAnswers, tapDialect } from "./tap-answers.ts";
import { watchAnswers } from "./watch-answers.ts";

/** The administrator's key of the nodes of these tests, and one that the vault knows as number 7. */
export const adminKey = "admin-key-of-the-tests";
export const otherKey = "il_other-key-of-the-tests";
/** A key that is good for the dialect ucar alone, the vault's number 8. */
export const ucarKey = "il_ucar-key-of-the-tests";

/** Keys that may only report into the team `default`, and only read: the vault's numbers 9 and 10. */
export const integrationKey = "il_integration-key-of-the-tests";
export const viewerKey = "il_viewer-key-of-the-tests";

/** The keys of the tests by their secrets, as if they had been made before the node was opened. */
const testKeys = new Map<string, Pick<AccessKey, "key" | "dialect" | "role" | "teams">>([
  [otherKey, { key: 7, dialect: null, role: "admin", teams: null }],
  [ucarKey, { key: 8, dialect: "ucar", role: "admin", teams: null }],
  [integrationKey, { key: 9, dialect: null, role: "integration", teams: ["default"] }],
  [viewerKey, { key: 10, dialect: null, role: "viewer", teams: null }],
]);

for (const credential of [adminKey, ...testKeys.keys()]) keepCredential(credential);

/** A whole node on a ledger in memory, and its application. */
export interface TestNode {
  readonly app: App;
  readonly desk: Desk;
  readonly services: Services;
  readonly vault: Vault;
  /** What was mailed. */
  readonly mails: KeptMails;
  /** The dialects that are on, which are under /compat of the application. */
  readonly served: readonly ServedDialect[];
  close(): Promise<void>;
}

export interface TestNodeOptions {
  readonly handlers?: readonly string[];
  /** Other services in the place of the real ones. */
  readonly instead?: (services: Services) => Partial<Services>;
  /** A ledger that has a history already; it is closed with the node. */
  readonly ledger?: Ledger;
  /** The ledger in another's hands, to hold up or break its appends. */
  readonly around?: (ledger: Ledger) => Ledger;
  /** Which dialects are on, and whether they need no key. */
  readonly dialects?: readonly DialectName[];
  readonly dialects_open?: boolean;
  /** What the configuration says of it beside that; without limits of rates unless it says some. */
  readonly config?: Partial<Config>;
  /** The clock of the limits of rates. */
  readonly limits_runtime?: Pick<Runtime, "elapsed">;
  /** Whether every answer must be as documented; a node that is broken beyond recognition cannot be. */
  readonly isWatched?: boolean;
  /** What hashes passwords, with other limits than the usual ones. */
  readonly hashing?: PasswordHashing;
  /** Gathers what is logged. */
  readonly logged?: unknown[];
}

/** The methods of the keys of a vault, free to stand beside others. */
function bound(keys: Vault["keys"]): Services["keys"] {
  return {
    find: (presented) => keys.find(presented),
    ownerOf: (presented) => keys.ownerOf(presented),
    create: (key) => keys.create(key),
    remove: (key_id) => keys.remove(key_id),
    list: () => keys.list(),
    get: (key_id) => keys.get(key_id),
    revoke: (key_id, at) => keys.revoke(key_id, at),
    rotate: (key_id) => keys.rotate(key_id),
    endPrevious: (key_id) => keys.endPrevious(key_id),
  };
}

/** Has all events pass the watch over secrets. */
async function lookThrough(ledger: Ledger): Promise<void> {
  for (let after = 0, is_last = false; !is_last; ) {
    const events = await ledger.read({ after, limit: 1000 });
    produced(JSON.stringify(events), "the ledger");
    is_last = events.length < 1000;
    after = events.at(-1)?.position ?? after;
  }
}

/** Opens a node; `instead` may break some of it on purpose. Closing it fails where an answer was not as documented. */
export async function openNode({
  handlers = ["Alice", "Bob", "Charlie"],
  instead,
  ledger: grown,
  around = (ledger) => ledger,
  isWatched = true,
  logged,
  hashing,
  dialects = [],
  dialects_open = true,
  config = {},
  limits_runtime,
}: TestNodeOptions = {}): Promise<TestNode> {
  const runtime = systemRuntime();
  const own = grown ?? new MemoryLedger({ runtime });
  const ledger = around(own);
  const desk_figures = new DeskFigures();
  const desk = await Desk.open({ ledger, runtime, handlers, loadBoard: () => boardAt(ledger), meter: desk_figures });
  // In the ledger they would only move the positions that tests count.
  for (const key of testKeys.values()) {
    const made = { version: 1, expires_at: null, created_at: desk.now(), revoked_at: null, is_rotating: false };
    desk.board.keys.set(key.key, { ...key, ...made });
  }
  const texts = new IncidentTextCache(ledger);
  const handler_texts = new HandlerTextCache(ledger);
  desk.onCommitted((events) => {
    for (const event of events) {
      texts.apply(event);
      handler_texts.apply(event);
    }
  });
  const vault = openVault({ file: join(temporaryDirectory(), "vault.db"), runtime });
  const keys: Services["keys"] = {
    ...bound(vault.keys),
    find: async (presented) => {
      const known = testKeys.get(presented);
      return known === undefined
        ? vault.keys.find(presented)
        : { key_id: known.key, name: "tests", dialect: known.dialect };
    },
    ownerOf: async (presented) => testKeys.get(presented)?.key ?? vault.keys.ownerOf(presented),
  };
  const freshness = new Freshness(vault, desk);
  const onTrouble = () => {};
  const access_log = new KeptAccessLog({ records: vault.access_records, runtime, days: 90, onTrouble });
  const key_uses = new KeyUses({ keys: vault.keys, networks: vault.key_networks, access_log, runtime, onTrouble });
  const mails = new KeptMails();
  const identity = await openIdentity({
    vault,
    directory: boardDirectory(desk, keys, freshness),
    runtime,
    config: { secret_keys: [], public_url: null, smtp: null, host: "127.0.0.1", port: 8000 },
    log: { warn: () => {} },
    onTrouble,
    access_log,
    mailer: mails,
    ...(hashing === undefined ? {} : { hashing }),
  });
  const services: Services = {
    desk,
    desk_figures,
    request_figures: new RequestFigures(),
    ledger,
    texts,
    handler_texts,
    runtime,
    feed: new LiveFeed({ ledger, runtime, limits }),
    scrub: { position: 0, faults: 0, damage: null },
    stop: new AnnouncedStop(),
    list: IncidentList.inMemory(ledger),
    whenErased: async () => true,
    past: new PastInProcess({ ledger }),
    config: {
      auth: "required",
      host: "127.0.0.1",
      dialects: dialects.map((name) => ({ name, port: null })),
      dialects_open,
      ...config,
    },
    request_limits: new RequestLimits(
      { rate_limit: 0, rate_limit_unauthenticated: 0, ...config },
      limits_runtime ?? runtime,
    ),
    keys,
    key_uses,
    access_log,
    access_changes: new AccessChanges(ledger),
    authenticate: authenticateUsersToo(authenticateKeys(adminKey, keys), identity.sign_in),
    identity,
    freshness,
    idempotency_secret: new Uint8Array(32).fill(7),
    about: { name: "incident-ledger", version: "0.0.0-test" },
  };
  const write = (line: string): void => {
    produced(line, "a log line");
    logged?.push(line);
  };
  const logger = pino({ level: "debug" }, { write });
  const all = { ...services, ...instead?.(services) };
  const served = await buildDialects(all, logger);
  for (const dialect of served) tapDialect(dialect);
  const app = await buildApp(all, logger, served);
  tapAnswers(app);
  const assertDocumented = isWatched ? watchAnswers(app) : () => {};
  await app.ready();
  return {
    app,
    desk,
    services,
    vault,
    mails,
    served,
    async close() {
      await app.close();
      for (const dialect of served) await dialect.app.close();
      await desk.close();
      await lookThrough(own);
      await ledger.close();
      await key_uses.close();
      await access_log.close();
      await vault.close();
      assertDocumented();
    },
  };
}
