import type { User } from "../../../projections/access.ts";
import type { Board } from "../../../projections/board.ts";
import type { HeldTexts } from "../../../projections/held-texts.ts";
import type { ChangeUser, CreateUser, EraseUser, InviteUser } from "../commands.ts";
import { handlerErasureFact, handlerFact, type NewFact, userFact } from "../new-event.ts";
import type { Refusal } from "../refusal.ts";
import { refuse, type StepResult } from "./accepted.ts";
import { handedBack, leaving } from "./handlers.ts";
import { isRefused, namedTeams, staleness } from "./references.ts";

/** A new user. Their id comes from the vault, which never gives one twice. */
export function createUser(board: Board, command: CreateUser): StepResult {
  const { user, role } = command;
  if (board.users.has(user)) return refuse("user-exists", `There is a user ${user} already.`);
  const teams = namedTeams(board, command.teams);
  if (isRefused(teams)) return teams;
  const handler = handlerFor(board, user, command.handler ?? null);
  if (isRefused(handler)) return handler;
  return [userFact(user, "user.created", { user, role, teams: teams.named, handler: handler.named })];
}

/** Another role, other teams, another handler; deactivated, or active again. What is the case already is passed over. */
export function changeUser(board: Board, command: ChangeUser): StepResult {
  const known = addressedUser(board, command.user, command.if_version);
  if (isRefused(known)) return known;
  const { user } = known;
  const facts: NewFact[] = [];
  const { role, active, profile = [] } = command;
  if (profile.length > 0) facts.push(userFact(user, "user.profile-changed", { user, fields: [...profile] }));
  if (role !== undefined && role !== known.role) facts.push(userFact(user, "user.role-changed", { user, role }));
  if (command.teams !== undefined) {
    const teams = namedTeams(board, command.teams);
    if (isRefused(teams)) return teams;
    const isSame = JSON.stringify(teams.named) === JSON.stringify(known.teams);
    if (!isSame) facts.push(userFact(user, "user.teams-changed", { user, teams: teams.named }));
  }
  let { handler } = known;
  if (command.handler !== undefined) {
    const wanted = handlerFor(board, user, command.handler);
    if (isRefused(wanted)) return wanted;
    if (wanted.named !== handler) facts.push(userFact(user, "user.handler-changed", { user, handler: wanted.named }));
    handler = wanted.named;
  }
  if (active === true && !known.is_active) facts.push(userFact(user, "user.reactivated", { user }));
  if (active === false && known.is_active) {
    facts.push(userFact(user, "user.deactivated", { user }), ...restingWork(board, handler));
  }
  return facts;
}

/** The facts that a user is invited once more. Whoever was deactivated is not. */
export function inviteUser(board: Board, { user }: InviteUser): StepResult {
  const known = addressedUser(board, user, undefined);
  if (isRefused(known)) return known;
  if (!known.is_active) return refuse("user-inactive", `User ${user} was deactivated. Make them active first.`);
  return [userFact(user, "user.invited", { user })];
}

/**
 * Everything personal of a user goes: the handler that they are leaves, and the texts about every handler that they have been are
 * erased with them, but for one who is another user by now.
 */
export function eraseUser(board: Board, command: EraseUser): StepResult {
  const known = board.users.get(command.user);
  if (known?.is_erased === true) return [];
  const found = addressedUser(board, command.user, command.if_version);
  if (isRefused(found)) return found;
  const { user } = found;
  const facts: NewFact[] = [userFact(user, "user.erased", { user })];
  const handler = found.handler === null ? undefined : board.findHandler(found.handler);
  if (handler !== undefined && handler.team !== null) {
    facts.push(...leaving(board, handler.handler_id, handler.team, undefined));
  }
  const texts = board.held_handler_texts.get(user) ?? new Map<string, HeldTexts>();
  // Their handler became another in this very moment, so that what there is to erase has not been looked up.
  if (handler !== undefined && !texts.has(handler.handler_id)) {
    return refuse("version-mismatch", `User ${user} has just changed. Try again.`);
  }
  for (const [handler_id, held] of texts) {
    if (ownerOf(board, handler_id, user) !== undefined) continue;
    for (const [position, { state }] of held)
      if (state === "held") facts.push(handlerErasureFact(handler_id, position));
  }
  return facts;
}

function addressedUser(board: Board, user: number, if_version: readonly number[] | undefined): User | Refusal {
  const known = board.users.get(user);
  if (known === undefined) return refuse("user-not-found", `There is no user ${user}.`);
  if (known.is_erased) return refuse("user-not-found", `User ${user} was erased.`);
  return staleness(`User ${user}`, known.version, if_version) ?? known;
}

/** The handler as whom a user takes incidents: one that is known, and no other user's who is not erased. */
function handlerFor(board: Board, user: number, name: string | null): { readonly named: string | null } | Refusal {
  if (name === null) return { named: null };
  const handler = board.findHandler(name);
  if (handler === undefined) {
    return refuse("unknown-handler", `There is no handler ${name}. GET /handlers lists them.`, "handler");
  }
  const owner = ownerOf(board, handler.handler_id, user);
  if (owner === undefined) return { named: handler.handler_id };
  return refuse("handler-taken", `${handler.handler_id} is user ${owner.user} already.`, "handler");
}

/** The user, not erased and another than this one, who is the handler. */
function ownerOf(board: Board, handler_id: string, user: number): User | undefined {
  for (const other of board.users.values()) {
    if (other.user !== user && !other.is_erased && other.handler === handler_id) return other;
  }
  return undefined;
}

/** Who may not sign in any longer gets nothing new, and hands back what they have. */
function restingWork(board: Board, handler_id: string | null): readonly NewFact[] {
  const handler = handler_id === null ? undefined : board.findHandler(handler_id);
  if (handler === undefined || handler.team === null) return [];
  const { handler_id: id } = handler;
  const rests = handler.available ? [handlerFact(id, "handler.made-unavailable", { handler: id })] : [];
  return [...rests, ...handedBack(board, id)];
}
