import * as assert from "uvu/assert";
import type { Call } from "./client.ts";
import type { Json } from "./json.ts";
import { integrationKey, viewerKey } from "./node.ts";
import type { Operation } from "./openapi.ts";

/** Every answer that the routes about users and keys can give beside those that all routes share. */
export async function accessAnswers(call: Call): Promise<void> {
  const answers = async (
    status: number,
    method: Operation["method"],
    url: string,
    body?: Json,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const answer = await call(method, url, body === undefined ? { headers } : { body, headers });
    assert.is(answer.status, status, `${method} ${url}: ${answer.text}`);
    return answer.json;
  };
  const ana = await answers(201, "POST", "/users", { email: "ana@example.com", role: "responder" });
  const bo = { email: "bo@example.com", role: "viewer", password: "a long enough one" };
  const { user_id: other } = await answers(201, "POST", "/users", bo);
  const user = `/users/${ana.user_id}`;
  await answers(409, "POST", "/users", { email: "ANA@example.com", role: "viewer" });
  for (const url of ["/users", user]) await answers(200, "GET", url);
  await answers(200, "PATCH", user, { full_name: "Ana Ng" });
  await answers(409, "PATCH", user, { email: "bo@example.com" });
  await answers(200, "POST", `${user}/invite`);
  await answers(200, "DELETE", user);
  await answers(409, "POST", `${user}/invite`);
  const used = { "idempotency-key": "used for a user" };
  await answers(201, "POST", "/users", { email: "cid@example.com", role: "viewer" }, used);
  await answers(422, "POST", `${user}/invite`, undefined, used);
  await answers(422, "DELETE", `${user}?erase=perhaps`);
  await answers(200, "DELETE", `/users/${other}?erase=true`);

  const key = { "idempotency-key": "a key of the statuses" };
  const monitor = { name: "monitor", role: "integration", teams: ["default"] };
  const own = `/keys/${(await answers(201, "POST", "/keys", monitor, key)).key_id}`;
  for (const url of ["/keys", own]) await answers(200, "GET", url);
  await answers(200, "POST", `${own}/rotate`);
  await answers(422, "POST", `${own}/rotate`, undefined, key);
  await answers(200, "DELETE", `${own}/previous`);
  await answers(200, "POST", `${own}/rotate`);
  await answers(422, "DELETE", `${own}/previous`, undefined, key);
  await answers(422, "DELETE", own, undefined, key);
  await answers(200, "DELETE", own);
  await answers(409, "POST", `${own}/rotate`);
  await answers(409, "DELETE", `${own}/previous`);
  for (const query of ["", "?count=true", "?format=csv", "?format=ndjson"]) await answers(200, "GET", `/audit${query}`);
  await answers(422, "GET", "/audit?kind=nothing");
  await answers(422, "GET", "/audit?format=csv&cursor=x");
}

/** Asks as somebody whose role never allows it, where there is one. */
export async function askWithoutRight(call: Call, { method, path, isPublic }: Operation, request: object, url: string) {
  if (isPublic || path.startsWith("/auth")) return;
  const key = method === "POST" && path === "/incidents" ? viewerKey : integrationKey;
  const answer = await call(method, url, { ...request, headers: { authorization: `Bearer ${key}` } });
  assert.is(answer.status, 403, `${method} ${url}: ${answer.text}`);
}
