import type { Incident, Status } from "../../projections/incident.ts";
import type { Comment } from "../../projections/incident-comments.ts";
import type { ListedIncident } from "../../projections/incident-list.ts";

/** What people and monitors write, made up: the same for the same seed, and as varied as it is in life. */
export class SearchCorpus {
  readonly #random: () => number;
  readonly #words: readonly string[];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#words = [...commonWords, ...Array.from({ length: 20_000 }, () => this.#newWord())];
  }

  /** An incident that is as old as its number says among so many, and its comments. */
  incident(number: number, among: number): { listed: ListedIncident; comments: Comment[] } {
    const isOld = number < among - 2000;
    const status: Status = isOld ? pick(ended, this.#random()) : pick(statuses, this.#random());
    const at = new Date(Date.UTC(2020, 0, 1) + number * 120_000).toISOString();
    const title = this.#sentence(5, 10);
    const description = this.#random() < 0.7 ? this.#sentence(15, 60) : null;
    const incident = { ...blank, number, status, version: 3, timestamp: at, reported_at: at, updated_at: at };
    const listed = {
      incident: {
        ...incident,
        incident_id: `0198c0de-7b1c-7cc3-9d53-${number.toString(16).padStart(12, "0")}`,
        severity: pick([1, 2, 3, 3, 3, 3, 4, 4, 5, 5], this.#random()),
        team: pick(teams, this.#random() ** 2),
        source: pick(["operator", "prometheus", "pagerduty"], this.#random()),
        type: pick(["System Outage", "Slow", "Security", null], this.#random()),
        assigned_to: status === "pending" ? null : pick(["Alice", "Bob", "Charlie"], this.#random()),
        labels: { service: pick(services, this.#random()), region: pick(regions, this.#random()) },
      },
      texts: { title, description, reported_by: "ops@example.com", links: [], resolution: null },
      measures: {
        acknowledge_ms: null,
        resolve_ms: null,
        queue_ms: null,
        pending_since_ms: null,
        report_ends: null,
        reported_resolved: false,
        queued: 0,
        reopenings: 0,
        handed_over: 0,
        rerouted: 0,
        handed_back: 0,
        raised_by_hand: 0,
        raised_by_rule: 0,
      },
    };
    const comments = Array.from({ length: Math.floor(this.#random() * 3) }, (_, index) => ({
      position: 10 * number + index,
      text: this.#sentence(5, 25),
    }));
    return { listed, comments };
  }

  /** Words as often as they are in life, in one language of several, with names and ids of machines among them. */
  #sentence(least: number, most: number): string {
    const words = ["incident"];
    const language = this.#random();
    const count = least + Math.floor(this.#random() * (most - least));
    for (let index = 0; index < count; index += 1) {
      const roll = this.#random();
      if (roll < 0.03)
        words.push(
          `${pick(services, this.#random())}-${Math.floor(this.#random() * 400)}.${pick(regions, this.#random())}`,
        );
      else if (roll < 0.04) words.push(Math.floor(this.#random() * 2 ** 32).toString(16));
      else if (language < 0.1) words.push(pick(russian, this.#random()));
      else if (language < 0.15) words.push(pick(german, this.#random()));
      else if (language < 0.2) words.push(pick(japanese, this.#random()));
      else words.push(this.#words[Math.floor(this.#words.length * this.#random() ** 4)] ?? "");
    }
    return words.join(language >= 0.15 && language < 0.2 ? "" : " ");
  }

  #newWord(): string {
    let word = "";
    const syllables = 2 + Math.floor(this.#random() * 3);
    for (let index = 0; index < syllables; index += 1) {
      word += pick([..."bcdfghklmnprstvw"], this.#random()) + pick([..."aeiou"], this.#random());
    }
    return word;
  }
}

const teams = ["default", "network", "payments", "platform", "database", "security", "mobile", "legal"];
const services = ["checkout", "search", "login", "billing", "mail", "gateway", "storage", "queue"];
const regions = ["eu-west", "eu-north", "us-east", "us-west", "ap-south"];
const ended: readonly Status[] = ["resolved", "closed", "closed", "closed", "closed", "closed", "dismissed", "merged"];
const statuses: readonly Status[] = ["pending", "assigned", "acknowledged", "snoozed", "resolved"];
const commonWords = (
  "the a is of to in on and not for with at from error failed failure timeout server database disk full slow high " +
  "memory cpu latency service down connection refused request response alert customer payment network router switch " +
  "backup restore certificate expired queue node cluster pod restart deploy rollback version update check health"
).split(" ");
const russian = "сбой сервер недоступен ошибка база данных сеть диск заполнен медленно оплата не работает в на с".split(
  " ",
);
const german = "Störung Größe Datenbank überlastet Straße langsam Netzwerk ausgefallen der die das für".split(" ");
const japanese = [
  "障害",
  "サーバー",
  "停止",
  "東京",
  "接続",
  "エラー",
  "遅延",
  "決済",
  "の",
  "が",
  "データベース",
  "京都",
];

const blank: Omit<Incident, "number" | "status" | "version" | "timestamp" | "reported_at" | "updated_at"> = {
  incident_id: "",
  team: "default",
  type: null,
  severity: 3,
  assigned_to: null,
  claimed_at: null,
  source: null,
  dedup_key: null,
  dedup_keys: [],
  labels: {},
  repeats: 0,
  last_repeated_at: null,
  responders: [],
  assigned_at: null,
  acknowledged_at: null,
  acknowledged_by: null,
  snoozed_until: null,
  snoozed_from: null,
  resolved_at: null,
  closed_at: null,
  merged_into: null,
  had_by: [],
};

function pick<Value>(values: readonly Value[], roll: number): Value {
  const value = values[Math.floor(roll * values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

/** Numbers below 1 that are the same for the same seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
