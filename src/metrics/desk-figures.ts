import type { Metric } from "prom-client";
import { type CommandOutcome, commandOutcomes, type DeskMeter } from "../desk/desk-meter.ts";
import type { Command } from "../rules/commands.ts";
import { HistogramCell, histogram } from "./histogram.ts";
import { metricOf, type Sample } from "./metric.ts";

type Kind = Command["kind"];
type Counts = Record<CommandOutcome, number>;

const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Counts what the desk does: batches, commits and what became of commands. */
export class DeskFigures implements DeskMeter {
  readonly #batches = new HistogramCell(batchBounds);
  readonly #appends = new HistogramCell(seconds);
  readonly #commands = new Map<Kind, Counts>();

  appended(commits: number, took_ms: number): void {
    this.#batches.observe(commits);
    this.#appends.observe(took_ms / 1000);
  }

  settled(kind: Kind, outcome: CommandOutcome): void {
    let counts = this.#commands.get(kind);
    if (counts === undefined) {
      counts = Object.fromEntries(commandOutcomes.map((word) => [word, 0])) as Counts;
      this.#commands.set(kind, counts);
    }
    counts[outcome] += 1;
  }

  /** What is exposed of it. */
  metrics(): Metric[] {
    return [
      histogram(
        { name: "incident_ledger_batch_commits", help: "Commits that the desk appended in one transaction" },
        () => [[{}, this.#batches]],
      ),
      histogram(
        {
          name: "incident_ledger_commit_duration_seconds",
          help: "Time to append a batch's commits to the ledger durably, the fsync included",
        },
        () => [[{}, this.#appends]],
      ),
      metricOf(
        {
          name: "incident_ledger_commands_total",
          help: `Commands that came to the desk, by kind and by what became of them: ${commandOutcomes.join(", ")}`,
          type: "counter",
        },
        () => this.#commandSamples(),
      ),
    ];
  }

  *#commandSamples(): Generator<Sample> {
    for (const [kind, counts] of this.#commands) {
      for (const outcome of commandOutcomes) yield { labels: { kind, outcome }, value: counts[outcome] };
    }
  }
}
