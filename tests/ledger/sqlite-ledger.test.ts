import { join } from "node:path";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { ledgerContract } from "../support/ledger/contract.ts";
import { temporaryDirectory } from "../support/ledger/temporary-directory.ts";

const files = new WeakMap<Ledger, string>();

ledgerContract({
  name: "SQLite",
  open: (runtime) => {
    const file = join(temporaryDirectory(), "ledger.db");
    const ledger = openSqliteLedger({ file, runtime });
    files.set(ledger, file);
    return ledger;
  },
  openAgain: (ledger, runtime) => openSqliteLedger({ file: files.get(ledger) ?? "", runtime }),
});
