import type { Attack } from "./attack.ts";
import { disk } from "./disk.ts";
import { durable } from "./durable.ts";
import { fuzz } from "./fuzz.ts";
import { killed } from "./killed.ts";
import { overload } from "./overload.ts";
import { rot } from "./rot.ts";
import { time } from "./time.ts";
import { walCut } from "./wal-cut.ts";

/** All attacks there are, in the order in which they are made. */
export const attacks: readonly Attack[] = [killed, durable, disk, rot, walCut, time, overload, fuzz];
