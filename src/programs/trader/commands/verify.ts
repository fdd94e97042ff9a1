import { ledgerText } from "../../../infrastructure/storage/trades/wallet_identity.ts";
import { ledgerOf } from "../../../infrastructure/storage/trades/wallet_span.ts";
import { tradeFiles, verifyTradeLog } from "../../../infrastructure/storage/trades/trade_reader.ts";
import { verifyJournal, verifyText } from "../../../infrastructure/storage/journal/verify.ts";
import { journalDir } from "../../../infrastructure/storage/journal/segments.ts";
import { type CliWorld } from "../../../bot/live/cli_world.ts";
import { messageOf } from "../../../common/text.ts";
import { EXIT } from "../../../common/exit_codes.ts";

/** Lines of one kind of fault that are printed. */
const SHOWN = 5;

/**
 * `abot verify`: chain, gaps and form of journal and trade log, every trade of the journal in the log, and Σ of the log =
 * wallet change (F-11.3, P-13). The last line says what was and what was not checked; exit 0 = nothing is wrong.
 */
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
    const none = tradeFiles(world.files, dataDir).length === 0;
    world.out(
      none
        ? `there is no trade log in ${dataDir} (a simulation writes none)`
        : `verified ${trades.lines} lines of the trade log, ${trades.faults.length} faults`,
    );
    if (journal.faults.length + trades.faults.length > 0) {
      world.out(`checked: ${CHAINS}; NOT checked: ${COMPLETE}, ${SUM}: what is not whole cannot be summed up`);
      return EXIT.no;
    }
    return verifyLedger(world, dataDir) ? EXIT.ok : EXIT.no;
  } catch (error) {
    world.error(`Cannot verify ${dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}

const CHAINS = "chain and form of journal and trade log";
const COMPLETE = "every trade of the journal in the log";
const SUM = "the log's sum against the wallet";

/** True unless the trade log lacks a trade of the journal, or it and the wallet part. */
function verifyLedger(world: CliWorld, dataDir: string): boolean {
  const { span, asked, missing, owed } = ledgerOf(world.files, dataDir);
  for (const line of owed) world.out(`not in the trade log yet, the next start writes it: ${line}`);
  for (const line of missing.slice(0, SHOWN)) world.out(`MISSING in the trade log: ${line}`);
  if (missing.length > 0) world.out(`MISSING in the trade log: ${missing.length} of ${asked} trades and adjustments`);
  const checked = `checked: ${CHAINS}, ${COMPLETE} (${asked})`;
  if (span.kind === "open") {
    world.out(`${checked}; NOT checked: ${SUM}: ${span.reason}`);
    return missing.length === 0;
  }
  for (const line of ledgerText(span.check)) world.out(line);
  world.out(`${checked}, ${SUM}`);
  return missing.length === 0 && span.check.differencePico === 0 && span.check.faults.length === 0;
}
