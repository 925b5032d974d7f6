import { memoryLedger } from "../../src/ledger/memory/memory-ledger.ts";
import { ledgerContract } from "../support/ledger/contract.ts";

ledgerContract({
  name: "memory",
  open: (runtime) => memoryLedger({ runtime }),
  openAgain: { cannot: "it ends with the object that holds it" },
});
