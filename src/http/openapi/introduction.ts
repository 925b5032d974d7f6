import { rightsTable } from "./rights-table.ts";

/** What holds for every operation, at the head of the document. */
export const introduction = `An incident desk whose every decision can be replayed. People, monitors and the clock report facts; rules turn
them into decisions; both go into one immutable, hash-chained ledger, and everything shown here is a fold of it.

**Requests** are JSON in UTF-8, with an API key or an access token in \`Authorization: Bearer <…>\`. An incident is addressed by its
number or its \`incident_id\`. A trailing slash makes no difference. Bodies are strict: a field that is not described is
refused. Times are RFC 3339 with any offset; answers give UTC with milliseconds. Lengths of
texts count UTF-16 code units.

**Who may do what** follows from a role, which counts in some teams or in all of them. The desk itself looks at it, so it
holds for every way in; whoever may not gets 403 with a sentence that says which roles may. Users sign in at \`/auth/login\`,
programs have keys. Everybody who works incidents may also say of themselves whether they are available.

${rightsTable()}

**Errors** are problems of RFC 9457 (\`application/problem+json\`), and on any of them nothing was written. \`type\` names
the kind; \`GET /problems\` lists them all and says what to do about each. Beside those that stand with an operation, any
request may be answered with \`route-not-found\` (404), \`method-not-allowed\` (405, with \`Allow\`), and what is no proper
HTTP with \`bad-request\` (400), \`request-timeout\` (408) or \`headers-too-large\` (431): a request has at most 100 headers, of
16 KiB together, and must have arrived within a minute. Where the service needs no credential (\`AUTH=off\`), whatever asks it by
a name that is not its own gets \`foreign-host\` (403), on paths that do not exist as well; only probes answer by any name.

**Limits**: where one counts a request, \`RateLimit-Policy\` names it and \`RateLimit\` says how much is left (draft 10 of the HTTP API
working group); what is beyond it gets \`rate-limited\` (429) with \`Retry-After\`. Of requests without a valid credential an address
may send 60 a minute, unless the service is set otherwise.

**Lists** come in pages: \`next_cursor\`, or the \`Link\` header, leads to the next one. Cursors stay good while rows come
and go.

**Consistency**: a write is answered when it is durable, and every later read on the same node shows it.
\`Ledger-Position\` says which position an answer reflects; sent as \`Ledger-Min-Position\` it has another node wait until
it is there. \`Idempotency-Key\` makes a write safe to repeat, \`If-Match\` makes it hold for one version only.`;

/** How a caller shows who it is. */
export const keyScheme = {
  type: "http",
  scheme: "bearer",
  description:
    "An API key, or the access token that POST /auth/login gives to people. The administrator's key is in `admin.key` of the data directory, unless ADMIN_API_KEY sets one; `incident-ledger key create` makes others.",
} as const;
