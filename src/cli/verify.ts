import { ledgerText } from "../infrastructure/storage/ledger.ts";
import { ledgerOf } from "../infrastructure/storage/ledger_span.ts";
import { verifyTradeLog } from "../infrastructure/storage/trade_reader.ts";
import { verifyJournal, verifyText } from "../infrastructure/storage/verify.ts";
import { journalDir } from "../infrastructure/storage/segments.ts";
import { type CliWorld, messageOf } from "./cli_world.ts";
import { EXIT } from "./exit_codes.ts";

/** `abot verify`: chain, gaps and form of journal and trade log, and Σ of the log = wallet change (F-11.3, P-13). */
export function verifyData(world: CliWorld, dataDir: string): number {
  try {
    if (!world.files.exists(journalDir(dataDir))) {
      world.error(`There is no journal in ${dataDir}: no bot has run here yet.`);
      return EXIT.no;
    }
    const journal = verifyJournal(world.files, dataDir);
    for (const line of verifyText(journal)) world.out(line);
    const trades = verifyTradeLog(world.files, dataDir);
    for (const line of trades.faults) world.out(`trade log: ${line}`);
    world.out(`verified ${trades.lines} lines of the trade log, ${trades.faults.length} faults`);
    const whole = journal.faults.length + trades.faults.length === 0;
    const holds = whole && verifyLedger(world, dataDir);
    return whole && holds ? EXIT.ok : EXIT.no;
  } catch (error) {
    world.error(`Cannot verify ${dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}

/** True unless the trade log and the wallet part; what is not whole cannot be summed up. */
function verifyLedger(world: CliWorld, dataDir: string): boolean {
  const span = ledgerOf(world.files, dataDir);
  if (span.kind === "open") {
    world.out(`ledger not compared with the wallet: ${span.reason}`);
    return true;
  }
  for (const line of ledgerText(span.check)) world.out(line);
  return span.check.differencePico === 0 && span.check.faults.length === 0;
}
