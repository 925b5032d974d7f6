import { Type } from "@sinclair/typebox";
import type { App } from "../../app-type.ts";
import { Text } from "../../fields.ts";
import { escapeHtml, prefersHtml, sendPage } from "../../html-page.ts";
import type { Services } from "../../services.ts";

const places = {
  incidents: "/incidents",
  queue: "/queue",
  handlers: "/handlers",
  teams: "/teams",
  statistics: "/statistics",
  events: "/events",
  event_stream: "/events/stream",
  ledger_head: "/ledger/head",
  health: "/health",
  metrics: "/metrics",
  problems: "/problems",
  openapi: "/openapi.json",
  docs: "/docs",
  redoc: "/redoc",
};

const RootView = Type.Object(
  { name: Text, version: Text, links: Type.Record(Text, Text) },
  { examples: [{ name: "incident-ledger", version: "0.1.0", links: places }] },
);

/** GET /: what this is, and where the rest is. A browser gets a page with the same. */
export function rootRoute(app: App, { about }: Services): void {
  app.get(
    "/",
    {
      schema: { tags: ["service"], summary: "What this is, and where the rest is", response: { 200: RootView } },
      config: { public: true, page: true, answers: { 200: "Name, version and links" } },
    },
    async (request, reply) => {
      if (prefersHtml(request)) {
        const items = Object.entries(places).map(
          ([name, path]) => `<li><a href="${path}">${path}</a>: ${name.replace("_", " ")}</li>`,
        );
        const body = `<p>Version ${escapeHtml(about.version)}. An incident desk whose every decision can be replayed.</p>\n<ul>\n${items.join("\n")}\n</ul>`;
        return sendPage(reply, about.name, body);
      }
      reply.header("vary", "accept");
      return { ...about, links: places };
    },
  );
}
