/** The demo cannot go on; the message is one sentence that says what to do. */
export class CannotPlay extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CannotPlay";
  }
}

/** What the demo reads of an answer. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How a client is set up. */
export interface ClientOptions {
  readonly url: string;
  /** Null: the service asks nobody for one. */
  readonly key: string | null;
  /** Where the key was looked for, for the sentence that asks for another. */
  readonly key_from: string;
  /** Told in a sentence why the demo waits. */
  readonly onWait: (sentence: string) => void;
  /** Interrupts waiting. */
  readonly signal: AbortSignal;
}

const most_attempts = 20;
const answer_ms = 30_000;

/** Asks the service, and asks again where it says that this helps. */
export class Client {
  readonly #options: ClientOptions;
  #has_answered = false;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** A write. The key makes it safe to be asked again: whatever happened meanwhile, it is done once. */
  write(method: string, path: string, body: object, idempotency_key: string): Promise<Answer> {
    return this.#ask(method, path, body, { "content-type": "application/json", "idempotency-key": idempotency_key });
  }

  read(path: string): Promise<Answer> {
    return this.#ask("GET", path, undefined, {});
  }

  async #ask(method: string, path: string, body: object | undefined, more: Record<string, string>): Promise<Answer> {
    const { url, key, onWait } = this.#options;
    const headers = {
      accept: "application/json",
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...more,
    };
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#fetch(`${url}${path}`, init);
      if (response === null) {
        if (attempt >= most_attempts) throw new CannotPlay(`${url} has stopped answering; look at its log.`);
        onWait(`${url} does not answer just now; trying again in a second.`);
        await this.#wait(1000);
        continue;
      }
      this.#has_answered = true;
      if (response.status === 401) throw new CannotPlay(this.#wrongKey());
      if (response.status !== 503) return { status: response.status, body: await bodyOf(response) };
      const { detail } = await bodyOf(response);
      if (attempt >= most_attempts) throw new CannotPlay(`The service takes no commands: ${String(detail)}`);
      const seconds = Math.min(60, Math.max(1, Number(response.headers.get("retry-after")) || 1));
      onWait(`The service asks to wait for ${seconds} s: ${String(detail)}`);
      await this.#wait(seconds * 1000);
    }
  }

  /** Null where nothing answers just now; it has before. */
  async #fetch(url: string, init: RequestInit): Promise<Response | null> {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(answer_ms) });
    } catch {
      if (this.#has_answered) return null;
      throw new CannotPlay(
        `Nothing answers at ${this.#options.url}; start the service with \`npm start\` in another terminal, or say where it is with --url.`,
      );
    }
  }

  #wrongKey(): string {
    const { key, key_from } = this.#options;
    if (key === null)
      return `The service asks for a key, and there is none (${key_from}); give one with --key or --key-file.`;
    return `The service does not take the key (${key_from}); give its own with --key or --key-file.`;
  }

  async #wait(delay_ms: number): Promise<void> {
    await this.pause(delay_ms);
    if (this.#options.signal.aborted) throw new CannotPlay("The demo was ended while the service took nothing.");
  }

  /** Waits; ends at once when the demo is interrupted. */
  pause(delay_ms: number): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, delay_ms);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }
}

async function bodyOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    throw new CannotPlay("What answers there is no Incident Ledger; say where it is with --url.");
  }
}
