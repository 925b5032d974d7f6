import closeWithGrace from "close-with-grace";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { limitHeapGrowth } from "../runtime/heap-growth.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { openService, type Service } from "../service.ts";
import { aboutBuild } from "./about.ts";
import { takeLeave } from "./farewell.ts";
import { openLog } from "./log.ts";
import { watchRequests } from "./open-requests.ts";
import { CannotRun } from "./outcome.ts";
import { crashSignals, listenForStop, stopSignals } from "./stop-signals.ts";

/** How long requests and commands under way may take to end when the service stops, in milliseconds, after draining. */
const longestFarewell_ms = 30_000;

/** Returns when the service listens; it runs until a signal ends it. */
export async function runService(config: Config): Promise<void> {
  limitHeapGrowth();
  const logger = openLog(config);
  const runtime = systemRuntime();
  // Until it is open nobody was answered anything, and the files stand whatever happens to the process.
  let stop = (signal: NodeJS.Signals): void => {
    logger.info(`The service stops before it has started: ${signal}.`);
    process.exit(0);
  };
  const stopListening = listenForStop(runtime, {
    onFirst: (signal) => stop(signal),
    onAnother: (signal) => {
      logger.warn(`The service ends at once: ${signal} came again. What was answered is in the ledger.`);
      process.exit(1);
    },
  });
  const service = await openService({ config, runtime, logger, about: aboutBuild() }).catch((error: unknown) => {
    stopListening();
    throw error;
  });
  const servers = [service.app.server, ...service.dialects.map(({ app }) => app.server)];
  const requests = servers.map((server) => watchRequests(server, runtime));
  const { board } = service.desk;
  const ledger = { ledger_id: board.ledger_id, position: service.desk.durable_position, rules: board.rules };
  logger.info(ledger, `The service starts at position ${ledger.position} of its ledger.`);
  sayWhoMayEnter(logger, service, config);
  let isListening = false;
  let isStopping = false;
  const delay = longestFarewell_ms + config.drain_seconds * 1000;
  // Before it listens: a signal may come as soon as somebody can know that it runs.
  const skip = [...stopSignals, ...crashSignals];
  const farewell = closeWithGrace({ delay, logger: false, skip }, async ({ err }) => {
    isStopping = true;
    if (err) logger.fatal({ err }, "The service stops after an error that nobody expected.");
    const drain_ms = err || !isListening ? 0 : config.drain_seconds * 1000;
    await takeLeave({ service, requests, runtime, drain_ms });
    const { ledger_id } = ledger;
    const position = service.desk.durable_position;
    logger.info({ ledger_id, position }, "Everything that was answered is in the ledger.");
  });
  stop = (signal) => {
    const drains = config.drain_seconds > 0 ? `, and takes requests for ${config.drain_seconds} s more` : "";
    logger.info(`The service stops: ${signal}${drains}.`);
    farewell.close();
  };
  try {
    await listen(service, config);
    isListening = true;
  } catch (error) {
    // Told to stop in this very moment, it has closed before it could listen.
    if (isStopping) return;
    farewell.uninstall();
    stopListening();
    await service.close();
    throw error;
  }
}

/** Listens on the main port last, so that whoever sees it listen can rely on the others. */
async function listen({ app, dialects }: Service, { host, port }: Config): Promise<void> {
  for (const { name, port: own_port, app: dialect } of dialects) {
    if (own_port === null) continue;
    const listenTextResolver = (address: string) => `The dialect ${name} listens on ${address}.`;
    await dialect.listen({ host, port: own_port, listenTextResolver }).catch(cannotListen(host, own_port));
  }
  const listenTextResolver = (address: string) => `The service listens on ${address}.`;
  await app.listen({ host, port, listenTextResolver }).catch(cannotListen(host, port));
}

function cannotListen(host: string, port: number): (error: unknown) => never {
  return (error) => {
    throw new CannotRun(whyNot(error, host, port), { cause: error });
  };
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} of ${host} is in use; stop who uses it, or choose another PORT.`;
    case "EACCES":
      return `Port ${port} of ${host} may not be used by this user; choose a PORT from 1024.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${host} is no address of this machine; choose another HOST.`;
    default:
      return `The service cannot listen on port ${port} of ${host}: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

function sayWhoMayEnter(logger: Logger, { admin_key, dialects }: Service, { auth, dialects_open, smtp }: Config): void {
  const names = dialects.map(({ name }) => name).join(", ");
  if (names !== "" && !dialects_open) logger.info(`Dialects for those who have a key of theirs: ${names}.`);
  if (names !== "" && dialects_open) {
    logger.warn(`The dialects are open (${names}): whoever reaches this address may report, change and delete there.`);
  }
  if (smtp === null) logger.info("No mails are sent, so nobody can recover a password: SMTP_URL is not set.");
  if (auth === "off") logger.warn("AUTH is off: whoever reaches this address may do everything.");
  else if (admin_key.file === null) logger.info("The administrator's key is the configured ADMIN_API_KEY.");
  else logger.info(`The administrator's key is in ${admin_key.file}${admin_key.made_now ? ", made just now" : ""}.`);
}
