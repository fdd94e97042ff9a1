/** Tests that redraw what chance has assigned: signs of blocks of paired differences, arms within blocks of days. */
import { nextUint32, randomStream } from "../../../common/random.ts";

/** Up to this many arrangements all are counted; above, as many random ones as asked for. */
const EXACT_MAX = 50_000;

export type PermutationResult = {
  readonly statistic: number;
  /** One-sided for "above 0", and two-sided; never 0. */
  readonly above: number;
  readonly twoSided: number;
  /** Arrangements looked at; `exact` = all there are, the observed one among them. */
  readonly arrangements: number;
  readonly exact: boolean;
};

type Options = { readonly seed: number; readonly resamples?: number };

/** Sums of consecutive blocks of `length` values; the last block may be shorter. */
export function blockTotals(values: readonly number[], length: number): number[] {
  const totals: number[] = [];
  values.forEach((value, index) => {
    if (index % length === 0) totals.push(0);
    totals[totals.length - 1] = (totals.at(-1) ?? 0) + value;
  });
  return totals;
}

/** Flips the signs of block totals: exact when labels A and B of a block could as well have been swapped. */
export function signFlip(totals: readonly number[], { seed, resamples = 9_999 }: Options): PermutationResult {
  const observed = totals.reduce((sum, value) => sum + value, 0);
  const exact = totals.length <= 15;
  const count = exact ? 2 ** totals.length : resamples;
  const random = randomStream(seed, "sign flips");
  const counted = counter(observed);
  for (let arrangement = 0; arrangement < count; arrangement++) {
    let sum = 0;
    for (let index = 0; index < totals.length; index++) {
      const negative = exact ? (arrangement >>> index & 1) === 1 : nextUint32(random) >= 2147483648;
      sum += negative ? -(totals[index] ?? 0) : totals[index] ?? 0;
    }
    counted.add(sum);
  }
  return counted.result(exact);
}

/** A block of days whose arms were drawn together: as many of the second arm as were drawn. */
export type ArmBlock = { readonly values: readonly number[]; readonly second: readonly boolean[] };

/** Redraws the arms within each block; the statistic is the mean of the first arm minus the mean of the second. */
export function permuteArms(blocks: readonly ArmBlock[], { seed, resamples = 9_999 }: Options): PermutationResult {
  const all = blocks.flatMap(({ values }) => values);
  const total = all.reduce((sum, value) => sum + value, 0);
  const seconds = blocks.reduce((sum, { second }) => sum + second.filter((flag) => flag).length, 0);
  const firsts = all.length - seconds;
  const difference = (sumOfSecond: number) => (total - sumOfSecond) / firsts - sumOfSecond / seconds;
  const drawn = blocks.reduce(
    (sum, { values, second }) => sum + values.reduce((part, value, at) => part + (second[at] ? value : 0), 0),
    0,
  );
  const counted = counter(difference(drawn));
  const sums = arrangedSums(blocks);
  if (sums !== null) {
    for (const sum of sums) counted.add(difference(sum));
    return counted.result(true);
  }
  const random = randomStream(seed, "arms redrawn");
  for (let arrangement = 0; arrangement < resamples; arrangement++) {
    let sum = 0;
    for (const { values, second } of blocks) {
      const pool = [...values];
      const picks = second.filter((flag) => flag).length;
      for (let pick = 0; pick < picks; pick++) {
        const at = pick + Math.floor(nextUint32(random) / 4294967296 * (pool.length - pick));
        const value = pool[at] ?? 0;
        pool[at] = pool[pick] ?? 0;
        sum += value;
      }
    }
    counted.add(difference(sum));
  }
  return counted.result(false);
}

/** Sums of the second arm over all arrangements, or null when there are too many. */
function arrangedSums(blocks: readonly ArmBlock[]): readonly number[] | null {
  let sums: number[] = [0];
  for (const { values, second } of blocks) {
    const own = subsetSums(values, second.filter((flag) => flag).length);
    if (own === null || own.length * sums.length > EXACT_MAX) return null;
    sums = sums.flatMap((sum) => own.map((part) => sum + part));
  }
  return sums;
}

function subsetSums(values: readonly number[], size: number): number[] | null {
  const found: number[] = [];
  const add = (sum: number, { from, left }: { readonly from: number; readonly left: number }): boolean => {
    if (left === 0) return found.push(sum) <= EXACT_MAX;
    for (let at = from; at <= values.length - left; at++) {
      if (!add(sum + (values[at] ?? 0), { from: at + 1, left: left - 1 })) return false;
    }
    return true;
  };
  return add(0, { from: 0, left: size }) ? found : null;
}

/** Counts arrangements at least as far out; rounding of equal sums does not decide. */
function counter(observed: number) {
  const slack = 1e-9 * Math.max(1, Math.abs(observed));
  let [count, above, far] = [0, 0, 0];
  return {
    add(value: number): void {
      count++;
      if (value >= observed - slack) above++;
      if (Math.abs(value) >= Math.abs(observed) - slack) far++;
    },
    result(exact: boolean): PermutationResult {
      const share = (hits: number) => exact ? hits / count : (1 + hits) / (1 + count);
      return { statistic: observed, above: share(above), twoSided: share(far), arrangements: count, exact };
    },
  };
}
