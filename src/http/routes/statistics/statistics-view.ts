import { Type } from "@sinclair/typebox";
import {
  type CountName,
  countNames,
  durationNames,
  summaryFields,
} from "../../../readmodels/statistics/measured-row.ts";
import { Handle, Instant, nullable, WholeNumber } from "../../fields.ts";

/** What each count means. */
const countMeanings: Readonly<Record<CountName, string>> = {
  reported: "incidents of the selection: the others are among them",
  open: "pending, assigned, acknowledged or snoozed now",
  pending: "of this status now, as are the seven that follow",
  assigned: "",
  acknowledged: "",
  snoozed: "",
  resolved: "",
  closed: "",
  dismissed: "",
  merged: "",
  reported_resolved: "arrived as resolved or closed",
  queued: "had to wait at least once, because nobody had room when they became pending",
  repeats: "reports that were taken as repeats of these incidents",
  reopened: "were reopened at least once",
  reopenings: "how often, all together",
  reassigned: "were taken from a handler at least once, in one of the three ways that follow",
  handed_over: "how often one was given by hand from a handler to another",
  rerouted: "how often one was given by the rules from a handler who did not react to another",
  handed_back: "how often one was put back into the queue from a handler, by hand or because the handler left",
  escalated: "had their severity raised at least once, in one of the two ways that follow",
  raised_by_hand: "how often by hand",
  raised_by_rule: "how often by the rules, for a repeat of a higher severity",
};

const durationMeanings: Readonly<Record<(typeof durationNames)[number], string>> = {
  time_to_acknowledge: "from the report to the first acknowledgement ever; of incidents that were acknowledged",
  time_to_resolve:
    "from the report to the last resolution, whatever came between; of incidents that are resolved or closed now, but for those that arrived so",
  time_in_queue:
    "all the time that an incident was pending, added up; 0 for one that a handler got at once; of incidents that have been pending and no longer are",
};

const Counts = Type.Object(
  Object.fromEntries(
    countNames.map((name) => {
      const description = countMeanings[name];
      return [name, Type.Integer({ minimum: 0, ...(description === "" ? {} : { description }) })];
    }),
  ),
);

const seconds = nullable(Type.Number({ minimum: 0 }));

function durationSchema(name: (typeof durationNames)[number]) {
  return Type.Object(
    {
      count: Type.Integer({ minimum: 0, description: "of how many incidents" }),
      ...Object.fromEntries(summaryFields.map((field) => [`${field}_seconds`, seconds])),
    },
    { description: `${durationMeanings[name]}. Null where count is 0` },
  );
}

const measures = {
  counts: Counts,
  ...Object.fromEntries(durationNames.map((name) => [name, durationSchema(name)])),
};

const exampleMeasures = {
  counts: Object.fromEntries(
    countNames.map((name) => [name, name === "reported" ? 3 : ["resolved", "queued"].includes(name) ? 1 : 0]),
  ),
  ...Object.fromEntries(
    durationNames.map((name) => [
      name,
      { count: 1, mean_seconds: 61.25, p50_seconds: 61.25, p90_seconds: 61.25, p99_seconds: 61.25, max_seconds: 61.25 },
    ]),
  ),
};

function rows(key: string, schema: ReturnType<typeof Type.Unsafe>, description: string) {
  return Type.Optional(Type.Array(Type.Object({ [key]: schema, ...measures }), { description }));
}

/** The statistics as JSON. */
export const StatisticsView = Type.Object(
  {
    from: nullable(Instant),
    to: nullable(Instant),
    team: nullable(Handle),
    time_zone: Type.String({ description: "where days begin: always UTC" }),
    percentiles: Type.String({
      description:
        "how percentiles are computed: exactly, by nearest rank; p90 is the smallest of the durations that at least 90 % of them do not exceed",
    }),
    all: Type.Object(measures),
    by_severity: rows("severity", WholeNumber, "by present severity, 1 first; each of them, or of those asked for"),
    by_team: rows("team", Handle, "by the team that has them now; each of the teams, or the one asked for"),
    by_handler: rows(
      "handler_id",
      nullable(Handle),
      "by the handler who has them now, or had them when they ended; last, with null, those of nobody. Each handler of the teams is there",
    ),
    by_day: rows(
      "day",
      Type.String({ format: "date" }),
      "by the day (UTC) of the report; days without a report are left out",
    ),
  },
  {
    examples: [
      {
        from: "2023-12-17T00:00:00.000Z",
        to: null,
        team: "default",
        time_zone: "UTC",
        percentiles: "exact, nearest rank",
        all: exampleMeasures,
        by_severity: [{ severity: 1, ...exampleMeasures }],
        by_team: [{ team: "default", ...exampleMeasures }],
        by_handler: [{ handler_id: "Alice", ...exampleMeasures }],
        by_day: [{ day: "2023-12-17", ...exampleMeasures }],
      },
    ],
  },
);
