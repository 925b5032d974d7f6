/** Whether this node has said that it is about to stop, and is only still there so that others can take note of it. */
export class AnnouncedStop {
  #is_announced = false;
  #ends_connections = false;

  get is_announced(): boolean {
    return this.#is_announced;
  }

  /** Whether every answer asks its client to open its next connection, elsewhere. */
  get ends_connections(): boolean {
    return this.#ends_connections;
  }

  /** From here on /readyz is red, and answers end their connections. */
  announce(): void {
    this.#is_announced = true;
    this.#ends_connections = true;
  }

  /** While the server stops to listen nobody is asked to come anew: they would only crowd before a door that closes. */
  keepConnections(): void {
    this.#ends_connections = false;
  }

  /** From here on answers end their connections again. */
  endConnections(): void {
    this.#ends_connections = true;
  }
}
