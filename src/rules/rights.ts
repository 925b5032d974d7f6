import type { Role } from "../../projections/access.ts";
import type { Board } from "../../projections/board.ts";
import type { ChangeHandler, Command } from "./commands.ts";
import type { Refusal } from "./refusal.ts";

/** What somebody may do: see what is there, report, work incidents, run teams, say who may do what. */
export type Right = "read" | "report" | "work" | "lead" | "administer";

/** Which rights each role has. `integration` is for keys alone. */
export const rightsOfRole: Readonly<Record<Role, readonly Right[]>> = {
  integration: ["report"],
  viewer: ["read"],
  responder: ["read", "report", "work"],
  manager: ["read", "report", "work", "lead"],
  admin: ["read", "report", "work", "lead", "administer"],
};

/** Which right each command takes, in every team that it concerns. A new command does not compile without its line. */
export const rightOfCommand: Readonly<Record<Command["kind"], Right>> = {
  report: "report",
  update: "work",
  escalate: "work",
  acknowledge: "work",
  resolve: "work",
  close: "work",
  reopen: "work",
  dismiss: "work",
  assign: "work",
  unassign: "work",
  snooze: "work",
  wake: "work",
  comment: "work",
  merge: "work",
  move: "work",
  "add-handler": "lead",
  "change-handler": "lead",
  "remove-handler": "lead",
  "change-team": "lead",
  "create-team": "administer",
  delete: "administer",
  redact: "administer",
  "create-user": "administer",
  "change-user": "administer",
  "invite-user": "administer",
  "erase-user": "administer",
  "create-key": "administer",
  "rotate-key": "administer",
  "end-key-rotation": "administer",
  "revoke-key": "administer",
  "pass-time": "administer",
};

/** Who somebody is to the rights: a role, and where it counts. */
export interface Principal {
  readonly role: Role;
  /** null: in every team. */
  readonly teams: readonly string[] | null;
  /** The handler as whom they take incidents, or null. */
  readonly handler: string | null;
}

/** The service itself, and whoever holds the administrator's key or the files. */
const ownActors: ReadonlySet<string> = new Set(["admin", "system", "clock", "import", "cli"]);
const everything: Principal = { role: "admin", teams: null, handler: null };

/**
 * Who an actor is just now, an instant, or null where they may do nothing: unknown, deactivated, erased, revoked or expired. An open
 * dialect does what its clients ask in its own team, so it may do everything.
 */
export function principalOf(board: Board, actor: string, now: () => string): Principal | null {
  if (ownActors.has(actor)) return everything;
  const colon = actor.indexOf(":");
  const id = Number(actor.slice(colon + 1));
  switch (actor.slice(0, colon)) {
    case "key": {
      const key = board.keys.get(id);
      if (key === undefined || key.revoked_at !== null) return null;
      if (key.expires_at !== null && key.expires_at <= now()) return null;
      return { role: key.role, teams: key.teams, handler: null };
    }
    case "user": {
      const user = board.users.get(id);
      return user?.is_active === true ? user : null;
    }
    case "dialect":
      return everything;
    default:
      return null;
  }
}

/** Whether a role has a right somewhere. */
export function has(role: Role, right: Right): boolean {
  return rightsOfRole[role].includes(right);
}

/** Why an actor may not give this command, if so. */
export function forbiddance(board: Board, actor: string, command: Command, at: string): Refusal | undefined {
  const principal = principalOf(board, actor, () => at);
  if (principal === null) return refusal("Whoever asks may do nothing here any longer.");
  const { role, teams } = principal;
  if (isOwnAvailability(board, principal, command)) return undefined;
  // Whom it goes to is work, and no report.
  const isGiven = command.kind === "report" && command.assigned_to !== undefined;
  const right = isGiven ? "work" : rightOfCommand[command.kind];
  if (!has(role, right)) return forbidden(role, right, isGiven ? "report with assigned_to" : command.kind);
  if (teams === null) return undefined;
  const concerned = teamsOf(board, command);
  // Who may do what, and the making of teams, concern all of them.
  if (right === "administer" && (concerned.length === 0 || command.kind === "create-team")) {
    return refusal(`The role ${role} counts in some teams only; this (${command.kind}) takes one that counts in all.`);
  }
  const foreign = concerned.find((team) => !teams.includes(team));
  if (foreign === undefined) return undefined;
  return refusal(`The role ${role} does not count in the team ${foreign}. ${where(teams)}`);
}

/** The refusal of somebody whose role lacks a right; `what` they asked for is named where it is known. */
export function forbidden(role: Role, right: Right, what?: string): Refusal {
  const asked = what === undefined ? "this" : `this (${what})`;
  return refusal(`The role ${role} does not allow ${asked}; it takes ${rolesWith(right)}.`);
}

function refusal(detail: string): Refusal {
  return { code: "forbidden", detail };
}

/** The roles that have a right, in words: `responder, manager or admin`. */
export function rolesWith(right: Right): string {
  const roles = (Object.keys(rightsOfRole) as Role[]).filter((role) => has(role, right));
  return roles.length < 2 ? roles.join() : `${roles.slice(0, -1).join(", ")} or ${roles.at(-1)}`;
}

function where(teams: readonly string[]): string {
  return teams.length === 0 ? "It counts in no team." : `It counts in ${teams.join(", ")}.`;
}

/** Everybody who works incidents may say of themselves whether they are available. */
function isOwnAvailability(board: Board, { role, handler }: Principal, command: Command): boolean {
  if (command.kind !== "change-handler" || handler === null || !has(role, "work")) return false;
  if (board.findHandler(command.handler)?.handler_id !== handler) return false;
  const { capacity, name } = command satisfies ChangeHandler;
  return capacity === undefined && name === undefined;
}

/** The teams that a command concerns, by their proper names. */
function teamsOf(board: Board, command: Command): readonly string[] {
  const proper = (team: string) => board.findTeam(team)?.team ?? team;
  switch (command.kind) {
    case "report":
      return [proper(command.team ?? "default")];
    case "add-handler": {
      // Who has left another team is still of that team to those who run it.
      const before = board.findHandler(command.handler)?.last_team;
      const team = proper(command.team ?? "default");
      return before === undefined ? [team] : [team, before];
    }
    case "change-handler":
    case "remove-handler": {
      const handler = board.findHandler(command.handler);
      return handler === undefined ? [] : [handler.team ?? handler.last_team];
    }
    case "change-team":
    case "create-team":
      return [proper(command.team)];
    case "create-user":
    case "change-user":
    case "invite-user":
    case "erase-user":
    case "create-key":
    case "rotate-key":
    case "end-key-rotation":
    case "revoke-key":
    case "pass-time":
      return [];
    default: {
      const own = board.incident(command.incident)?.team;
      const into = "team" in command && command.team !== undefined ? [proper(command.team)] : [];
      return own === undefined ? into : [own, ...into];
    }
  }
}
