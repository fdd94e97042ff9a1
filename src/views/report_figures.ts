/** What the trade log says, in figures. Money in satoshis and dollars; pure. */
import { isAdjustment, type LedgerLine, type TradeLine } from "../infrastructure/storage/trades/trade_schema.ts";

const SATS_PER_BTC = 100_000_000;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday; weeks begin on Monday (F-8.2). */
const MONDAY_SHIFT_MS = 3 * DAY_MS;

export type PeriodFigures = { readonly from: string; readonly trades: number; readonly net_usd: number };
/** What the account held at one moment, and what a BTC cost. */
export type AccountAt = { readonly at_ms: number; readonly btc: number; readonly btc_usd: number };
/** The account at both ends of what is reported. */
export type AccountSpan = { readonly start: AccountAt; readonly end: AccountAt };
export type EquityFigures = {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly start_usd: number;
  readonly end_usd: number;
  /** Closed trades with their late fees and funding, at the last price. */
  readonly trading_usd: number;
  /** What the BTC of the start gained or lost by the price alone. */
  readonly btc_price_usd: number;
  /** What only holding the BTC of the start would be worth. */
  readonly held_usd: number;
  /** What is still open, deposits, withdrawals, rounding. */
  readonly other_usd: number;
};
export type ReportFigures = {
  readonly trades: number;
  readonly wins: number;
  readonly losses: number;
  readonly longs: number;
  readonly shorts: number;
  readonly exits: Readonly<Record<string, number>>;
  readonly winrate_pct: number | null;
  /** Gains over losses; null without a loss. */
  readonly profit_factor: number | null;
  readonly net_sats: number;
  readonly net_usd: number;
  readonly fees_sats: number;
  readonly fees_usd: number;
  readonly funding_sats: number;
  readonly slippage_usd: number;
  readonly r_mean: number | null;
  readonly r_worst: number | null;
  readonly max_drawdown_usd: number;
  readonly naked_ms_max: number;
  readonly naked_ms_total: number;
  /** The account from start to end, and what moved it. null when neither a history nor a trade tells it. */
  readonly equity: EquityFigures | null;
  readonly days: readonly PeriodFigures[];
  readonly weeks: readonly PeriodFigures[];
  readonly months: readonly PeriodFigures[];
};

function netSatsOf(line: LedgerLine): number {
  return line.gross_pnl_sats - line.fees_sats - line.funding_sats;
}
function closedAt(line: LedgerLine): number {
  return isAdjustment(line) ? line.at : line.closed_at_ms;
}

/** Without a history the first entry and the last close are all that is known. */
function accountOf(trades: readonly TradeLine[]): AccountSpan | null {
  const [first, last] = [trades[0], trades.at(-1)];
  if (first === undefined || last === undefined) return null;
  return {
    start: {
      at_ms: first.opened_at_ms,
      btc: first.equity_before_sats / SATS_PER_BTC,
      btc_usd: first.entry_price_avg,
    },
    end: { at_ms: last.closed_at_ms, btc: last.equity_after_sats / SATS_PER_BTC, btc_usd: last.exit_price_avg },
  };
}

function equityOf({ start, end }: AccountSpan, netSats: number): EquityFigures {
  const [startUsd, endUsd] = [start.btc * start.btc_usd, end.btc * end.btc_usd];
  const held = start.btc * end.btc_usd;
  const trading = (netSats / SATS_PER_BTC) * end.btc_usd;
  return {
    from_ms: start.at_ms,
    to_ms: end.at_ms,
    start_usd: startUsd,
    end_usd: endUsd,
    trading_usd: trading,
    btc_price_usd: held - startUsd,
    held_usd: held,
    other_usd: endUsd - held - trading,
  };
}

function periods(
  lines: readonly { readonly at: number; readonly usd: number; readonly trade: boolean }[],
  startOf: (at: number) => number,
): readonly PeriodFigures[] {
  const found = new Map<number, { trades: number; usd: number }>();
  for (const line of lines) {
    const start = startOf(line.at);
    const sums = found.get(start) ?? { trades: 0, usd: 0 };
    found.set(start, { trades: sums.trades + (line.trade ? 1 : 0), usd: sums.usd + line.usd });
  }
  return [...found].sort(([a], [b]) => a - b).map(([start, sums]) => ({
    from: new Date(start).toISOString().slice(0, 10),
    trades: sums.trades,
    net_usd: sums.usd,
  }));
}

function drawdown(amounts: readonly number[]): number {
  let [sum, top, deepest] = [0, 0, 0];
  for (const amount of amounts) {
    sum += amount;
    top = Math.max(top, sum);
    deepest = Math.max(deepest, top - sum);
  }
  return deepest;
}

function sumOf<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}

/** Figures of every line in `from … to` (closing time, ms); late funding and fees belong to their own day (P-1). */
export function reportFigures(
  lines: Iterable<LedgerLine>,
  range: { readonly from: number; readonly to: number; readonly account?: AccountSpan | null },
): ReportFigures {
  const kept = [...lines].filter((line) => closedAt(line) >= range.from && closedAt(line) < range.to);
  const trades = kept.filter((line): line is TradeLine => !isAdjustment(line));
  const price = (at: number): number =>
    (trades.findLast((trade) => trade.closed_at_ms <= at) ?? trades[0])?.exit_price_avg ?? 0;
  // What a trade brought in dollars is what its day was charged with (F-8.1); an adjustment has no price of its own.
  const usdOf = (line: LedgerLine): number =>
    isAdjustment(line) ? (netSatsOf(line) / SATS_PER_BTC) * price(closedAt(line)) : line.net_pnl_usd;
  const dated = kept.map((line) => ({ at: closedAt(line), usd: usdOf(line), trade: !isAdjustment(line) }));
  const wins = trades.filter((trade) => trade.net_pnl_sats > 0);
  const losses = trades.filter((trade) => trade.net_pnl_sats <= 0);
  const lost = -sumOf(losses, (trade) => trade.net_pnl_sats);
  const risks = trades.flatMap((trade) => (trade.r_multiple === null ? [] : [trade.r_multiple]));
  const exits: Record<string, number> = {};
  const netSats = sumOf(kept, netSatsOf);
  const account = range.account ?? accountOf(trades);
  for (const trade of trades) exits[trade.exit_reason] = (exits[trade.exit_reason] ?? 0) + 1;
  return {
    trades: trades.length,
    wins: wins.length,
    losses: losses.length,
    longs: trades.filter((trade) => trade.direction === "long").length,
    shorts: trades.filter((trade) => trade.direction === "short").length,
    exits,
    winrate_pct: trades.length === 0 ? null : (wins.length / trades.length) * 100,
    profit_factor: lost === 0 ? null : sumOf(wins, (trade) => trade.net_pnl_sats) / lost,
    net_sats: netSats,
    net_usd: sumOf(dated, (line) => line.usd),
    fees_sats: sumOf(kept, (line) => line.fees_sats),
    fees_usd: sumOf(kept, (line) => (line.fees_sats / SATS_PER_BTC) * price(closedAt(line))),
    funding_sats: sumOf(kept, (line) => line.funding_sats),
    slippage_usd: sumOf(trades, (trade) => trade.slippage_usd),
    r_mean: risks.length === 0 ? null : sumOf(risks, (risk) => risk) / risks.length,
    r_worst: risks.length === 0 ? null : Math.min(...risks),
    max_drawdown_usd: drawdown(dated.toSorted((a, b) => a.at - b.at).map((line) => line.usd)),
    naked_ms_max: trades.reduce((most, trade) => Math.max(most, trade.naked_ms), 0),
    naked_ms_total: sumOf(trades, (trade) => trade.naked_ms),
    equity: account === null ? null : equityOf(account, netSats),
    days: periods(dated, (at) => at - (at % DAY_MS)),
    months: periods(dated, (at) => Date.parse(new Date(at).toISOString().slice(0, 7))),
    weeks: periods(dated, (at) => at - ((at + MONDAY_SHIFT_MS) % (7 * DAY_MS))),
  };
}
