/**
 * Sharpe ratios that know how long and how often one looked (Bailey & López de Prado 2012, 2014). Ratios are per
 * period, never annualised; kurtosis is Pearson's (a normal series has 3).
 */
import { normalCdf, normalQuantile } from "./distributions.ts";

export const EULER_GAMMA = 0.5772156649015329;

export type Sharpe = {
  /** Mean over standard deviation, per period. */
  readonly ratio: number;
  readonly periods: number;
  readonly skewness: number;
  readonly kurtosis: number;
};

/** Variance of an estimated ratio, times (periods - 1). */
function shape({ ratio, skewness, kurtosis }: Sharpe): number {
  return Math.max(0, 1 - skewness * ratio + (kurtosis - 1) / 4 * ratio * ratio);
}

/** Standard deviation of the estimated ratio. */
export function sharpeError(sharpe: Sharpe): number {
  return Math.sqrt(shape(sharpe) / (sharpe.periods - 1));
}

/** Probability that the true ratio is above `threshold`. */
export function probabilisticSharpe(sharpe: Sharpe, threshold = 0): number {
  return normalCdf((sharpe.ratio - threshold) / sharpeError(sharpe));
}

/** Periods needed before a ratio above `threshold` is shown with `confidence`; infinite when it is not above. */
export function minTrackRecord(
  sharpe: Omit<Sharpe, "periods">,
  { threshold = 0, confidence = 0.95 }: { readonly threshold?: number; readonly confidence?: number } = {},
): number {
  if (!(sharpe.ratio > threshold)) return Infinity;
  const z = normalQuantile(confidence) / (sharpe.ratio - threshold);
  return 1 + shape({ ...sharpe, periods: 2 }) * z * z;
}

/** Expected largest of `trials` independent standard normal values (exact for 1, close from about 5 on). */
export function expectedMaximum(trials: number): number {
  if (!(trials > 1)) return 0;
  const near = normalQuantile(1 - 1 / trials);
  return (1 - EULER_GAMMA) * near + EULER_GAMMA * normalQuantile(1 - 1 / (trials * Math.E));
}

/** Years of data below which the best of `trials` settings without edge reaches an annual ratio of `ratio`. */
export function minBacktestYears(trials: number, ratio: number): number {
  const expected = expectedMaximum(trials) / ratio;
  return expected * expected;
}

export type Deflated = {
  /** Ratio per period that luck alone reaches among that many trials. */
  readonly luckRatio: number;
  /** Probability that the true ratio is above 0 after so many trials. */
  readonly probability: number;
};

/** Deflated Sharpe ratio; `variance` is that of the trials' ratios per period. */
export function deflatedSharpe(
  sharpe: Sharpe,
  { trials, variance }: { readonly trials: number; readonly variance: number },
): Deflated {
  const luckRatio = Math.sqrt(variance) * expectedMaximum(trials);
  return { luckRatio, probability: probabilisticSharpe(sharpe, luckRatio) };
}
