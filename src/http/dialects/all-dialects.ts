import type { DialectName } from "../../config.ts";
import type { Dialect } from "./dialect.ts";
import { klimbb } from "./klimbb.ts";
import { tracker } from "./tracker.ts";
import { ucar } from "./ucar.ts";

/** Every dialect that there is. To add one: a file in this folder, and its name here and in `config.ts`. */
export const dialects: Readonly<Record<DialectName, Dialect>> = { klimbb, tracker, ucar };
