import type { Metric } from "prom-client";
import { HistogramCell, histogram } from "./histogram.ts";
import { type Labels, metricOf, type Sample } from "./metric.ts";

const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts the answers of one method of one route. */
export class RouteFigures {
  readonly labels: Labels;
  readonly durations = new HistogramCell(bounds);
  readonly #statuses = new Map<number, number>();

  constructor(method: string, route: string) {
    this.labels = { method, route };
  }

  answered(status: number, took_ms: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.durations.observe(took_ms / 1000);
  }

  *samples(): Generator<Sample> {
    for (const [status, value] of this.#statuses) yield { labels: { ...this.labels, status }, value };
  }
}

/**
 * Counts answers by method, route and status. A route is its pattern (`/incidents/:id`), never the URL that somebody asked
 * for; whatever meets no route is counted together.
 */
export class RequestFigures {
  readonly #routes: RouteFigures[] = [];
  readonly unmatched = new RouteFigures("any", "none");

  /** The counts of a method of a route, to be kept by whoever serves it. */
  route(method: string, pattern: string): RouteFigures {
    const figures = new RouteFigures(method, pattern);
    this.#routes.push(figures);
    return figures;
  }

  /** What is exposed of it. */
  metrics(): Metric[] {
    const asked = () => [...this.#routes, this.unmatched].filter(({ durations }) => durations.count > 0);
    return [
      metricOf(
        {
          name: "incident_ledger_http_requests_total",
          help: "Answered requests by method, route pattern and status; route none: nothing has that path or method",
          type: "counter",
        },
        () => asked().flatMap((route) => [...route.samples()]),
      ),
      histogram(
        {
          name: "incident_ledger_http_request_duration_seconds",
          help: "Time from the arrival of a request's head to the end of its answer, by method and route pattern",
        },
        () => asked().map(({ labels, durations }) => [labels, durations] as const),
      ),
    ];
  }
}
