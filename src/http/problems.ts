import { type RefusalCode, refusals } from "../rules/refusal.ts";

/** What a problem code means (RFC 9457): its HTTP status, its title, and what to do about it. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly explanation: string;
}

const statusOfRefusal = { forbidden: 403, missing: 404, invalid: 422, stale: 412, conflict: 409 } as const;

/** What the rules refuse. The statuses follow from their table. */
const ruleProblems: Readonly<Record<RefusalCode, Omit<ProblemKind, "status">>> = {
  forbidden: {
    title: "You may not do this",
    explanation:
      "Your role does not allow it, or not in this team; `detail` says which would. GET /auth/me shows your role and teams; an administrator can change them.",
  },
  "incident-not-found": {
    title: "No such incident",
    explanation: "No incident has this id or number, or it was deleted. GET /incidents lists those that exist.",
  },
  "handler-not-found": {
    title: "No such handler",
    explanation: "No handler has this id. GET /handlers lists them; POST /handlers adds one.",
  },
  "team-not-found": {
    title: "No such team",
    explanation: "No team has this name. GET /teams lists them; POST /teams creates one.",
  },
  "user-not-found": {
    title: "No such user",
    explanation: "No user has this id, or they were erased. GET /users lists them; POST /users adds one.",
  },
  "key-not-found": {
    title: "No such key",
    explanation: "No key has this id. GET /keys lists them; POST /keys makes one.",
  },
  "unknown-incident": {
    title: "Names an incident that does not exist",
    explanation: "A field of the body names an incident that does not exist or was deleted. Name an existing one.",
  },
  "unknown-handler": {
    title: "Names a handler who does not exist",
    explanation: "A field of the body names a handler who is not known. GET /handlers lists them.",
  },
  "unknown-team": {
    title: "Names a team that does not exist",
    explanation: "A field of the body names a team that is not known. GET /teams lists them.",
  },
  "unknown-text": {
    title: "Names a text that does not exist",
    explanation:
      "`texts` names a position that is no event of this incident, or one whose event never had a text. GET /incidents/{id}/timeline shows its events with their positions and texts.",
  },
  contradiction: {
    title: "The fields contradict each other",
    explanation: "The body asks for two things that exclude each other, such as pending with a handler. Drop one.",
  },
  "timestamp-in-the-future": {
    title: "The timestamp is in the future",
    explanation: "`timestamp` is when it happened; it may be at most five minutes ahead of the service's clock.",
  },
  "until-not-in-the-future": {
    title: "The end of the snooze has passed",
    explanation: "A snooze must end after the present time of the service.",
  },
  "until-too-far": {
    title: "The end of the snooze is too far away",
    explanation: "A snooze lasts at most a year.",
  },
  "version-mismatch": {
    title: "It has changed since you looked",
    explanation: "`If-Match` names no version that it has now. Get it again, look at what changed, and decide anew.",
  },
  "illegal-transition": {
    title: "Not possible in this status",
    explanation: "The incident's status does not allow this; `detail` says what would be allowed.",
  },
  "not-higher": {
    title: "The severity is not higher",
    explanation: "Escalate only raises (1 is the highest). PATCH the severity to lower it.",
  },
  "handler-unavailable": {
    title: "The handler is unavailable",
    explanation: "An incident is given to somebody who is unavailable only with `force: true`.",
  },
  "handler-in-another-team": {
    title: "The handler is in another team",
    explanation: "A handler takes incidents of their own team only. Move the incident first, or name another handler.",
  },
  "handler-exists": {
    title: "The handler exists already",
    explanation: "A handler's id is unique, whatever its case. PATCH /handlers/{id} changes an existing one.",
  },
  "handler-has-left": {
    title: "The handler has left",
    explanation: "They are in no team now. POST /handlers with their id lets them join again.",
  },
  "team-exists": {
    title: "The team exists already",
    explanation: "A team's name is unique, whatever its case. PATCH /teams/{name} changes an existing one.",
  },
  "user-exists": {
    title: "The user exists already",
    explanation: "A user has this id, or this e-mail address, already. GET /users lists them.",
  },
  "key-rotating": {
    title: "The key has two secrets already",
    explanation: "A key has at most two secrets. DELETE /keys/{key_id}/previous ends the older one; then rotate again.",
  },
  "user-inactive": {
    title: "The user was deactivated",
    explanation: "Whoever was deactivated is not invited. PATCH /users/{user_id} with `active: true` first.",
  },
  "key-revoked": {
    title: "The key was revoked",
    explanation: "A revoked key stays revoked. Make another with POST /keys.",
  },
  "handler-taken": {
    title: "The handler is another user already",
    explanation: "A handler is at most one user. Take the handler from the other user first, or name another.",
  },
  "dedup-key-open": {
    title: "Another open incident has the same key",
    explanation: "At most one open incident of a team has a dedup_key; `detail` names the other. Merge or end one.",
  },
  "merge-into-itself": {
    title: "An incident cannot be merged into itself",
    explanation: "Name another incident in `into`.",
  },
  "merge-target-not-open": {
    title: "The incident to merge into is not open",
    explanation: "Incidents are merged into open ones only. Reopen it first, or name another.",
  },
  "merge-across-teams": {
    title: "The incidents belong to different teams",
    explanation: "Incidents are merged within a team. Move one first.",
  },
};

/** What goes wrong at the edge, before or beside the rules. */
const edgeProblems = {
  "bad-request": {
    status: 400,
    title: "The request cannot be read",
    explanation: "The request is not proper HTTP, or its length is not what it says. Check the client.",
  },
  "malformed-url": {
    status: 400,
    title: "The URL cannot be read",
    explanation: "A percent sign in the URL is not followed by two hexadecimal digits, or the bytes are not UTF-8.",
  },
  "malformed-json": {
    status: 400,
    title: "The body is not JSON",
    explanation: "Send one JSON document in UTF-8.",
  },
  "body-missing": {
    status: 400,
    title: "The body is missing",
    explanation: "This request needs a JSON body with Content-Type: application/json.",
  },
  "malformed-header": {
    status: 400,
    title: "A header cannot be read",
    explanation: "`errors` names the header and says what it may hold.",
  },
  unauthorized: {
    status: 401,
    title: "A credential is needed",
    explanation:
      "Send `Authorization: Bearer <API key>` with a key that is valid. The start of the service says where the administrator's key is.",
  },
  "sign-in-refused": {
    status: 401,
    title: "Not signed in",
    explanation:
      "E-mail address and password do not belong together, or the user is not active. POST /auth/recover sends a link for a new password.",
  },
  "session-over": {
    status: 401,
    title: "The session is over",
    explanation:
      "The token is not valid any more, or its session was ended, perhaps because a refresh token was used twice. Sign in again.",
  },
  "needs-sign-in": {
    status: 403,
    title: "For people who have signed in",
    explanation:
      "Sessions and passwords are a person's own. Send the access token of POST /auth/login instead of an API key.",
  },
  "foreign-host": {
    status: 403,
    title: "The service has no such name",
    explanation:
      "AUTH is off, so that only names of this machine are answered: a page of another site could have its own name lead here and read everything. Ask for localhost or 127.0.0.1; PUBLIC_URL says which other name the service has.",
  },
  "foreign-origin": {
    status: 403,
    title: "Another site's page may not do this",
    explanation:
      "The request is a write from the page of another site, and AUTH is off, so that no credential shows that it may. CORS_ORIGINS lets the pages of a site in; PUBLIC_URL says which origin is the service's own.",
  },
  "route-not-found": {
    status: 404,
    title: "Nothing is here",
    explanation: "No resource has this path. /openapi.json lists them all.",
  },
  "session-not-found": {
    status: 404,
    title: "No such session",
    explanation: "The caller has no session of this id, or it is over. GET /auth/sessions lists those that are alive.",
  },
  "problem-not-found": {
    status: 404,
    title: "No such problem",
    explanation: "No problem has this code. GET /problems lists them.",
  },
  "method-not-allowed": {
    status: 405,
    title: "Not with this method",
    explanation: "The path exists, but not with this method; the Allow header names those that it has.",
  },
  "request-timeout": {
    status: 408,
    title: "The request took too long to arrive",
    explanation: "Send the headers within 20 seconds and the whole request within a minute.",
  },
  "position-beyond-head": {
    status: 409,
    title: "The ledger does not reach that far",
    explanation:
      "The position comes after the ledger's last. It is from another ledger, or this one was restored from an older copy. GET /ledger/head says where it ends.",
  },
  "body-too-large": {
    status: 413,
    title: "The body is too large",
    explanation: "A body has at most 1 MiB.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Not in this format",
    explanation: "Send application/json; PATCH takes application/merge-patch+json as well.",
  },
  "validation-failed": {
    status: 422,
    title: "The request is not valid",
    explanation:
      "`errors` names every fault: `pointer` a field of the body, `parameter` one of the query, `header` a header.",
  },
  "as-of-outside-ledger": {
    status: 422,
    title: "The ledger has no such moment",
    explanation:
      "`as_of` names a position or a time before the ledger begins, a position beyond its end, or a time in the future; `detail` says where it begins or ends. GET /ledger/head gives the end.",
  },
  "password-wrong": {
    status: 422,
    title: "The present password is wrong",
    explanation: "`current_password` is not the password of the caller. Nothing was changed.",
  },
  "password-unfit": {
    status: 422,
    title: "The password will not do",
    explanation:
      "A password has 8 to 128 characters, is none of those that are tried first everywhere, and not the e-mail address. `detail` says which it is.",
  },
  "link-over": {
    status: 422,
    title: "The link does not work any more",
    explanation:
      "A link works once: an invitation for seven days, a recovery for ten minutes, and only the newest of its kind. Ask for another one.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "The Idempotency-Key was used for another request",
    explanation: "A key stands for one request, body included, for seven days. Use a new key for a new request.",
  },
  "too-many-attempts": {
    status: 429,
    title: "Too many attempts failed",
    explanation:
      "After several wrong passwords from one place each further attempt waits longer, up to 15 minutes. Try again after the time that Retry-After gives; attempts from elsewhere do not count.",
  },
  "rate-limited": {
    status: 429,
    title: "Too many requests",
    explanation:
      "More requests came from this credential, or without a valid one from this address, than RATE_LIMIT or RATE_LIMIT_UNAUTHENTICATED allows in a minute. Try again after the time that Retry-After gives; RateLimit says how many may follow.",
  },
  "headers-too-large": {
    status: 431,
    title: "The headers are too large",
    explanation: "A request has at most 100 headers, of 16 KiB together. Send fewer or shorter ones.",
  },
  "internal-error": {
    status: 500,
    title: "Something went wrong here",
    explanation: "This is a fault of the service. Its log has the details under the request id that `instance` gives.",
  },
  "ledger-damaged": {
    status: 500,
    title: "The ledger is damaged",
    explanation:
      "The ledger holds an event that this build cannot read: it was altered, or a newer build wrote it. The command `verify` tells more; what does not need that event works on.",
  },
  "position-not-reached": {
    status: 503,
    title: "The ledger is not there yet",
    explanation:
      "This node has not reached the position that `Ledger-Min-Position` asks for within five seconds. Try again.",
  },
  "list-unavailable": {
    status: 503,
    title: "The list of incidents is being made",
    explanation:
      "The list is folded from the ledger and has not caught up yet. Single incidents and the queue can be read.",
  },
  "too-many-followers": {
    status: 503,
    title: "Too many follow the ledger",
    explanation:
      "As many clients follow GET /events/stream as this node takes. Try again after the time that Retry-After gives, or read GET /events page by page.",
  },
  "past-unavailable": {
    status: 503,
    title: "The past cannot be shown just now",
    explanation:
      "Too many questions about the past wait already, or what folds them has failed. Try again after the time that Retry-After gives; the present can be read.",
  },
  "sign-in-busy": {
    status: 503,
    title: "Too many sign in just now",
    explanation:
      "Verifying passwords takes time on purpose, and more wait for it than the service takes. Try again after the time that Retry-After gives.",
  },
  "queue-full": {
    status: 503,
    title: "Too much to do",
    explanation: "More commands wait than the desk takes. Try again after the time that Retry-After gives.",
  },
  "storage-failing": {
    status: 503,
    title: "The storage fails",
    explanation:
      "The ledger cannot be written just now. Whether this request was written is known only when it is repeated with the same Idempotency-Key.",
  },
  "rules-too-new": {
    status: 503,
    title: "The ledger needs a newer build",
    explanation: "The rules in force are newer than this build knows, so it does not write. Update the service.",
  },
  closing: {
    status: 503,
    title: "The service is stopping",
    explanation: "It takes no more requests. Try again in a moment.",
  },
} as const satisfies Record<string, ProblemKind>;

/** The name of a problem: the last part of its `type`. */
export type ProblemCode = RefusalCode | keyof typeof edgeProblems;

/** Every problem that the service answers with, by its code. */
export const problemKinds: ReadonlyMap<ProblemCode, ProblemKind> = new Map([
  ...(Object.keys(ruleProblems) as RefusalCode[]).map((code): [ProblemCode, ProblemKind] => [
    code,
    { status: statusOfRefusal[refusals[code]], ...ruleProblems[code] },
  ]),
  ...(Object.entries(edgeProblems) as [keyof typeof edgeProblems, ProblemKind][]),
]);

/** What a code means. */
export function problemKind(code: ProblemCode): ProblemKind {
  const kind = problemKinds.get(code);
  if (kind === undefined) throw new Error(`no problem is named ${code}`);
  return kind;
}
