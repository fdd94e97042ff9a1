/** Numbers of papers and public packages that the lab's methods must give; and numbers that must not come out. */
import { strict as assert } from "node:assert";
import { normalCdf, normalQuantile, studentCdf } from "../../src/programs/lab/statistics/distributions.ts";
import { plannedLooks } from "../../src/programs/lab/statistics/group_sequential.ts";
import { neweyWestError, optimalBlockLength } from "../../src/programs/lab/statistics/moments.ts";
import { overfitting } from "../../src/programs/lab/statistics/overfitting.ts";
import { permuteArms, signFlip } from "../../src/programs/lab/statistics/permutation.ts";
import {
  bestRho,
  betaBinomialMixture,
  mixtureBound,
  mixtureBoundAbove,
  normalMixture,
  normalMixtureAbove,
  shareInterval,
} from "../../src/programs/lab/statistics/sequential.ts";
import {
  deflatedSharpe,
  expectedMaximum,
  minBacktestYears,
  minTrackRecord,
  probabilisticSharpe,
  sharpeError,
} from "../../src/programs/lab/statistics/sharpe.ts";
import { numpyNormals } from "./numpy_random.ts";

const MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} lies more than ${tolerance} from ${expected}`);
}
const relative = (actual: number, expected: number, share: number) =>
  near(actual, expected, share * Math.abs(expected));

// scipy 1.17.1, stats.norm and stats.t.
const NORMAL: readonly (readonly [z: number, p: number])[] = [
  [-8, 6.22096057427174e-16],
  [-5.5, 1.898956246588768e-8],
  [-3, 0.0013498980316300933],
  [-1.959963984540054, 0.025],
  [-0.4, 0.3445782583896758],
  [0, 0.5],
  [0.3, 0.6179114221889526],
  [1, 0.8413447460685429],
  [2.5, 0.9937903346742238],
  [4.5, 0.9999966023268753],
  [6, 0.9999999990134123],
];
const QUANTILES: readonly (readonly [p: number, z: number])[] = [
  [1e-300, -37.0470962993612],
  [1e-10, -6.361340902404056],
  [0.0001, -3.7190164854556804],
  [0.025, -1.9599639845400545],
  [0.05, -1.6448536269514729],
  [0.3, -0.5244005127080409],
  [0.5, 0],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.999999, 4.753424308817087],
];
const STUDENT: readonly (readonly [t: number, df: number, p: number])[] = [
  [2.14799, 14, 0.9751486454667191],
  [-10, 3, 0.0010641995292070751],
  [1, 1, 0.75],
  [0.3, 1, 0.5927735790777423],
  [2, 1000, 0.9771148267533741],
  [1, 1e6, 0.8413446250832108],
  [-3.5, 7.5, 0.004474435990039672],
  [40, 1, 0.9920439100879742],
  [0, 5, 0.5],
];

Deno.test("[L-4.7] the normal distribution, its quantiles and Student's t agree with scipy to 1e-12 (t with a million degrees: 1e-9)", () => {
  for (const [z, p] of NORMAL) relative(normalCdf(z), p, 1e-12);
  for (const [p, z] of QUANTILES) near(normalQuantile(p), z, 1e-12 * Math.max(1, Math.abs(z)));
  for (const [t, df, p] of STUDENT) near(studentCdf(t, df), p, df > 1e5 ? 1e-9 : 1e-12);
});

Deno.test("[L-4.7] a quantile is not the 1.957162 of a table", () => {
  assert.ok(Math.abs(normalQuantile(0.975) - 1.957162) > 2e-3);
  for (const p of [0, 1, NaN, -1]) assert.throws(() => normalQuantile(p), /p must lie between 0 and 1/);
});

Deno.test("[L-4.7] the expected largest of 100 trials", () =>
  relative(expectedMaximum(100), 2.5306028932016846, 1e-12));

Deno.test("[L-4.7] probabilistic Sharpe ratio and its error", () => {
  const paper = { ratio: 1.585 / Math.sqrt(12), periods: 24, skewness: -2.448, kurtosis: 10.164 };
  near(probabilisticSharpe(paper), 0.91323430688486018, 1e-9);
  near(probabilisticSharpe({ ratio: 0.458, periods: 24, skewness: 0, kurtosis: 3 }), 0.98167, 5e-6);
  near(sharpeError({ ratio: 0.7079, periods: 134, skewness: -0.2250, kurtosis: 2.9570 }), 0.1028, 5e-5);
  near(sharpeError({ ratio: 0.8183, periods: 134, skewness: -1.4455, kurtosis: 7.0497 }), 0.1550, 5e-5);
});

Deno.test("[L-4.7] minimum track record length", () => {
  near(minTrackRecord({ ratio: 0.7079, skewness: -0.2250, kurtosis: 2.9570 }) / 12, 0.7152, 5e-5);
  near(minTrackRecord({ ratio: 0.8183, skewness: -1.4455, kurtosis: 7.0497 }) / 12, 1.1593, 5e-5);
  const years = (ratio: number, threshold: number, perYear: number, skewness = 0, kurtosis = 3) =>
    minTrackRecord({ ratio: ratio / Math.sqrt(perYear), skewness, kurtosis }, {
      threshold: threshold / Math.sqrt(perYear),
    }) / perYear;
  relative(years(2, 1, 250), 2.7311878017281761, 1e-9);
  relative(years(2, 1, 52), 2.8288335869452368, 1e-9);
  relative(years(3, 2.5, 12, -0.72, 5.78), 27.352920196040301, 1e-9);
  assert.equal(minTrackRecord({ ratio: 0, skewness: 0, kurtosis: 3 }), Infinity);
});

Deno.test("[L-4.7] deflated Sharpe ratio; excess kurtosis in the place of Pearson's must not pass", () => {
  const ratio = 2.5 / Math.sqrt(250);
  const paper = { ratio, periods: 1250, skewness: -3, kurtosis: 10 };
  const deflated = deflatedSharpe(paper, { trials: 100, variance: 0.5 / 250 });
  near(deflated.luckRatio, 0.113172, 5e-7);
  near(deflated.probability, 0.90039683444939034, 1e-9);
  near(deflatedSharpe(paper, { trials: 46, variance: 0.5 / 250 }).probability, 0.9505017, 5e-7);
  const normal = { ratio, periods: 1250, skewness: 0, kurtosis: 3 };
  near(deflatedSharpe(normal, { trials: 88, variance: 0.5 / 250 }).probability, 0.9504908, 5e-7);
  const trap = deflatedSharpe({ ...paper, kurtosis: 7 }, { trials: 100, variance: 0.5 / 250 });
  near(trap.probability, 0.9017786, 5e-6);
  assert.ok(Math.abs(deflated.probability - trap.probability) > 1e-3);
  relative(minBacktestYears(45, 1), 4.9980870044434038, 1e-9);
});

Deno.test("[L-4.7] normal mixtures, two-sided and one-sided, and the mSPRT that is the same", () => {
  const rho = bestRho(100, 0.05);
  near(rho, 12.60056, 5e-6);
  near(normalMixture(10, { v: 100, rho }), -0.6510052, 5e-7);
  near(mixtureBound(100, { rho, alpha: 0.05 }), 30.35209, 5e-5);
  const above = bestRho(100, 0.1);
  near(normalMixtureAbove(10, { v: 100, rho: above }), -0.06502391, 5e-8);
  near(mixtureBoundAbove(100, { rho: above, alpha: 0.05 }), 27.66071, 5e-5);
  const [n, mean, sd, tau2] = [100, 0.3, 1, 0.04];
  const msprt = Math.sqrt(sd ** 2 / (sd ** 2 + n * tau2)) *
    Math.exp(n ** 2 * tau2 * mean ** 2 / (2 * sd ** 2 * (sd ** 2 + n * tau2)));
  relative(msprt, 16.367228014507635, 1e-12);
  relative(Math.exp(normalMixture(n * mean, { v: n * sd ** 2, rho: sd ** 2 / tau2 })), msprt, 1e-12);
});

Deno.test("[L-4.7] beta-binomial mixture and the interval of a share", () => {
  near(betaBinomialMixture(10, { v: 100, g: 0.2, h: 0.8, rho: bestRho(100, 0.05) }), -0.6941012, 5e-7);
  const { low, high } = shareInterval({ successes: 700, trials: 1000 }, { alpha: 0.05, best: 100 });
  near(low, 0.651629, 5e-6);
  near(high, 0.745949, 5e-6);
  assert.deepEqual(shareInterval({ successes: 0, trials: 0 }, { alpha: 0.05, best: 100 }), { low: 0, high: 1 });
});

Deno.test("[L-4.7] bounds of planned looks (Lan & DeMets, O'Brien & Fleming)", () => {
  const five = plannedLooks([0.2, 0.4, 0.6, 0.8, 1], { alpha: 0.05, sides: 2 });
  const known = [4.8769, 3.3570, 2.6803, 2.2898, 2.0310];
  five.forEach(({ bound }, look) => near(bound, known[look] ?? NaN, 6e-5));
  const four = plannedLooks([0.25, 0.5, 0.75, 1], { alpha: 0.05, sides: 1 });
  const [bounds, spent] = [[3.74955, 2.53993, 2.01604, 1.72014], [8.85754e-5, 0.0055746, 0.0236251, 0.05]];
  four.forEach((look, at) => {
    near(look.bound, bounds[at] ?? NaN, 6e-5);
    near(look.spent, spent[at] ?? NaN, 5e-8);
  });
  assert.throws(() => plannedLooks([0.5, 0.5], { alpha: 0.05, sides: 2 }), /must lie above/);
});

Deno.test("[L-4.7] Darwin's maize: paired sign flips, all 32,768 of them", () => {
  const flips = signFlip(MAIZE, { seed: 1 });
  assert.equal(flips.statistic, 314);
  assert.equal(flips.arrangements, 32_768);
  assert.equal(flips.exact, true);
  near(flips.above * 32_768, 863, 1e-6);
  near(flips.above, 0.0263367, 5e-8);
  near(flips.twoSided, 0.0526733, 5e-8);
  const mean = 314 / 15;
  const sd = Math.sqrt(MAIZE.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 14);
  const t = mean / (sd / Math.sqrt(15));
  near(t, 2.14799, 5e-6);
  near(2 * (1 - studentCdf(t, 14)), 0.0497, 5e-5);
});

Deno.test("[L-4.7] the mouse data: two arms redrawn, all 11,440 arrangements", () => {
  const treated = [94, 197, 16, 38, 99, 141, 23];
  const control = [52, 104, 146, 10, 51, 30, 40, 27, 46];
  const block = { values: [...treated, ...control], second: [...treated.map(() => false), ...control.map(() => true)] };
  const result = permuteArms([block], { seed: 1 });
  near(result.statistic, 30.6349, 5e-5);
  assert.equal(result.arrangements, 11_440);
  near(result.above * 11_440, 1_613, 1e-6);
  near(result.above, 0.1409965, 5e-8);
});

Deno.test("[L-4.7] Newey-West error of the mean of the maize data", () => {
  [9.415102131583499, 9.106187287420582, 8.728946971218088, 8.932697600375436].forEach((known, lags) =>
    relative(neweyWestError(MAIZE, lags), known, 1e-12)
  );
});

Deno.test("[L-4.7] optimal block length of an autoregressive series", () => {
  const series = numpyNormals(0, 10_100);
  for (let t = 1; t < series.length; t++) series[t] = 0.3 * (series[t - 1] ?? 0) + (series[t] ?? 0);
  const { stationary, circular } = optimalBlockLength(series.slice(100));
  relative(stationary, 13.635665, 1e-6);
  relative(circular, 15.60894, 1e-6);
});

Deno.test("[L-4.7] combinatorially symmetric cross-validation by hand", () => {
  const byDay = [
    [-2, -3, 2, -4],
    [3, 3, 2, -2],
    [-4, 0, -3, 0],
    [3, 3, 0, 0],
    [-2, 4, 0, -4],
    [-1, -1, 3, -2],
    [-4, -3, -1, 2],
    [2, -4, -1, -4],
  ];
  const values = Float64Array.from([0, 1, 2, 3].flatMap((row) => byDay.map((day) => day[row] ?? 0)));
  const result = overfitting({ rows: 4, days: 8, values }, 4);
  assert.equal(result.splits, 6);
  assert.equal(result.pbo, 0.5);
  [0.4055, -1.3863, 0.4055, -0.4055, -1.3863, 0.4055].forEach((logit, split) =>
    near(result.logits[split] ?? NaN, logit, 5e-5)
  );
});

Deno.test("[L-4.7] sixteen blocks make 12,870 splits, not the 12,780 that the paper prints", () => {
  const values = Float64Array.from({ length: 128 }, (_, index) => index * 7919 % 31 - 15);
  assert.equal(overfitting({ rows: 2, days: 64, values }, 16).splits, 12_870);
});
