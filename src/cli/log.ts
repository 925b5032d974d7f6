import { type Logger, pino, stdSerializers } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config.ts";

/** What a terminal or a viewer of logs might obey: controls, and the ends of lines that JSON leaves as they are. */
const obeyed = /(?![\t\n])[\p{Cc}\u2028\u2029]/gu;

/**
 * The log of the service on standard output: one JSON object a line, or for people where that is a terminal. Whatever text
 * gets into it, a line stays one line, and nothing in it is obeyed by a terminal.
 */
export function openLog({ log_level, log_format }: Pick<Config, "log_level" | "log_format">): Logger {
  const format = log_format ?? (process.stdout.isTTY === true ? "pretty" : "json");
  // What is for people is written from the parsed line, so there it has to be escaped once more.
  const escapedFor = format === "json" ? escaped : (character: string) => `\\${escaped(character)}`;
  const options = {
    level: log_level,
    base: null,
    serializers: { err: harmlessError },
    hooks: { streamWrite: (line: string) => line.replace(obeyed, escapedFor) },
  };
  if (format === "json") return pino(options);
  return pino(options, pretty({ sync: true, translateTime: "SYS:HH:MM:ss.l" }));
}

/** An error as pino shows it, its texts made harmless: they may quote what somebody sent. */
function harmlessError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const shown = stdSerializers.err(error);
  return { ...shown, message: shown.message.replace(obeyed, escaped), stack: shown.stack.replace(obeyed, escaped) };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
