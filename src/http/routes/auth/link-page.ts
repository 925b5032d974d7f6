import { hash } from "node:crypto";
import type { FastifyReply } from "fastify";
import { longestPassword, shortestPassword } from "../../../access/password-rules.ts";

/** The page's own style and script. Their hashes stand in its policy, so nothing else runs on it. */
const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem}
label{display:block;margin-top:1rem}input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}
button{font:inherit;margin-top:1rem;padding:.4rem 1rem}[role=status]{margin-top:1rem;font-weight:600}`;

/** Takes the token out of the address, at once, so that it stays in neither the address bar nor the history. */
const script = `const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const form = document.querySelector("form");
const status = document.querySelector("[role=status]");
const say = (text) => { status.textContent = text; };
if (token === "") {
  say("This link is not whole. Copy all of it from the mail, or ask for another one.");
} else {
  form.hidden = false;
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { password, again } = form.elements;
  if (password.value !== again.value) return say("The two passwords differ.");
  const button = form.querySelector("button");
  button.disabled = true;
  say("One moment.");
  try {
    const answer = await fetch("accept", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token, password: password.value }),
      credentials: "omit",
      cache: "no-store",
    });
    if (answer.ok) {
      form.remove();
      return say("Your password is set. You can sign in with it now.");
    }
    const problem = await answer.json();
    say(problem.detail);
  } catch {
    say("The service cannot be reached. Try again in a moment.");
  }
  button.disabled = false;
});
`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Choose a password: Incident Ledger</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<h1>Choose a password</h1>
<noscript><p>This page needs JavaScript. Without it, send the link's token (behind the #) and a password to POST /auth/accept.</p></noscript>
<form method="post" hidden>
<p>It has ${shortestPassword} to ${longestPassword} characters, of any kind. Several words that nobody else would put together are easier to keep in mind than a word full of signs.</p>
<label>New password <input name="password" type="password" autocomplete="new-password" required minlength="${shortestPassword}"></label>
<label>Once more <input name="again" type="password" autocomplete="new-password" required></label>
<button>Set the password</button>
</form>
<p role="status"></p>
<script>${script}</script>
</body>
</html>
`;

const policy = [
  "default-src 'none'",
  `script-src 'sha256-${hash("sha256", script, "base64")}'`,
  `style-src 'sha256-${hash("sha256", style, "base64")}'`,
  "img-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Sends the page on which whoever follows a mailed link chooses a password. It is the same for everybody. */
export function linkPage(reply: FastifyReply): FastifyReply {
  return reply
    .type("text/html; charset=utf-8")
    .headers({
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    })
    .serializer((text: string) => text)
    .send(page);
}
