import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import * as assert from "uvu/assert";
import type { UserRole } from "../../projections/access.ts";
import { AccessTokens } from "../../src/access/access-tokens.ts";
import { suite } from "../support/suite.ts";
import { type Answer, type Call, callerOf } from "./support/client.ts";
import { integrationKey, openNode, type TestNode } from "./support/node.ts";
import { type Operation, readOpenApi } from "./support/openapi.ts";

/*
 * Every route of the document, and the least role that may use it; `any`: whoever has a credential that is good for
 * something; `public`: everybody. A route that is not here fails the first of these tests.
 */
const least = `
  POST /incidents responder                      GET /incidents viewer
  POST /incidents/bulk responder                 GET /incidents/{id} viewer
  DELETE /incidents/{id} admin                   PUT /incidents/{id} responder
  PATCH /incidents/{id} responder                POST /incidents/{id}/acknowledge responder
  POST /incidents/{id}/resolve responder         POST /incidents/{id}/close responder
  POST /incidents/{id}/reopen responder          POST /incidents/{id}/dismiss responder
  POST /incidents/{id}/escalate responder        POST /incidents/{id}/assign responder
  POST /incidents/{id}/unassign responder        POST /incidents/{id}/snooze responder
  POST /incidents/{id}/wake responder            POST /incidents/{id}/merge responder
  POST /incidents/{id}/comments responder        POST /incidents/{id}/redact admin
  GET /incidents/{id}/timeline viewer            GET /incidents/{id}/why viewer
  GET /queue viewer                              GET /handlers viewer
  POST /handlers manager                         GET /handlers/{id} viewer
  PATCH /handlers/{id} manager                   DELETE /handlers/{id} manager
  GET /teams viewer                              POST /teams admin
  GET /teams/{name} viewer                       PATCH /teams/{name} manager
  GET /statistics viewer                         GET /events viewer
  GET /events/stream viewer                      GET /ledger/head viewer
  GET /users admin                               POST /users admin
  GET /users/{user_id} admin                     PATCH /users/{user_id} admin
  DELETE /users/{user_id} admin                  POST /users/{user_id}/invite admin
  GET /keys admin                                POST /keys admin
  GET /keys/{key_id} admin                       DELETE /keys/{key_id} admin
  POST /keys/{key_id}/rotate admin               DELETE /keys/{key_id}/previous admin
  GET /audit admin
  POST /auth/login public                        POST /auth/refresh public
  POST /auth/logout public                       POST /auth/recover public
  POST /auth/accept public                       GET /auth/link public
  GET /auth/me any                               GET /auth/sessions any
  DELETE /auth/sessions any                      DELETE /auth/sessions/{id} any
  POST /auth/password any                        GET /health public
  GET /livez public                              GET /readyz public
  GET /metrics public                            GET /problems public
  GET /problems/{code} public                    GET / public
  GET /openapi.json public
`;

const needed = new Map(
  [...least.matchAll(/(\w+) (\/\S*) (\w+)/g)].map(([, method, path, role = ""]) => [`${method} ${path}`, role]),
);
const order: readonly UserRole[] = ["viewer", "responder", "manager", "admin"];

const it = suite("every route, for everybody");

let node: TestNode;
let call: Call;
let operations: readonly Operation[];
const password = "a long enough one";

it.before(async () => {
  node = await openNode();
  call = callerOf(node.app);
  ({ operations } = await readOpenApi(call));
  await call("POST", "/teams", { body: { name: "network" } });
  for (let count = 0; count < 4; count += 1) await call("POST", "/incidents", { body: { title: "a fault" } });
});
it.after(() => node.close());

const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
const walked = () => operations.filter((one) => needed.get(nameOf(one)) !== "public");

function urlOf({ path }: Operation): string {
  const named = path.startsWith("/handlers") ? "Alice" : path.startsWith("/teams") ? "default" : "1";
  return path.replace(/\{[^}]+\}/, named);
}

/** Asks for the route as it is meant. A stream is not waited for: with a position that does not exist it ends at once. */
async function ask(operation: Operation, authorization: string | null): Promise<Answer> {
  const content = (operation.json.requestBody as { content?: Record<string, { example?: unknown }> } | undefined)
    ?.content;
  const body = content === undefined ? {} : { body: content["application/json"]?.example };
  const url = operation.path === "/events/stream" ? "/events/stream?after=99999" : urlOf(operation);
  return call(operation.method, url, { ...body, headers: { authorization } });
}

async function signIn(role: UserRole, teams: readonly string[] | null, more: object = {}) {
  const email = `${role}-${Math.abs(JSON.stringify([teams, more]).length)}-${needed.size}@example.com`;
  const made = await call("POST", "/users", { body: { email, role, teams, password, ...more } });
  assert.is(made.status, 201, made.text);
  const { json } = await call("POST", "/auth/login", { body: { email, password } });
  return { user: `/users/${made.json.user_id}`, user_id: Number(made.json.user_id), token: String(json.access_token) };
}

it("stands in the table of who may use it", () => {
  assert.equal(operations.map(nameOf).sort(), [...needed.keys()].sort());
  for (const operation of operations) {
    assert.is(operation.isPublic, needed.get(nameOf(operation)) === "public", nameOf(operation));
  }
});

it("lets in nobody with a credential that is not good, or not any longer", async () => {
  const admin = await signIn("admin", null);
  const [header = "", payload = "", signature = ""] = admin.token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString());
  const hmac = (of: string, key: string) => createHmac("sha256", key).update(of).digest("base64url");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const rsa = `${encoded({ alg: "RS256", typ: "at+jwt", kid })}.${payload}`;
  const none = encoded({ alg: "none", typ: "at+jwt", kid });
  const long_ago = { now: () => Date.now() - 3_600_000, random: (length: number) => new Uint8Array(length) };
  const session = { user_id: admin.user_id, session_id: claims.sid };
  const expired = await new AccessTokens({ keys: node.vault.signing_keys, runtime: long_ago }).sign(session);

  const inactive = await signIn("admin", null, { full_name: "inactive" });
  await call("PATCH", inactive.user, { body: { active: false } });
  const erased = await signIn("admin", null, { full_name: "to be erased" });
  await call("DELETE", `${erased.user}?erase=true`);
  const revoked = (await call("POST", "/keys", { body: { name: "revoked", role: "admin" } })).json;
  await call("DELETE", `/keys/${revoked.key_id}`);
  const soon = new Date(Date.now() + 300).toISOString();
  const short = (await call("POST", "/keys", { body: { name: "short", role: "admin", expires_at: soon } })).json;
  await new Promise((resolve) => setTimeout(resolve, 350));

  const bad: Record<string, string | null> = {
    "no credential": null,
    "no scheme": admin.token,
    "another scheme": `Basic ${Buffer.from("admin:admin").toString("base64")}`,
    "a made-up key": `Bearer il_${"a".repeat(49)}`,
    "an expired access token": `Bearer ${expired}`,
    "an expired key": `Bearer ${short.key}`,
    "a revoked key": `Bearer ${revoked.key}`,
    "alg none, with the signature": `Bearer ${none}.${payload}.${signature}`,
    "alg none, without a signature": `Bearer ${none}.${payload}.`,
    "a signature by another key": `Bearer ${header}.${payload}.${hmac(`${header}.${payload}`, "another")}`,
    "another algorithm": `Bearer ${rsa}.${sign("sha256", Buffer.from(rsa), privateKey).toString("base64url")}`,
    "another user in the payload": `Bearer ${header}.${encoded({ ...claims, sub: "user:99" })}.${signature}`,
    "a deactivated user": `Bearer ${inactive.token}`,
    "an erased user": `Bearer ${erased.token}`,
  };
  for (const [what, authorization] of Object.entries(bad)) {
    for (const operation of walked()) {
      const { status, headers } = await ask(operation, authorization);
      assert.is(status, 401, `${nameOf(operation)} with ${what}`);
      assert.match(String(headers["www-authenticate"]), /^Bearer/);
    }
  }
});

it("lets in exactly the roles that the table names", async () => {
  for (const role of order) {
    const { token } = await signIn(role, null, { phone: "1" });
    for (const operation of walked().sort((a, b) => rank(a) - rank(b))) {
      const least_role = needed.get(nameOf(operation)) ?? "";
      const { status, text } = await ask(operation, `Bearer ${token}`);
      const where = `${nameOf(operation)} as ${role}: ${status} ${text.slice(0, 200)}`;
      // A wrong present password is answered with 403, too, and with a code of its own.
      if (least_role === "any") assert.ok(status !== 401 && !text.includes("/problems/forbidden"), where);
      else if (order.indexOf(role) >= order.indexOf(least_role as UserRole))
        assert.ok(status !== 401 && status !== 403, where);
      // Those who work incidents get as far as the desk, which looks whose handler it is.
      else assert.is(status, 403, where);
    }
  }
});

/** What ends the caller's own session comes last. */
function rank({ path, method }: Operation): number {
  if (path.startsWith("/users/") || path.startsWith("/auth/")) return method === "DELETE" ? 3 : 2;
  return method === "DELETE" ? 1 : 0;
}

it("lets nobody write into a team that is not theirs", async () => {
  const fresh = await call("POST", "/incidents", { body: { title: "of the team default" } });
  for (const role of ["responder", "manager"] as const) {
    const { token } = await signIn(role, ["network"]);
    for (const operation of walked()) {
      const least_role = needed.get(nameOf(operation));
      if (operation.method === "GET" || !["responder", "manager"].includes(least_role ?? "")) continue;
      if (operation.path === "/handlers") continue;
      const { path, method } = operation;
      const moved = { ...operation, path: path.replace("{id}", String(fresh.json.number)) };
      const { status, json, text } = await ask(path.startsWith("/incidents/") ? moved : operation, `Bearer ${token}`);
      const where = `${method} ${path} as ${role} of another team: ${status} ${text.slice(0, 300)}`;
      if (path !== "/incidents/bulk") assert.is(status, 403, where);
      else
        for (const { status: each } of json.results as { status: number }[])
          assert.ok([403, 404].includes(each), where);
    }
    const body = { handler_id: "Zoe", team: "default" };
    const added = await call("POST", "/handlers", { body, headers: { authorization: `Bearer ${token}` } });
    assert.is(added.status, 403);
    const read = await call("GET", "/incidents/1", { headers: { authorization: `Bearer ${token}` } });
    assert.ok([200, 404].includes(read.status), "everybody who reads, reads all teams");
  }
});

it("lets an integration report into its team, and do nothing else", async () => {
  const headers = { authorization: `Bearer ${integrationKey}` };
  for (const operation of walked()) {
    if (needed.get(nameOf(operation)) === "any") continue;
    const { status } = await ask(operation, headers.authorization);
    if (nameOf(operation) === "POST /incidents") assert.is(status, 201);
    else assert.is(status, 403, nameOf(operation));
  }
  const elsewhere = await call("POST", "/incidents", { body: { title: "x", team: "network" }, headers });
  assert.is(elsewhere.status, 403);
});

it("hears of every credential that is not good, whatever else is wrong with the request", async () => {
  const unheard: unknown[] = [];
  const hear = (reason: unknown) => unheard.push(reason);
  process.on("unhandledRejection", hear);
  for (const position of ["x", "-1", "99999999999999999999"]) {
    for (const authorization of ["Bearer x", `Bearer il_${"a".repeat(49)}`, null]) {
      const headers = { authorization, "ledger-min-position": position };
      assert.is((await call("GET", "/queue", { headers })).status, 401);
      assert.is((await call("POST", "/incidents", { headers, body: { title: "x" } })).status, 401);
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", hear);
  assert.equal(unheard, []);
});
