import type { Metric } from "prom-client";
import { type Labels, type MetricHead, metricOf, type Sample } from "./metric.ts";

/** Counts values by the bounds of a histogram. Whoever observes keeps its cell: nothing is looked up and nothing allocated. */
export class HistogramCell {
  readonly #bounds: readonly number[];
  /** How many values fell between one bound and the next; the last place is for those above all. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? 0)) place += 1;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sum += value;
  }

  /** How many values there were. */
  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** The samples of a histogram of this name: its buckets, which add up, its sum and its count. */
  *samples(name: string, labels: Labels): Generator<Sample> {
    let count = 0;
    for (const [place, bound] of [...this.#bounds, "+Inf"].entries()) {
      count += this.#counts[place] ?? 0;
      yield { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: count };
    }
    yield { metricName: `${name}_sum`, labels, value: this.#sum };
    yield { metricName: `${name}_count`, labels, value: count };
  }
}

/** The histogram of these cells. */
export function histogram(head: MetricHead, cells: () => Iterable<readonly [Labels, HistogramCell]>): Metric {
  return metricOf({ ...head, type: "histogram" }, () =>
    Array.from(cells(), ([labels, cell]) => [...cell.samples(head.name, labels)]).flat(),
  );
}
