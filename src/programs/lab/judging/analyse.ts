/** What a list of closed trades says, each figure with n, interval and method (L-4.1, L-7.1). */
import { moments, optimalBlockLength } from "../statistics/moments.ts";
import { type Interval, percentileInterval, quantile, studentisedMean } from "../statistics/resample.ts";
import { probabilisticSharpe } from "../statistics/sharpe.ts";
import { dailyFrom, type DailySeries } from "./daily.ts";
import { badData } from "./problem.ts";

const DAY_MS = 86_400_000;

/** One closed trade, from a trade log or a run of the lab; null = not known there. */
export type AnalysedTrade = {
  readonly side: "long" | "short";
  readonly openedAt: number;
  readonly closedAt: number;
  readonly r: number | null;
  readonly netUsd: number;
  readonly feesUsd: number;
  readonly slippageUsd: number;
  readonly fundingUsd: number;
  readonly exitReason: string;
  readonly regime: string;
  readonly stage: number;
  /** Worst and best excursion in R. */
  readonly mae: number | null;
  readonly mfe: number | null;
  /** Time without a stop at the venue. */
  readonly nakedMs: number | null;
  readonly arm: string | null;
};

export type TradeSource = {
  /** For people. */
  readonly name: string;
  readonly trades: readonly AnalysedTrade[];
  readonly from: number;
  readonly to: number;
  /** What the BTC price alone did to the account, USD; null = not known. */
  readonly btcPriceUsd: number | null;
  readonly halts: readonly (readonly [reason: string, count: number])[];
};

export type Estimate = {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly method: string;
};

export type Group = {
  readonly name: string;
  readonly trades: number;
  readonly wins: number;
  readonly meanR: number;
  readonly sumR: number;
  readonly netUsd: number;
};

export type Analysis = {
  readonly source: TradeSource;
  readonly daily: DailySeries;
  readonly meanR: Interval | null;
  readonly estimates: Readonly<Record<"meanR" | "winRate" | "profitFactor" | "maxDrawdownR" | "sharpe", Estimate>>;
  /** Probability that the Sharpe ratio is above 0; null where nothing varies. */
  readonly psr: number | null;
  readonly groups: Readonly<
    Record<"direction" | "exit" | "regime" | "hour" | "weekday" | "stage" | "arm", readonly Group[]>
  >;
  readonly waterfall: readonly { readonly name: string; readonly usd: number }[];
  readonly inPositionShare: number;
  /** Of what the trades moved before costs. */
  readonly feesShare: number | null;
  readonly slippageShare: number | null;
  readonly nakedMsMax: number | null;
  readonly quantilesR: readonly number[];
  readonly withoutPlan: number;
  readonly halts: TradeSource["halts"];
};

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Analyses trades; throws LabInputError when there is nothing to analyse. */
export function analyse(source: TradeSource, { seed }: { readonly seed: number }): Analysis {
  const { trades, from, to } = source;
  if (trades.length === 0) {
    throw badData(`Cannot analyse ${source.name}: it holds no closed trade between its first and last day`);
  }
  const planned = trades.filter(({ r }) => r !== null);
  const daily = dailyFrom(source.name, trades, { from, to });
  const meanR = studentisedMean({ sums: daily.r, units: daily.trades }, { seed });
  const shape = moments(daily.r);
  const psr = shape.sd > 0 && shape.n > 2
    ? probabilisticSharpe({
      ratio: shape.mean / shape.sd,
      periods: shape.n,
      skewness: shape.skewness,
      kurtosis: shape.kurtosis,
    })
    : null;
  const total = (of: (trade: AnalysedTrade) => number) => trades.reduce((sum, trade) => sum + of(trade), 0);
  const [net, fees, slippage, funding] = [
    total(({ netUsd }) => netUsd),
    total(({ feesUsd }) => feesUsd),
    total(({ slippageUsd }) => slippageUsd),
    total(({ fundingUsd }) => fundingUsd),
  ];
  const moved = total((trade) => Math.abs(trade.netUsd + trade.feesUsd + trade.slippageUsd + trade.fundingUsd));
  const open = total(({ openedAt, closedAt }) => closedAt - openedAt);
  const naked = trades.flatMap(({ nakedMs }) => nakedMs === null ? [] : [nakedMs]);
  return {
    source,
    daily,
    meanR,
    estimates: estimatesOf({ planned, daily, meanR, seed }),
    psr,
    groups: groupsOf(planned),
    waterfall: [
      { name: "signal", usd: net + fees + slippage + funding },
      { name: "fees", usd: -fees },
      { name: "slippage", usd: -slippage },
      { name: "funding", usd: -funding },
      ...(source.btcPriceUsd === null ? [] : [{ name: "BTC price", usd: source.btcPriceUsd }]),
    ],
    inPositionShare: Math.min(1, open / Math.max(1, to - from)),
    feesShare: moved > 0 ? fees / moved : null,
    slippageShare: moved > 0 ? slippage / moved : null,
    nakedMsMax: naked.length === 0 ? null : naked.reduce((a, b) => Math.max(a, b)),
    quantilesR: planned.length === 0
      ? []
      : [0.05, 0.25, 0.5, 0.75, 0.95].map((q) => quantile(planned.map(({ r }) => r ?? 0), q)),
    withoutPlan: trades.length - planned.length,
    halts: source.halts,
  };
}

function estimatesOf({ planned, daily, meanR, seed }: {
  readonly planned: readonly AnalysedTrade[];
  readonly daily: DailySeries;
  readonly meanR: Interval | null;
  readonly seed: number;
}): Analysis["estimates"] {
  const days = daily.r.length;
  const first = Date.parse(`${daily.firstDay}T00:00:00Z`);
  const [wins, gains, losses] = [new Float64Array(days), new Float64Array(days), new Float64Array(days)];
  for (const { closedAt, r } of planned) {
    const day = Math.floor((closedAt - first) / DAY_MS);
    if (r === null || day < 0 || day >= days) continue;
    if (r > 0) wins[day] = (wins[day] ?? 0) + 1;
    if (r > 0) gains[day] = (gains[day] ?? 0) + r;
    else losses[day] = (losses[day] ?? 0) - r;
  }
  const over = (top: Float64Array, bottom: Float64Array) => (at: Iterable<number>) => {
    let [above, below] = [0, 0];
    for (const day of at) {
      above += top[day] ?? 0;
      below += bottom[day] ?? 0;
    }
    return below > 0 ? above / below : null;
  };
  const block = optimalBlockLength(daily.r).stationary;
  const estimate = (statistic: (at: Iterable<number>) => number | null, n: number): Estimate => {
    const value = statistic(Array.from({ length: days }, (_, day) => day));
    const interval = days < 8 ? null : percentileInterval(days, statistic, { seed, block });
    const method = `${n} values; percentiles of resampled days`;
    return { value, low: interval?.low ?? null, high: interval?.high ?? null, n, method };
  };
  const n = planned.length;
  const mean: Estimate = {
    value: n === 0 ? null : planned.reduce((sum, { r }) => sum + (r ?? 0), 0) / n,
    low: meanR?.low ?? null,
    high: meanR?.high ?? null,
    n,
    method: "studentised bootstrap of days",
  };
  return {
    meanR: mean,
    winRate: estimate(over(wins, daily.trades), n),
    profitFactor: estimate(over(gains, losses), n),
    maxDrawdownR: estimate((at) => drawdown(at, daily.r), days),
    sharpe: estimate((at) => {
      const { mean: centre, sd } = moments(Float64Array.from(at, (day) => daily.r[day] ?? 0));
      return sd > 0 ? centre / sd : null;
    }, days),
  };
}

function drawdown(at: Iterable<number>, r: Float64Array): number {
  let [sum, peak, deepest] = [0, 0, 0];
  for (const day of at) {
    sum += r[day] ?? 0;
    peak = Math.max(peak, sum);
    deepest = Math.max(deepest, peak - sum);
  }
  return deepest;
}

function groupsOf(planned: readonly AnalysedTrade[]): Analysis["groups"] {
  const by = (
    name: (trade: AnalysedTrade) => string,
    order: (a: Group, b: Group) => number = byTrades,
  ): readonly Group[] => {
    const found = new Map<string, AnalysedTrade[]>();
    for (const trade of planned) {
      const own = found.get(name(trade));
      if (own === undefined) found.set(name(trade), [trade]);
      else own.push(trade);
    }
    return [...found].map(([key, of]) => groupOf(key, of)).sort(order);
  };
  const byName = (a: Group, b: Group) => (a.name < b.name ? -1 : 1);
  const weekday = (group: Group) => (WEEKDAYS.indexOf(group.name) + 6) % 7;
  return {
    direction: by(({ side }) => side, byName),
    exit: by(({ exitReason }) => exitReason.replaceAll("_", " ")),
    regime: by(({ regime }) => regime.replaceAll("_", " ")),
    hour: by(({ openedAt }) => `${new Date(openedAt).toISOString().slice(11, 13)}:00`, byName),
    weekday: by(({ openedAt }) => WEEKDAYS[new Date(openedAt).getUTCDay()] ?? "", (a, b) => weekday(a) - weekday(b)),
    stage: by(({ stage }) => `stage ${stage}`, byName),
    arm: planned.some(({ arm }) => arm !== null) ? by(({ arm }) => arm === null ? "none" : `arm ${arm}`, byName) : [],
  };
}

const byTrades = (a: Group, b: Group) => b.trades - a.trades || (a.name < b.name ? -1 : 1);

function groupOf(name: string, trades: readonly AnalysedTrade[]): Group {
  const sumR = trades.reduce((sum, { r }) => sum + (r ?? 0), 0);
  return {
    name,
    trades: trades.length,
    wins: trades.filter(({ r }) => (r ?? 0) > 0).length,
    meanR: sumR / trades.length,
    sumR,
    netUsd: trades.reduce((sum, { netUsd }) => sum + netUsd, 0),
  };
}
