import { hash } from "node:crypto";
import swaggerUi from "@fastify/swagger-ui";
import type { RouteOptions } from "fastify";
import type { App } from "../../app-type.ts";
import { pageHeaders } from "../../html-page.ts";
import { type PageFile, redocLicences, redocScript, redocStart } from "./redoc-files.ts";

/** Both pages run their own scripts, set their own styles, and talk to this service and nobody else. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const redocPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Incident Ledger: Redoc</title>
<link rel="icon" href="data:,">
<style>body{margin:0}[data-testid="page-actions"]{display:none}</style>
</head>
<body>
<noscript>This page needs JavaScript; <a href="/openapi.json">/openapi.json</a> does not.</noscript>
<div id="redoc"></div>
<script type="module" src="/redoc/start.js"></script>
</body>
</html>
`;

/** The pages that show /openapi.json: /docs (Swagger UI) and /redoc (Redoc). They are public, and not in it themselves. */
export function documentationRoutes(app: App): void {
  app.register(async (pages) => {
    pages.addHook("onRoute", makePublic);
    pages.addHook("onRequest", async ({ raw }) => {
      // Files are sent whole or, where the caller has them, not at all; what else could be asked of one is left aside.
      for (const header of ["range", "if-match", "if-unmodified-since"]) delete raw.headers[header];
    });
    pages.addHook("onSend", async (_request, reply) => {
      reply.headers({ ...pageHeaders, "content-security-policy": policy });
    });
    await pages.register(swaggerUi, {
      routePrefix: "/docs",
      theme: { title: "Incident Ledger: Swagger UI" },
      uiConfig: { layout: "BaseLayout", deepLinking: true, displayRequestDuration: true, docExpansion: "list" },
    });
    serve(pages, "/redoc", () => ({ type: "text/html; charset=utf-8", text: redocPage }));
    serve(pages, "/redoc/start.js", () => redocStart);
    serve(pages, "/redoc/redoc.standalone.js", redocScript);
    serve(pages, "/redoc/licences.txt", redocLicences);
  });
}

function makePublic(route: RouteOptions): void {
  route.config = { ...route.config, public: true };
  route.schema = { ...route.schema, hide: true };
}

/** Serves a file that never changes while the service runs; it is read when somebody first asks for it. */
function serve(app: Pick<App, "get">, url: string, read: () => PageFile): void {
  let kept: (PageFile & { readonly etag: string }) | undefined;
  app.get(url, async (request, reply) => {
    if (kept === undefined) {
      const file = read();
      kept = { ...file, etag: `"${hash("sha256", file.text, "hex").slice(0, 32)}"` };
    }
    reply.headers({ etag: kept.etag, "cache-control": "no-cache" });
    if (request.headers["if-none-match"]?.includes(kept.etag) === true) return reply.code(304).send();
    return reply.type(kept.type).send(kept.text);
  });
}
