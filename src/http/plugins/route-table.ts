import type { RouteOptions } from "fastify";

/** Which methods every path has, to tell a wrong method (405) from a wrong path (404). */
export class RouteTable {
  readonly #methods = new Map<string, { readonly shape: RegExp; readonly methods: Set<string> }>();

  /** Notes a route. */
  add(route: Pick<RouteOptions, "url" | "method">): void {
    const entry = this.#methods.get(route.url) ?? { shape: shapeOf(route.url), methods: new Set() };
    for (const method of [route.method].flat()) entry.methods.add(method.toUpperCase());
    this.#methods.set(route.url, entry);
  }

  /** The methods that the path has, in the order of the alphabet; none: there is no such path. */
  methodsOf(url: string): readonly string[] {
    const path = url.split("?", 1)[0] ?? "";
    const methods = new Set<string>();
    for (const entry of this.#methods.values()) {
      if (entry.shape.test(path)) for (const method of entry.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

function shapeOf(url: string): RegExp {
  const steps = url.replace(/\/$/, "").split("/");
  const pattern = steps.map((step) =>
    step.startsWith(":") ? "[^/]+" : step === "*" ? ".+" : step.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"),
  );
  return new RegExp(`^${pattern.join("/")}/?$`);
}
