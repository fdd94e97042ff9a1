/** The end of `demo` and `sim` for a person, at three widths; and the line that shows how far it is. */
import { equal, match, ok } from "node:assert/strict";
import { progressLine } from "../../src/programs/simulator/report.ts";
import { wrap } from "../../src/views/layout.ts";
import { tradeCsv, tradeTable } from "../../src/views/trade_table.ts";
import { holdingSentence, verdictSentence } from "../../src/views/verdict.ts";
import { tradeLine } from "../support/ledger_lines.ts";

const FACTS = {
  from: 0,
  to: 59 * 86_400_000,
  trades: 66,
  wins: 35,
  r_mean: -0.0812,
  trading_sats: -42_318,
  trading_usd: -19.9123,
  start_usd: 100,
  end_usd: 136.25,
  held_usd: 156.16,
};

Deno.test("the verdict: a losing run in a rising market is told as one", () => {
  equal(verdictSentence(FACTS), "Trading lost $19.91 (42,318 sat) in 59 days (66 trades, 53 % won, average -0.08 R).");
  equal(
    holdingSentence(FACTS),
    "Just holding the BTC would have ended at $156.16; the account ended at $136.25, from $100.00.",
  );
});

Deno.test("the verdict: a win, no trade, nothing won or lost, and an unknown account", () => {
  match(verdictSentence({ ...FACTS, trading_usd: 3, trading_sats: 6_000 }), /^Trading won \$3\.00 \(6,000 sat\)/);
  const none = { ...FACTS, trades: 0, wins: 0, r_mean: null, trading_usd: 0, trading_sats: 0 };
  equal(verdictSentence(none), "Trading did nothing in 59 days: no trade was closed.");
  match(verdictSentence({ ...FACTS, trading_usd: 0.001, trading_sats: 2 }), /^Trading neither won nor lost in 59 days/);
  equal(holdingSentence({ ...FACTS, held_usd: null }), null);
});

Deno.test("progress repaints at any width: never as wide as the terminal, with the account in it from 60 columns on", () => {
  const progress = { at: 30, startAt: 0, endAt: 60, price: 46_992.5, equityUsd: 135.69, word: "IN_POSITION" as const };
  for (const columns of [40, 60, 80, 120]) {
    const line = progressLine(progress, columns);
    ok(line.length < columns, `${columns}: ${line}`);
    if (columns >= 60) match(line, /account \$135\.69/);
  }
  match(
    progressLine(progress, 120),
    /^\[#{12}\.{12}\] {2}1970-01-01 {2}BTC \$46,993 {2}account \$135\.69 {2}in a trade$/,
  );
});

Deno.test("the list of trades fits 80 columns; as values it has a head and a line a trade", () => {
  const trades = [tradeLine({ at: 86_400_000, gross: 1_100, fees: 100, usd: 0.5, price: 123_456.5 })];
  for (const line of tradeTable(trades)) ok(line.length <= 80, line);
  equal(tradeTable([])[0], "No trade was closed.");
  const [head = "", first = ""] = tradeCsv(trades);
  equal(head.split(",").length, first.split(",").length);
  match(first, /^1970-01-01T23:59:00\.000Z,1970-01-02T00:00:00\.000Z,long,100,123456\.5,/);
});

Deno.test("wrap() keeps a number with its unit, and a word longer than the line whole", () => {
  for (const line of wrap("the daily range is 1.6 %, it needs 3 %. In 12 min.", { columns: 21 })) {
    ok(!/^(?:%|min)/.test(line), line);
  }
  equal(wrap("averyveryverylongword x", { columns: 10 }).join("|"), "averyveryverylongword|x");
});
