import { type Metric, Registry } from "prom-client";
import { boardMetrics } from "./board-metrics.ts";
import type { DeskFigures } from "./desk-figures.ts";
import { fileMetrics } from "./file-metrics.ts";
import { nodeMetrics } from "./node-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import type { RequestFigures } from "./request-figures.ts";
import type { MetricSources } from "./sources.ts";

/** All metrics of a node, as Prometheus reads them. */
export class Exposition {
  readonly #registry = new Registry();
  #under_way: Promise<string> | null = null;

  constructor(sources: MetricSources, desk: DeskFigures, requests: RequestFigures) {
    const all: Metric[] = [
      ...nodeMetrics(sources),
      ...boardMetrics(sources),
      ...desk.metrics(),
      ...fileMetrics(sources),
      ...requests.metrics(),
      ...processMetrics(),
    ];
    for (const metric of all) this.#registry.registerMetric(metric);
  }

  get content_type(): string {
    return this.#registry.contentType;
  }

  /** The text as of now. Whoever asks while one is being made gets the same: many at once cost no more than one. */
  text(): Promise<string> {
    this.#under_way ??= this.#registry.metrics().finally(() => {
      this.#under_way = null;
    });
    return this.#under_way;
  }
}
