import type { RouteOptions } from "fastify";
import type { App } from "../../app-type.ts";
import { documentationPages } from "./documentation-pages.ts";

/** The pages that show /openapi.json: /docs (Swagger UI) and /redoc (Redoc). They are public, and not in it themselves. */
export function documentationRoutes(app: App): void {
  app.register(async (pages) => {
    pages.addHook("onRoute", makePublic);
    await documentationPages(pages, {
      title: "Incident Ledger",
      redoc: true,
      baseOf: () => "",
      document: () => app.swagger(),
    });
  });
}

function makePublic(route: RouteOptions): void {
  route.config = { ...route.config, public: true, costly: true };
}
