import type { FileSeam } from "../../../application/engine/ports.ts";
import type { CliWorld } from "../../../bot/live/cli_world.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { messageOf } from "../../../common/text.ts";
import type { SnapshotRecord } from "../../../domain/records.ts";
import { historyStart, readHistory } from "../../../infrastructure/storage/history/history_reader.ts";
import { readJournal } from "../../../infrastructure/storage/journal/journal_reader.ts";
import { readTradeLog, tradeLogCsv } from "../../../infrastructure/storage/trades/trade_reader.ts";
import { isAdjustment, type LedgerLine, type TradeLine } from "../../../infrastructure/storage/trades/trade_schema.ts";
import { type AccountAt, type AccountSpan, reportFigures } from "../../../views/report_figures.ts";
import { type Lid, reportLines } from "../../../views/report_lines.ts";
import { readStatus, statusFile } from "../../../views/status.ts";

export type ReportOptions = {
  readonly dataDir: string;
  /** UTC ms, `to` excluded. */
  readonly from: number;
  readonly to: number;
  readonly form: "text" | "json" | "csv";
  /** Lists every trade. */
  readonly trades: boolean;
};

type Lids = { readonly halts: Lid[]; readonly cooldowns: Lid[] };

/** Halts and cooldowns of the journal (F-13.4). */
function lidsOf(files: FileSeam, options: ReportOptions): Lids {
  const halts: Lid[] = [];
  const cooldowns: Lid[] = [];
  const keep = (record: SnapshotRecord) => {
    if (record.at < options.from || record.at >= options.to) return;
    (record.lid === "HALT" ? halts : cooldowns).push({ reason: record.reason, at_ms: record.at });
  };
  for (const item of readJournal(files, { dataDir: options.dataDir, from: null })) {
    if (item.kind !== "record") continue;
    for (const intent of item.intents) {
      if (intent.kind === "Record" && intent.record.type === "snapshot") keep(intent.record);
    }
  }
  return { halts, cooldowns };
}

/** The account where the report begins and where it ends, by its history; null when there is none of that time. */
function accountOf(files: FileSeam, options: ReportOptions): AccountSpan | null {
  const place = { files, dataDir: options.dataDir };
  const begun = historyStart(place);
  let first: AccountAt | null = begun === null || begun.at_ms < options.from || begun.at_ms >= options.to
    ? null
    : { at_ms: begun.at_ms, btc: begun.capital_usd / begun.btc_usd, btc_usd: begun.btc_usd };
  let last: AccountAt | null = null;
  for (const { at_ms, equity_btc: btc, mark_usd: price } of readHistory(place, options)) {
    if (btc === null || price === null) continue;
    last = { at_ms, btc, btc_usd: price };
    first ??= last;
  }
  return first === null || last === null ? null : { start: first, end: last };
}

/** Profile and configuration of the newest run. */
function ranWith(files: FileSeam, dataDir: string): string | null {
  const path = statusFile(dataDir);
  if (!files.exists(path)) return null;
  const read = readStatus(files.readText(path));
  if (read.kind !== "status") return null;
  const { profile, config_hash, version } = read.status;
  return `abot ${version}, ${profile} profile, configuration ${config_hash.slice(0, 12)}`;
}

function inRange(lines: readonly LedgerLine[], options: ReportOptions): readonly LedgerLine[] {
  return lines.filter((line) => {
    const at = isAdjustment(line) ? line.at : line.closed_at_ms;
    return at >= options.from && at < options.to;
  });
}

/** `abot report [--from --to --json --csv --trades]`: works without keys and network, while the bot runs. */
export function showReport(world: CliWorld, options: ReportOptions): number {
  const { files } = world;
  try {
    const lines: LedgerLine[] = [];
    const faults: string[] = [];
    for (const item of readTradeLog(files, options.dataDir)) {
      if (item.kind === "line") lines.push(item.line);
      else if (item.kind === "fault") faults.push(`${item.where}: ${item.reason}`);
    }
    for (const fault of faults) world.error(`trade log: ${fault}`);
    const code = faults.length === 0 ? EXIT.ok : EXIT.no;
    if (options.form === "csv") {
      world.out(tradeLogCsv(inRange(lines, options)).trimEnd());
      return code;
    }
    const figures = reportFigures(lines, { from: options.from, to: options.to, account: accountOf(files, options) });
    const lids = lidsOf(files, options);
    if (options.form === "json") {
      world.out(JSON.stringify({ ...figures, ...lids }));
      return code;
    }
    const closed = inRange(lines, options).filter((line): line is TradeLine => !isAdjustment(line));
    const view = { figures, ...lids, ranWith: ranWith(files, options.dataDir), columns: world.columns() };
    for (const line of reportLines({ ...view, trades: options.trades ? closed : null })) world.out(line);
    return code;
  } catch (error) {
    world.error(`Cannot report on ${options.dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
