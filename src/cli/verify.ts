import { verifyTradeLog } from "../infrastructure/storage/trade_reader.ts";
import { verifyJournal, verifyText } from "../infrastructure/storage/verify.ts";
import { journalDir } from "../infrastructure/storage/segments.ts";
import { type CliWorld, messageOf } from "./cli_world.ts";
import { EXIT } from "./exit_codes.ts";

/** `abot verify`: chain, gaps and form of journal and trade log (F-11.3, P-13). */
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
    return journal.faults.length + trades.faults.length === 0 ? EXIT.ok : EXIT.no;
  } catch (error) {
    world.error(`Cannot verify ${dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
