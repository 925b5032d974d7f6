import type { Plugin } from "esbuild";

/** The packages that are no part of a bundle. */
export const leftOut: readonly string[];

/** What a package whose pages lie beside its scripts needs in a bundle. */
export const pagesStayInPlace: Plugin;
