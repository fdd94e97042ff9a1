/**
 * Tests over all candidates of a sweep at once: White's reality check (2000), Hansen's SPA (2005) and Romano & Wolf's
 * StepM (2005). Rows are candidates, columns the same days; a candidate is measured against not trading at all.
 */
import { stationaryVariance } from "./moments.ts";

export type Matrix = { readonly rows: number; readonly days: number; readonly values: Float64Array };

/** One row of a matrix, not copied. */
export function rowOf(matrix: Matrix, row: number): Float64Array {
  return matrix.values.subarray(row * matrix.days, (row + 1) * matrix.days);
}

export type SweepTest = {
  /** p-values, never 0; `lower` <= `consistent` <= `upper`. */
  readonly white: number;
  readonly spa: { readonly lower: number; readonly consistent: number; readonly upper: number };
  /** Rows that beat luck at 5 % even after so many were tried, ascending. */
  readonly winners: readonly number[];
};

type Prepared = {
  readonly matrix: Matrix;
  readonly means: Float64Array;
  /** √ of n times the variance of each mean. */
  readonly scales: Float64Array;
  readonly counts: Uint8Array;
};

/** White, SPA and StepM of one sweep over the same resampled days (`counts`, from resampledDays). */
export function testSweep(
  matrix: Matrix,
  { counts, block }: { readonly counts: Uint8Array; readonly block: number },
): SweepTest {
  const prepared = prepare(matrix, { counts, block });
  const { means, scales } = prepared;
  const [n, resamples] = [matrix.days, counts.length / matrix.days];
  const root = Math.sqrt(n);
  const border = Math.sqrt(2 * Math.log(Math.max(1, Math.log(n))));
  let [white, spa] = [-Infinity, 0];
  for (let k = 0; k < matrix.rows; k++) {
    white = Math.max(white, root * (means[k] ?? 0));
    if ((scales[k] ?? 0) > 0) spa = Math.max(spa, root * (means[k] ?? 0) / (scales[k] ?? 1));
  }
  let [whiteHits, lowerHits, consistentHits, upperHits] = [0, 0, 0, 0];
  eachResample(prepared, (drawn) => {
    let [best, lower, consistent, upper] = [-Infinity, 0, 0, 0];
    for (let k = 0; k < matrix.rows; k++) {
      const [mean, scale, again] = [means[k] ?? 0, scales[k] ?? 0, drawn[k] ?? 0];
      const centred = root * (again - mean);
      if (centred > best) best = centred;
      if (!(scale > 0)) continue;
      const studentised = centred / scale;
      if (studentised > upper) upper = studentised;
      // A candidate far under 0 is no rival: it is not lifted to 0 (consistent), no losing one is (lower).
      const kept = mean >= -scale / root * border ? studentised : root * again / scale;
      if (kept > consistent) consistent = kept;
      const low = mean >= 0 ? studentised : root * again / scale;
      if (low > lower) lower = low;
    }
    if (best >= white) whiteHits++;
    if (lower >= spa) lowerHits++;
    if (consistent >= spa) consistentHits++;
    if (upper >= spa) upperHits++;
  });
  const p = (hits: number) => (1 + hits) / (resamples + 1);
  return {
    white: p(whiteHits),
    spa: { lower: p(lowerHits), consistent: p(consistentHits), upper: p(upperHits) },
    winners: stepM(prepared, 0.05),
  };
}

function prepare(
  matrix: Matrix,
  { counts, block }: { readonly counts: Uint8Array; readonly block: number },
): Prepared {
  const means = new Float64Array(matrix.rows);
  const scales = new Float64Array(matrix.rows);
  for (let k = 0; k < matrix.rows; k++) {
    const row = rowOf(matrix, k);
    let sum = 0;
    for (const value of row) sum += value;
    means[k] = sum / matrix.days;
    scales[k] = Math.sqrt(stationaryVariance(row, block));
  }
  return { matrix, means, scales, counts };
}

/** Calls back with the means of all candidates, resample by resample; only drawn days are visited. */
function eachResample(prepared: Prepared, look: (means: Float64Array) => void): void {
  const { matrix, counts } = prepared;
  const { rows, days } = matrix;
  // Day by day, so that the inner loop runs along memory.
  const byDay = new Float64Array(rows * days);
  for (let k = 0; k < rows; k++) {
    for (let t = 0; t < days; t++) byDay[t * rows + k] = matrix.values[k * days + t] ?? 0;
  }
  const drawn = new Float64Array(rows);
  const resamples = counts.length / days;
  for (let row = 0; row < resamples; row++) {
    drawn.fill(0);
    for (let t = 0; t < days; t++) {
      const times = (counts[row * days + t] ?? 0) / days;
      if (times === 0) continue;
      const from = t * rows;
      for (let k = 0; k < rows; k++) drawn[k] = (drawn[k] ?? 0) + times * (byDay[from + k] ?? 0);
    }
    look(drawn);
  }
}

/** Which candidates are above 0, with at most `alpha` chance of one false name: rejects, then looks at the rest again. */
function stepM(prepared: Prepared, alpha: number): number[] {
  const { matrix, means, scales } = prepared;
  const root = Math.sqrt(matrix.days);
  const winners = new Set<number>();
  for (;;) {
    const left = [...means.keys()].filter((k) => !winners.has(k) && (scales[k] ?? 0) > 0);
    const highest: number[] = [];
    eachResample(prepared, (drawn) => {
      let best = -Infinity;
      for (const k of left) best = Math.max(best, root * ((drawn[k] ?? 0) - (means[k] ?? 0)) / (scales[k] ?? 1));
      highest.push(best);
    });
    highest.sort((a, b) => a - b);
    const critical = highest[Math.min(highest.length - 1, Math.ceil((1 - alpha) * (highest.length + 1)) - 1)] ??
      Infinity;
    const found = left.filter((k) => root * (means[k] ?? 0) / (scales[k] ?? 1) > critical);
    if (found.length === 0) return [...winners].sort((a, b) => a - b);
    for (const k of found) winners.add(k);
  }
}
