import { ServeLock } from "../../../src/ledger/sqlite/serve-lock.ts";

/* Takes the lock of the directory that it is given, says so, and holds it until its input ends or it is killed. */
const lock = ServeLock.take(process.argv[2] ?? "");
process.stdout.write("taken\n");
process.stdin.on("end", () => lock.release()).resume();
