import type { AccessKey } from "../../../projections/access.ts";
import type { Board } from "../../../projections/board.ts";
import type { CommandContext, CreateKey, EndKeyRotation, RevokeKey, RotateKey } from "../commands.ts";
import { keyFact } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
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

/** A new secret beside the present one. There are never more than two: the one before has to end first. */
export function rotateKey(board: Board, { key }: RotateKey): StepResult {
  const known = liveKey(board, key);
  if (isRefused(known)) return known;
  if (known.is_rotating) {
    const detail = `Key ${key} has two secrets already. End the older one first: DELETE /keys/${key}/previous.`;
    return refuse("key-rotating", detail);
  }
  return [keyFact(key, "key.rotated", { key })];
}

/** Ends the secret before the present one, if there is one. */
export function endKeyRotation(board: Board, { key }: EndKeyRotation): StepResult {
  const known = liveKey(board, key);
  if (isRefused(known)) return known;
  return known.is_rotating ? [keyFact(key, "key.rotation-ended", { key })] : [];
}

function liveKey(board: Board, key: number): AccessKey | Refusal {
  const known = board.keys.get(key);
  if (known === undefined) return refuse("key-not-found", `There is no key ${key}.`);
  if (known.revoked_at !== null) return refuse("key-revoked", `Key ${key} was revoked. Make another.`);
  return known;
}

/** Ends a key. One that is revoked stays so. */
export function revokeKey(board: Board, { key }: RevokeKey): StepResult {
  const known = board.keys.get(key);
  if (known === undefined) return refuse("key-not-found", `There is no key ${key}.`);
  return known.revoked_at === null ? [keyFact(key, "key.revoked", { key })] : [];
}
