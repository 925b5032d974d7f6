import type { Dimension, StatisticsAnswer } from "./statistics-query.ts";

/** What the thread of the statistics is started with. */
export interface StatisticsWorkerData {
  /** The list's file. It is opened for each query: it may be replaced by another one between them. */
  readonly file: string;
}

/** What comes of a query; one for each, in their order. */
export type StatisticsReport =
  | { readonly kind: "answer"; readonly answer: StatisticsAnswer }
  /** A block of measures is damaged; this is an incident in it. */
  | { readonly kind: "damaged-row"; readonly number: number }
  /** The file is damaged, or gone. */
  | { readonly kind: "damaged-file"; readonly why: string }
  | { readonly kind: "too-many-groups"; readonly dimension: Dimension }
  | { readonly kind: "failed"; readonly why: string };
