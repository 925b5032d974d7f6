/** A kind of incident that a team sees. `{…}` in a text stands for one of the `things` of that name. */
export interface Kind {
  readonly type: string;
  readonly titles: readonly string[];
  readonly description: string;
  readonly source: string;
}

/** A team of the demo's company. */
export interface DemoTeam {
  readonly team: string;
  /** Its share of all incidents. */
  readonly share: number;
  /** Handles, with how many incidents each takes at once, in the order of shifts: early, late, night, early, late … */
  readonly handlers: readonly (readonly [handler: string, capacity: number])[];
  readonly kinds: readonly Kind[];
}

/** What can stand in the texts. */
export const things: Readonly<Record<string, readonly string[]>> = {
  service: ["checkout", "search", "login", "cart", "catalogue", "recommendations", "invoices", "notifications"],
  host: ["db-1", "db-2", "app-07", "app-12", "cache-3", "queue-1", "edge-4", "backup-2"],
  region: ["eu-west", "eu-north", "us-east", "ap-south"],
  site: ["Lisbon office", "Oslo office", "Pune warehouse", "Toronto store", "Leeds depot"],
  bank: ["card acquirer", "direct debit partner", "instant transfer gateway", "wallet provider"],
  number: ["3", "7", "12", "18", "25", "40", "90"],
};

const monitor = "prometheus";
const people = "helpdesk";

/** The teams of the demo. */
export const demoTeams: readonly DemoTeam[] = [
  {
    team: "platform",
    share: 0.34,
    handlers: [
      ["amira", 2],
      ["bjorn", 2],
      ["chidi", 2],
      ["daniela", 2],
      ["emeka", 1],
      ["freya", 1],
    ],
    kinds: [
      {
        type: "Latency",
        titles: ["{service} answers slowly in {region}", "p99 of {service} above {number} s"],
        description: "The objective is 400 ms; the error budget of the month is burning.",
        source: monitor,
      },
      {
        type: "Disk",
        titles: ["Disk of {host} {number} % over its usual growth", "{host} has an hour of disk left"],
        description: "Logs grow faster than they are shipped.",
        source: monitor,
      },
      {
        type: "Deployment",
        titles: ["Rollout of {service} stuck at {number} %", "{service} restarts in a loop after its rollout"],
        description: "The new version does not pass its readiness probe.",
        source: "deployments",
      },
      {
        type: "Certificate",
        titles: ["Certificate of {service} ends in {number} days"],
        description: "Renewal failed twice.",
        source: monitor,
      },
      {
        type: "Database",
        titles: ["Replication of {host} is {number} minutes behind", "Deadlocks on {host}"],
        description: "Reports read stale data meanwhile.",
        source: monitor,
      },
    ],
  },
  {
    team: "payments",
    share: 0.22,
    handlers: [
      ["gita", 2],
      ["hiro", 2],
      ["ines", 1],
      ["jonas", 2],
      ["kemi", 1],
    ],
    kinds: [
      {
        type: "Payments",
        titles: ["{bank} refuses {number} % of payments", "No answer from the {bank}"],
        description: "Customers see 'try another card'.",
        source: monitor,
      },
      {
        type: "Reconciliation",
        titles: ["{number} payouts differ from the ledger", "Settlement file of the {bank} is late"],
        description: "Finance closes its books at six.",
        source: "batch",
      },
      {
        type: "Fraud",
        titles: ["{number} suspicious refunds from one account", "Card testing against {service}"],
        description: "Rules caught part of it.",
        source: "fraud-rules",
      },
    ],
  },
  {
    team: "network",
    share: 0.2,
    handlers: [
      ["lena", 2],
      ["mateo", 1],
      ["nadia", 1],
      ["oskar", 2],
      ["priya", 1],
    ],
    kinds: [
      {
        type: "Network",
        titles: [
          "Packet loss of {number} % between {region} and the {site}",
          "BGP session of {region} flaps",
          "Link to the {site} is down",
        ],
        description: "Traffic goes the long way round.",
        source: "netwatch",
      },
      {
        type: "VPN",
        titles: ["Nobody in the {site} gets onto the VPN", "VPN gateway of {region} drops sessions"],
        description: "Reported by several people.",
        source: people,
      },
      {
        type: "DNS",
        titles: ["Names of {service} do not resolve in {region}"],
        description: "Two of four resolvers answer SERVFAIL.",
        source: "netwatch",
      },
    ],
  },
  {
    team: "workplace",
    share: 0.24,
    handlers: [
      ["quinn", 3],
      ["rosa", 2],
      ["sven", 1],
      ["tomoko", 2],
      ["umar", 2],
    ],
    kinds: [
      {
        type: "Hardware",
        titles: [
          "Label printer in the {site} prints blanks",
          "{number} scanners in the {site} do not charge",
          "Till {number} in the {site} does not start",
        ],
        description: "The queue at the desk grows.",
        source: people,
      },
      {
        type: "Access",
        titles: [
          "New starters in the {site} have no accounts",
          "Badge reader {number} of the {site} refuses everybody",
        ],
        description: "They wait at the door.",
        source: people,
      },
      {
        type: "Software",
        titles: ["Stock app asks for a password every {number} minutes", "Time sheets cannot be saved"],
        description: "Since this morning's update.",
        source: people,
      },
    ],
  },
];

/** What people say while they work. */
export const comments = [
  "Looking at the graphs of the last hour.",
  "Can reproduce it. It began with the change of this morning.",
  "Asked the vendor; they are looking at it, too.",
  "Mitigated by sending traffic elsewhere; the cause is still open.",
  "Only one of four nodes is affected. Taking it out.",
  "The runbook's step 3 does not apply any more; doing it by hand.",
  "Customers are informed on the status page.",
] as const;

/** How incidents end. */
export const resolutions = [
  "Rolled back.",
  "Restarted, and the limit raised so that it holds until the fix.",
  "Replaced the part.",
  "The vendor fixed it on their side.",
  "Cleared the backlog by hand; a check now watches it.",
  "Configuration corrected and reviewed.",
] as const;

/** Why something turns out to be none. */
export const falseAlarms = [
  "A planned maintenance that nobody had announced.",
  "The probe was wrong, not what it probes.",
] as const;
/** Why something gets more urgent. */
export const escalations = [
  "Customers notice now.",
  "It spreads.",
  "Has been waiting for too long.",
  "The press has called.",
] as const;
/** Why something comes back. */
export const returns = ["It is back, exactly as before.", "The fix held for an hour."] as const;
/** Why work changes hands. */
export const handOvers = [
  "Knows this system better.",
  "End of shift.",
  "Has just fixed the same thing elsewhere.",
] as const;
