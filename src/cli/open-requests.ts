import type { Server, ServerResponse } from "node:http";
import type { Runtime } from "../runtime/runtime.ts";

/** Knows which requests of a server are under way, so that its connections can be ended between requests. */
export interface OpenRequests {
  /** Has the answers to those that are under way say that the connection closes after them. */
  readonly closeAfterAnswer: () => void;
  /**
   * Ends all connections as soon as no request is under way any more, and after that many milliseconds whatever is. A server
   * that closes waits by itself only for connections that have carried a request: one that never did could hold it for long.
   */
  readonly endConnections: (patience_ms: number) => void;
}

/** Watches the requests of a server from now on. */
export function watchRequests(server: Server, runtime: Pick<Runtime, "after">): OpenRequests {
  const open = new Set<ServerResponse>();
  let isEnding = false;
  const endIfIdle = (): void => {
    if (isEnding && open.size === 0) server.closeAllConnections();
  };
  server.on("request", (_request, response) => {
    open.add(response);
    response.once("close", () => {
      open.delete(response);
      // What was answered is still on its way to the socket.
      setImmediate(endIfIdle);
    });
  });
  return {
    closeAfterAnswer: () => {
      for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
    },
    endConnections: (patience_ms) => {
      isEnding = true;
      endIfIdle();
      runtime.after(patience_ms, () => server.closeAllConnections());
    },
  };
}
