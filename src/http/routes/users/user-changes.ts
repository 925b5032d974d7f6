import type { FastifyReply, FastifyRequest } from "fastify";
import { userStream } from "../../../../events/stream.ts";
import type { Account } from "../../../access/accounts.ts";
import { canonicalEmail } from "../../../access/email-address.ts";
import { linkUrl } from "../../../access/link-url.ts";
import { makeUser, UserUnderWay } from "../../../access/new-user.ts";
import { highest } from "../../../access/next-number.ts";
import type { MadeLink } from "../../../access/notices.ts";
import { faultOfPassword } from "../../../access/password-rules.ts";
import { Turns } from "../../../access/turns.ts";
import { DeskUnavailable } from "../../../desk/submission.ts";
import type { ChangeUser, ProfileField } from "../../../rules/commands.ts";
import { type Done, run } from "../../command-answer.ts";
import { entityTag } from "../../entity-tag.ts";
import { invalidField, ProblemError } from "../../problem-error.ts";
import type { Services } from "../../services.ts";
import { readBoard } from "../../settled-board.ts";
import { originOf } from "../auth/caller.ts";
import { type ChangeUserBody, type CreateUserBody, type UserJson, userRole, userView } from "./user-view.ts";

type Changes = (typeof ChangeUserBody)["static"];

/** A user with the link by which they choose a password, where there is one. */
export interface InvitedUser extends UserJson {
  readonly invitation_link: string | null;
  readonly invitation_expires_at: string | null;
}

/** What personal fields become. */
interface Personal {
  readonly email?: string;
  readonly full_name?: string | null;
  readonly phone?: string | null;
}

/** One after another, so that of two who want the same address one gets it and the other nothing. */
const addresses = new Turns();

/** Adds a user, invited where no password was given. */
export async function newUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  body: (typeof CreateUserBody)["static"],
): Promise<InvitedUser> {
  const { identity, desk } = services;
  const { full_name = null, phone = null, teams = null, handler = null, password = null } = body;
  const email = addressOf(body.email);
  const fault = password === null ? null : await faultOfPassword(password, email);
  if (fault !== null) throw invalidField("#/password", fault);
  const { accounts, links } = identity.vault;
  const made = await addresses.take(email, () => {
    const at = desk.now();
    const above = highest(desk.board.users.keys());
    const user = { email, full_name, phone, password, role: userRole(body.role), teams, handler, at, above };
    const making = makeUser({ accounts, links, hashing: identity.hashing }, user, {
      isOnRecord: (user_id) => desk.board.users.has(user_id),
      isRefusal,
      learn: () => services.freshness.learn(),
      record: async (command) => {
        const done = await run(services, request, reply, command, () => 201);
        const event = done.kind === "written" ? done.events.find(({ type }) => type === "user.created") : undefined;
        const user_id = event?.type === "user.created" ? event.data.user : command.user;
        return { user_id, is_repeated: isRepeated(done) };
      },
    });
    return making.catch((error: unknown) => {
      throw error instanceof UserUnderWay ? new ProblemError("user-exists", error.message) : error;
    });
  });
  reply.header("location", `/users/${made.user_id}`);
  return invited(services, made.user_id, made.invitation);
}

/** Makes a new invitation link for a user. */
export async function inviteUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  user_id: number,
): Promise<InvitedUser> {
  const { accounts, links } = services.identity.vault;
  if (services.desk.board.users.has(user_id) && (await accounts.get(user_id)) === null) throw unknownToVault(user_id);
  const done = await run(services, request, reply, { kind: "invite-user", user: user_id });
  return invited(services, user_id, isRepeated(done) ? null : await links.make(user_id, "invitation"));
}

/**
 * Changes a user: what they may do in the ledger, what is personal in the vault. The ledger says which personal fields changed,
 * so a repeated request is known as one, and changes nothing again.
 */
export async function changeUser(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  user_id: number,
  changes: Changes,
  if_version: readonly number[] | undefined,
): Promise<UserJson> {
  const { email, full_name, phone, role, ...rights } = changes;
  const personal = present({ email: email === undefined ? undefined : addressOf(email), full_name, phone });
  const asked = {
    kind: "change-user",
    user: user_id,
    ...rights,
    ...(role === undefined ? {} : { role: userRole(role) }),
    ...(if_version === undefined ? {} : { if_version }),
  } as const;
  const change = () => changeBoth(services, request, reply, asked, personal);
  await (personal.email === undefined ? change() : addresses.take(personal.email, change));
  return shownUser(services, user_id, reply);
}

async function changeBoth(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: ChangeUser,
  personal: Personal,
): Promise<void> {
  const { desk, identity } = services;
  const { accounts, sessions, links } = identity.vault;
  const { user: user_id } = asked;
  const before = await accounts.get(user_id);
  const holder = personal.email === undefined ? null : await accounts.findByEmail(personal.email);
  if (holder !== null && holder.user_id !== user_id) throw emailTaken();
  const profile = changedFields(before, personal);
  const isKnown = before !== null || personal.email !== undefined || profile.length === 0;
  if (!isKnown && desk.board.users.has(user_id)) throw unknownToVault(user_id);
  const done = await run(services, request, reply, { ...asked, ...(profile.length === 0 ? {} : { profile }) });
  // A repetition does the vault's side again, which changes nothing that was done: what a crash cut off is done now. Where somebody
  // has changed it since, the later change stays.
  const isFirst = !isRepeated(done);
  const hasEnded = done.kind === "written" && done.events.some(({ type }) => type === "user.deactivated");
  // Only what is durable may end or erase anything: the board may hold a command of somebody else that is never written.
  const onRecord = () => readBoard(services, (board) => board.users.get(user_id));
  if ((isFirst && hasEnded) || (await onRecord())?.is_active === false) {
    await sessions.endAll(user_id);
    await links.endAll(user_id);
  }
  if (!isFirst && (await onRecord())?.version !== versionOf(done, user_id)) return;
  if (before === null && personal.email !== undefined) {
    const restored = await accounts.restore(user_id, { ...personal, email: personal.email, at: desk.now() });
    if (restored === "email-taken") throw emailGivenAway();
    if ((await onRecord())?.is_erased === true) await accounts.erase(user_id);
  } else if (profile.length > 0) {
    // The command line, another process, may have given the address to somebody since it was looked for.
    if ((await accounts.edit(user_id, personal)) === "email-taken") throw emailGivenAway();
  }
  if (!isFirst || profile.length === 0) return;
  recordEdit(services, request, user_id, profile);
  if (before !== null && profile.includes("email") && personal.email !== undefined) {
    identity.notices.emailChanged(before.email, personal.email);
  }
}

/** The version at which a command left the user. */
function versionOf(done: Done, user_id: number): number | undefined {
  if (done.kind !== "written") return undefined;
  return done.events.findLast(({ stream }) => stream === userStream(user_id))?.version;
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
  if_version: readonly number[] | undefined,
): Promise<UserJson> {
  const condition = if_version === undefined ? {} : { if_version };
  await run(services, request, reply, { kind: "erase-user", user: user_id, ...condition });
  const isOutOfVault = await services.identity.vault.accounts.erase(user_id);
  const isOutOfLedger = await services.whenErased(Number(reply.getHeader("ledger-position")));
  reply.code(isOutOfVault && isOutOfLedger ? 200 : 202);
  return shownUser(services, user_id, reply);
}

/** A user as they are now, with the tag of that. */
export async function shownUser(
  { desk, identity }: Services,
  user_id: number,
  reply?: FastifyReply,
): Promise<UserJson> {
  const user = desk.board.users.get(user_id);
  if (user === undefined) throw new ProblemError("user-not-found", "There is no such user. GET /users lists them.");
  reply?.header("etag", entityTag(user.version));
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

/** The address in its one form. It can be too long in that form alone. */
function addressOf(email: string): string {
  const canonical = canonicalEmail(email);
  if (canonical === null) throw invalidField("#/email", "must be an e-mail address of at most 254 characters");
  return canonical;
}

function changedFields(before: Account | null, personal: Personal): readonly ProfileField[] {
  return (["email", "full_name", "phone"] as const).filter(
    (field) => personal[field] !== undefined && personal[field] !== (before?.[field] ?? null),
  );
}

function present(fields: { readonly [Name in keyof Personal]: Personal[Name] | undefined }): Personal {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isRepeated(done: Done): boolean {
  return done.kind === "written" && done.repeated !== undefined;
}

/** Whether it is certain that nothing was written. */
function isRefusal(error: unknown): boolean {
  if (error instanceof DeskUnavailable) return error.reason !== "storage-failing";
  return error instanceof ProblemError;
}

function unknownToVault(user_id: number): ProblemError {
  const detail = `The vault does not know user ${user_id}, as after an import. PATCH an e-mail address first.`;
  return new ProblemError("user-not-found", detail);
}

function emailGivenAway(): ProblemError {
  const detail =
    "Another user was given this e-mail address at this moment. What the user may do was changed as asked, their name, address and number were not.";
  return new ProblemError("user-exists", detail, { faults: [{ pointer: "#/email", detail: "is another user's" }] });
}

function emailTaken(): ProblemError {
  return new ProblemError("user-exists", "Another user has this e-mail address.", {
    faults: [{ pointer: "#/email", detail: "is another user's" }],
  });
}
