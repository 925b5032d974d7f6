import { request as ask } from "undici";
import * as assert from "uvu/assert";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { startService } from "../support/running-service.ts";
import { suite } from "../support/suite.ts";

const it = suite("user and key, on the command line");

const password = "a long enough one";

it(
  "make people and keys beside a running service, which honours them at once, and take them away",
  async () => {
    const data_dir = freshDirectory();
    const service = await startService(data_dir);
    const cli = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCli([...args, "--json", "--data-dir", data_dir]);
      assert.is(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const post = async (path: string, body: object) => {
      const headers = { "content-type": "application/json" };
      const answer = await ask(`${service.address}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: answer.statusCode, json: (await answer.body.json()) as Record<string, unknown> };
    };
    const get = async (path: string, token: unknown) => {
      const answer = await ask(`${service.address}${path}`, { headers: { authorization: `Bearer ${token}` } });
      await answer.body.dump();
      return answer.statusCode;
    };
    const made = await cli("user", "add", "--email", "Ana@example.com", "--role", "manager", "--teams", "default");
    assert.match(made.invitation_link, /^http:\/\/127\.0\.0\.1:8000\/auth\/link#il_link_/);
    const token = made.invitation_link.split("#")[1];
    assert.is((await post("/auth/accept", { token, password })).status, 200);
    const { json } = await post("/auth/login", { email: "ana@example.com", password });
    assert.is(await get("/queue", json.access_token), 200);
    assert.is(await get("/users", json.access_token), 403);
    const { users } = await cli("user", "list");
    assert.equal(
      users.map(({ email, role, teams }: Record<string, unknown>) => [email, role, teams]),
      [["ana@example.com", "manager", ["default"]]],
    );
    const again = await runCli(["user", "add", "--email", "ana@example.com", "--data-dir", data_dir]);
    assert.equal([again.code, again.stderr], [2, "There is a user 1 already.\n"]);
    const other = await cli("user", "invite", "1", "--public-url", "https://incidents.example.com/");
    assert.match(other.invitation_link, /^https:\/\/incidents\.example\.com\/auth\/link#/);

    const { key } = await cli("key", "create", "--name", "reader", "--role", "viewer");
    assert.equal([await get("/queue", key), await get("/keys", key)], [200, 403]);

    await cli("user", "remove", "1");
    assert.is(await get("/queue", json.access_token), 401);
    assert.is((await post("/auth/login", { email: "ana@example.com", password })).status, 401);
    const erased = await cli("user", "remove", "1", "--erase");
    assert.is(erased.erased, true);
    assert.equal((await cli("user", "list")).users[0].name, "erased user 1");
    const unknown = await runCli(["user", "remove", "9", "--data-dir", data_dir]);
    assert.equal([unknown.code, unknown.stderr], [2, "There is no user 9.\n"]);
    assert.is(await service.end("SIGTERM"), 0);
    assert.is((await runCli(["verify", "--data-dir", data_dir])).code, 0);
  },
  { timeout_ms: 120_000 },
);
