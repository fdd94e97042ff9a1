/** Mean, variance and shape of a series, and the serial dependence in it. Series are days unless named otherwise. */

export type Series = readonly number[] | Float64Array;

export function mean(series: Series): number {
  let sum = 0;
  for (const value of series) sum += value;
  return sum / series.length;
}

export type Moments = {
  readonly n: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1). */
  readonly sd: number;
  readonly skewness: number;
  /** Pearson's: 3 for a normal series. Excess kurtosis (0 for a normal one) passed here ruins PSR and DSR. */
  readonly kurtosis: number;
};

/** Moments of a series; a constant series has sd 0, skewness 0 and kurtosis 3. */
export function moments(series: Series): Moments {
  const n = series.length;
  const centre = mean(series);
  let [m2, m3, m4] = [0, 0, 0];
  for (const value of series) {
    const d = value - centre;
    m2 += d * d;
    m3 += d * d * d;
    m4 += d * d * d * d;
  }
  const variance = m2 / n;
  if (isFlat(series)) return { n, mean: centre, sd: 0, skewness: 0, kurtosis: 3 };
  return {
    n,
    mean: centre,
    sd: Math.sqrt(m2 / (n - 1)),
    skewness: m3 / n / (variance * Math.sqrt(variance)),
    kurtosis: m4 / n / (variance * variance),
  };
}

/** Whether all values of a series are the same: nothing can be tested then. */
export function isFlat(series: Series): boolean {
  const first = series[0];
  for (const value of series) if (value !== first) return false;
  return true;
}

/** γ_l = 1/n Σ (x_t - x̄)(x_{t-l} - x̄). */
export function autocovariance(series: Series, lag: number): number {
  const centre = mean(series);
  let sum = 0;
  for (let t = lag; t < series.length; t++) sum += ((series[t] ?? 0) - centre) * ((series[t - lag] ?? 0) - centre);
  return sum / series.length;
}

/** Lags of the Bartlett window: floor(4 (n/100)^(2/9)) (Newey & West 1994). */
export function neweyWestLags(n: number): number {
  return Math.floor(4 * Math.pow(n / 100, 2 / 9));
}

/** Standard error of the mean under serial dependence, Bartlett weights, 1/n, not prewhitened (Newey & West 1987). */
export function neweyWestError(series: Series, lags: number = neweyWestLags(series.length)): number {
  let variance = autocovariance(series, 0);
  for (let lag = 1; lag <= Math.min(lags, series.length - 1); lag++) {
    variance += 2 * (1 - lag / (lags + 1)) * autocovariance(series, lag);
  }
  return Math.sqrt(Math.max(0, variance) / series.length);
}

/**
 * n times the variance of the mean that the stationary bootstrap with mean block length `block` has in the limit
 * (Politis & Romano 1994): the scale of Hansen's test.
 */
export function stationaryVariance(series: Series, block: number): number {
  const n = series.length;
  const keep = 1 - 1 / block;
  const centre = mean(series);
  const centred = Float64Array.from(series, (value) => value - centre);
  let variance = crossSum(centred, 0) / n;
  for (let lag = 1; lag < n; lag++) {
    const weight = (n - lag) / n * Math.pow(keep, lag) + lag / n * Math.pow(keep, n - lag);
    if (weight > 1e-12) variance += 2 * weight * crossSum(centred, lag) / n;
  }
  return Math.max(0, variance);
}

function crossSum(centred: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < centred.length; t++) sum += (centred[t] ?? 0) * (centred[t - lag] ?? 0);
  return sum;
}

/** Mean block lengths, stationary and circular (Politis & White 2004, corrected by Patton, Politis & White 2009). */
export function optimalBlockLength(series: Series): { readonly stationary: number; readonly circular: number } {
  const n = series.length;
  if (isFlat(series)) return { stationary: 1, circular: 1 };
  const quietLags = Math.max(5, Math.floor(Math.log10(n)));
  const farthest = Math.min(Math.ceil(Math.sqrt(n)) + quietLags, n - 2);
  const longest = Math.ceil(Math.min(3 * Math.sqrt(n), n / 3));
  const { covariances, correlations } = lagged(series, farthest);
  const threshold = 2 * Math.sqrt(Math.log10(n) / n);
  const firstQuiet = correlations.findIndex((_, lag) =>
    lag + quietLags < correlations.length &&
    correlations.slice(lag, lag + quietLags).every((value) => Math.abs(value) < threshold)
  );
  const bandwidth = firstQuiet < 0 ? farthest : Math.min(2 * firstQuiet, farthest);
  let [slope, level] = [0, covariances[0] ?? 0];
  for (let lag = 1; lag <= bandwidth; lag++) {
    const weight = lag / bandwidth <= 0.5 ? 1 : 2 * (1 - lag / bandwidth);
    slope += 2 * weight * lag * (covariances[lag] ?? 0);
    level += 2 * weight * (covariances[lag] ?? 0);
  }
  const square = level * level;
  if (!(square > 0)) return { stationary: longest, circular: longest };
  const length = (scale: number) => Math.min(Math.max(Math.cbrt(2 * slope * slope / scale * n), 1), longest);
  return { stationary: length(2 * square), circular: length(4 / 3 * square) };
}

/** Autocovariances (1/n), and the correlations of the series with itself each lag later. */
function lagged(series: Series, farthest: number) {
  const n = series.length;
  const centre = mean(series);
  const centred = Float64Array.from(series, (value) => value - centre);
  const squares = (from: number, to: number) => crossSum(centred.subarray(from, to), 0);
  const covariances: number[] = [];
  const correlations: number[] = [];
  for (let lag = 0; lag <= farthest; lag++) {
    const cross = crossSum(centred, lag);
    const scale = squares(lag + 1, n) * squares(0, n - lag - 1);
    covariances.push(cross / n);
    correlations.push(scale > 0 ? cross / Math.sqrt(scale) : 0);
  }
  return { covariances, correlations };
}
