import type { FileSeam } from "../../../application/engine/ports.ts";
import type { SnapshotRecord } from "../../../domain/records.ts";
import { readJournal } from "../../../infrastructure/storage/journal/journal_reader.ts";
import { readTradeLog, tradeLogCsv } from "../../../infrastructure/storage/trades/trade_reader.ts";
import { isAdjustment, type LedgerLine } from "../../../infrastructure/storage/trades/trade_schema.ts";
import { type CliWorld } from "../../../bot/live/cli_world.ts";
import { dollarText, messageOf, timeText } from "../../../common/text.ts";
import { EXIT } from "../../../common/exit_codes.ts";
import { type PeriodFigures, type ReportFigures, reportFigures } from "../../../views/report_figures.ts";

export type ReportOptions = {
  readonly dataDir: string;
  /** UTC ms, `to` excluded. */
  readonly from: number;
  readonly to: number;
  readonly form: "text" | "json" | "csv";
};

type Lid = { readonly reason: string; readonly at_ms: number };

/** Halts and cooldowns of the journal (F-13.4). */
function lidsOf(files: FileSeam, options: ReportOptions): { readonly halts: Lid[]; readonly cooldowns: Lid[] } {
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

function periodLines(name: string, periods: readonly PeriodFigures[]): readonly string[] {
  return periods.map((period) =>
    `${name.padEnd(14)} ${period.from}  ${String(period.trades).padStart(3)} trades  ${
      dollarText(period.net_usd).padStart(9)
    }`
  );
}

function lidLines(name: string, lids: readonly Lid[]): readonly string[] {
  return lids.map((lid) => `${name.padEnd(14)} ${timeText(lid.at_ms)}  ${lid.reason}`);
}

/** The report as text. */
export function reportLines(
  figures: ReportFigures,
  lids: { readonly halts: Lid[]; readonly cooldowns: Lid[] },
): readonly string[] {
  const fixed = (value: number | null, unit = "") => (value === null ? "–" : `${value.toFixed(2)}${unit}`);
  const { equity } = figures;
  const exits = Object.entries(figures.exits).map(([reason, count]) => `${reason} ${count}`).join(", ");
  return [
    ...(equity === null ? [] : [
      `equity         ${dollarText(equity.start_usd)} → ${dollarText(equity.end_usd)}`,
      `  trading      ${dollarText(equity.trading_usd)}`,
      `  BTC price    ${dollarText(equity.btc_price_usd)} (the account is in BTC, also when flat)`,
      `  other        ${dollarText(equity.other_usd)} (deposits, withdrawals, rounding)`,
    ]),
    `trades         ${figures.trades} (${figures.longs} long, ${figures.shorts} short)${
      exits === "" ? "" : `: ${exits}`
    }`,
    `win rate       ${fixed(figures.winrate_pct, " %")} (${figures.wins} won, ${figures.losses} lost)`,
    `profit factor  ${fixed(figures.profit_factor)}`,
    `net profit     ${dollarText(figures.net_usd)} (${figures.net_sats.toFixed(2)} sats)`,
    `max drawdown   ${dollarText(figures.max_drawdown_usd)}`,
    `R              mean ${fixed(figures.r_mean)}, worst ${fixed(figures.r_worst)}`,
    `fees           ${dollarText(figures.fees_usd)}, funding ${figures.funding_sats.toFixed(2)} sats`,
    `slippage       ${dollarText(figures.slippage_usd)}`,
    `without stop   ${figures.naked_ms_max} ms at most, ${figures.naked_ms_total} ms in all`,
    ...periodLines("day", figures.days),
    ...periodLines("week from", figures.weeks),
    ...lidLines("halt", lids.halts),
    ...lidLines("cooldown", lids.cooldowns),
  ];
}

/** `abot report [--from --to --json --csv]`: works without keys and network, while the bot runs. */
export function showReport(world: CliWorld, options: ReportOptions): number {
  try {
    const lines: LedgerLine[] = [];
    const faults: string[] = [];
    for (const item of readTradeLog(world.files, options.dataDir)) {
      if (item.kind === "line") lines.push(item.line);
      else if (item.kind === "fault") faults.push(`${item.where}: ${item.reason}`);
    }
    for (const fault of faults) world.error(`trade log: ${fault}`);
    if (options.form === "csv") {
      const inRange = lines.filter((line) => {
        const at = isAdjustment(line) ? line.at : line.closed_at_ms;
        return at >= options.from && at < options.to;
      });
      world.out(tradeLogCsv(inRange).trimEnd());
      return faults.length === 0 ? EXIT.ok : EXIT.no;
    }
    const figures = reportFigures(lines, options);
    const lids = lidsOf(world.files, options);
    if (options.form === "json") world.out(JSON.stringify({ ...figures, ...lids }));
    else for (const line of reportLines(figures, lids)) world.out(line);
    return faults.length === 0 ? EXIT.ok : EXIT.no;
  } catch (error) {
    world.error(`Cannot report on ${options.dataDir}: ${messageOf(error)}`);
    return EXIT.files;
  }
}
