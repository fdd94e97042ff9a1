/**
 * Each test of the lab on series without an edge whose days hang together: how often does it say "edge" at 5 %? Fixed
 * seeds; bands as three binomial standard errors around what is claimed (L-4.5).
 */
import { strict as assert } from "node:assert";
import { nextUnit, type RandomState, randomStream } from "../../src/common/random.ts";
import { normalQuantile } from "../../src/programs/lab/statistics/distributions.ts";
import { resampledDays, studentisedMean } from "../../src/programs/lab/statistics/resample.ts";
import { blockTotals, signFlip } from "../../src/programs/lab/statistics/permutation.ts";
import { testSweep } from "../../src/programs/lab/statistics/sweep_tests.ts";

const normal = (random: RandomState) => normalQuantile((nextUnit(random) * 4294967295 + 0.5) / 4294967296);

/** AR(1) with ρ 0.3 (0.1 in sweeps, as days of real settings have it) and calm and stormy stretches; mean `edge`, standard deviation near 1.2 R. */
function dependentDays(
  random: RandomState,
  { days, edge, rho = 0.3 }: { readonly days: number; readonly edge: number; readonly rho?: number },
): number[] {
  let [value, spread] = [0, 1];
  return Array.from({ length: days }, () => {
    spread = Math.sqrt(0.1 + 0.8 * spread * spread + 0.1 * value * value);
    value = rho * value + spread * normal(random);
    return edge + value;
  });
}

function rejections(runs: number, reject: (random: RandomState, run: number) => boolean): number {
  const random = randomStream(17, "calibration");
  let count = 0;
  for (let run = 0; run < runs; run++) if (reject(random, run)) count++;
  return count / runs;
}
function within(share: number, { low, high }: { readonly low: number; readonly high: number }): void {
  console.log(`      ${(100 * share).toFixed(2)} %`);
  assert.ok(share >= low && share <= high, `${share} is not within ${low} and ${high}`);
}

Deno.test("[L-4.5] long: the studentised bootstrap of 365 dependent days keeps its 5 %", () => {
  within(
    rejections(2_000, (random, seed) => {
      const sums = dependentDays(random, { days: 365, edge: 0 });
      return (studentisedMean({ sums, units: sums.map(() => 1) }, { seed, resamples: 399 })?.pAboveZero ?? 1) <= 0.05;
    }),
    { low: 0.035, high: 0.065 },
  );
});

Deno.test("[L-4.5] long: block sign-flips of paired differences keep their 5 %", () => {
  within(
    rejections(2_000, (random, seed) => {
      const totals = blockTotals(dependentDays(random, { days: 360, edge: 0 }), 12);
      return signFlip(totals, { seed, resamples: 999 }).above <= 0.05;
    }),
    { low: 0.035, high: 0.065 },
  );
});

function sweepOf(
  random: RandomState,
  { rows, days, edge }: { readonly rows: number; readonly days: number; readonly edge: number },
) {
  const shared = dependentDays(random, { days, edge: 0, rho: 0.1 });
  const values = new Float64Array(rows * days);
  for (let row = 0; row < rows; row++) {
    const own = dependentDays(random, { days, edge: row === 0 ? edge : 0, rho: 0.1 });
    own.forEach((r, day) => values[row * days + day] = r + (shared[day] ?? 0));
  }
  return { rows, days, values };
}

Deno.test("[L-4.5] long: White and SPA on 200 settings without an edge find one in 5 % (± 4.6, three standard errors)", () => {
  let [white, spa] = [0, 0];
  const random = randomStream(23, "sweep calibration");
  for (let run = 0; run < 200; run++) {
    const matrix = sweepOf(random, { rows: 200, days: 200, edge: 0 });
    const found = testSweep(matrix, { counts: resampledDays(200, { seed: run, resamples: 299, block: 4 }), block: 4 });
    if (found.white <= 0.05) white++;
    if (found.spa.consistent <= 0.05) spa++;
  }
  within(white / 200, { low: 0.004, high: 0.096 });
  within(spa / 200, { low: 0.004, high: 0.096 });
});

Deno.test("[L-4.5] long: an edge of 0.5 R a day is found in four of five, alone and among 20", () => {
  const alone = rejections(200, (random, seed) => {
    const sums = dependentDays(random, { days: 200, edge: 0.5 });
    return (studentisedMean({ sums, units: sums.map(() => 1) }, { seed, resamples: 399 })?.pAboveZero ?? 1) <= 0.05;
  });
  within(alone, { low: 0.8, high: 1 });
  const random = randomStream(29, "power");
  let found = 0;
  for (let run = 0; run < 100; run++) {
    const matrix = sweepOf(random, { rows: 20, days: 365, edge: 0.7 });
    const counts = resampledDays(365, { seed: run, resamples: 299, block: 4 });
    if (testSweep(matrix, { counts, block: 4 }).spa.consistent <= 0.05) found++;
  }
  within(found / 100, { low: 0.8, high: 1 });
});
