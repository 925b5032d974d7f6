import type { FastifyReply, FastifyRequest } from "fastify";
import { linkUrl } from "../../../access/link-url.ts";
import { makeUser } from "../../../access/new-user.ts";
import { highest } from "../../../access/next-number.ts";
import type { MadeLink } from "../../../access/notices.ts";
import { faultOfPassword } from "../../../access/password-rules.ts";
import type { ChangeUser } from "../../../rules/commands.ts";
import { run } from "../../command-answer.ts";
import { invalidField, ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { reflect } from "../../settled-board.ts";
import { originOf } from "../auth/caller.ts";
import { type ChangeUserBody, type CreateUserBody, type UserJson, userRole, userView } from "./user-view.ts";

type Changes = (typeof ChangeUserBody)["static"];

/** A user with the link by which they choose a password, where there is one. */
export interface InvitedUser extends UserJson {
  readonly invitation_link: string | null;
  readonly invitation_expires_at: string | null;
}

/** Adds a user, invited where no password was given. */
export async function newUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  body: (typeof CreateUserBody)["static"],
): Promise<InvitedUser> {
  const { identity, desk } = services;
  const { email, full_name = null, phone = null, teams = null, handler = null, password = null } = body;
  const fault = password === null ? null : await faultOfPassword(password, email);
  if (fault !== null) throw invalidField("#/password", fault);
  const { accounts, links } = identity.vault;
  const above = highest(desk.board.users.keys());
  const user = { email, full_name, phone, password, role: userRole(body.role), teams, handler, at: desk.now(), above };
  const made = await makeUser({ accounts, links, hashing: identity.hashing }, user, async (command) => {
    const done = await run(services, request, reply, command, () => 201);
    const event = done.kind === "written" ? done.events.find(({ type }) => type === "user.created") : undefined;
    const user_id = event?.type === "user.created" ? event.data.user : command.user;
    return { user_id, is_repeated: done.kind === "written" && done.repeated !== undefined };
  });
  reply.header("location", `/users/${made.user_id}`);
  return invited(services, made.user_id, made.invitation);
}

/** Makes a new invitation link for a user. */
export async function inviteUser(services: Services, reply: FastifyReply, user_id: number): Promise<InvitedUser> {
  const { desk, identity } = services;
  await desk.readable();
  reflect(reply, desk.board.position);
  if (desk.board.users.get(user_id)?.is_active !== true) throw notFound(user_id, "active user");
  return invited(services, user_id, await identity.vault.links.make(user_id, "invitation"));
}

/**
 * Changes a user: what they may do in the ledger, what is personal in the vault. An address that is taken is refused before
 * anything is written; two who want it in the same instant may both have the rest of their changes.
 */
export async function changeUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  user_id: number,
  changes: Changes,
): Promise<UserJson> {
  const { desk, identity } = services;
  const { accounts, sessions, links } = identity.vault;
  const { email, full_name, phone, role, ...rights } = changes;
  const before = await accounts.get(user_id);
  const holder = email === undefined ? null : await accounts.findByEmail(email);
  if (holder !== null && holder.user_id !== user_id) throw emailTaken();
  const asked: ChangeUser = {
    kind: "change-user",
    user: user_id,
    ...rights,
    ...(role === undefined ? {} : { role: userRole(role) }),
  };
  await run(services, request, reply, asked);
  const personal = {
    ...(email === undefined ? {} : { email }),
    ...(full_name === undefined ? {} : { full_name }),
    ...(phone === undefined ? {} : { phone }),
  };
  const fields = Object.keys(personal);
  if (fields.length > 0) {
    if ((await accounts.edit(user_id, personal)) === "email-taken") throw emailTaken();
    recordEdit(services, request, user_id, fields);
  }
  if (desk.board.users.get(user_id)?.is_active === false) {
    await sessions.endAll(user_id);
    await links.endAll(user_id);
  }
  const after = await accounts.get(user_id);
  if (before !== null && after !== null && before.email !== after.email) {
    identity.notices.emailChanged(before.email, after.email);
  }
  return shownUser(services, user_id);
}

/** Tells the access log which fields somebody changed in the vault: what they were and are is nobody else's business. */
function recordEdit(
  { identity }: Services,
  request: FastifyRequest,
  about_user: number,
  fields: readonly string[],
): void {
  const { address, user_agent } = originOf(request);
  identity.access_log.record({
    kind: "user-edited",
    actor: request.actor,
    about_user,
    address,
    ...(user_agent === null ? {} : { user_agent }),
    detail: fields.join(", "),
  });
}

/** Erases a user: first on record, then out of the vault. What is cut off in between is done at the next start. */
export async function eraseUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  user_id: number,
): Promise<UserJson> {
  await run(services, request, reply, { kind: "erase-user", user: user_id });
  const isOutOfVault = await services.identity.vault.accounts.erase(user_id);
  const isOutOfLedger = await services.whenErased(Number(reply.getHeader("ledger-position")));
  reply.code(isOutOfVault && isOutOfLedger ? 200 : 202);
  return shownUser(services, user_id);
}

/** A user as they are now. */
export async function shownUser({ desk, identity }: Services, user_id: number): Promise<UserJson> {
  const user = desk.board.users.get(user_id);
  if (user === undefined) throw notFound(user_id, "user");
  return userView(user, await identity.vault.accounts.get(user_id));
}

async function invited(services: Services, user_id: number, link: MadeLink | null): Promise<InvitedUser> {
  const { identity } = services;
  const shown = await shownUser(services, user_id);
  if (link === null) return { ...shown, invitation_link: null, invitation_expires_at: null };
  if (shown.email !== null && identity.notices.are_sent) identity.notices.invitation({ email: shown.email }, link);
  const { token, expires_at } = link;
  return { ...shown, invitation_link: linkUrl(identity.public_url, token), invitation_expires_at: expires_at };
}

function notFound(user_id: number, what: string): ProblemError {
  return new ProblemError("user-not-found", `There is no ${what} ${user_id}.`);
}

function emailTaken(): ProblemError {
  return new ProblemError("user-exists", "Another user has this e-mail address.", {
    faults: [{ pointer: "#/email", detail: "is another user's" }],
  });
}
