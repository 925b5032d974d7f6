import type { Server, ServerResponse } from "node:http";
import { type Socket, Server as TcpServer } from "node:net";
import type { Runtime } from "../runtime/runtime.ts";

/** Knows the connections of a server and which requests are under way, so that it can be closed without cutting one off. */
export interface OpenRequests {
  /** Has the answers to those that are under way say that the connection closes after them. */
  readonly closeAfterAnswer: () => void;
  /**
   * Takes no new connection any more, as soon as none waits to be taken: the system resets those that wait when the server stops
   * to listen, and whoever has sent a request over one cannot know what became of it. Waits at most `longest_ms` for that moment.
   * Who comes in the instant between the look and the closing can still be reset; no system call does both.
   */
  readonly stopListening: (longest_ms: number) => Promise<void>;
  /** Resolves when no connection is left; after `longest_ms` in the next moment in which no request waits to be read. */
  readonly whenAllLeft: (longest_ms: number) => Promise<void>;
  /** Ends all connections as soon as no request is under way any more, and after `patience_ms` whatever is. */
  readonly endConnections: (patience_ms: number) => void;
}

/**
 * Watches the connections of a server from now on. Of each it keeps the answer to its last request: where that one is given, those
 * before it are. To be told of the end of every answer would cost each request more than its authentication does.
 */
export function watchRequests(server: Server, runtime: Pick<Runtime, "after">): OpenRequests {
  const connections = new Map<Socket, ServerResponse | null>();
  let arrivals = 0;
  let asked = 0;
  let isEnding = false;
  let onAllLeft = (): void => {};
  const open = (): ServerResponse[] =>
    [...connections.values()].filter((response) => response !== null && !response.closed) as ServerResponse[];
  const endIfIdle = (): void => {
    if (open().length === 0) server.closeAllConnections();
  };
  // What was answered is still on its way to the socket.
  const endAfter = (response: ServerResponse): void => {
    response.once("close", () => setImmediate(endIfIdle));
  };
  server.on("connection", (socket: Socket) => {
    arrivals += 1;
    connections.set(socket, null);
    socket.once("close", () => {
      connections.delete(socket);
      // A request that waited behind another over it has no end of its own.
      if (isEnding) setImmediate(endIfIdle);
      if (connections.size === 0) onAllLeft();
    });
  });
  server.on("request", ({ socket }, response) => {
    asked += 1;
    // One that is closed already must not be kept.
    if (connections.has(socket)) connections.set(socket, response);
    if (isEnding) endAfter(response);
  });
  return {
    closeAfterAnswer: () => {
      for (const response of open()) if (!response.headersSent) response.shouldKeepAlive = false;
    },
    stopListening: (longest_ms) => {
      let isLate = false;
      runtime.after(longest_ms, () => {
        isLate = true;
      });
      return new Promise((resolve) => {
        // One connection at most is taken in each turn of the event loop: a turn without one means that none waits.
        const taken = (): number => (isLate ? 0 : arrivals);
        afterQuietTurn(taken, () => {
          // The server of HTTP would at once cut off whoever has no request under way, but may just be sending one.
          if (server.listening) TcpServer.prototype.close.call(server);
          resolve();
        });
      });
    },
    whenAllLeft: (longest_ms) =>
      new Promise((resolve) => {
        onAllLeft = resolve;
        // A machine that stood still finds the time over before it has read what came meanwhile.
        runtime.after(connections.size === 0 ? 0 : longest_ms, () => afterQuietTurn(() => asked, resolve));
      }),
    endConnections: (patience_ms) => {
      isEnding = true;
      for (const response of open()) endAfter(response);
      endIfIdle();
      runtime.after(patience_ms, () => server.closeAllConnections());
    },
  };
}

/** Calls back after a whole turn of the event loop in which a count has not changed, before anything else can happen. */
function afterQuietTurn(count: () => number, callback: () => void): void {
  const look = (before: number): void => {
    const now = count();
    if (now === before) callback();
    else setImmediate(look, now);
  };
  setImmediate(() => setImmediate(look, count()));
}
