import type { Answer, Client } from "./client.ts";
import { CannotPlay } from "./client.ts";
import { day_seconds } from "./generate-day.ts";
import type { Step } from "./step.ts";

/** What happened, for people. */
export interface Told {
  readonly at_seconds: number;
  readonly team: string;
  readonly sentence: string;
  /** Worth a line even where everything is one. */
  readonly is_notable: boolean;
}

/** How a day is played. */
export interface PlayOptions {
  readonly client: Client;
  /** Seconds of the day that pass in one second. */
  readonly speed: number;
  /** Told apart from any other run, so that its keys are its own. */
  readonly run: string;
  readonly signal: AbortSignal;
  readonly onTold: (told: Told) => void;
}

/** What became of a day. */
export interface Played {
  at_seconds: number;
  done: number;
  refused: number;
  passed_over: number;
  readonly counts: Map<string, number>;
  /** The number of each incident in the service, by its number within the day. */
  readonly numbers: Map<number, number>;
  /** The one with the most eventful life, in the service's numbers. */
  busiest: { readonly number: number; readonly steps: number } | null;
}

/** The label of every incident of a demo. */
const mark = { demo: "day" } as const;
const most_pages = 1000;

/** Plays a day against a service, each step at its time; where the service is slower, so is the day. */
export class Player {
  readonly #options: PlayOptions;
  readonly #lives = new Map<number, number>();
  readonly played: Played = {
    at_seconds: 0,
    done: 0,
    refused: 0,
    passed_over: 0,
    counts: new Map(),
    numbers: new Map(),
    busiest: null,
  };

  constructor(options: PlayOptions) {
    this.#options = options;
  }

  async play(steps: readonly Step[]): Promise<Played> {
    const { client, speed, signal } = this.#options;
    await this.#clearUp();
    const began_ms = performance.now();
    const waitUntil = async (at_seconds: number): Promise<void> => {
      const left_ms = (at_seconds / speed) * 1000 - (performance.now() - began_ms);
      if (left_ms > 0) await client.pause(left_ms);
    };
    for (const [index, step] of steps.entries()) {
      await waitUntil(step.at_seconds);
      if (signal.aborted) return this.played;
      this.played.at_seconds = step.at_seconds;
      await this.#do(step, `demo-${this.#options.run}-${index}`);
    }
    await waitUntil(day_seconds);
    if (!signal.aborted) this.played.at_seconds = day_seconds;
    return this.played;
  }

  /** Resolves what an earlier demo left open, by its label: else its handlers would be busy with it all day. */
  async #clearUp(): Promise<void> {
    const { client, run } = this.#options;
    const [[name, value] = ["", ""]] = Object.entries(mark);
    for (let page = 0; page < most_pages; page += 1) {
      const { body } = await client.read(`/incidents?status=open&label=${name}:${value}&limit=500`);
      const ids = (Array.isArray(body.incidents) ? body.incidents : []).map(({ number }) => Number(number));
      if (ids.length === 0) return;
      const order = { action: "resolve", ids, resolution: "Left over from an earlier demo." };
      await this.#send("POST", "/incidents/bulk", order, `demo-${run}-clear-${page}`);
    }
  }

  async #do(step: Step, key: string): Promise<void> {
    switch (step.kind) {
      case "team":
        return this.#note(step, await this.#send("POST", "/teams", { name: step.team }, key), "", false);
      case "handler":
        return this.#hire(step, key);
      case "shift": {
        const { available, release, reason, handler } = step;
        const change = { available, reason, ...(available ? {} : { release }) };
        const answer = await this.#send("PATCH", `/handlers/${handler}`, change, key);
        const drops = release && step.at_seconds > 0 ? " and hands back their work" : "";
        return this.#note(step, answer, `${handler}: ${reason}${drops}`, step.at_seconds > 0);
      }
      case "report":
        return this.#report(step, key);
      default:
        return this.#onIncident(step, key);
    }
  }

  #send(method: string, path: string, body: object, key: string): Promise<Answer> {
    return this.#options.client.write(method, path, body, key);
  }

  /** Who is there already stays as they are, but for the capacity; who works for another team is left alone. */
  async #hire(step: Extract<Step, { kind: "handler" }>, key: string): Promise<void> {
    const { handler, team, capacity } = step;
    const hired = await this.#send("POST", "/handlers", { handler_id: handler, team, capacity }, key);
    if (hired.status === 409) {
      const { body } = await this.#options.client.read(`/handlers/${handler}`);
      if (body.team !== team) {
        throw new CannotPlay(
          `${handler} works for the team ${String(body.team)} here, but for ${team} in the demo; play it on another ledger.`,
        );
      }
    }
    this.#note(step, hired, "", false);
    await this.#send("PATCH", `/handlers/${handler}`, { capacity, available: true }, `${key}-again`);
  }

  async #report(step: Extract<Step, { kind: "report" }>, key: string): Promise<void> {
    const { kind: _kind, at_seconds: _at, incident, dedup_key, ...body } = step;
    const keyed = dedup_key === undefined ? {} : { dedup_key: `${this.#options.run}-${dedup_key}` };
    const report = { ...body, labels: { ...body.labels, ...mark }, ...keyed };
    const { status, body: answer } = await this.#send("POST", "/incidents", report, key);
    const number = Number(answer.number);
    if (status === 201) this.played.numbers.set(incident, number);
    const fate = status === 200 ? "reported again" : whoHasIt(answer);
    this.#note(step, { status, body: answer }, `#${number} [${step.severity}] ${step.title}: ${fate}`, false);
  }

  async #onIncident(
    step: Exclude<Step, { kind: "team" | "handler" | "shift" | "report" }>,
    key: string,
  ): Promise<void> {
    const number = this.played.numbers.get(step.incident);
    const into = step.kind === "merge" ? this.played.numbers.get(step.into) : undefined;
    if (number === undefined || (step.kind === "merge" && into === undefined)) return this.#passOver();
    if (step.kind === "acknowledge" || step.kind === "hand-over") {
      // Who would acknowledge what nobody has? Here the service decided otherwise than was imagined.
      const { body } = await this.#options.client.read(`/incidents/${number}`);
      if (body.assigned_to === null) return this.#passOver();
    }
    const [path, body] = commandOf(step, into ?? 0, this.#options.speed);
    const answer = await this.#send("POST", `/incidents/${number}/${path}`, body, key);
    this.#live(step.incident, number);
    const notable = ["escalate", "hand-over", "merge", "reopen", "dismiss"].includes(step.kind);
    this.#note(step, answer, `#${number} ${sentenceOf(step, answer, into)}`, notable);
  }

  #passOver(): void {
    this.played.passed_over += 1;
  }

  #live(incident: number, number: number): void {
    const steps = (this.#lives.get(incident) ?? 0) + 1;
    this.#lives.set(incident, steps);
    if (steps > (this.played.busiest?.steps ?? 0)) this.played.busiest = { number, steps };
  }

  #note(step: Step, { status, body }: Answer, sentence: string, is_notable: boolean): void {
    const exists = step.kind === "team" || step.kind === "handler";
    if (status === 409 && exists) return;
    if (status === 404 || status === 409 || status === 412) {
      this.played.refused += 1;
      return;
    }
    if (status >= 400) throw new CannotPlay(`The service refused to ${step.kind}: ${String(body.detail ?? status)}`);
    this.played.done += 1;
    this.played.counts.set(step.kind, (this.played.counts.get(step.kind) ?? 0) + 1);
    if (sentence !== "") this.#options.onTold({ at_seconds: step.at_seconds, team: step.team, sentence, is_notable });
  }
}

type IncidentStep = Exclude<Step, { kind: "team" | "handler" | "shift" | "report" }>;

function commandOf(step: IncidentStep, into: number, speed: number): readonly [path: string, body: object] {
  switch (step.kind) {
    case "comment":
      return ["comments", { text: step.text }];
    case "hand-over":
      return ["assign", { handler: step.handler, reason: step.reason }];
    case "snooze": {
      const sleep_ms = Math.max(1000, (step.minutes * 60_000) / speed);
      return ["snooze", { until: new Date(Date.now() + sleep_ms).toISOString() }];
    }
    case "merge":
      return ["merge", { into }];
    case "resolve":
      return ["resolve", { resolution: step.resolution }];
    case "escalate":
    case "dismiss":
    case "reopen":
      return [step.kind, { reason: step.reason }];
    case "acknowledge":
      return ["acknowledge", {}];
    default:
      return step satisfies never;
  }
}

function whoHasIt({ status, assigned_to, queue_position }: Answer["body"]): string {
  return status === "pending" ? `waits, place ${String(queue_position)}` : `${String(assigned_to)} has it`;
}

function sentenceOf(step: IncidentStep, { body }: Answer, into: number | undefined): string {
  switch (step.kind) {
    case "acknowledge":
      return `acknowledged, ${String(body.assigned_to)} works on it`;
    case "comment":
      return `“${step.text}”`;
    case "escalate":
      return `escalated to severity ${String(body.severity)} (${step.reason}): ${whoHasIt(body)}`;
    case "hand-over":
      return `handed over to ${step.handler} (${step.reason})`;
    case "snooze":
      return `sleeps for ${Math.round(step.minutes)} minutes`;
    case "merge":
      return `merged into #${into}`;
    case "resolve":
      return `resolved: ${step.resolution}`;
    case "dismiss":
      return `dismissed: ${step.reason}`;
    case "reopen":
      return `reopened (${step.reason}): ${whoHasIt(body)}`;
    default:
      return step satisfies never;
  }
}
