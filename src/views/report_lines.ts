/** `abot report` as text: the verdict first, then what it is made of. Pure. */
import { dollarText, timeText } from "../common/text.ts";
import { blockClause } from "./block_words.ts";
import { haltSentence } from "./halt_words.ts";
import { row, wrap } from "./layout.ts";
import { countText, percentText, resultText, rText, satText, sentenceOf } from "./numbers.ts";
import type { PeriodFigures, ReportFigures } from "./report_figures.ts";
import { type ListedTrade, tradeTable } from "./trade_table.ts";
import { exitWord } from "./trade_words.ts";
import { holdingSentence, verdictSentence } from "./verdict.ts";

export type Lid = { readonly reason: string; readonly at_ms: number };
export type ReportView = {
  readonly figures: ReportFigures;
  readonly halts: readonly Lid[];
  readonly cooldowns: readonly Lid[];
  /** Null = not listed. */
  readonly trades: readonly ListedTrade[] | null;
  /** What it ran with: `standard profile, configuration 46e6a54be059`. Null = not known. */
  readonly ranWith: string | null;
  readonly columns: number;
};

/** `3 stop, 4 target`. */
export function exitsText(exits: Readonly<Record<string, number>>): string {
  return Object.entries(exits).map(([reason, count]) => `${count} ${exitWord(reason)}`).join(", ");
}

/** Verdict and comparison with holding. */
export function verdictLines(figures: ReportFigures, columns: number): readonly string[] {
  const { equity } = figures;
  const facts = {
    from: equity?.from_ms ?? 0,
    to: equity?.to_ms ?? 0,
    trades: figures.trades,
    wins: figures.wins,
    r_mean: figures.r_mean,
    trading_sats: figures.net_sats,
    trading_usd: equity?.trading_usd ?? figures.net_usd,
    start_usd: equity?.start_usd ?? null,
    end_usd: equity?.end_usd ?? null,
    held_usd: equity?.held_usd ?? null,
  };
  if (equity === null && figures.trades === 0) return ["Nothing has been traded yet."];
  const holding = holdingSentence(facts);
  return [
    ...wrap(verdictSentence(facts), { columns }),
    ...(holding === null ? [] : wrap(holding, { columns })),
  ];
}

function accountLines({ equity }: ReportFigures, view: ReportView): readonly string[] {
  if (equity === null) return [];
  const { from_ms: from, to_ms: to } = equity;
  const other = Math.abs(equity.other_usd) < 0.005
    ? ""
    : `, other ${resultText(equity.other_usd)} (still open, deposits, withdrawals)`;
  return [
    ...row("period", `${timeText(from)} to ${timeText(to)}`, view),
    ...row(
      "account",
      `${dollarText(equity.start_usd)} to ${dollarText(equity.end_usd)}: trading ${resultText(equity.trading_usd)}, ` +
        `BTC price ${resultText(equity.btc_price_usd)}${other}`,
      view,
    ),
    ...row(
      "",
      "The account is in BTC, also when nothing is open: the BTC price alone can take it under its floor.",
      view,
    ),
  ];
}

function tradeLines(figures: ReportFigures, view: ReportView): readonly string[] {
  if (figures.trades === 0) return row("trades", "none closed", view);
  const factor = figures.profit_factor === null ? "no loss" : figures.profit_factor.toFixed(2);
  return [
    ...row(
      "trades",
      `${figures.trades}: ${figures.longs} long, ${figures.shorts} short; closed by ${exitsText(figures.exits)}`,
      view,
    ),
    ...row(
      "won",
      `${percentText(figures.winrate_pct)} (${figures.wins} won, ${figures.losses} lost), gains over losses ${factor}`,
      view,
    ),
    ...row(
      "R",
      `average ${rText(figures.r_mean)}, worst ${rText(figures.r_worst)} (1 R = what the trade risked)`,
      view,
    ),
  ];
}

function costLines(figures: ReportFigures, view: ReportView): readonly string[] {
  const funding = figures.funding_sats === 0
    ? ""
    : figures.funding_sats > 0
    ? `, funding paid ${satText(figures.funding_sats)}`
    : `, funding received ${satText(-figures.funding_sats)}`;
  return [
    ...row(
      "net result",
      `${resultText(figures.net_usd)} at the prices of each day (${satText(figures.net_sats)}), after fees and funding`,
      view,
    ),
    ...row("fees", `${dollarText(figures.fees_usd)} (${satText(figures.fees_sats)})${funding}`, view),
    ...row("slippage", dollarText(figures.slippage_usd), view),
    ...row("drawdown", `${dollarText(figures.max_drawdown_usd)} at most, by trading`, view),
    ...row(
      "without stop",
      `${secondsText(figures.naked_ms_max)} at most, ${secondsText(figures.naked_ms_total)} in all`,
      view,
    ),
  ];
}
function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function periodLines(name: string, periods: readonly PeriodFigures[]): readonly string[] {
  return periods.map((period) =>
    `${name.padEnd(12)}${period.from}  ${countText(period.trades, "trade").padStart(10)}  ${
      resultText(period.net_usd).padStart(9)
    }`
  );
}

function lidLines(view: ReportView): readonly string[] {
  return [
    ...view.cooldowns.flatMap((lid) =>
      row("pause", `${timeText(lid.at_ms)}  ${sentenceOf(blockClause(lid.reason))}`, view)
    ),
    ...view.halts.flatMap((lid) => row("halt", `${timeText(lid.at_ms)}  ${haltSentence(lid.reason)}`, view)),
  ];
}

/** The report as text. */
export function reportLines(view: ReportView): readonly string[] {
  const { figures, columns } = view;
  return [
    ...verdictLines(figures, columns),
    "",
    ...accountLines(figures, view),
    ...tradeLines(figures, view),
    ...(figures.trades === 0 ? [] : costLines(figures, view)),
    ...(view.ranWith === null ? [] : row("ran with", view.ranWith, view)),
    ...periodLines("month", figures.months.map((month) => ({ ...month, from: month.from.slice(0, 7).padEnd(10) }))),
    ...periodLines("week from", figures.weeks),
    ...periodLines("day", figures.days),
    ...lidLines(view),
    ...(view.trades === null ? [] : ["", ...tradeTable(view.trades)]),
  ];
}
