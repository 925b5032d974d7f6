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
  await answers(422, "DELETE", `${user}?erase=perhaps`);
  await answers(200, "DELETE", `/users/${other}?erase=true`);

  const key = { "idempotency-key": "a key of the statuses" };
  await answers(201, "POST", "/keys", { name: "monitor", role: "integration", teams: ["default"] }, key);
  for (const url of ["/keys", "/keys/1"]) await answers(200, "GET", url);
  await answers(200, "POST", "/keys/1/rotate");
  await answers(422, "POST", "/keys/1/rotate", undefined, key);
  await answers(200, "POST", "/keys/1/rotate");
  await answers(200, "DELETE", "/keys/1/previous");
  await answers(200, "POST", "/keys/1/rotate");
  await answers(422, "DELETE", "/keys/1/previous", undefined, key);
  await answers(422, "DELETE", "/keys/1", undefined, key);
  await answers(200, "DELETE", "/keys/1");
  await answers(409, "POST", "/keys/1/rotate");
  await answers(409, "DELETE", "/keys/1/previous");
  for (const query of ["", "?count=true", "?format=csv", "?format=ndjson"]) await answers(200, "GET", `/audit${query}`);
  await answers(422, "GET", "/audit?kind=nothing");
  await answers(422, "GET", "/audit?format=csv&cursor=x");
  // The node of the tests has a key of the number 7 on record, which its vault has not.
  for (let number = 2; number <= 6; number += 1) await answers(201, "POST", "/keys", { name: "x", role: "viewer" });
  await answers(409, "POST", "/keys", { name: "x", role: "viewer" });
}

/** Asks as somebody whose role never allows it, where there is one. */
export async function askWithoutRight(call: Call, { method, path, isPublic }: Operation, request: object, url: string) {
  if (isPublic || path.startsWith("/auth")) return;
  const key = method === "POST" && path === "/incidents" ? viewerKey : integrationKey;
  const answer = await call(method, url, { ...request, headers: { authorization: `Bearer ${key}` } });
  assert.is(answer.status, 403, `${method} ${url}: ${answer.text}`);
}
