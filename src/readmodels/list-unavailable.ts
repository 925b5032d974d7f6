/**
 * Why the list cannot be asked just now. `building`: it is being made from the ledger. `failing`: its thread has ended and
 * will be started again. `behind`: it has not come up to the position that was wanted. `busy`: too many ask at once for what takes long. `closed`: the service is stopping.
 */
export type ListUnavailableReason = "building" | "failing" | "behind" | "busy" | "closed";

/** Thrown where the list cannot be asked. Everything else goes on without it. */
export class ListUnavailable extends Error {
  readonly reason: ListUnavailableReason;
  /** After how many seconds it is worth trying again. */
  readonly retry_after_seconds: number;
  constructor(reason: ListUnavailableReason) {
    super(`${sentences[reason]}; try again in a moment.`);
    this.name = "ListUnavailable";
    this.reason = reason;
    this.retry_after_seconds = reason === "behind" || reason === "busy" ? 1 : 5;
  }
}

const sentences: Readonly<Record<ListUnavailableReason, string>> = {
  building: "The list of incidents is being built from the ledger",
  failing: "The list of incidents cannot be read just now",
  behind: "The list of incidents has not come up with the ledger yet",
  busy: "Too many statistics are being asked for",
  closed: "The service is stopping",
};
