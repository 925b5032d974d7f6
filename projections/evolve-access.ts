import type { RecordedEvent } from "../events/recorded-event.ts";
import type { AccessKey, User } from "./access.ts";
import type { Board } from "./board.ts";

/** Folds an event of a user's stream. */
export function evolveUser(board: Board, event: RecordedEvent): void {
  if (event.type === "user.created") {
    const { user, role, teams, handler } = event.data;
    const { version, recorded_at: created_at } = event;
    board.users.set(user, { user, version, role, teams, handler, is_active: true, is_erased: false, created_at });
    return;
  }
  const user = Number(event.stream.slice("user/".length));
  const before = board.users.get(user);
  if (before !== undefined) board.users.set(user, { ...before, ...userChange(event), version: event.version });
}

function userChange(event: RecordedEvent): Partial<User> {
  switch (event.type) {
    case "user.role-changed":
      return { role: event.data.role };
    case "user.teams-changed":
      return { teams: event.data.teams };
    case "user.handler-changed":
      return { handler: event.data.handler };
    case "user.deactivated":
      return { is_active: false };
    case "user.reactivated":
      return { is_active: true };
    case "user.erased":
      return { is_active: false, is_erased: true };
    default:
      return {};
  }
}

/** Folds an event of a key's stream. */
export function evolveKey(board: Board, event: RecordedEvent): void {
  if (event.type === "key.created") {
    const { key, role, teams, dialect, expires_at } = event.data;
    const { version, recorded_at: created_at } = event;
    board.keys.set(key, {
      key,
      version,
      role,
      teams,
      dialect,
      expires_at,
      created_at,
      revoked_at: null,
      is_rotating: false,
    });
    return;
  }
  const key = Number(event.stream.slice("key/".length));
  const before = board.keys.get(key);
  if (before === undefined) return;
  board.keys.set(key, { ...before, ...keyChange(event), version: event.version });
}

function keyChange(event: RecordedEvent): Partial<AccessKey> {
  switch (event.type) {
    case "key.rotated":
      return { is_rotating: true };
    case "key.rotation-ended":
      return { is_rotating: false };
    case "key.revoked":
      return { revoked_at: event.recorded_at, is_rotating: false };
    default:
      return {};
  }
}
