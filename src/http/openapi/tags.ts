/** What the groups of the documentation are about, in the order in which they are shown. */
export const tagDescriptions: Readonly<Record<string, string>> = {
  incidents: "Reporting incidents, finding them, and everything that is done to them.",
  queue: "What is pending, in the order in which it will be taken.",
  handlers: "The people who take incidents, their capacity and their present work.",
  teams: "Pools of handlers with one queue each, and their rules.",
  access: "Who may do what: users, and keys for programs. For administrators.",
  "sign-in": "Signing in and out, sessions and passwords of people. Programs use keys.",
  ledger: "The immutable log that everything else is a fold of.",
  statistics: "Counts and durations, over all or some of the incidents.",
  health: "Whether the service is well, for people, monitors and load balancers.",
  metrics: "Figures for Prometheus.",
  problems: "What every error means, and what to do about it.",
  service: "What this service is, and the description of its interface.",
};

/** The groups of some operations, described, in the order of the table; one that it lacks comes last, by its name alone. */
export function describedTags(used: ReadonlySet<string>): readonly { name: string; description?: string }[] {
  const known = Object.entries(tagDescriptions).filter(([name]) => used.has(name));
  const unknown = [...used].filter((name) => !Object.hasOwn(tagDescriptions, name)).sort();
  return [...known.map(([name, description]) => ({ name, description })), ...unknown.map((name) => ({ name }))];
}
