import { createHmac, generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import * as assert from "uvu/assert";
import { AccessTokens } from "../../src/access/access-tokens.ts";
import { type VaultUnderTest, vaultUnderTest } from "../support/access/vault-under-test.ts";
import { suite } from "../support/suite.ts";

const it = suite("access tokens");
let test: VaultUnderTest;
let tokens: AccessTokens;

it.before.each(() => {
  test = vaultUnderTest();
  tokens = new AccessTokens({ keys: test.vault.signing_keys, runtime: test.runtime });
});
it.after.each(() => test.close());

const claims = { user_id: 7, session_id: "0198c0de-0000-7000-8000-000000000001" };
const minute_ms = 60_000;

interface Forgery {
  readonly header?: object;
  readonly payload?: object;
  readonly key?: Uint8Array;
  readonly digest?: "sha256" | "sha512";
}

/** A token that is right in everything but what the test says, signed with the real key unless it says otherwise. */
async function forge({ header = {}, payload = {}, key, digest = "sha256" }: Forgery): Promise<string> {
  const now_s = Math.floor(test.runtime.now() / 1000);
  const current = await test.vault.signing_keys.current();
  const whole = { alg: "HS256", typ: "at+jwt", kid: current.kid, ...header };
  const body = {
    sid: claims.session_id,
    iss: "incident-ledger",
    aud: "incident-ledger",
    sub: "user:7",
    iat: now_s,
    exp: now_s + 600,
    jti: "x",
    ...payload,
  };
  const signed = [whole, body].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${createHmac(digest, key ?? current.key)
    .update(signed)
    .digest("base64url")}`;
}

it("say whom they stand for, and are of one fixed kind", async () => {
  const token = await tokens.sign(claims);
  assert.equal(await tokens.verify(token), claims);
  const [header, payload] = token
    .split(".")
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const { kid } = await test.vault.signing_keys.current();
  assert.equal(header, { alg: "HS256", typ: "at+jwt", kid });
  const iat = Math.floor(test.runtime.now() / 1000);
  const { jti, ...rest } = payload;
  assert.match(jti, /^[\w-]{22}$/);
  assert.equal(rest, {
    sid: claims.session_id,
    iss: "incident-ledger",
    aud: "incident-ledger",
    sub: "user:7",
    iat,
    exp: iat + 600,
  });
  assert.is.not(await tokens.sign(claims), token);
});

it("live ten minutes, and two seconds more for clocks that differ", async () => {
  const token = await tokens.sign(claims);
  const unseen = new AccessTokens({ keys: test.vault.signing_keys, runtime: test.runtime });
  await test.runtime.pass(10 * minute_ms + 1999);
  assert.equal(await tokens.verify(token), claims);
  await test.runtime.pass(1);
  assert.is(await tokens.verify(token), null);
  assert.is(await unseen.verify(token), null);
});

it("verify by a forged twin only where nothing was changed", async () => {
  assert.equal(await tokens.verify(await forge({})), claims);
});

it("are refused with another algorithm, or none, whatever the header says", async () => {
  const unsigned = (await forge({ header: { alg: "none" } })).split(".").slice(0, 2).join(".");
  for (const alg of ["none", "None", "NONE", "HS384", "HS512", "RS256", "ES256", "EdDSA", "", "hs256"]) {
    assert.is(await tokens.verify(await forge({ header: { alg } })), null, alg);
  }
  assert.is(await tokens.verify(await forge({ header: { alg: "HS512" }, digest: "sha512" })), null);
  for (const token of [`${unsigned}.`, unsigned, `${unsigned}.AA`]) assert.is(await tokens.verify(token), null, token);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { kid } = await test.vault.signing_keys.current();
  const rsa = await new SignJWT({ sid: claims.session_id })
    .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid })
    .setIssuer("incident-ledger")
    .setAudience("incident-ledger")
    .setSubject("user:7")
    .setJti("x")
    .setIssuedAt(Math.floor(test.runtime.now() / 1000))
    .setExpirationTime(Math.floor(test.runtime.now() / 1000) + 600)
    .sign(privateKey);
  assert.is(await tokens.verify(rsa), null);
});

it("are refused with another key, also one that they bring or point to", async () => {
  const key = new Uint8Array(32).fill(1);
  const jwk = { kty: "oct", k: Buffer.from(key).toString("base64url"), alg: "HS256" };
  assert.is(await tokens.verify(await forge({ key })), null);
  assert.is(await tokens.verify(await forge({ key: new Uint8Array(0) })), null);
  for (const header of [{ jwk }, { jku: "https://eve.example/keys" }, { x5u: "https://eve.example/c" }]) {
    assert.is(await tokens.verify(await forge({ header, key })), null);
    assert.equal(await tokens.verify(await forge({ header })), claims, "of no effect on one that is ours");
  }
  for (const kid of ["unknown", "", "../../etc/passwd", "' OR 1=1 --", undefined]) {
    assert.is(await tokens.verify(await forge({ header: { kid } })), null, String(kid));
  }
  assert.is(await tokens.verify(await forge({ header: { crit: ["exp"] } })), null);
});

it("are refused, and no fault of the service, where the name of their key is no string", async () => {
  const { kid } = await test.vault.signing_keys.current();
  for (const name of [{}, [], { a: 1 }, true, 5, null, [kid], ["a", "b"]]) {
    assert.is(await tokens.verify(await forge({ header: { kid: name } })), null, JSON.stringify(name));
  }
});

it("are refused with another type, audience or issuer, and without any of what they must say", async () => {
  for (const typ of ["JWT", "rt+jwt", "", undefined]) {
    assert.is(await tokens.verify(await forge({ header: { typ } })), null, String(typ));
  }
  const wrong = [
    { aud: "another" },
    { aud: undefined },
    { iss: "another" },
    { iss: undefined },
    { sub: undefined },
    { sub: "7" },
    { sub: "key:7" },
    { sub: "user:0" },
    { sub: "user:7 " },
    { sub: "user:99999999999999999999" },
    { sid: undefined },
    { sid: 7 },
    { exp: undefined },
    { exp: "later" },
    { iat: undefined },
    { jti: undefined },
    { nbf: Math.floor(test.runtime.now() / 1000) + 60 },
  ];
  for (const payload of wrong) assert.is(await tokens.verify(await forge({ payload })), null, JSON.stringify(payload));
});

it("are refused when a single character is another, or when they are no tokens at all", async () => {
  const token = await tokens.sign(claims);
  await tokens.verify(token);
  for (let at = 0; at < token.length; at += 7) {
    // The last character of a part has bits that stand for nothing, so it is left alone.
    if (token[at] === "." || token[at + 1] === "." || at === token.length - 1) continue;
    const other = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    assert.is(await tokens.verify(other), null, `character ${at}`);
  }
  for (const other of ["", ".", "..", "a.b.c", "eyJ.eyJ.x", "é.é.é", `${token}.x`, ` ${token}`, "x".repeat(5000)]) {
    assert.is(await tokens.verify(other), null, other.slice(0, 50));
  }
});

it("go on while keys rotate, until each is over", async () => {
  await tokens.sign(claims);
  await test.runtime.pass(30 * 24 * 60 * minute_ms - minute_ms);
  const token = await tokens.sign(claims);
  await test.runtime.pass(2 * minute_ms);
  const next = await tokens.sign(claims);
  assert.is.not(next.split(".")[0], token.split(".")[0]);
  const unseen = new AccessTokens({ keys: test.vault.signing_keys, runtime: test.runtime });
  for (const one of [tokens, unseen]) for (const each of [token, next]) assert.equal(await one.verify(each), claims);
  await test.runtime.pass(9 * minute_ms);
  assert.is(await tokens.verify(token), null);
  assert.equal(await tokens.verify(next), claims);
});
