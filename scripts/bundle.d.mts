import type { BuildOptions } from "esbuild";

/** The packages that are no part of a bundle. */
export const leftOut: readonly string[];

/** How anything that Node runs is bundled here. */
export const bundling: BuildOptions;
