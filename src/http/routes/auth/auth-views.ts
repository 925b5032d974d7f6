import { Type } from "@sinclair/typebox";
import type { Session } from "../../../access/sessions.ts";
import type { TokenPair } from "../../../access/sign-in.ts";
import { Instant, nullable, Text, WholeNumber } from "../../fields.ts";
import { TeamsInReach } from "../keys/key-view.ts";

const sessionExample = {
  session_id: "0198c0de-7b1c-7cc3-9d53-2f1f2c0e7a11",
  created_at: "2026-01-31T09:15:00.000Z",
  last_used_at: "2026-01-31T11:45:00.000Z",
  idle_at: "2026-02-07T11:45:00.000Z",
  expires_at: "2026-03-02T09:15:00.000Z",
  address: "192.0.2.7",
  user_agent: "curl/8.14.1",
  is_current: true,
};

/** What a signed-in client gets; the names are those of RFC 6749. */
export const TokensView = Type.Object(
  {
    access_token: Type.String({ description: "for `Authorization: Bearer`" }),
    refresh_token: Type.String({ description: "for POST /auth/refresh, once" }),
    token_type: Type.Literal("Bearer"),
    expires_in: Type.Integer({ description: "seconds that the access token lives" }),
  },
  {
    examples: [
      {
        access_token: "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c2VyOjcifQ.c2lnbmF0dXJl",
        refresh_token: `il_refresh_${"k".repeat(86)}`,
        token_type: "Bearer",
        expires_in: 600,
      },
    ],
  },
);

/** The pair as it goes out. */
export function tokensView({ access_token, refresh_token, expires_in }: TokenPair): (typeof TokensView)["static"] {
  return { access_token, refresh_token, token_type: "Bearer", expires_in };
}

/** One sign-in that goes on. */
export const SessionView = Type.Object(
  {
    session_id: Text,
    created_at: Instant,
    last_used_at: Type.String({ format: "date-time", description: "when it was last refreshed" }),
    idle_at: Type.String({ format: "date-time", description: "when it ends unless it is refreshed before" }),
    expires_at: Type.String({ format: "date-time", description: "when it ends in any case" }),
    address: Type.String({ description: "where it was last refreshed from" }),
    user_agent: nullable(Text),
    is_current: Type.Boolean({ description: "whether it is the one that asks" }),
  },
  { examples: [sessionExample] },
);

/** All sign-ins of the caller. */
export const SessionsView = Type.Object(
  { sessions: Type.Array(SessionView) },
  { examples: [{ sessions: [sessionExample] }] },
);

/** A session as its owner sees it. */
export function sessionView({ user_id: _, ...session }: Session, current: string): (typeof SessionView)["static"] {
  return { ...session, is_current: session.session_id === current };
}

/** How many sessions ended. */
export const EndedView = Type.Object(
  { sessions_ended: Type.Integer({ description: "how many sessions ended" }) },
  { examples: [{ sessions_ended: 1 }] },
);

/** Who the caller is. */
export const MeView = Type.Object(
  {
    actor: Type.String({ description: "how the ledger calls the caller: user:7, key:3, admin" }),
    user_id: nullable(WholeNumber, { description: "null: it is a key that asks" }),
    name: Type.String({ description: "the full name, or else the e-mail address; of a key, its name" }),
    email: nullable(Text),
    full_name: nullable(Text),
    phone: nullable(Text),
    role: Text,
    teams: TeamsInReach,
    handler: nullable(Type.String({ description: "the handler that the user is" })),
  },
  {
    examples: [
      {
        actor: "user:7",
        user_id: 7,
        name: "Ana Ng",
        email: "ana@example.com",
        full_name: "Ana Ng",
        phone: "+49 30 901820",
        role: "responder",
        teams: ["default"],
        handler: "Ana",
      },
    ],
  },
);

/** What is done, where there is nothing else to say. */
export const SignedOutView = Type.Object({ signed_out: Type.Literal(true) }, { examples: [{ signed_out: true }] });

/** The answer to whoever asks for a recovery link. */
export const RecoverView = Type.Object(
  { message: Text },
  {
    examples: [
      {
        message:
          "If this is the address of an active user, a mail with a link that works for 10 minutes is on its way.",
      },
    ],
  },
);

/** A link was used. */
export const AcceptedView = Type.Object({ password_set: Type.Literal(true) }, { examples: [{ password_set: true }] });
