/** Probability of backtest overfitting by combinatorially symmetric cross-validation (Bailey et al. 2017). */
import type { Matrix } from "./sweep_tests.ts";

export type Overfitting = {
  /** Share of splits whose best in sample is at or under the median out of sample; 0 … 1. */
  readonly pbo: number;
  readonly splits: number;
  readonly blocks: number;
  /** Slope of the result out of sample on the one in sample, of the chosen ones; null when they are all equal. */
  readonly slope: number | null;
  /** Share of splits whose chosen one loses out of sample. */
  readonly lossShare: number;
  /** λ of every split, in the splits' lexical order; for a tie in sample the mean. */
  readonly logits: Float64Array;
};

/** Blocks that a number of days allows: at most 16, even, at least 4 days each; 0 = too few days. */
export function blocksFor(days: number): number {
  return Math.min(16, 2 * Math.floor(days / 8));
}

/** Ties in sample share their split; ties out of sample take the middle rank, so that no order of rows matters. */
export function overfitting(matrix: Matrix, blocks: number = blocksFor(matrix.days)): Overfitting {
  if (blocks < 2 || blocks % 2 !== 0 || blocks > matrix.days || matrix.rows < 2) {
    throw new RangeError(
      `Cannot split ${matrix.days} days of ${matrix.rows} settings into ${blocks} blocks: at least 2 settings and an ` +
        "even number of blocks are needed",
    );
  }
  const sums = blockSums(matrix, blocks);
  const edges = borders(matrix.days, blocks);
  const lengths = edges.slice(1).map((end, block) => end - (edges[block] ?? 0));
  const all = splitsOf(blocks);
  const logits = new Float64Array(all.length);
  let [under, losses, sx, sy, sxx, sxy] = [0, 0, 0, 0, 0, 0];
  const [inside, outside] = [new Float64Array(matrix.rows), new Float64Array(matrix.rows)];
  all.forEach((split, index) => {
    sampleMeans({ sums, lengths, split, into: inside, chosen: true });
    sampleMeans({ sums, lengths, split, into: outside, chosen: false });
    const { bests, best } = bestRows(inside);
    let [lambda, lower, loss, out] = [0, 0, 0, 0];
    for (const row of bests) {
      const logit = Math.log(relativeRank(outside, row) / (1 - relativeRank(outside, row)));
      lambda += logit / bests.length;
      if (logit <= 0) lower += 1 / bests.length;
      if ((outside[row] ?? 0) < 0) loss += 1 / bests.length;
      out += (outside[row] ?? 0) / bests.length;
    }
    logits[index] = lambda;
    under += lower;
    losses += loss;
    sx += best;
    sy += out;
    sxx += best * best;
    sxy += best * out;
  });
  const n = all.length;
  const spread = sxx - sx * sx / n;
  return {
    pbo: Math.min(1, under / n),
    splits: n,
    blocks,
    slope: spread > 1e-12 * sxx ? (sxy - sx * sy / n) / spread : null,
    lossShare: Math.min(1, losses / n),
    logits,
  };
}

/** First day of each block, and the end of the last. */
function borders(days: number, blocks: number): number[] {
  return Array.from({ length: blocks + 1 }, (_, block) => Math.round(days * block / blocks));
}

function blockSums(matrix: Matrix, blocks: number): Float64Array[] {
  const edges = borders(matrix.days, blocks);
  return Array.from({ length: blocks }, (_, block) => {
    const [from, to] = [edges[block] ?? 0, edges[block + 1] ?? 0];
    return Float64Array.from({ length: matrix.rows }, (_, row) => {
      let sum = 0;
      for (let t = from; t < to; t++) sum += matrix.values[row * matrix.days + t] ?? 0;
      return sum;
    });
  });
}

/** All halves of the blocks as bit masks, lexical. */
export function splitsOf(blocks: number): number[] {
  const splits: number[] = [];
  const add = (mask: number, { next, left }: { readonly next: number; readonly left: number }): void => {
    if (left === 0) return void splits.push(mask);
    for (let block = next; block <= blocks - left; block++) add(mask | 1 << block, { next: block + 1, left: left - 1 });
  };
  add(0, { next: 0, left: blocks / 2 });
  return splits;
}

function sampleMeans({ sums, lengths, split, into, chosen }: {
  readonly sums: readonly Float64Array[];
  readonly lengths: readonly number[];
  readonly split: number;
  readonly into: Float64Array;
  readonly chosen: boolean;
}): void {
  into.fill(0);
  let days = 0;
  sums.forEach((sum, block) => {
    if (((split >> block & 1) === 1) !== chosen) return;
    days += lengths[block] ?? 0;
    for (let row = 0; row < into.length; row++) into[row] = (into[row] ?? 0) + (sum[row] ?? 0);
  });
  for (let row = 0; row < into.length; row++) into[row] = (into[row] ?? 0) / days;
}

function bestRows(values: Float64Array): { readonly bests: readonly number[]; readonly best: number } {
  let best = -Infinity;
  for (const value of values) if (value > best) best = value;
  const bests: number[] = [];
  values.forEach((value, row) => {
    if (value === best) bests.push(row);
  });
  return { bests, best };
}

/** Rank 1 … N of a row's value over N + 1; equal values share the middle of their ranks. */
function relativeRank(values: Float64Array, row: number): number {
  const own = values[row] ?? 0;
  let [below, equal] = [0, 0];
  for (const value of values) {
    if (value < own) below++;
    else if (value === own) equal++;
  }
  return (below + (equal + 1) / 2) / (values.length + 1);
}
