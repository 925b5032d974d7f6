/** The packages that are no part of a bundle. */
export const leftOut: readonly string[];
