import { ListConnection } from "./list-connection.ts";

/** How many pages may be read at once: one that walks far pauses now and then, and others are read meanwhile. */
const most_connections = 4;

/** Connections to the list's file. Each is used by one page at a time. */
export class ConnectionPool {
  readonly #file: string;
  #idle: ListConnection[] = [];
  #waiting: (() => void)[] = [];
  #used = 0;
  /** Goes up whenever the file may be another one: older connections are not used again. */
  #generation = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Lends a connection for as long as the work takes. */
  async use<Result>(work: (connection: ListConnection) => Promise<Result>): Promise<Result> {
    while (this.#used >= most_connections) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#used += 1;
    const generation = this.#generation;
    let connection: ListConnection | undefined;
    try {
      connection = this.#idle.pop() ?? ListConnection.open(this.#file);
      return await work(connection);
    } finally {
      this.#used -= 1;
      if (connection !== undefined && generation === this.#generation) this.#idle.push(connection);
      else connection?.close();
      this.#waiting.shift()?.();
    }
  }

  /** Lets go of the file: at once where nobody reads, else when they have ended. */
  release(): void {
    this.#generation += 1;
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}
