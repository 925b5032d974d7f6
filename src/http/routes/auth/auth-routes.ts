import type { App } from "../../app-type.ts";
import type { Services } from "../../services.ts";
import { passwordRoutes } from "./password-routes.ts";
import { sessionRoutes } from "./session-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";

/** Everything under /auth. What is secret stands in bodies and headers alone, never in a URL. */
export function authRoutes(app: App, services: Services): void {
  signInRoutes(app, services);
  sessionRoutes(app, services);
  passwordRoutes(app, services);
}
