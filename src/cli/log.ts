import { type Logger, pino, stdSerializers } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config.ts";

/** What a terminal or a viewer of logs might obey: controls, and the ends of lines that JSON leaves as they are. */
const obeyed = /(?![\t\n])[\p{Cc}\u2028\u2029]/gu;

/**
 * What opens doors, wherever in a line it stands: keys of ours, whatever comes after the name of a scheme of HTTP, and the values of
 * fields that are named so. Nobody logs any of them on purpose; a message of a library that quotes what it was given might.
 */
const named = "(?:proxy-)?authorization|(?:set-)?cookie|password|secret|(?:access_)?token|(?:admin_)?api_key";
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\bil_[A-Za-z0-9_-]{4,}/g, "il_..."],
  [/\b(bearer|basic)((?: |%20|\+)+)[^\s"\\,]{8,}/gi, "$1$2..."],
  [new RegExp(`("(?:${named})"\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, "gi"), '$1"..."'],
  // The same within a text, where the quotes are escaped.
  [new RegExp(`(\\\\"(?:${named})\\\\"\\s*:\\s*)\\\\"[^"]*?\\\\"`, "gi"), '$1\\"...\\"'],
];

function masked(line: string): string {
  return secrets.reduce((text, [secret, instead]) => text.replace(secret, instead), line);
}

/**
 * The log of the service on standard output: one JSON object a line, or for people where that is a terminal. Whatever text
 * gets into it, a line stays one line, nothing in it is obeyed by a terminal, and nothing in it opens a door.
 */
export function openLog({ log_level, log_format }: Pick<Config, "log_level" | "log_format">): Logger {
  const format = log_format ?? (process.stdout.isTTY === true ? "pretty" : "json");
  // What is for people is written from the parsed line, so there it has to be escaped once more.
  const escapedFor = format === "json" ? escaped : (character: string) => `\\${escaped(character)}`;
  const options = {
    level: log_level,
    base: null,
    serializers: { err: harmlessError },
    hooks: { streamWrite: (line: string) => masked(line).replace(obeyed, escapedFor) },
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
