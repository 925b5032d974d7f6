import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import type { Config } from "../config.ts";

/** The log of the service on standard output: one JSON object a line, or for people where that is a terminal. */
export function openLog({ log_level, log_format }: Pick<Config, "log_level" | "log_format">): Logger {
  const format = log_format ?? (process.stdout.isTTY === true ? "pretty" : "json");
  const options = { level: log_level, base: null };
  if (format === "json") return pino(options);
  return pino(options, pretty({ sync: true, translateTime: "SYS:HH:MM:ss.l" }));
}
