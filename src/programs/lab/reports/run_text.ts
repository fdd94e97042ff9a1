import { dollarText } from "../../../common/text.ts";
import { type PlayFlags, windowText } from "../commands/options.ts";
import type { CandidateResult } from "../driver/types.ts";

export type RunFlags = PlayFlags & { readonly bounds?: boolean; readonly out?: string };

/** What all runs of a command are of. */
export type RunHead = {
  readonly flags: RunFlags;
  readonly from: number;
  readonly to: number;
  readonly configHash: string;
  readonly dataHash: string;
  readonly coreHash: string;
};

const WHOLE = new Intl.NumberFormat("en-US");

export function row(name: string, value: string): string {
  return `  ${name.padEnd(24)}${value}`;
}

export function sumR(result: CandidateResult): number {
  return result.trades.reduce((sum, trade) => sum + (trade.r ?? 0), 0);
}
export function wins(result: CandidateResult): number {
  return result.trades.filter((trade) => trade.netPicoBtc > 0).length;
}
export function meanR(result: CandidateResult): number | null {
  return result.trades.length === 0 ? null : sumR(result) / result.trades.length;
}
export function signed(value: number, places = 2): string {
  const text = Math.abs(value).toFixed(places);
  return Number(text) === 0 ? text : value < 0 ? `-${text}` : `+${text}`;
}

/** The report of one run for a person at a terminal. */
export function runLines(head: RunHead, result: CandidateResult, wallMs: number): readonly string[] {
  const { flags } = head;
  const count = result.trades.length;
  const blocked = result.days.filter((day) => day.blocked).length;
  const mean = meanR(result);
  return [
    "",
    `${windowText(head)}, path ${flags.path} (seed ${flags.seed}), fills ${flags.fill}, ${flags.data}`,
    row("trades", mean === null ? "none" : `${count}, ${(wins(result) / count * 100).toFixed(1)} % won`),
    ...(mean === null ? [row("", neverTraded(result))] : [
      row("result in R", `${signed(sumR(result))} in all, ${signed(mean, 3)} a trade`),
      row("fees / slippage", `${dollarText(total(result, "feesUsd"))} / ${dollarText(total(result, "slippageUsd"))}`),
      row("funding paid", dollarText(total(result, "fundingUsd"))),
    ]),
    row("equity", `${dollarText(flags.wallet)} -> ${dollarText(flags.wallet + result.netUsd)}`),
    row("holding BTC instead", `${dollarText(flags.wallet)} -> ${dollarText(flags.wallet + result.holdUsd)}`),
    ...haltLines(result, blocked),
    row("final state", result.finalState),
    row(
      "candles",
      `${WHOLE.format(result.candles)}, ${(result.skipped / result.candles * 100).toFixed(1)} % passed over`,
    ),
    row(
      "time",
      `${(wallMs / 1000).toFixed(2)} s, ${WHOLE.format(Math.round(result.candles / wallMs * 1000))} candles/s`,
    ),
    "",
    verdictOf(result),
  ];
}

/** A run without a trade says what kept it from trading as far as the run knows. */
function neverTraded(result: CandidateResult): string {
  const blocked = result.days.filter((day) => day.blocked).length;
  if (blocked > 0) return `a HALT stood on ${blocked} of ${result.days.length} days`;
  return "no price left the grid, or every signal was refused";
}

function total(result: CandidateResult, key: "feesUsd" | "slippageUsd" | "fundingUsd"): number {
  return result.trades.reduce((sum, trade) => sum + trade[key], 0);
}

function haltLines(result: CandidateResult, blocked: number): readonly string[] {
  if (result.halts.length === 0) return [row("halts", "none")];
  const counts = haltCounts(result).map(([reason, count]) => `${reason.replaceAll("_", " ")} ${count}x`);
  return [row("halts", `${counts.join(", ")}; ${blocked} of ${result.days.length} days without entries`)];
}

export function haltCounts(result: CandidateResult): readonly (readonly [reason: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { reason } of result.halts) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => a[0] < b[0] ? -1 : 1);
}

/** One true sentence: what trading itself brought, beside what the price of BTC did. */
export function verdictOf(result: CandidateResult): string {
  const own = result.netUsd - result.holdUsd;
  const price = result.holdUsd;
  const did = own < 0 ? "cost" : "brought";
  const first = `Trading ${did} ${dollarText(Math.abs(own))} beside simply holding the BTC, which itself ${
    price < 0 ? "lost" : "gained"
  } ${dollarText(Math.abs(price))}.`;
  const mean = meanR(result);
  if (mean === null) return `${first} There was no trade.`;
  const trades = result.trades.map((trade) => trade.r ?? 0);
  const spread = Math.sqrt(trades.reduce((sum, r) => sum + (r - mean) ** 2, 0) / Math.max(1, trades.length - 1));
  const error = spread / Math.sqrt(trades.length);
  const range = `${signed(mean - 2 * error, 3)} to ${
    signed(mean + 2 * error, 3)
  } R a trade (two standard errors, n = ${trades.length})`;
  if (mean - 2 * error > 0) return `${first} In this window a trade brought ${range}; one window proves no edge.`;
  if (mean + 2 * error < 0) return `${first} In this window a trade lost: ${range}.`;
  return `${first} No edge is shown: ${range}.`;
}

export function boundsLine(worst: CandidateResult, best: CandidateResult): string {
  return row(
    "bounds of the path",
    `${signed(sumR(worst))} R (worst, ${worst.trades.length} trades) to ${
      signed(sumR(best))
    } R (best, ${best.trades.length} trades)`,
  );
}
