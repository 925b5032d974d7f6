import closeWithGrace from "close-with-grace";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { systemRuntime } from "../runtime/runtime.ts";
import { openService, type Service } from "../service.ts";
import { aboutBuild } from "./about.ts";
import { openLog } from "./log.ts";
import { watchRequests } from "./open-requests.ts";
import { CannotRun } from "./outcome.ts";

/** How long requests and commands under way may take to end when the service stops, in milliseconds. */
const longestFarewell_ms = 30_000;
/** How much of that is for requests whose clients are slow. */
const longestRequest_ms = 5000;

/** Returns when the service listens; it runs until a signal ends it. */
export async function runService(config: Config): Promise<void> {
  const logger = openLog(config);
  const runtime = systemRuntime();
  const service = await openService({ config, runtime, logger, about: aboutBuild() });
  const servers = [service.app.server, ...service.dialects.map(({ app }) => app.server)];
  const requests = servers.map((server) => watchRequests(server, runtime));
  sayWhoMayEnter(logger, service, config);
  // Before it listens: a signal may come as soon as somebody can know that it runs.
  const farewell = closeWithGrace({ delay: longestFarewell_ms, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, "The service stops after an error that nobody expected.");
    else logger.info(`The service stops: ${signal ?? "its work is done"}.`);
    const closed = service.close();
    for (const server of requests) server.endConnections(longestRequest_ms);
    await closed;
    logger.info("Everything that was answered is in the ledger.");
  });
  try {
    await listen(service, config);
  } catch (error) {
    farewell.uninstall();
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

function sayWhoMayEnter(logger: Logger, { admin_key, dialects }: Service, { auth, dialects_open }: Config): void {
  const names = dialects.map(({ name }) => name).join(", ");
  if (names !== "" && dialects_open) {
    logger.warn(`The dialects are open (${names}): whoever reaches this address may report, change and delete there.`);
  }
  if (auth === "off") logger.warn("AUTH is off: whoever reaches this address may do everything.");
  else if (admin_key.file === null) logger.info("The administrator's key is the configured ADMIN_API_KEY.");
  else logger.info(`The administrator's key is in ${admin_key.file}${admin_key.made_now ? ", made just now" : ""}.`);
}
