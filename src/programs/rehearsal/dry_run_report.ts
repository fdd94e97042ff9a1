/** The report of a dry run in Markdown (P-12), and what it finds wrong. Pure. */
import type { SnapshotRecord } from "../../domain/records.ts";
import { isAdjustment, type LedgerLine, type TradeLine } from "../../infrastructure/storage/trades/trade_schema.ts";
import { dollarText, timeText } from "../../common/text.ts";
import { reportFigures } from "../../views/report_figures.ts";
import { type BothBooks, differencesOf } from "./venue_ledger.ts";

/** What the bot itself counted when it ended. */
export type DryRunCounters = {
  readonly tradesTotal: number;
  readonly lossStreak: number;
  readonly day: { readonly startAt: number; readonly realisedUsd: number } | null;
  readonly week: { readonly startAt: number; readonly realisedUsd: number } | null;
};
export type DryRunFacts = {
  readonly wanted: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly configHash: string;
  /** The trade log as read back, and the lines that could not be read. */
  readonly lines: readonly LedgerLine[];
  readonly faults: readonly string[];
  readonly counters: DryRunCounters;
  readonly lids: readonly SnapshotRecord[];
  /** Each trade beside the venue's closed profit and loss; empty when that could not be read. */
  readonly books: readonly BothBooks[];
  /** Why the run ended early, one line each. */
  readonly notes: readonly string[];
};
export type DryRunReport = { readonly text: string; readonly problems: readonly string[] };

/** Log and counters hold the same micro dollars; their sums differ by the error of adding fractions only. */
const SAME_USD = 0.000_01;

/** Losses in a row at the end of the log, as F-8.3 counts them. */
export function lossStreakOf(trades: readonly TradeLine[]): number {
  const lastWin = trades.findLastIndex((trade) => trade.net_pnl_sats > 0);
  return trades.length - 1 - lastWin;
}

function netSince(lines: readonly LedgerLine[], startAt: number): number {
  const inside = lines.filter((line) => (isAdjustment(line) ? line.at : line.closed_at_ms) >= startAt);
  return reportFigures(inside, { from: 0, to: Number.MAX_SAFE_INTEGER }).net_usd;
}

type Row = readonly [name: string, log: string, bot: string, same: boolean];

/** Counters of the bot beside the same numbers computed from the trade log alone. */
export function recomputed(lines: readonly LedgerLine[], counters: DryRunCounters): readonly Row[] {
  const trades = lines.filter((line): line is TradeLine => !isAdjustment(line));
  const rows: Row[] = [
    ["trades", String(trades.length), String(counters.tradesTotal), trades.length === counters.tradesTotal],
    [
      "loss streak",
      String(lossStreakOf(trades)),
      String(counters.lossStreak),
      lossStreakOf(trades) === counters.lossStreak,
    ],
  ];
  for (const [name, span] of [["PnL of the UTC day", counters.day], ["PnL of the UTC week", counters.week]] as const) {
    if (span === null) continue;
    const own = netSince(lines, span.startAt);
    const same = Math.abs(own - span.realisedUsd) <= SAME_USD;
    rows.push([name, own.toFixed(4), span.realisedUsd.toFixed(4), same]);
  }
  return rows;
}

function problemsOf(facts: DryRunFacts, trades: readonly TradeLine[]): readonly string[] {
  const problems = [...facts.notes, ...facts.faults.map((fault) => `trade log: ${fault}`)];
  if (trades.length < facts.wanted) problems.push(`${trades.length} of ${facts.wanted} trades were closed`);
  for (const [name, log, bot, same] of recomputed(facts.lines, facts.counters)) {
    if (!same) problems.push(`${name}: the log gives ${log}, the bot ${bot}`);
  }
  problems.push(...differencesOf(facts.books));
  for (const trade of trades) {
    const roles = new Set(trade.fills.map((fill) => fill.role));
    if (!roles.has("entry") || roles.size < 2) problems.push(`${trade.trade_id}: no fill of entry and exit each`);
    if (trade.stop_price === null) problems.push(`${trade.trade_id}: closed without ever having a stop`);
  }
  for (const lid of facts.lids) if (lid.lid === "HALT") problems.push(`HALT ${lid.reason} at ${timeText(lid.at)}`);
  return problems;
}

function tradeRows(trades: readonly TradeLine[]): readonly string[] {
  return trades.map((trade, index) => {
    const makers = trade.fills.filter((fill) => fill.is_maker).length;
    const cells = [
      String(index + 1),
      timeText(trade.closed_at_ms),
      `${trade.direction} ${trade.contracts}`,
      String(trade.entry_price_avg),
      String(trade.exit_price_avg),
      trade.exit_reason,
      trade.net_pnl_usd.toFixed(4),
      trade.fees_sats.toFixed(2),
      `${makers}/${trade.fills.length}`,
      trade.slippage_usd.toFixed(4),
      String(trade.stop_price ?? "none"),
      String(trade.naked_ms),
    ];
    return `| ${cells.join(" | ")} |`;
  });
}

/** The whole report. `problems` empty = the dry run is good. */
export function dryRunReport(facts: DryRunFacts): DryRunReport {
  const trades = facts.lines.filter((line): line is TradeLine => !isAdjustment(line));
  const figures = reportFigures(facts.lines, { from: 0, to: Number.MAX_SAFE_INTEGER });
  const problems = problemsOf(facts, trades);
  const stops = trades.filter((trade) => trade.fills.some((fill) => fill.role === "stop")).length;
  const { tradesTotal } = facts.counters;
  const complete = tradesTotal === 0 ? 0 : Math.round((trades.length / tradesTotal) * 10_000) / 100;
  const list = (items: readonly string[]) => (items.length === 0 ? ["None."] : items.map((item) => `- ${item}`));
  const lids = facts.lids.map((lid) => `${lid.lid} ${lid.reason} at ${timeText(lid.at)}`);
  const lines = [
    "# Dry run",
    "",
    `${timeText(facts.startedAt)} to ${timeText(facts.endedAt)}, configuration \`${facts.configHash.slice(0, 12)}\`.`,
    "",
    "| figure | value |",
    "| --- | --- |",
    `| trades closed | ${trades.length} of ${facts.wanted} |`,
    `| win rate | ${figures.winrate_pct === null ? "–" : `${figures.winrate_pct.toFixed(1)} %`} |`,
    `| net profit | ${dollarText(figures.net_usd)} |`,
    `| fees | ${dollarText(figures.fees_usd)} |`,
    `| slippage | ${dollarText(figures.slippage_usd)} |`,
    `| closed by stop | ${stops} |`,
    `| longest time without a stop | ${figures.naked_ms_max} ms |`,
    `| log completeness | ${complete} % (${trades.length} of ${tradesTotal}) |`,
    "",
    "## Recomputed from the trade log",
    "",
    "The log and the counters hold the same micro dollars of every trade.",
    "",
    "| counter | trade log | bot | equal |",
    "| --- | --- | --- | --- |",
    ...recomputed(facts.lines, facts.counters).map(([name, log, bot, same]) =>
      `| ${name} | ${log} | ${bot} | ${same ? "yes" : "NO"} |`
    ),
    "",
    "## Beside the venue's closed profit and loss",
    "",
    "Satoshis net of fees, without funding. The venue rounds each fill to a satoshi.",
    "",
    "| trade | trade log | venue | equal |",
    "| --- | --- | --- | --- |",
    ...facts.books.map(({ trade_id, own, venue, same }) =>
      `| ${trade_id} | ${own.toFixed(2)} | ${venue.toFixed(2)} | ${same ? "yes" : "NO"} |`
    ),
    "",
    "## Session risk",
    "",
    ...list(lids),
    "",
    "## Trades",
    "",
    "| # | closed | position | entry | exit | by | net USD | fees sats | maker fills | slippage USD | stop | naked ms |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...tradeRows(trades),
    "",
    "## Problems found",
    "",
    ...list(problems),
    "",
  ];
  return { text: lines.join("\n"), problems };
}
