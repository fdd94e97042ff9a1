/** What must hold of the lab's tests for any series: order, bounds, ties, and looking more often. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { nextUnit, randomStream } from "../../src/common/random.ts";
import { normalCdf, normalQuantile } from "../../src/programs/lab/statistics/distributions.ts";
import { optimalBlockLength } from "../../src/programs/lab/statistics/moments.ts";
import { overfitting } from "../../src/programs/lab/statistics/overfitting.ts";
import { permuteArms, signFlip } from "../../src/programs/lab/statistics/permutation.ts";
import { resampledDays, stationaryIndices, studentisedMean } from "../../src/programs/lab/statistics/resample.ts";
import { deflatedSharpe, expectedMaximum } from "../../src/programs/lab/statistics/sharpe.ts";
import { type Matrix, testSweep } from "../../src/programs/lab/statistics/sweep_tests.ts";

/** R of days: many without a trade, losses near -1, gains up to 2; some candidates alike. */
const dayR = fc.oneof(fc.constant(0), fc.integer({ min: -12, max: 20 }).map((tenths) => tenths / 10));
const sweep = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 24, max: 48 })).chain(([rows, days]) =>
  fc.array(fc.array(dayR, { minLength: days, maxLength: days }), { minLength: rows, maxLength: rows })
);

const matrixOf = (rows: readonly (readonly number[])[]): Matrix => ({
  rows: rows.length,
  days: rows[0]?.length ?? 0,
  values: Float64Array.from(rows.flat()),
});
const tested = (rows: readonly (readonly number[])[], seed = 7) => {
  const matrix = matrixOf(rows);
  return testSweep(matrix, { counts: resampledDays(matrix.days, { seed, resamples: 199, block: 3 }), block: 3 });
};

Deno.test("[L-4.3] Hansen's p-values are ordered: lower, consistent, upper; none is 0 or above 1", () => {
  fc.assert(fc.property(sweep, fc.nat(), (rows, seed) => {
    const { spa, white } = tested(rows, seed);
    assert.ok(spa.lower <= spa.consistent && spa.consistent <= spa.upper, JSON.stringify(spa));
    for (const p of [white, spa.lower, spa.consistent, spa.upper]) assert.ok(p > 0 && p <= 1, String(p));
  }));
});

Deno.test("[L-4.3] the order of candidates changes no p-value and no overfitting share", () => {
  fc.assert(fc.property(sweep, fc.nat(), (rows, turn) => {
    const from = turn % rows.length;
    const turned = [...rows.slice(from), ...rows.slice(0, from)].reverse();
    const [one, two] = [tested(rows), tested(turned)];
    assert.deepEqual([one.white, one.spa], [two.white, two.spa]);
    const series = (found: readonly (readonly number[])[], at: readonly number[]) =>
      at.map((row) => JSON.stringify(found[row])).sort();
    assert.deepEqual(series(rows, one.winners), series(turned, two.winners));
    const [left, right] = [overfitting(matrixOf(rows)), overfitting(matrixOf(turned))];
    assert.ok(Math.abs(left.pbo - right.pbo) < 1e-12);
    assert.ok(left.pbo >= 0 && left.pbo <= 1 && left.lossShare >= 0 && left.lossShare <= 1);
  }));
});

Deno.test("[L-4.3] a copy of a candidate changes neither White's nor Hansen's p-value", () => {
  fc.assert(fc.property(sweep, (rows) => {
    const [one, two] = [tested(rows), tested([...rows, rows[0] ?? []])];
    assert.deepEqual([one.white, one.spa], [two.white, two.spa]);
  }));
});

Deno.test("[L-4.3] more trials never raise the deflated Sharpe ratio", () => {
  const ratio = fc.double({ min: -0.5, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(ratio, fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 1000 }), (r, n, more) => {
      const sharpe = { ratio: r, periods: 365, skewness: 0.5, kurtosis: 4 };
      const [few, many] = [n, n + more].map((trials) =>
        deflatedSharpe(sharpe, { trials, variance: 0.004 }).probability
      );
      assert.ok((many ?? NaN) <= (few ?? NaN) + 1e-15);
      assert.ok(expectedMaximum(n + more) >= expectedMaximum(n));
    }),
  );
});

Deno.test("[L-4.7] a quantile undoes the normal distribution", () => {
  fc.assert(fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
    assert.ok(Math.abs(normalCdf(normalQuantile(p)) - p) < 1e-13);
  }));
});

Deno.test("[L-4.1] a constant series, no trades or too few days give no interval instead of NaN", () => {
  const ones = (n: number) => Array.from({ length: n }, () => 1);
  assert.equal(studentisedMean({ sums: ones(50), units: ones(50) }, { seed: 1 }), null);
  assert.equal(studentisedMean({ sums: [1, 2, 3], units: ones(3) }, { seed: 1 }), null);
  assert.equal(studentisedMean({ sums: ones(50).map(() => 0), units: ones(50).map(() => 0) }, { seed: 1 }), null);
});

Deno.test("[L-4.1] an interval holds its estimate, is finite, and its p-value is never 0", () => {
  fc.assert(fc.property(fc.array(dayR, { minLength: 20, maxLength: 60 }), fc.nat(), (sums, seed) => {
    const found = studentisedMean({ sums, units: sums.map(() => 1) }, { seed, resamples: 199 });
    if (found === null) return;
    for (const value of Object.values(found)) assert.ok(Number.isFinite(value), JSON.stringify(found));
    assert.ok(found.pAboveZero > 0 && found.pAboveZero <= 1);
    assert.ok(found.low <= found.high);
    assert.ok(optimalBlockLength(sums).stationary >= 1);
  }));
});

Deno.test("[L-4.1] resampled days: blocks have the mean length asked for and wrap around", () => {
  const indices = new Int32Array(50_000);
  stationaryIndices(indices, { block: 5, random: randomStream(3, "test") });
  let runs = 1;
  for (let t = 1; t < indices.length; t++) {
    if (indices[t] !== ((indices[t - 1] ?? 0) + 1) % indices.length) runs++;
  }
  assert.ok(Math.abs(indices.length / runs - 5) < 0.2, String(indices.length / runs));
  const counts = resampledDays(40, { seed: 1, resamples: 25, block: 4 });
  for (let row = 0; row < 25; row++) {
    assert.equal(counts.subarray(row * 40, row * 40 + 40).reduce((a, b) => a + b, 0), 40);
  }
});

Deno.test("[L-4.2] swapping the labels turns a sign-flip test around", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 10 }), (totals) => {
    const [one, two] = [signFlip(totals, { seed: 1 }), signFlip(totals.map((value) => -value), { seed: 1 })];
    assert.equal(one.twoSided, two.twoSided);
    assert.equal(one.statistic + two.statistic, 0);
    assert.ok(one.above > 0 && one.above <= 1);
  }));
});

Deno.test("[L-6.3] arms redrawn: beyond 50,000 arrangements random ones agree with all of them", () => {
  const random = randomStream(5, "test");
  const block = () => ({
    values: Array.from({ length: 4 }, () => nextUnit(random)),
    second: [true, false, true, false],
  });
  const blocks = Array.from({ length: 6 }, block);
  const exact = permuteArms(blocks, { seed: 1 });
  assert.equal(exact.arrangements, 6 ** 6);
  // A seventh block of equal days multiplies the arrangements and changes no difference.
  const flat = { values: [0, 0, 0, 0], second: [true, false, true, false] };
  const drawn = permuteArms([...blocks, flat, flat], { seed: 1, resamples: 20_000 });
  assert.equal(drawn.exact, false);
  assert.ok(Math.abs(drawn.above - exact.above) < 0.015, `${drawn.above} and ${exact.above}`);
});
