import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { limits } from "../../config.ts";
import type { Runtime } from "../../runtime/runtime.ts";

/** At which level an answer is logged, and the sentence. */
type Line = readonly ["debug" | "info" | "warn", string];

const answered: Line = ["debug", "answered"];
const refused: Line = ["info", "refused"];
const slow: Line = ["info", "answered slowly"];
const failed: Line = ["warn", "could not be answered"];

/**
 * Logs answers, one line each: what failed as a warning; writes that were refused, bad credentials and what took long as
 * information; all else for debugging, since a line for each costs a good part of what answering does. What a flood would
 * write beyond `limits.logged_answers_per_second` is counted instead. Neither headers nor bodies are ever logged.
 */
export class AnswerLog {
  readonly #log: FastifyBaseLogger;
  readonly #runtime: Pick<Runtime, "elapsed">;
  readonly #logsAll: boolean;
  #second = Number.NEGATIVE_INFINITY;
  #lines = 0;

  constructor(log: FastifyBaseLogger, runtime: Pick<Runtime, "elapsed">) {
    this.#log = log;
    this.#runtime = runtime;
    this.#logsAll = log.level === "debug" || log.level === "trace";
  }

  /** Notes an answer; `route` is the pattern of its route, null where none fits. */
  answered(request: FastifyRequest, reply: FastifyReply, route: string | null, took_ms: number): void {
    const line = lineFor(request, reply, took_ms);
    if (!this.#logsAll && (line === answered || !this.#hasRoom())) return;
    const [level, sentence] = line;
    this.#log[level](fieldsOf(request, reply, route, took_ms), sentence);
  }

  /** Whether another line may be written in this second. */
  #hasRoom(): boolean {
    const second = Math.floor(this.#runtime.elapsed() / 1000);
    if (second !== this.#second) {
      const left_out = this.#lines - limits.logged_answers_per_second;
      if (left_out > 0)
        this.#log.warn({ left_out }, "more answers than are logged in a second; the others were left out");
      this.#second = second;
      this.#lines = 0;
    }
    this.#lines += 1;
    return this.#lines <= limits.logged_answers_per_second;
  }
}

function lineFor(request: FastifyRequest, reply: FastifyReply, took_ms: number): Line {
  const status = reply.statusCode;
  if (status >= 500) return failed;
  const isWrite = request.method !== "GET" && request.method !== "HEAD";
  if (status === 401 || (status >= 400 && isWrite)) return refused;
  return took_ms > limits.slow_answer_ms && !isStream(reply) ? slow : answered;
}

/** A stream lasts as long as somebody follows it. */
function isStream(reply: FastifyReply): boolean {
  return String(reply.getHeader("content-type")).startsWith("text/event-stream");
}

function fieldsOf(request: FastifyRequest, reply: FastifyReply, route: string | null, took_ms: number): object {
  const { id, method, actor, command, outcome, problem } = request;
  const shown = outcome !== null && "incident" in outcome ? outcome.incident?.number : undefined;
  const named = command !== null && "incident" in command ? command.incident : undefined;
  const incident = shown ?? named;
  const position = reply.getHeader("ledger-position") ?? outcome?.position;
  return {
    request_id: id,
    method,
    ...(route === null ? { path: printable(request.url) } : { route }),
    status: reply.statusCode,
    took_ms: Math.round(took_ms * 10) / 10,
    ...(actor === "" ? {} : { actor }),
    ...(command === null ? {} : { command: command.kind }),
    ...(outcome === null ? {} : { outcome: outcome.kind }),
    ...(problem === null ? {} : { problem }),
    ...(incident === undefined ? {} : { incident }),
    ...(position === undefined ? {} : { position: Number(position) }),
  };
}

/** The path that somebody asked for in vain, without its query, cut off, in plain ASCII, and without what may be a key. */
function printable(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  return path
    .replace(/\bil_[^/]*/gi, "il_...")
    .slice(0, limits.logged_path_characters)
    .replace(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}
