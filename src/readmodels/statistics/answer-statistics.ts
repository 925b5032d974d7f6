import type { ListConnection } from "../list-connection.ts";
import { measureStatistics } from "./measure-statistics.ts";
import { statisticsCsv } from "./statistics-csv.ts";
import { statisticsJson } from "./statistics-json.ts";
import type { StatisticsAnswer, StatisticsQuery } from "./statistics-query.ts";

/**
 * Answers a query, ready to go out, all of it as of one position. Throws `DamagedRow` and `TooManyGroups`. It takes its time
 * in one go: not for a thread on which others wait, unless there is little to measure.
 */
export function answerStatistics(connection: ListConnection, query: StatisticsQuery): Promise<StatisticsAnswer> {
  return connection.consistently(async () => {
    const position = connection.number("SELECT position AS n FROM checkpoint", []);
    const statistics = measureStatistics(connection, query);
    const text = query.format === "csv" ? statisticsCsv(statistics) : statisticsJson(statistics, query.filters);
    return { body: new TextEncoder().encode(text), position };
  });
}
