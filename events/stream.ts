/** The stream of everything that concerns the ledger as a whole: its opening, its rules, the time. */
export const ledgerStream = "ledger";

const incidentPrefix = "incident/";

/** The stream of one incident. */
export function incidentStream(number: number): string {
  return incidentPrefix + number;
}

/** The stream of one handler. */
export function handlerStream(handler: string): string {
  return `handler/${handler}`;
}

/** The stream of one team. */
export function teamStream(team: string): string {
  return `team/${team}`;
}

/** The stream of one user. */
export function userStream(user: number): string {
  return `user/${user}`;
}

/** The stream of one key. */
export function keyStream(key: number): string {
  return `key/${key}`;
}

/** The number of the incident whose stream this is, or null. */
export function incidentOfStream(stream: string): number | null {
  return stream.startsWith(incidentPrefix) ? Number(stream.slice(incidentPrefix.length)) : null;
}
