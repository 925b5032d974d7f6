import { Type } from "@sinclair/typebox";
import { UserRole } from "../../../../events/fields.ts";
import type { User } from "../../../../projections/access.ts";
import type { Account } from "../../../access/accounts.ts";
import { emailPattern, longestEmail } from "../../../access/email-address.ts";
import { nameOfUser } from "../../../access/user-names.ts";
import { Handle, Instant, nullable, strict, Text, WholeNumber, words } from "../../fields.ts";
import { TeamsInReach } from "../keys/key-view.ts";

/** The roles that a user may have, the least first. */
export const userRoles = UserRole.anyOf.map(({ const: role }) => role);

/** An example of a user, for the documentation. */
export const userExample = {
  user_id: 7,
  name: "Alice Example",
  email: "alice@example.com",
  full_name: "Alice Example",
  phone: null,
  role: "responder",
  teams: ["default"],
  handler: "Alice",
  active: true,
  erased: false,
  has_password: true,
  created_at: "2023-12-17T09:00:00.000Z",
  version: 1,
};

const properties = {
  user_id: WholeNumber,
  name: Type.String({ description: "the full name, else the e-mail address; `erased user 7` of one who was erased" }),
  email: nullable(Text, { description: "null of one who was erased" }),
  full_name: nullable(Text),
  phone: nullable(Text),
  role: Type.Unsafe<User["role"]>({ type: "string", enum: userRoles }),
  teams: TeamsInReach,
  handler: nullable(Type.String({ description: "the handler as whom they take incidents; null: they take none" })),
  active: Type.Boolean({ description: "whether they may sign in" }),
  erased: Type.Boolean({ description: "whether everything personal of them was taken away" }),
  has_password: Type.Boolean({ description: "whether they have accepted their invitation" }),
  created_at: Instant,
  version: WholeNumber,
};

/** A user as every answer shows them. */
export const UserView = Type.Object(properties, { $id: "User", additionalProperties: false, examples: [userExample] });

/** A user as JSON. */
export type UserJson = (typeof UserView)["static"];

/** The user by reference to the shared schema. */
export const UserAnswer = Type.Unsafe<UserJson>({ $ref: "User#" });

const invitation = {
  invitation_link: nullable(
    Type.String({
      description:
        "where they choose a password, once; shown here and never again. Null where they have one, and where this repeats an answer that has shown it",
    }),
  ),
  invitation_expires_at: nullable(Instant),
};

/** A user in the answer that shows their invitation. */
export const InvitedUserAnswer = Type.Object(
  { ...properties, ...invitation },
  {
    additionalProperties: false,
    examples: [
      {
        ...userExample,
        has_password: false,
        invitation_link: "http://127.0.0.1:8000/auth/link#il_link_<random characters>",
        invitation_expires_at: "2023-12-24T09:00:00.000Z",
      },
    ],
  },
);

const Email = Type.String({ maxLength: longestEmail, pattern: emailPattern, "x-expects": "an e-mail address" });
const oneLine = { pattern: "^[^\\u0000-\\u001f\\u007f]*$", "x-expects": "text on one line" };
const FullName = nullable(Type.String({ maxLength: 200, ...oneLine }));
const Phone = nullable(Type.String({ maxLength: 40, ...oneLine }));
const Role = words(userRoles, {
  description:
    "`viewer` reads, `responder` works incidents of their teams, `manager` runs their teams, `admin` everything",
});

/** A new user. */
export const CreateUserBody = strict(
  {
    email: Email,
    role: Role,
    full_name: Type.Optional(FullName),
    phone: Type.Optional(Phone),
    teams: Type.Optional(TeamsInReach),
    handler: Type.Optional(nullable(Handle)),
    password: Type.Optional(
      Type.String({
        description:
          "8 to 128 characters, none of the common ones; whoever gives it knows it, and nothing makes its owner change it; without it they are invited",
      }),
    ),
  },
  { examples: [{ email: "alice@example.com", role: "responder", full_name: "Alice Example", teams: ["default"] }] },
);

/** What is to change of a user. */
export const ChangeUserBody = strict(
  {
    email: Type.Optional(Email),
    full_name: Type.Optional(FullName),
    phone: Type.Optional(Phone),
    role: Type.Optional(Role),
    teams: Type.Optional(TeamsInReach),
    handler: Type.Optional(nullable(Handle)),
    active: Type.Optional(Type.Boolean()),
  },
  { examples: [{ role: "manager", teams: ["default", "payments"] }] },
);

/** The role that a word stands for, whatever its case: the schema has seen to it that it is one. */
export function userRole(word: string): User["role"] {
  return userRoles.find((role) => role === word.toLowerCase()) ?? "viewer";
}

/** What a user looks like from outside: what they may do stands in the ledger, the rest in the vault. */
export function userView(user: User, account: Account | null): UserJson {
  const { role, teams, handler, is_active: active, is_erased: erased, created_at, version } = user;
  const personal = erased ? null : account;
  return {
    user_id: user.user,
    name: nameOfUser(user, account),
    email: personal?.email ?? null,
    full_name: personal?.full_name ?? null,
    phone: personal?.phone ?? null,
    role,
    teams: teams === null ? null : [...teams],
    handler,
    active,
    erased,
    has_password: (personal?.password_changed_at ?? null) !== null,
    created_at,
    version,
  };
}
