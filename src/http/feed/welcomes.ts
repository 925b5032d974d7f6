import type { HashedEvent } from "../../ledger/ledger.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { FeedClient } from "./feed-client.ts";

/** For how long the answer that a client is welcome holds, where nothing on record changes who may do what. */
const holds_ms = 250;

/** What asking takes. */
export interface WelcomesOptions {
  readonly runtime: Pick<Runtime, "elapsed">;
  /** Learns what others have put on record of users and keys, as the command line does beside a service. */
  readonly learn?: (() => Promise<void>) | undefined;
  /** Hears of a client for whom it could not be found out. */
  readonly onError: (client: FeedClient, error: unknown) => void;
}

/** Sees to it that no event goes to somebody whose credential does not hold any longer. */
export class Welcomes {
  readonly #options: WelcomesOptions;

  constructor(options: WelcomesOptions) {
    this.#options = options;
  }

  /** Whether a client is still welcome. One who is not is sent away. At once, where it is known at once. */
  ask(client: FeedClient): boolean | Promise<boolean> {
    try {
      const answer = client.askWelcome();
      return typeof answer === "boolean" ? this.#heard(client, answer) : this.#hear(client, answer);
    } catch (error) {
      this.#options.onError(client, error);
      return false;
    }
  }

  async #hear(client: FeedClient, answer: Promise<boolean>): Promise<boolean> {
    try {
      return this.#heard(client, await answer);
    } catch (error) {
      this.#options.onError(client, error);
      return false;
    }
  }

  #heard(client: FeedClient, is_welcome: boolean): boolean {
    if (!is_welcome) client.end("the credential is no longer valid");
    return is_welcome;
  }

  /** The same of many. */
  async askAll(clients: readonly FeedClient[]): Promise<void> {
    const answers = clients.map((client) => this.ask(client));
    await Promise.all(answers.filter((answer) => answer instanceof Promise));
  }

  /** Learns what these events say of who may do what, if they do. */
  async learnOf(events: readonly HashedEvent[]): Promise<void> {
    // Where it cannot be learnt just now, what is known counts.
    if (changeRights(events)) await this.#options.learn?.().catch(() => {});
  }

  /**
   * Says who is to be asked before these events go out; whoever was asked for them once is not named again. Where they change
   * what somebody may do, that is everybody, else those whose last answer is old.
   */
  before(events: readonly HashedEvent[]): (clients: readonly FeedClient[]) => readonly FeedClient[] {
    const asks_all = changeRights(events);
    const asked = new Set<FeedClient>();
    return (clients) => {
      const old_ms = this.#options.runtime.elapsed() - holds_ms;
      const doubtful = clients.filter(
        (client) => client.isOpen && !asked.has(client) && (asks_all || client.asked_ms < old_ms),
      );
      for (const client of doubtful) asked.add(client);
      return doubtful;
    };
  }
}

function changeRights(events: readonly HashedEvent[]): boolean {
  return events.some(({ stream }) => stream.startsWith("user/") || stream.startsWith("key/"));
}
