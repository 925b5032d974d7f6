import { Type } from "@sinclair/typebox";
import { longestEmail } from "../../../access/email-address.ts";
import { longestPassword, shortestPassword } from "../../../access/password-rules.ts";
import { PersonName, strict } from "../../fields.ts";

/** An address as somebody types it. What is none is nobody's, and that is all that is said of it. */
const Email = Type.String({ minLength: 1, maxLength: 2 * longestEmail });
/** What somebody types where a password is asked for. */
const Password = Type.String({ minLength: 1, maxLength: 1024 });
const NewPassword = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: `${shortestPassword} to ${longestPassword} characters (code points), taken exactly as typed; none that is tried first everywhere, nor your e-mail address`,
});
const Token = Type.String({ minLength: 1, maxLength: 2048 });

const refreshExample = `il_refresh_${"k".repeat(86)}`;

/** Who signs in. */
export const LoginBody = strict(
  { email: Email, password: Password },
  { examples: [{ email: "ana@example.com", password: "seven herons on a roof" }] },
);

/** What is paid for the next pair of tokens. */
export const RefreshBody = strict({ refresh_token: Token }, { examples: [{ refresh_token: refreshExample }] });

/** Which session ends, where it is not that of the access token. */
export const LogoutBody = strict(
  { refresh_token: Type.Optional(Token) },
  { examples: [{ refresh_token: refreshExample }] },
);

/** Another password. */
export const PasswordBody = strict(
  { current_password: Password, new_password: NewPassword },
  { examples: [{ current_password: "seven herons on a roof", new_password: "a kettle, a comet, a coat" }] },
);

/** Who has forgotten the password. */
export const RecoverBody = strict({ email: Email }, { examples: [{ email: "ana@example.com" }] });

/** A link that was mailed, and the password that it is used for. */
export const AcceptBody = strict(
  {
    token: Type.String({ minLength: 1, maxLength: 200, description: "what stands behind the # of the link" }),
    password: NewPassword,
    full_name: Type.Optional(PersonName),
  },
  {
    examples: [{ token: `il_link_${"k".repeat(43)}`, password: "seven herons on a roof", full_name: "Ana Ng" }],
  },
);

/** There is nothing to say. */
export const NothingBody = strict({}, { examples: [{}] });
