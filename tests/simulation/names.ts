/** Who and what there may be in a run: few, so that they meet. */
export const handlerNames = ["Alice", "Bob", "Charlie", "Dora", "Erik", "Fay"] as const;
export const teamNames = ["default", "network", "storage"] as const;
export const keys = ["disk/full", "checkout/5xx", "link/down"] as const;
export const labelSets = [{ service: "checkout" }, { service: "search", zone: "b" }, {}] as const;

/** A UUIDv7 for the incident of this number. */
export function incidentIdOf(number: number): string {
  return `0198c0de-7b1c-7cc3-9d53-${number.toString(16).padStart(12, "0")}`;
}
