import * as assert from "uvu/assert";
import { PasswordHashing } from "../../../src/access/password-hashing.ts";
import { type Answer, type Call, callerOf, type Seen } from "./client.ts";
import { openNode } from "./node.ts";

const email = "cleo@example.com";
const password = "a long enough one";

/** Every good answer of the routes by which people sign in, and what only they refuse. `call` asks as the administrator. */
export async function authAnswers(call: Call): Promise<void> {
  const answers = async (status: number, ...request: Parameters<Call>): Promise<Answer> => {
    const answer = await call(...request);
    assert.is(answer.status, status, `${request[0]} ${request[1]}: ${answer.text}`);
    return answer;
  };
  const login = async () => {
    const { json } = await answers(200, "POST", "/auth/login", { body: { email, password } });
    return { headers: { authorization: `Bearer ${json.access_token}` }, refresh_token: json.refresh_token };
  };
  await answers(201, "POST", "/users", { body: { email, role: "viewer", password } });
  const { headers, refresh_token } = await login();
  await answers(200, "GET", "/auth/me", { headers });
  const { json } = await answers(200, "GET", "/auth/sessions", { headers });
  assert.is((json.sessions as unknown[]).length, 1);
  await answers(403, "GET", "/auth/sessions");
  await answers(200, "POST", "/auth/refresh", { body: { refresh_token } });
  await answers(401, "POST", "/auth/refresh", { body: { refresh_token } });
  const again = await login();
  const another = await login();
  const sessions = (await answers(200, "GET", "/auth/sessions", { headers: again.headers })).json.sessions;
  const [other] = (sessions as { session_id: string; is_current: boolean }[]).filter(({ is_current }) => !is_current);
  await answers(200, "DELETE", `/auth/sessions/${other?.session_id}`, { headers: again.headers });
  await answers(404, "DELETE", `/auth/sessions/${other?.session_id}`, { headers: again.headers });
  await answers(401, "GET", "/auth/me", { headers: another.headers });
  await answers(200, "DELETE", "/auth/sessions", { headers: again.headers });
  const body = { current_password: password, new_password: password };
  await answers(200, "POST", "/auth/password", { headers: again.headers, body });
  await answers(401, "POST", "/auth/logout", { headers: another.headers });
  const invited = await answers(201, "POST", "/users", { body: { email: "dan@example.com", role: "viewer" } });
  const token = String(invited.json.invitation_link).split("#")[1];
  await answers(200, "POST", "/auth/accept", { body: { token, password } });
}

/** What is answered where more passwords wait to be hashed than may. */
export async function busyAnswers(seen: Seen[]): Promise<void> {
  const node = await openNode({ hashing: new PasswordHashing({ at_once: 0, waiting: 0 }) });
  const call = callerOf(node.app, seen);
  const { json } = await call("POST", "/users", { body: { email, role: "viewer" } });
  const token = String(json.invitation_link).split("#")[1];
  for (const [url, body] of [
    ["/auth/login", { email, password }],
    ["/auth/accept", { token, password }],
    ["/users", { email: "dan@example.com", role: "viewer", password }],
  ] as const) {
    const answer = await call("POST", url, { body });
    assert.is(answer.status, 503, answer.text);
    assert.is(answer.headers["retry-after"], "1");
  }
  await node.close();
}
