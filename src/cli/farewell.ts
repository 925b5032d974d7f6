import type { Runtime } from "../runtime/runtime.ts";
import type { Service } from "../service.ts";
import type { OpenRequests } from "./open-requests.ts";

/** What takes its leave. */
export interface Leaving {
  readonly service: Pick<Service, "stop" | "close">;
  /** Of the main port, and of dialects that have one of their own. */
  readonly requests: readonly OpenRequests[];
  readonly runtime: Pick<Runtime, "after">;
  /** For how long it still takes new connections after it has said that it stops. */
  readonly drain_ms: number;
}

/** How much time there is for requests whose clients are slow, once nobody new is let in. */
const longestRequest_ms = 5000;
/** Even without draining: a client that is just sending its next request over a connection is answered, and told to close it. */
const shortestDrain_ms = 100;
/** How long it waits at most for a moment in which nobody waits to be let in. */
const longestCrowd_ms = 1000;
/** How long whoever has a connection may take to send a request over it, which is then the last. */
const longestSilence_ms = 1000;

/**
 * Stops a service so that nobody loses an answer: it says that it is about to stop (/readyz is red, answers close their
 * connections), and works on while load balancers take note; then it stops to listen in a moment in which nobody waits to be let
 * in, gives those that have a connection time for a last request, ends the streams, answers what is under way, and closes its files.
 */
export async function takeLeave({ service, requests, runtime, drain_ms }: Leaving): Promise<void> {
  const { stop } = service;
  stop.announce();
  for (const server of requests) server.closeAfterAnswer();
  await new Promise<void>((resolve) => {
    runtime.after(Math.max(drain_ms, shortestDrain_ms), resolve);
  });
  stop.keepConnections();
  await Promise.all(requests.map((server) => server.stopListening(longestCrowd_ms)));
  stop.endConnections();
  for (const server of requests) server.closeAfterAnswer();
  await Promise.all(requests.map((server) => server.whenAllLeft(longestSilence_ms)));
  const closed = service.close();
  for (const server of requests) server.endConnections(longestRequest_ms);
  await closed;
}
