import { parentPort, workerData } from "node:worker_threads";
import { stepBack } from "../../runtime/step-back.ts";
import type { StatisticsWorkerData } from "./statistics-messages.ts";
import type { StatisticsQuery } from "./statistics-query.ts";
import { StatisticsReader } from "./statistics-reader.ts";

// The thread that computes statistics from the list's file, so that nobody else waits for them.

const port = parentPort;
if (port === null) throw new Error("This file is a worker thread's; it is started where statistics are asked for.");
const { file } = workerData as StatisticsWorkerData;

stepBack();
const reader = new StatisticsReader(file);
port.on("message", async (query: StatisticsQuery) => port.postMessage(await reader.report(query)));
