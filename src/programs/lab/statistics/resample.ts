/** Resampled days: the stationary bootstrap (Politis & Romano 1994) and what is read from it. */
import { nextUint32, nextUnit, type RandomState, randomStream } from "../../../common/random.ts";
import { isFlat, neweyWestLags, optimalBlockLength, type Series } from "./moments.ts";

/** Enough for p-values near 0.01; every p-value is (1 + hits) / (resamples + 1) and so never 0. */
export const RESAMPLES = 9_999;

export type ResampleOptions = {
  readonly seed: number;
  readonly resamples?: number;
  /** Mean block length in days; by default measured (Politis & White). */
  readonly block?: number;
};

/** Fills `into` with positions 0 … n-1: blocks start anywhere, have geometric lengths with this mean, and wrap around. */
export function stationaryIndices(
  into: Int32Array | Uint16Array,
  { block, random }: { readonly block: number; readonly random: RandomState },
): void {
  const n = into.length;
  const stop = Math.min(1, 1 / block);
  let at = 0;
  for (let t = 0; t < n; t++) {
    at = t === 0 || nextUnit(random) < stop
      ? Math.floor(nextUint32(random) / 4294967296 * n)
      : at + 1 === n
      ? 0
      : at + 1;
    into[t] = at;
  }
}

/** How often each day stands in each resample, row by row: the same days for every candidate of a sweep. */
export function resampledDays(
  n: number,
  { seed, resamples = RESAMPLES, block }: {
    readonly seed: number;
    readonly resamples?: number;
    readonly block: number;
  },
): Uint8Array {
  if (n > 60_000) throw new RangeError(`Cannot resample ${n} days: at most 60,000`);
  const random = randomStream(seed, "stationary bootstrap");
  const counts = new Uint8Array(resamples * n);
  const indices = new Uint16Array(n);
  for (let row = 0; row < resamples; row++) {
    stationaryIndices(indices, { block, random });
    for (const day of indices) {
      const place = row * n + day;
      // 255 visits to one day of one resample do not happen; a count that wrapped would be silent.
      counts[place] = Math.min(255, (counts[place] ?? 0) + 1);
    }
  }
  return counts;
}

/** Days as two columns: what was won on each day, and how many units (trades, or 1 a day) it is the mean over. */
export type Ratio = { readonly sums: Series; readonly units: Series };

export type Interval = {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** One-sided, of "not above 0"; never 0. */
  readonly pAboveZero: number;
  readonly standardError: number;
  readonly block: number;
  readonly resamples: number;
};

/**
 * Mean of a ratio (R a trade: sums of R over numbers of trades; R a day: over ones) with a studentised interval at
 * `level`. Null where nothing can be said: no units, or the same residual every day.
 */
export function studentisedMean(
  { sums, units }: Ratio,
  { seed, resamples = RESAMPLES, block, level = 0.95 }: ResampleOptions & { readonly level?: number },
): Interval | null {
  const n = sums.length;
  const total = Float64Array.from(units).reduce((sum, value) => sum + value, 0);
  if (n < 8 || total <= 0) return null;
  const estimate = Float64Array.from(sums).reduce((sum, value) => sum + value, 0) / total;
  const residuals = Float64Array.from(sums, (value, day) => value - estimate * (units[day] ?? 0));
  const length = block ?? optimalBlockLength(residuals).stationary;
  // Means that are all equal: no spread, no test.
  if (isFlat(residuals)) return null;
  const lags = Math.min(n - 1, Math.max(neweyWestLags(n), Math.round(length)));
  const standardError = errorOf(residuals, lags) / (total / n);
  if (!(standardError > 0)) return null;
  const random = randomStream(seed, "stationary bootstrap");
  const indices = new Int32Array(n);
  const drawn = new Float64Array(n);
  const statistics = new Float64Array(resamples);
  for (let row = 0; row < resamples; row++) {
    stationaryIndices(indices, { block: length, random });
    let [sum, unit] = [0, 0];
    for (let t = 0; t < n; t++) {
      sum += sums[indices[t] ?? 0] ?? 0;
      unit += units[indices[t] ?? 0] ?? 0;
    }
    if (unit <= 0) continue;
    const again = sum / unit;
    for (let t = 0; t < n; t++) drawn[t] = (sums[indices[t] ?? 0] ?? 0) - again * (units[indices[t] ?? 0] ?? 0);
    const error = errorOf(drawn, lags) / (unit / n);
    statistics[row] = error > 0 ? (again - estimate) / error : 0;
  }
  statistics.sort();
  const observed = estimate / standardError;
  const hits = statistics.length - lowerBound(statistics, observed);
  const tail = (1 - level) / 2;
  return {
    estimate,
    low: estimate - quantileSorted(statistics, 1 - tail) * standardError,
    high: estimate - quantileSorted(statistics, tail) * standardError,
    pAboveZero: (1 + hits) / (resamples + 1),
    standardError,
    block: length,
    resamples,
  };
}

/** Standard error of the mean of residuals whose mean is 0, Bartlett weights. */
function errorOf(residuals: Float64Array, lags: number): number {
  const n = residuals.length;
  let variance = 0;
  for (let lag = 0; lag <= lags; lag++) {
    let cross = 0;
    for (let t = lag; t < n; t++) cross += (residuals[t] ?? 0) * (residuals[t - lag] ?? 0);
    variance += (lag === 0 ? 1 : 2 * (1 - lag / (lags + 1))) * cross;
  }
  return Math.sqrt(Math.max(0, variance)) / n;
}

/** Position of the first value of an ascending series that is at least `value`. */
export function lowerBound(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Quantile of an ascending series, linear between its values (R's type 7). */
export function quantileSorted(ascending: Float64Array | readonly number[], q: number): number {
  if (ascending.length === 0) throw new RangeError("Cannot take a quantile of no values");
  const place = (ascending.length - 1) * q;
  const below = Math.floor(place);
  const low = ascending[below] ?? 0;
  return low + (place - below) * ((ascending[Math.min(below + 1, ascending.length - 1)] ?? low) - low);
}

/** Quantile of values in any order. */
export function quantile(values: Series, q: number): number {
  return quantileSorted(Float64Array.from(values).sort(), q);
}

/** The percentile interval of any statistic of resampled days, e.g. of the largest drawdown. */
export function percentileInterval(
  n: number,
  statistic: (days: Int32Array) => number | null,
  { seed, resamples = 1_999, block, level = 0.95 }: ResampleOptions & {
    readonly block: number;
    readonly level?: number;
  },
): { readonly low: number; readonly high: number } | null {
  const random = randomStream(seed, "percentile bootstrap");
  const indices = new Int32Array(n);
  const found: number[] = [];
  for (let row = 0; row < resamples; row++) {
    stationaryIndices(indices, { block, random });
    const value = statistic(indices);
    if (value !== null && Number.isFinite(value)) found.push(value);
  }
  if (found.length < resamples / 2) return null;
  const sorted = Float64Array.from(found).sort();
  return { low: quantileSorted(sorted, (1 - level) / 2), high: quantileSorted(sorted, 1 - (1 - level) / 2) };
}
