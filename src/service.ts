import { join } from "node:path";
import type { FastifyBaseLogger } from "fastify";
import { AccessChanges } from "./access/access-changes.ts";
import { type AdminKey, adminKey } from "./access/admin-key.ts";
import { boardDirectory } from "./access/board-directory.ts";
import { Freshness } from "./access/freshness.ts";
import { openIdentity } from "./access/identity.ts";
import { KeptAccessLog } from "./access/kept-access-log.ts";
import { KeyUses } from "./access/key-uses.ts";
import { reconcile } from "./access/reconcile.ts";
import { openVault } from "./access/vault.ts";
import { checkTail } from "./audit/check-tail.ts";
import { Scrubber } from "./audit/scrubber.ts";
import { endInterruptedWork } from "./backup/place-restored.ts";
import { recoverUnderLock } from "./backup/recover-log.ts";
import { Clock } from "./clock/clock.ts";
import { type Config, limits } from "./config.ts";
import { Desk } from "./desk/desk.ts";
import { forgetOldKeys } from "./desk/old-keys.ts";
import { AnnouncedStop } from "./http/announced-stop.ts";
import { buildApp } from "./http/app.ts";
import type { App } from "./http/app-type.ts";
import { buildDialects, type ServedDialect } from "./http/dialects/mount-dialects.ts";
import { LiveFeed } from "./http/feed/live-feed.ts";
import { authenticateKeys, authenticateUsersToo } from "./http/plugins/authentication.ts";
import { RequestLimits } from "./http/protection/request-limits.ts";
import { makeDirectory } from "./ledger/sqlite/make-directory.ts";
import { ServeLock } from "./ledger/sqlite/serve-lock.ts";
import { openSqliteLedger } from "./ledger/sqlite/sqlite-ledger.ts";
import { walAdvice, walDamage, walDamageTold } from "./ledger/sqlite/wal-damage.ts";
import { DeskFigures } from "./metrics/desk-figures.ts";
import { RequestFigures } from "./metrics/request-figures.ts";
import { boardAt } from "./readmodels/fold-board.ts";
import { IncidentList } from "./readmodels/incident-list.ts";
import { lostEnd } from "./readmodels/lost-end.ts";
import { PastThread } from "./readmodels/past-thread.ts";
import { loadLatestSnapshot } from "./readmodels/snapshots.ts";
import { HandlerTextCache, IncidentTextCache } from "./readmodels/texts.ts";
import type { Runtime } from "./runtime/runtime.ts";
import { explained } from "./transfer/whole-file.ts";

/** What a service is opened with. */
export interface ServiceOptions {
  readonly config: Config;
  readonly runtime: Runtime;
  readonly logger: FastifyBaseLogger;
  /** Name and version of the build. */
  readonly about: { readonly name: string; readonly version: string };
}

/** A whole node, open: it decides, folds and answers, but listens nowhere yet. */
export interface Service {
  readonly app: App;
  /** The dialects that are on. They are under /compat of the application; some also have a port of their own. */
  readonly dialects: readonly ServedDialect[];
  readonly desk: Desk;
  readonly admin_key: AdminKey;
  /** Says that the node is about to stop; everything goes on working. */
  readonly stop: AnnouncedStop;
  /** Ends everything in order: requests, commands, the clock, the folds, the files. */
  readonly close: () => Promise<void>;
}

/** How long a commit waits for another writer of the same file. Nobody else is answered meanwhile, so it is short. */
const busy_timeout_ms = 250;
/** How long the last snapshot may take when the service stops: it only saves time at the next start. */
const farewell_ms = 5000;

/**
 * Opens a node on its data directory: ledger, desk, read models, vault, clock and the HTTP application. Throws with a
 * sentence where another service runs there or a file cannot be opened; nothing is left open then.
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { config, runtime, logger, about } = options;
  const { data_dir } = config;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    const failures: unknown[] = [];
    for (const closer of closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  const onTrouble = (what: string, error: unknown) => logger.error({ err: error }, what);
  try {
    const lock = enter(data_dir);
    closers.push(() => lock.release());
    if (endInterruptedWork(data_dir)) logger.warn("A restore that had been cut off was brought to its end.");
    const admin_key = adminKey(config.admin_api_key, data_dir, runtime);
    const vault = openVault({ file: join(data_dir, "vault.db"), runtime });
    closers.push(() => vault.close());
    const access_log = new KeptAccessLog({
      records: vault.access_records,
      runtime,
      days: config.access_log_days,
      onTrouble,
    });
    closers.push(() => access_log.close());
    const key_uses = new KeyUses({ keys: vault.keys, networks: vault.key_networks, access_log, runtime, onTrouble });
    closers.push(() => key_uses.close());
    const file = join(data_dir, "ledger.db");
    await mendLog(options);
    const ledger = openSqliteLedger({ file, runtime, busy_timeout_ms, writer_thread: true });
    closers.push(() => ledger.close());
    const lost_end = await lostEnd(data_dir, ledger);
    if (lost_end !== null) logger.error(lost_end);

    let is_checked = false;
    const loadBoard = async () => {
      const from = await loadLatestSnapshot(data_dir, ledger);
      // Once: what is appended from here on is chained to what was found sound.
      if (!is_checked) await checkTail(ledger, from?.position ?? 0);
      is_checked = true;
      return boardAt(ledger, { from });
    };
    const desk_figures = new DeskFigures();
    const { handlers } = config;
    const longest_wait_ms = limits.command_wait_ms;
    const parts = { ledger, runtime, loadBoard, onTrouble, meter: desk_figures };
    const desk_options = { ...parts, handlers, longest_wait_ms, lets_return: true };
    const desk = await Desk.open(desk_options);
    closers.push(() => desk.close());
    const onFault = (message: string) => logger.warn(message);
    const list = IncidentList.open({ data_dir, ledger_file: file, runtime, onFault });
    closers.push(async () => {
      await Promise.race([list.snapshot(), pause(farewell_ms, runtime)]);
      await list.close();
    });

    const texts = new IncidentTextCache(ledger);
    const handler_texts = new HandlerTextCache(ledger);
    desk.onCommitted((events) => {
      for (const event of events) {
        texts.apply(event);
        handler_texts.apply(event);
      }
      list.wake(desk.durable_position);
    });

    const clock = new Clock({ desk, runtime, onTrouble });
    clock.start();
    closers.push(() => clock.stop());
    closers.push(forgetOldKeys({ desk, ledger, runtime, onTrouble }));

    await reconcile({ vault, desk });
    const freshness = new Freshness(vault, desk);
    const directory = boardDirectory(desk, vault.keys, freshness);
    const identity = await openIdentity({ vault, directory, runtime, config, log: logger, access_log, onTrouble });
    closers.push(() => identity.close());
    const authenticate = authenticateUsersToo(authenticateKeys(admin_key.key, vault.keys), identity.sign_in);
    const idempotency_secret = await vault.secret("idempotency");
    const whenErased = async (position: number): Promise<boolean> => {
      const wait_ms = limits.redaction_wait_ms;
      const gone = Promise.all([ledger.whenErased(), list.whenErased(position, wait_ms)]).then(([, isOut]) => isOut);
      const isGone = await Promise.race([gone, pause(wait_ms, runtime).then(() => false)]);
      if (!isGone) {
        logger.warn(
          { position },
          "Erased words are still in a file: somebody reads ledger.db or read.db. They go as soon as it is let go of.",
        );
      }
      return isGone;
    };
    const past = new PastThread({ data_dir, ledger_file: file, runtime, onFault });
    const feed = new LiveFeed({ ledger, runtime, limits, learn: () => directory.learn(), onTrouble });
    const onDamage = (message: string) => logger.error(message);
    const scrub = new Scrubber({ ledger_file: file, runtime, limits, onDamage, onTrouble });
    closers.push(() => scrub.close());
    const stop = new AnnouncedStop();
    const services = {
      desk,
      desk_figures,
      request_figures: new RequestFigures(),
      ledger,
      list,
      whenErased,
      past,
      texts,
      handler_texts,
      feed,
      scrub,
      stop,
      runtime,
      config,
      request_limits: new RequestLimits(config, runtime),
      keys: vault.keys,
      key_uses,
      access_log,
      access_changes: new AccessChanges(ledger),
      authenticate,
      identity,
      freshness,
      idempotency_secret,
      about,
    };
    const dialects = await buildDialects(services, logger);
    for (const dialect of dialects) closers.push(() => dialect.app.close());
    const app = await buildApp(services, logger, dialects);
    closers.push(() => app.close());
    // Before the application: it waits for every request, and one about the past may take long.
    closers.push(() => past.close());
    await ledger.whenThreadWrites();
    return { app, dialects, desk, admin_key, stop, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Before SQLite would drop what is behind damage in the WAL, and write over it: puts it right where all that was written is
 * known. Throws with a sentence where it is not.
 */
async function mendLog({ config: { data_dir }, runtime, logger }: ServiceOptions): Promise<void> {
  const file = join(data_dir, "ledger.db");
  const damage = walDamage(file);
  if (damage === null) return;
  const told = walDamageTold(file, damage);
  if (!damage.is_known) throw new Error(`${told}: ${walAdvice}. Nothing was touched.`);
  logger.warn(`${told}. What was written is known, and is put right; that takes a copy of the ledger and its audit.`);
  const at = new Date(runtime.now()).toISOString();
  const recovered = await recoverUnderLock({ data_dir, cut: false, at, onAudited: () => {} });
  if (recovered === null) return;
  const { position, is_last_in_doubt, kept_in } = recovered;
  logger.warn(
    { position, is_last_in_doubt, kept_in },
    "The log is put right, and the ledger audited; what was there is set aside.",
  );
}

/** Takes the data directory for this process, made where it is missing. Throws with a sentence where that cannot be. */
function enter(data_dir: string): ServeLock {
  try {
    makeDirectory(data_dir);
    return ServeLock.take(data_dir);
  } catch (error) {
    throw explained(error, data_dir);
  }
}

function pause(delay_ms: number, runtime: Runtime): Promise<void> {
  return new Promise((resolve) => {
    runtime.after(delay_ms, resolve);
  });
}
