import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as assert from "uvu/assert";
import { variables } from "../../src/config.ts";
import { freshDirectory, runCli } from "../support/run-cli.ts";
import { suite } from "../support/suite.ts";

const it = suite("arguments of the command line");

/** The verb could not run, and says why in one sentence. */
async function refuses(args: readonly string[], sentence: RegExp | string, environment: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await runCli(args, environment);
  assert.is(code, 2, `${args.join(" ")}\n${stdout}${stderr}`);
  assert.is(stdout, "");
  assert.match(stderr, sentence);
  assert.is(stderr.trim().split("\n").length, 1, stderr);
}

it("lists the verbs, and for each its flags with unit and default", async () => {
  const { code, stdout } = await runCli(["--help"]);
  assert.is(code, 0);
  for (const verb of [
    "serve",
    "replay",
    "verify",
    "scenario",
    "export",
    "import",
    "backup",
    "restore",
    "migrate",
    "key",
    "user",
  ])
    assert.match(stdout, new RegExp(`^  ${verb} `, "m"));
  const serve = (await runCli(["serve", "--help"])).stdout;
  for (const { name } of variables) {
    assert.match(serve, `--${name.toLowerCase().replaceAll("_", "-")}`);
    assert.match(serve.replace(/\s+/g, " "), `env: ${name})`);
  }
  for (const verb of ["replay", "verify"]) {
    const help = (await runCli([verb, "--help"])).stdout;
    assert.match(help, /--data-dir <directory>[\s\S]*default: "\.\/data", env: DATA_DIR/);
    assert.match(help, "--json");
    assert.match(help, "--until <position|time>");
  }
});

it("refuses unknown verbs and flags", async () => {
  await refuses(["bogus"], "Unknown command 'bogus'");
  await refuses(["verify", "--bogus"], "Unknown option '--bogus'");
  await refuses(["replay", "more"], /Too many arguments/);
  await refuses(["export", "--until", "3"], "--until goes with --incident only");
  await refuses(["key", "create"], /Required option '--name <name>' not specified/);
});

it("refuses impossible values", async () => {
  await refuses(["replay", "--until", "0"], /A position is a whole number from 1/);
  await refuses(["replay", "--until", "9007199254740993"], /A position is a whole number from 1/);
  await refuses(["replay", "--until", "yesterday"], /neither a position nor a time/);
  await refuses(["verify", "--head", "7:abc"], /64 hex digits/);
  await refuses(["replay", "--incident", "seven"], /neither a number from 1 nor an incident's id/);
  await refuses(["replay", "--data-dir", ""], /It is empty/);
});

it("refuses impossible keys and users", async () => {
  await refuses(["key", "revoke", "zero"], /whole number from 1/);
  await refuses(["key", "create", "--name", "x", "--role", "owner"], /Allowed choices are integration, viewer/);
  await refuses(["key", "create", "--name", "x", "--expires-at", "soon"], /a time such as/);
  await refuses(["user", "add", "--email", "nobody"], /no e-mail address/);
  await refuses(["user", "add", "--email", "a@example.com", "--teams", "a,,b"], /separated by commas/);
});

it("refuses a configuration that cannot be, from the environment and from flags", async () => {
  const data_dir = freshDirectory();
  const serve = ["serve", "--data-dir", data_dir];
  await refuses(serve, /^PORT is "eighty"; it must be a number from 0 to 65535\.$/m, { PORT: "eighty" });
  await refuses([...serve, "--port", "65536"], /^PORT is "65536"/);
  await refuses([...serve, "--auth", "off", "--host", "0.0.0.0"], /AUTH=off needs a loopback HOST/);
  await refuses([...serve, "--handlers", "Alice,alice"], /HANDLERS names somebody twice/);
  await refuses([...serve, "--log-level", "loud"], /LOG_LEVEL is "loud"; it must be one of/);
  assert.equal(readdirSync(data_dir), []);
});

it("refuses a data directory that cannot be made", async () => {
  await refuses(["serve", "--data-dir", "/proc/none/data"], /^The file system says of \/proc\/none: .*ENOENT/);
  const file = join(freshDirectory(), "file");
  writeFileSync(file, "");
  await refuses(["serve", "--data-dir", file], /^The file system says of .*ENOTDIR/);
});

it("refuses a directory without a ledger, and makes nothing there", async () => {
  const data_dir = freshDirectory();
  for (const verb of ["replay", "verify"])
    await refuses([verb, "--data-dir", data_dir], `There is no ledger in ${data_dir};`);
  await refuses(["key", "list", "--data-dir", data_dir], `There is no vault in ${data_dir};`);
  assert.equal(readdirSync(data_dir), []);
});

it("takes the directory from DATA_DIR where no flag names one", async () => {
  const data_dir = freshDirectory();
  await refuses(["verify"], `There is no ledger in ${data_dir};`, { DATA_DIR: data_dir });
});

it("refuses files that are no ledger, or one of a newer build", async () => {
  const foreign = freshDirectory();
  writeFileSync(join(foreign, "ledger.db"), "this is not a database, whatever its name may say".repeat(100));
  await refuses(["verify", "--data-dir", foreign], /cannot be opened/);
  const newer = freshDirectory();
  const database = new Database(join(newer, "ledger.db"));
  database.pragma(`application_id = ${0x494c6467}`);
  database.pragma("user_version = 99");
  database.exec("CREATE TABLE anything (x)");
  database.close();
  await refuses(["replay", "--data-dir", newer], /is of version 99; this build knows 1\. Use a newer build\./);
});
