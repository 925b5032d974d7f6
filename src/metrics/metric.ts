import type { Metric } from "prom-client";

/** The labels of a sample. prom-client escapes their values. */
export type Labels = Readonly<Record<string, string | number>>;

/** One number at the moment of a scrape. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  /** Where the sample's name is not the metric's: the parts of a histogram. */
  readonly metricName?: string;
}

/** What every metric says of itself. */
export interface MetricHead {
  readonly name: string;
  /** A sentence without a full stop. */
  readonly help: string;
}

/**
 * A metric whose samples are made when it is scraped. prom-client's own classes find their cells by hashing labels, which
 * costs more than all else that is measured; its registry takes whatever has this shape.
 */
export function metricOf(
  head: MetricHead & { readonly type: "counter" | "gauge" | "histogram" },
  read: () => Iterable<Sample> | Promise<Iterable<Sample>>,
): Metric {
  const metric = { ...head, aggregator: "sum", get: async () => ({ ...head, values: [...(await read())] }) };
  return metric as unknown as Metric;
}

/** A gauge with what is true at the moment of the scrape. */
export function gauge(
  name: string,
  help: string,
  read: () => number | Iterable<Sample> | Promise<Iterable<Sample>>,
): Metric {
  return metricOf({ name, help, type: "gauge" }, () => {
    const value = read();
    return typeof value === "number" ? [{ value }] : value;
  });
}

/** A number that only grows until the process ends; its name ends with `_total`. */
export function counter(name: string, help: string, read: () => number): Metric {
  return metricOf({ name, help, type: "counter" }, () => [{ value: read() }]);
}
