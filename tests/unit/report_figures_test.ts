/** What `abot report` counts: each a careless edit that somebody could make. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { reportFigures } from "../../src/views/report_figures.ts";
import { reportLines } from "../../src/views/report_lines.ts";
import type { LedgerLine } from "../../src/infrastructure/storage/trades/trade_schema.ts";
import { adjustmentLine, tradeLine } from "../support/ledger_lines.ts";

const ALL = { from: 0, to: Number.MAX_SAFE_INTEGER };
const DAY = Date.UTC(2026, 10, 21);
const HOUR = 3_600_000;
const START = { at_ms: DAY, btc: 0.002, btc_usd: 50_000 };
const END = { at_ms: DAY + 40 * HOUR, btc: 0.00198, btc_usd: 60_000 };

/** One trade that won 1,000 sat; then 300 sat of late fees and 200 sat of late funding the day after. */
const LINES: readonly LedgerLine[] = [
  tradeLine({ at: DAY + HOUR, gross: 1_100, fees: 100, usd: 0.5, price: 50_000 }),
  adjustmentLine({ at: DAY + 26 * HOUR, fees: 300, funding: 200 }),
];

Deno.test("[P-13] an adjustment is no trade: it is neither won nor lost, and no day counts it", () => {
  const figures = reportFigures(LINES, ALL);
  deepEqual([figures.trades, figures.wins, figures.losses, figures.winrate_pct], [1, 1, 0, 100]);
  deepEqual(figures.days.map(({ from, trades }) => [from, trades]), [["2026-11-21", 1], ["2026-11-22", 0]]);
  deepEqual(figures.months.map(({ trades }) => trades), [1]);
});

Deno.test("[P-1] late fees and late funding are in the net result, in satoshi and dollars, and on their own day", () => {
  const figures = reportFigures(LINES, ALL);
  equal(figures.net_sats, 500);
  equal(figures.net_usd.toFixed(4), "0.2500");
  deepEqual([figures.fees_sats, figures.funding_sats], [400, 200]);
  equal(figures.days[1]?.net_usd.toFixed(4), "-0.2500");
});

Deno.test("[P-1] the account begins at its true start, and is split into trading and BTC price even without a trade", () => {
  const { equity } = reportFigures([], { ...ALL, account: { start: START, end: END } });
  ok(equity !== null);
  deepEqual([equity.start_usd, equity.held_usd, equity.btc_price_usd, equity.trading_usd], [100, 120, 20, 0]);
  const traded = reportFigures(LINES, { ...ALL, account: { start: START, end: END } }).equity;
  equal(traded?.start_usd, 100);
  equal(traded?.trading_usd.toFixed(4), "0.3000");
  const { start_usd: start = 0, btc_price_usd: price = 0, trading_usd: trading = 0, other_usd: other = 0 } = traded ??
    {};
  equal((start + price + trading + other).toFixed(6), (0.00198 * 60_000).toFixed(6));
});

Deno.test("the report's first line is the verdict on trading, its second what holding would have brought", () => {
  const figures = reportFigures(LINES, { ...ALL, account: { start: START, end: END } });
  const view = { figures, halts: [], cooldowns: [], trades: null, ranWith: null };
  for (const columns of [60, 80, 120]) {
    const lines = reportLines({ ...view, columns });
    const text = lines.join(" ");
    match(
      text,
      /^Trading won \$0\.30 \(500 sat\) in 40 hours \(1 trade, 100 % won, average \+0\.42 R\)\. Just holding/,
    );
    match(text, /holding the BTC would have ended at \$120\.00; the account ended at \$118\.80, from \$100\.00\./);
    for (const line of lines) ok(line.length <= columns, `${columns}: ${line}`);
  }
});
