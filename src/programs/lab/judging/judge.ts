/** Whether the best of a sweep is more than the luck of having tried so many (L-4.3). */
import type { ResultLine } from "../driver/types.ts";
import { isFlat, moments, optimalBlockLength } from "../statistics/moments.ts";
import { blocksFor, type Overfitting, overfitting } from "../statistics/overfitting.ts";
import { type Interval, quantile, resampledDays, RESAMPLES, studentisedMean } from "../statistics/resample.ts";
import { deflatedSharpe, expectedMaximum, minTrackRecord, probabilisticSharpe } from "../statistics/sharpe.ts";
import { type Matrix, rowOf, type SweepTest, testSweep } from "../statistics/sweep_tests.ts";
import type { LabInputError } from "../io.ts";
import { badData } from "./problem.ts";
import type { SweepResults } from "./sweep_results.ts";

/** Fewer trades than this say nothing about a setting; fewer days say nothing about a sweep. */
export const MIN_TRADES = 30;
export const MIN_DAYS = 60;
/** What "shown" asks for (L-5.2). */
export const SHOWN = { spaP: 0.05, deflatedSharpe: 0.95, pbo: 0.3 } as const;

export type Ledger = {
  /** Candidates ever tried on these data. */
  readonly trials: number;
  /** Times the reserved period was opened. */
  readonly holdoutLooks: number;
};

export type Verdict = "edge" | "luck" | "not decidable";

export type Judgement = {
  readonly settings: number;
  readonly trials: number;
  readonly holdoutLooks: number;
  readonly days: number;
  readonly firstDay: string;
  /** Settings with fewer than MIN_TRADES trades: never the best, but counted as tried. */
  readonly tooFewTrades: number;
  readonly best: {
    readonly candidate: ResultLine;
    readonly meanR: Interval;
    /** Probability that its Sharpe ratio is above 0, as if it were the only one tried; and deflated by the trials. */
    readonly psr: number;
    readonly dsr: number;
    /** Days needed to show its Sharpe ratio above 0 if it were the only one tried; null = never. */
    readonly trackDays: number | null;
  };
  /** Mean R a trade that the best of so many settings without edge would show. */
  readonly luckMeanR: number;
  readonly tests: SweepTest;
  /** White's and Hansen's consistent p-value for all trials of the ledger and all looks at the reserved period. */
  readonly white: number;
  readonly spa: number;
  readonly overfitting: Overfitting;
  readonly block: number;
  readonly resamples: number;
  readonly verdict: Verdict;
  readonly sentence: string;
};

type Options = { readonly seed: number; readonly resamples?: number };

/** Judges a sweep against all that was ever tried. Throws LabInputError where the data allow no judgement at all. */
export function judgeSweep(
  results: SweepResults,
  ledger: Ledger,
  { seed, resamples = RESAMPLES }: Options,
): Judgement {
  const { candidates, days, r, trades } = results;
  refuseTooLittle(results, ledger);
  const enough = candidates.map(({ trades: count }, row) => count >= MIN_TRADES && !isFlat(rowOf(r, row)));
  const bestRow = bestOf(results, enough);
  const best = candidates[bestRow];
  if (best === undefined) throw tooFewTrades(results);
  const block = blockOf(r);
  const counts = resampledDays(days, { seed, resamples, block });
  const tests = testSweep(r, { counts, block });
  const meanR = studentisedMean({ sums: rowOf(r, bestRow), units: rowOf(trades, bestRow) }, { seed, resamples });
  if (meanR === null) throw tooFewTrades(results);
  const trials = Math.max(ledger.trials, candidates.length);
  const luckMeanR = luckOf(results, { counts, enough, trials });
  const shape = moments(rowOf(r, bestRow));
  const sharpe = { ratio: shape.mean / shape.sd, periods: days, skewness: shape.skewness, kurtosis: shape.kurtosis };
  const dsr = deflatedSharpe(sharpe, { trials, variance: varianceOfRatios(r) }).probability;
  const over = overfitting(r);
  const correct = (p: number) => corrected(p, { settings: candidates.length, trials, looks: ledger.holdoutLooks });
  const trackDays = minTrackRecord(sharpe);
  const judged = {
    settings: candidates.length,
    trials,
    holdoutLooks: ledger.holdoutLooks,
    days,
    firstDay: results.firstDay,
    tooFewTrades: candidates.filter(({ trades: count }) => count < MIN_TRADES).length,
    best: {
      candidate: best,
      meanR,
      psr: probabilisticSharpe(sharpe),
      dsr,
      trackDays: Number.isFinite(trackDays) ? Math.ceil(trackDays) : null,
    },
    luckMeanR,
    tests,
    white: correct(tests.white),
    spa: correct(tests.spa.consistent),
    overfitting: over,
    block,
    resamples,
  };
  return { ...judged, ...verdictOf(judged) };
}

function refuseTooLittle({ file, candidates, days }: SweepResults, ledger: Ledger): void {
  if (candidates.length < 2) {
    throw badData(`Cannot judge ${file}: it holds 1 setting; at least 2 are needed (lab analyse shows one)`);
  }
  if (days < MIN_DAYS || blocksFor(days) < 2) {
    throw badData(`Cannot judge ${file}: it covers ${days} days; at least ${MIN_DAYS} are needed`);
  }
  if (ledger.trials > 0 && ledger.trials < candidates.length) {
    throw badData(
      `Cannot judge ${file}: the trial ledger counts ${ledger.trials} trials on these data, the sweep alone has ` +
        `${candidates.length}; give the ledger that this sweep was written to (--ledger)`,
    );
  }
}

function tooFewTrades({ file, candidates }: SweepResults): LabInputError {
  const most = candidates.reduce((high, { trades }) => Math.max(high, trades), 0);
  return badData(
    `Cannot judge ${file}: no setting has at least ${MIN_TRADES} trades with different results; the most is ${most}. ` +
      "Use more days or settings that trade more",
  );
}

/** The highest mean R a trade; among equals the one whose keys come first, so that no order of lines matters. */
function bestOf({ candidates }: SweepResults, enough: readonly boolean[]): number {
  let best = -1;
  candidates.forEach((each, row) => {
    if (enough[row] !== true) return;
    const [own, top] = [each.mean_r ?? -Infinity, candidates[best]?.mean_r ?? -Infinity];
    if (best < 0 || own > top || (own === top && each.config_hash < (candidates[best]?.config_hash ?? ""))) best = row;
  });
  return best;
}

/**
 * One block length for the whole sweep: what three of four candidates are content with, and 4 days at least. Shorter ones
 * let White and Hansen say "edge" too often: 12 % instead of 5 % with blocks of 2 where days follow each other (ρ 0.3).
 */
function blockOf(r: Matrix): number {
  const lengths: number[] = [];
  for (let row = 0; row < r.rows; row++) {
    if (!isFlat(rowOf(r, row))) lengths.push(optimalBlockLength(rowOf(r, row)).stationary);
  }
  return Math.max(4, lengths.length === 0 ? 0 : quantile(lengths, 0.75));
}

/** Variance of the candidates' Sharpe ratios a day. */
function varianceOfRatios(r: Matrix): number {
  const ratios: number[] = [];
  for (let row = 0; row < r.rows; row++) {
    const { mean, sd } = moments(rowOf(r, row));
    if (sd > 0) ratios.push(mean / sd);
  }
  return ratios.length < 2 ? 0 : moments(ratios).sd ** 2;
}

/**
 * What the best of so many settings shows by luck: the mean, over resamples, of the highest mean R a trade once every
 * setting's own mean is taken away. More trials in the ledger than in the sweep raise it as the normal maximum rises.
 */
function luckOf(
  { r, trades, candidates }: SweepResults,
  { counts, enough, trials }: {
    readonly counts: Uint8Array;
    readonly enough: readonly boolean[];
    readonly trials: number;
  },
): number {
  const rows = candidates.flatMap((each, row) => enough[row] === true ? [{ each, row }] : []);
  const residuals = rows.map(({ each, row }) => {
    const [sums, units] = [rowOf(r, row), rowOf(trades, row)];
    const own = each.sum_r / each.trades;
    return Float64Array.from(sums, (value, day) => (value - own * (units[day] ?? 0)) / each.trades);
  });
  const drawn = Math.min(1_999, counts.length / r.days);
  let total = 0;
  for (let resample = 0; resample < drawn; resample++) {
    let best = -Infinity;
    for (const residual of residuals) {
      let sum = 0;
      for (let day = 0; day < r.days; day++) sum += (counts[resample * r.days + day] ?? 0) * (residual[day] ?? 0);
      if (sum > best) best = sum;
    }
    total += best;
  }
  const raised = expectedMaximum(trials) / Math.max(1e-9, expectedMaximum(Math.max(2, candidates.length)));
  return total / drawn * Math.max(1, raised);
}

/** A sweep's p-value once the trials outside it count as well (Šidák), times the looks at the reserved period. */
export function corrected(
  p: number,
  { settings, trials, looks }: { readonly settings: number; readonly trials: number; readonly looks: number },
): number {
  const sweeps = Math.max(1, trials / settings);
  return Math.min(1, (1 - Math.pow(1 - Math.min(p, 1), sweeps)) * Math.max(1, looks));
}

function verdictOf(
  judged: Omit<Judgement, "verdict" | "sentence">,
): { readonly verdict: Verdict; readonly sentence: string } {
  const { trials, best, luckMeanR, spa, overfitting: over } = judged;
  const shown = spa <= SHOWN.spaP && best.dsr >= SHOWN.deflatedSharpe && over.pbo <= SHOWN.pbo;
  const signed = (value: number) => `${value < 0 ? "-" : "+"}${Math.abs(value).toFixed(2)} R`;
  const numbers = `${trials.toLocaleString("en-US")} settings tried; the best has ${
    signed(best.meanR.estimate)
  } a trade in sample; luck alone gives ${signed(luckMeanR)}`;
  if (shown) return { verdict: "edge", sentence: `${numbers}; the best is beyond luck.` };
  const above = best.meanR.estimate > luckMeanR
    ? ` (of sweeps without one, ${Math.round(100 * spa)} in 100 look this good)`
    : "";
  return { verdict: "luck", sentence: `${numbers}; none has shown an edge${above}.` };
}
