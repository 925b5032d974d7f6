import { type Logger, pino, stdSerializers } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config.ts";

/** What a terminal or a viewer might obey, but JSON leaves as it is: C1 controls, DEL, and the Unicode ends of lines. */
const unescaped = /[\u007f-\u009f\u2028\u2029]/g;
/** What would do so where a text is shown as it is; line ends are left to errors' stacks. */
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * The log of the service on standard output: one JSON object a line, or for people where that is a terminal. Whatever text
 * gets into it, a line stays one line, and nothing in it is obeyed by a terminal.
 */
export function openLog({ log_level, log_format }: Pick<Config, "log_level" | "log_format">): Logger {
  const format = log_format ?? (process.stdout.isTTY === true ? "pretty" : "json");
  const options = {
    level: log_level,
    base: null,
    serializers: { err: harmlessError },
    hooks: { streamWrite: (line: string) => line.replace(unescaped, escaped) },
  };
  if (format === "json") return pino(options);
  return pino(options, pretty({ sync: true, translateTime: "SYS:HH:MM:ss.l" }));
}

/** An error as pino shows it, its texts made harmless: they may quote what somebody sent. */
function harmlessError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const shown = stdSerializers.err(error);
  return { ...shown, message: shown.message.replace(controls, escaped), stack: shown.stack.replace(controls, escaped) };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
