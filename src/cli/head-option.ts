import { InvalidArgumentError, Option } from "commander";
import type { NotedHead } from "../audit/audit-report.ts";
import { positionOf } from "./until.ts";

/** The flag that names a head which was noted elsewhere. */
export function headOption(): Option {
  return new Option(
    "--head <position:hash>",
    "a head that was noted elsewhere and must still be there (default: none)",
  ).argParser(headOf);
}

function headOf(value: string): NotedHead {
  const [position = "", hash = "", ...more] = value.split(":");
  if (more.length > 0 || !/^[0-9a-fA-F]{64}$/.test(hash)) {
    throw new InvalidArgumentError("A head is a position, a colon and a hash of 64 hex digits.");
  }
  return { position: positionOf(position), hash: hash.toLowerCase() };
}
