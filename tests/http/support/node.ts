import { pino } from "pino";
import { type Config, type DialectName, limits } from "../../../src/config.ts";
import { Desk } from "../../../src/desk/desk.ts";
import { AnnouncedStop } from "../../../src/http/announced-stop.ts";
import { buildApp } from "../../../src/http/app.ts";
import type { App } from "../../../src/http/app-type.ts";
import { buildDialects, type ServedDialect } from "../../../src/http/dialects/mount-dialects.ts";
import { LiveFeed } from "../../../src/http/feed/live-feed.ts";
import { authenticateKeys } from "../../../src/http/plugins/authentication.ts";
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
import { watchAnswers } from "./watch-answers.ts";

/** The administrator's key of the nodes of these tests, and one that the vault knows as number 7. */
export const adminKey = "admin-key-of-the-tests";
export const otherKey = "il_other-key-of-the-tests";
/** A key that is good for the dialect ucar alone, the vault's number 8. */
export const ucarKey = "il_ucar-key-of-the-tests";

/** A whole node on a ledger in memory, and its application. */
export interface TestNode {
  readonly app: App;
  readonly desk: Desk;
  readonly services: Services;
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
  /** Gathers what is logged. */
  readonly logged?: unknown[];
}

/** Opens a node; `instead` may break some of it on purpose. Closing it fails where an answer was not as documented. */
export async function openNode({
  handlers = ["Alice", "Bob", "Charlie"],
  instead,
  ledger: grown,
  around = (ledger) => ledger,
  isWatched = true,
  logged,
  dialects = [],
  dialects_open = true,
  config = {},
  limits_runtime,
}: TestNodeOptions = {}): Promise<TestNode> {
  const runtime = systemRuntime();
  const ledger = around(grown ?? new MemoryLedger({ runtime }));
  const desk_figures = new DeskFigures();
  const desk = await Desk.open({ ledger, runtime, handlers, loadBoard: () => boardAt(ledger), meter: desk_figures });
  const texts = new IncidentTextCache(ledger);
  const handler_texts = new HandlerTextCache(ledger);
  desk.onCommitted((events) => {
    for (const event of events) {
      texts.apply(event);
      handler_texts.apply(event);
    }
  });
  const keys = {
    findKey: async (key: string) => {
      if (key === otherKey) return { key_id: 7, name: "tests", dialect: null };
      return key === ucarKey ? { key_id: 8, name: "tests", dialect: "ucar" } : null;
    },
  };
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
    authenticate: authenticateKeys(adminKey, keys),
    idempotency_secret: new Uint8Array(32).fill(7),
    about: { name: "incident-ledger", version: "0.0.0-test" },
  };
  const logger = logged === undefined ? undefined : pino({ level: "debug" }, { write: (line) => logged.push(line) });
  const all = { ...services, ...instead?.(services) };
  const served = await buildDialects(all, logger);
  const app = await buildApp(all, logger, served);
  const assertDocumented = isWatched ? watchAnswers(app) : () => {};
  await app.ready();
  return {
    app,
    desk,
    services,
    served,
    async close() {
      await app.close();
      for (const dialect of served) await dialect.app.close();
      await desk.close();
      await ledger.close();
      assertDocumented();
    },
  };
}
