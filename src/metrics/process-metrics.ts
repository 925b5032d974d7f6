import { collectDefaultMetrics, type Metric, Registry } from "prom-client";

/** Gauges that prom-client names like counters; the same numbers are there by type, under proper names. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** How often the delay of the event loop is measured. Every measurement wakes the process. */
const precision_ms = 20;

let registry: Registry | null = null;

/**
 * What prom-client measures of every Node process, under its usual names: processor time, memory, delay of the event loop,
 * garbage collection. There is one process, so there is one of each, whoever asks.
 */
export function processMetrics(): Metric[] {
  if (registry === null) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: precision_ms });
    for (const name of misnamed) registry.removeSingleMetric(name);
  }
  return registry.getMetricsAsArray() as unknown as Metric[];
}
