import type { Board } from "../../../projections/board.ts";
import type { CommandContext, CreateKey, RevokeKey } from "../commands.ts";
import { keyFact } from "../new-event.ts";
import { refuse, type StepResult } from "./accepted.ts";
import { isRefused, namedTeams } from "./references.ts";

/** A new key. Its id comes from the vault, which never gives one twice. */
export function createKey(board: Board, command: CreateKey, { at }: CommandContext): StepResult {
  const { key, role, dialect, expires_at } = command;
  if (board.keys.has(key)) return refuse("contradiction", `There is a key ${key} already.`, "key");
  const teams = namedTeams(board, command.teams);
  if (isRefused(teams)) return teams;
  if (role === "integration" && teams.named?.length !== 1) {
    return refuse("contradiction", "An integration reports into one team: name exactly one.", "teams");
  }
  if (expires_at !== null && expires_at <= at) {
    return refuse(
      "contradiction",
      `The key would end at ${expires_at}, and it is ${at}. Name a later time.`,
      "expires_at",
    );
  }
  return [keyFact(key, "key.created", { key, role, teams: teams.named, dialect, expires_at })];
}

/** Something became of the secrets of a key that is good for something. */
export function onLiveKey(board: Board, key: number, type: "key.rotated" | "key.rotation-ended"): StepResult {
  const known = board.keys.get(key);
  if (known === undefined) return refuse("key-not-found", `There is no key ${key}.`);
  if (known.revoked_at !== null) return refuse("key-revoked", `Key ${key} was revoked. Make another.`);
  return [keyFact(key, type, { key })];
}

/** Ends a key. One that is revoked stays so. */
export function revokeKey(board: Board, { key }: RevokeKey): StepResult {
  const known = board.keys.get(key);
  if (known === undefined) return refuse("key-not-found", `There is no key ${key}.`);
  return known.revoked_at === null ? [keyFact(key, "key.revoked", { key })] : [];
}
