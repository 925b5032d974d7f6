import type { Server } from "node:http";
import type { Runtime } from "../runtime/runtime.ts";

/** Knows which requests of a server are under way, so that its connections can be ended between requests. */
export interface OpenRequests {
  /**
   * Ends all connections as soon as no request is under way any more, and after that many milliseconds whatever is. A server
   * that closes waits by itself only for connections that have carried a request: one that never did could hold it for long.
   */
  readonly endConnections: (patience_ms: number) => void;
}

/** Watches the requests of a server from now on. */
export function watchRequests(server: Server, runtime: Pick<Runtime, "after">): OpenRequests {
  let open = 0;
  let isEnding = false;
  const endIfIdle = (): void => {
    if (isEnding && open === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    open += 1;
    response.once("close", () => {
      open -= 1;
      // What was answered is still on its way to the socket.
      setImmediate(endIfIdle);
    });
  });
  return {
    endConnections: (patience_ms) => {
      isEnding = true;
      endIfIdle();
      runtime.after(patience_ms, () => server.closeAllConnections());
    },
  };
}
