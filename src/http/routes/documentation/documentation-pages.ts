import { hash } from "node:crypto";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyRequest, RouteOptions } from "fastify";
import type { App } from "../../app-type.ts";
import { escapeHtml } from "../../html-page.ts";
import { pageHeaders } from "../../protection/security-headers.ts";
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

/** What is shown, and where. */
export interface DocumentationOptions {
  /** What the pages are called. */
  readonly title: string;
  /** Whether there is /redoc beside /docs. */
  readonly redoc: boolean;
  /** What leads from the host, or from the path that was asked for, to the application, without a slash at the end. */
  readonly baseOf: (request: FastifyRequest) => string;
  /** The document as the caller is to see it. */
  readonly document: (request: FastifyRequest) => object;
}

/** Pages that show the application's /openapi.json: /docs (Swagger UI) and /redoc (Redoc), which are not in it themselves. */
export async function documentationPages(pages: App, options: DocumentationOptions): Promise<void> {
  const { title, baseOf } = options;
  pages.addHook("onRoute", hide);
  pages.addHook("onRequest", async ({ raw }) => {
    // Files are sent whole or, where the caller has them, not at all; what else could be asked of one is left aside.
    for (const header of ["range", "if-match", "if-unmodified-since"]) delete raw.headers[header];
  });
  pages.addHook("onSend", async (request, reply, payload) => {
    reply.headers({ ...pageHeaders, "content-security-policy": policy });
    // Swagger UI's page knows nothing of what stands before its own path.
    const base = baseOf(request);
    const location = reply.getHeader("location");
    if (typeof location === "string" && location.startsWith("/")) reply.header("location", base + location);
    const isPage =
      base !== "" && typeof payload === "string" && String(reply.getHeader("content-type")).startsWith(html);
    return isPage ? payload.replaceAll('"/docs/', `"${base}/docs/`) : payload;
  });
  await pages.register(swaggerUi, {
    routePrefix: "/docs",
    theme: { title: `${title}: Swagger UI` },
    uiConfig: { layout: "BaseLayout", deepLinking: true, displayRequestDuration: true, docExpansion: "list" },
    transformSpecification: (_document, request) => ({ ...options.document(request) }),
    transformSpecificationClone: false,
  });
  if (!options.redoc) return;
  serve(pages, "/redoc", (request) => ({ type: `${html}; charset=utf-8`, text: redocPage(title, baseOf(request)) }));
  const files: readonly (readonly [string, () => PageFile])[] = [
    ["/redoc/start.js", () => redocStart],
    ["/redoc/redoc.standalone.js", redocScript],
    ["/redoc/licences.txt", redocLicences],
  ];
  for (const [url, read] of files) serve(pages, url, keeping(read));
}

const html = "text/html";

function redocPage(title: string, base: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}: Redoc</title>
<link rel="icon" href="data:,">
<style>body{margin:0}[data-testid="page-actions"]{display:none}</style>
</head>
<body>
<noscript>This page needs JavaScript; <a href="${base}/openapi.json">${base}/openapi.json</a> does not.</noscript>
<div id="redoc"></div>
<script type="module" src="${base}/redoc/start.js"></script>
</body>
</html>
`;
}

function hide(route: RouteOptions): void {
  route.schema = { ...route.schema, hide: true };
}

/** A file that never changes while the service runs is read when somebody first asks for it. */
function keeping(read: () => PageFile): () => PageFile {
  let kept: PageFile | undefined;
  return () => {
    kept ??= read();
    return kept;
  };
}

const tags = new WeakMap<PageFile, string>();

function tagOf(file: PageFile): string {
  const tag = tags.get(file) ?? `"${hash("sha256", file.text, "hex").slice(0, 32)}"`;
  tags.set(file, tag);
  return tag;
}

function serve(app: Pick<App, "get">, url: string, read: (request: FastifyRequest) => PageFile): void {
  app.get(url, async (request, reply) => {
    const file = read(request);
    const etag = tagOf(file);
    reply.headers({ etag, "cache-control": "no-cache" });
    if (request.headers["if-none-match"]?.includes(etag) === true) return reply.code(304).send();
    return reply.type(file.type).send(file.text);
  });
}
