import * as assert from "uvu/assert";
import { readConfig, variables } from "../src/config.ts";
import { ConfigError } from "../src/config-error.ts";
import { suite } from "./support/suite.ts";

const it = suite("the configuration");

it("has a default for everything", () => {
  assert.equal(readConfig({}), {
    host: "127.0.0.1",
    port: 8000,
    data_dir: "./data",
    handlers: ["Alice", "Bob", "Charlie"],
    admin_api_key: null,
    auth: "required",
    access_log_days: 90,
    drain_seconds: 0,
    log_level: "info",
    dialects: [],
    dialects_open: false,
    public_url: null,
    cors_origins: [],
    trusted_proxies: [],
    rate_limit: 0,
    rate_limit_unauthenticated: 60,
    log_format: null,
    secret_keys: [],
    smtp: null,
  });
});

it("keeps the access log for some days", () => {
  assert.is(readConfig({ ACCESS_LOG_DAYS: "1" }).access_log_days, 1);
  assert.is(readConfig({ ACCESS_LOG_DAYS: "3650" }).access_log_days, 3650);
  for (const wrong of ["0", "-1", "3651", "1.5", "ten", "", "90d"]) {
    assert.match(failureOf({ ACCESS_LOG_DAYS: wrong }), /ACCESS_LOG_DAYS is .*; it must be a whole number of days/);
  }
});

it("takes one secret, or a new one before an old one, each long enough", () => {
  const [one, two] = ["x".repeat(32), "y".repeat(40)];
  assert.equal(readConfig({ SECRET_KEY: one }).secret_keys, [one]);
  assert.equal(readConfig({ SECRET_KEY: `${one},${two}` }).secret_keys, [one, two]);
  assert.equal(readConfig({ SECRET_KEY: "" }).secret_keys, []);
  for (const wrong of ["x".repeat(31), `${one},`, `${one}, ${two}`, `${one} ${two}`, `${one},short`, "ä".repeat(32)]) {
    const failure = failureOf({ SECRET_KEY: wrong });
    assert.match(failure, /SECRET_KEY must have at least 32/);
    assert.not(failure.includes(wrong), "a secret is not repeated");
  }
});

it("sends mails where it knows how, and from whom", () => {
  const url = "smtps://user:hush@mail.example.com:465";
  const from = { name: "Incident Ledger", address: "ledger@example.com" };
  const smtp = (SMTP_FROM: string) => readConfig({ SMTP_URL: url, SMTP_FROM }).smtp;
  assert.equal(smtp("Incident Ledger <ledger@example.com>"), { url, from });
  assert.equal(smtp('"Incident Ledger" <ledger@example.com>'), { url, from });
  assert.equal(smtp(" ledger@example.com "), { url, from: { name: "", address: "ledger@example.com" } });
  assert.is(readConfig({ SMTP_FROM: "ledger@example.com" }).smtp, null);
  for (const SMTP_FROM of [
    undefined,
    "",
    "ledger",
    "<ledger@example.com",
    "ledger@example.com>",
    "a@b.c, d@e.f",
    "a@b.c\r\nBcc: x@y.z",
  ]) {
    assert.match(failureOf({ SMTP_URL: url, SMTP_FROM }), /SMTP_FROM must name an address/, SMTP_FROM);
  }
  for (const SMTP_URL of ["mail.example.com", "http://mail.example.com", "smtp://", "hush"]) {
    const failure = failureOf({ SMTP_URL, SMTP_FROM: "a@b.c" });
    assert.match(failure, /SMTP_URL must be a URL such as/, SMTP_URL);
  }
  assert.not(
    failureOf({ SMTP_URL: "http://user:hush@mail.example.com" }).includes("hush"),
    "a password is not repeated",
  );
});

it("is reached under an origin", () => {
  assert.is(readConfig({ PUBLIC_URL: "https://Incidents.example.com/" }).public_url, "https://incidents.example.com");
  for (const PUBLIC_URL of ["incidents.example.com", "ftp://x", "https://a:b@x", "https://x/?y", "https://x/#y"]) {
    assert.match(failureOf({ PUBLIC_URL }), /PUBLIC_URL is .*; it must be an origin/, PUBLIC_URL);
  }
});

function failureOf(given: Readonly<Record<string, string | undefined>>): string {
  try {
    readConfig(given);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  return "";
}

it("takes flags before the environment", () => {
  const config = readConfig({ PORT: "9000", HOST: "::1" }, { PORT: "9001" });
  assert.is(config.port, 9001);
  assert.is(config.host, "::1");
});

it("takes an empty list of handlers as nobody", () => {
  assert.equal(readConfig({ HANDLERS: "" }).handlers, []);
  assert.equal(readConfig({ HANDLERS: " Dora , eve" }).handlers, ["Dora", "eve"]);
});

it("goes without a credential only where nobody else can reach it", () => {
  assert.is(readConfig({ AUTH: "off", HOST: "127.0.0.2" }).auth, "off");
  assert.throws(() => readConfig({ AUTH: "off", HOST: "0.0.0.0" }), /AUTH=off needs a loopback HOST/);
});

it("switches dialects on by name, some with a port of their own", () => {
  const on = (DIALECTS: string) => readConfig({ DIALECTS }).dialects;
  assert.equal(on("klimbb, Tracker ,ucar=8001"), [
    { name: "klimbb", port: null },
    { name: "tracker", port: null },
    { name: "ucar", port: 8001 },
  ]);
  assert.equal(on("ucar=0,tracker=0"), [
    { name: "ucar", port: 0 },
    { name: "tracker", port: 0 },
  ]);
  for (const none of ["", " ", "none"]) assert.equal(on(none), []);
});

it("opens dialects to everybody only where nobody else can reach them, or in as many words", () => {
  const isOpen = (DIALECTS_OPEN: string, HOST: string) => readConfig({ DIALECTS_OPEN, HOST }).dialects_open;
  assert.equal([isOpen("true", "127.0.0.1"), isOpen("true", "::1"), isOpen("true", "localhost")], [true, true, true]);
  assert.throws(() => isOpen("true", "0.0.0.0"), /DIALECTS_OPEN=true needs a loopback HOST, but HOST is 0\.0\.0\.0;/);
  assert.equal([isOpen("to-everyone", "0.0.0.0"), isOpen("false", "0.0.0.0")], [true, false]);
});

it("takes origins as browsers write them", () => {
  assert.is(
    readConfig({ PUBLIC_URL: "HTTPS://Incidents.Example.com:443/" }).public_url,
    "https://incidents.example.com",
  );
  assert.is(readConfig({ PUBLIC_URL: "" }).public_url, null);
  const origins = (CORS_ORIGINS: string) => readConfig({ CORS_ORIGINS }).cors_origins;
  assert.equal(origins("https://a.example.com, http://B.example.com:8080 ,https://a.example.com"), [
    "https://a.example.com",
    "http://b.example.com:8080",
  ]);
  for (const none of ["", " ", "none"]) assert.equal(origins(none), []);
  assert.throws(
    () => origins("*"),
    /^CORS_ORIGINS has a \*, which would let the pages of any site in; name each origin/,
  );
});

it("takes proxies by address and by range", () => {
  const TRUSTED_PROXIES = "10.0.0.7, 192.168.0.0/16,::1,fd00::/8";
  assert.equal(readConfig({ TRUSTED_PROXIES }).trusted_proxies, ["10.0.0.7", "192.168.0.0/16", "::1", "fd00::/8"]);
});

it("lists every variable with its default and meaning", () => {
  for (const { name, meaning } of variables) assert.ok(/^[A-Z_]+$/.test(name) && meaning.length > 10, name);
  assert.is(new Set(variables.map(({ name }) => name)).size, variables.length);
});

const impossible: readonly (readonly [string, string])[] = [
  ["PORT", "70000"],
  ["PORT", "80a"],
  ["PORT", ""],
  ["PORT", "-1"],
  ["HOST", " "],
  ["DATA_DIR", ""],
  ["HANDLERS", "Alice,,Bob"],
  ["HANDLERS", "Alice,alice"],
  ["HANDLERS", "Al ice"],
  ["ADMIN_API_KEY", "short"],
  ["ADMIN_API_KEY", "with spaces in between it"],
  ["AUTH", "none"],
  ["DRAIN_SECONDS", "-1"],
  ["DRAIN_SECONDS", "1.5"],
  ["DRAIN_SECONDS", "3601"],
  ["DIALECTS", "jira"],
  ["DIALECTS", "klimbb,"],
  ["DIALECTS", "ucar,UCAR"],
  ["DIALECTS", "ucar=80a"],
  ["DIALECTS", "ucar="],
  ["DIALECTS", "ucar=8001=8002"],
  ["DIALECTS", "ucar=70000"],
  ["DIALECTS", "ucar=8001,tracker=8001"],
  ["DIALECTS", "ucar=8000"],
  ["DIALECTS_OPEN", "yes"],
  ["DIALECTS_OPEN", ""],
  ["PUBLIC_URL", "incidents.example.com"],
  ["PUBLIC_URL", "ftp://incidents.example.com"],
  ["PUBLIC_URL", "https://user:secret@incidents.example.com"],
  ["PUBLIC_URL", "https://incidents.example.com/desk"],
  ["PUBLIC_URL", "https://incidents.example.com?x"],
  ["PUBLIC_URL", "https://"],
  ["PUBLIC_URL", "https://x:99999"],
  ["CORS_ORIGINS", "*"],
  ["CORS_ORIGINS", "https://*.example.com"],
  ["CORS_ORIGINS", "null"],
  ["CORS_ORIGINS", "https://a.example.com,"],
  ["CORS_ORIGINS", "https://a.example.com/page"],
  ["TRUSTED_PROXIES", "proxy.example.com"],
  ["TRUSTED_PROXIES", "loopback"],
  ["TRUSTED_PROXIES", "10.0.0.0/33"],
  ["TRUSTED_PROXIES", "10.0.0.0/x"],
  ["TRUSTED_PROXIES", "10.0.0.0/255.0.0.0"],
  ["TRUSTED_PROXIES", "10.1/8"],
  ["TRUSTED_PROXIES", "0.0.0.0/0"],
  ["TRUSTED_PROXIES", "::/0"],
  ["TRUSTED_PROXIES", "fe80::1%eth0"],
  ["TRUSTED_PROXIES", "10.0.0.1,"],
  ["RATE_LIMIT", "-1"],
  ["RATE_LIMIT", "many"],
  ["RATE_LIMIT", "1000001"],
  ["RATE_LIMIT_UNAUTHENTICATED", "1.5"],
  ["RATE_LIMIT_UNAUTHENTICATED", ""],
  ["LOG_LEVEL", "loud"],
  ["LOG_FORMAT", "xml"],
];

for (const [name, value] of impossible) {
  it(`refuses ${name}=${JSON.stringify(value)} with one sentence that names it`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      (error: unknown) => error instanceof ConfigError && error.message.includes(name) && /\.$/.test(error.message),
    );
  });
}
