import type { App } from "../../app-type.ts";
import type { Services } from "../../services.ts";
import { actionRoutes } from "./action-routes.ts";
import { bulkRoute } from "./bulk-route.ts";
import { commentRoute } from "./comment-route.ts";
import { listRoute } from "./list-route.ts";
import { redactRoute } from "./redact-route.ts";
import { reportRoute } from "./report-route.ts";
import { singleRoutes } from "./single-routes.ts";
import { timelineRoute } from "./timeline-route.ts";
import { updateRoute } from "./update-route.ts";
import { whyRoute } from "./why-route.ts";

/** Everything under /incidents. */
export function incidentRoutes(app: App, services: Services): void {
  reportRoute(app, services);
  listRoute(app, services);
  bulkRoute(app, services);
  singleRoutes(app, services);
  updateRoute(app, services);
  actionRoutes(app, services);
  commentRoute(app, services);
  redactRoute(app, services);
  timelineRoute(app, services);
  whyRoute(app, services);
}
