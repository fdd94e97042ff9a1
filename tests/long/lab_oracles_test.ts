/** The lab's numbers beside scipy's and R's, over many inputs (L-4.7). Needs python3 with scipy, or R; says so without. */
import { strict as assert } from "node:assert";
import { nextUnit, randomStream } from "../../src/common/random.ts";
import { normalCdf, normalQuantile, studentCdf } from "../../src/programs/lab/statistics/distributions.ts";
import { neweyWestError } from "../../src/programs/lab/statistics/moments.ts";
import { permuteArms, signFlip } from "../../src/programs/lab/statistics/permutation.ts";
import { quantile, studentisedMean } from "../../src/programs/lab/statistics/resample.ts";

function python(program: string, input: unknown): number[] {
  const path = Deno.makeTempFileSync({ suffix: ".json" });
  Deno.writeTextFileSync(path, JSON.stringify(input));
  const code =
    `import json,sys\nimport numpy as np\nfrom scipy import stats\nx=json.load(open(sys.argv[1]))\n${program}`;
  const { code: exit, stdout, stderr } = new Deno.Command("python3", { args: ["-c", code, path] }).outputSync();
  Deno.removeSync(path);
  assert.equal(exit, 0, `python3 with scipy is needed: ${new TextDecoder().decode(stderr).trim().split("\n").at(-1)}`);
  const values: unknown = JSON.parse(new TextDecoder().decode(stdout));
  assert.ok(Array.isArray(values));
  return values.map(Number);
}
const random = randomStream(41, "oracles");
const draws = (count: number, from: number, to: number) =>
  Array.from({ length: count }, () => from + (to - from) * nextUnit(random));
function near(own: readonly number[], other: readonly number[], tolerance: number): void {
  assert.equal(own.length, other.length);
  own.forEach((value, at) => {
    const known = other[at] ?? NaN;
    assert.ok(Math.abs(value - known) <= tolerance * Math.max(1, Math.abs(known)), `${at}: ${value}, ${known}`);
  });
}

Deno.test("[L-4.7] long: 3,000 probabilities and quantiles beside scipy, to 1e-10", () => {
  const [z, p] = [draws(1_000, -9, 9), draws(1_000, -30, 0).map((power) => Math.exp(power))];
  const t = draws(1_000, -20, 20).map((value, at) => [value, 1 + (at % 400) / 3] as const);
  near(z.map(normalCdf), python("print(json.dumps(stats.norm.cdf(x).tolist()))", z), 1e-12);
  near(p.map(normalQuantile), python("print(json.dumps(stats.norm.ppf(x).tolist()))", p), 1e-12);
  near(
    t.map(([value, df]) => studentCdf(value, df)),
    python("print(json.dumps([float(stats.t.cdf(a,b)) for a,b in x]))", t),
    1e-10,
  );
});

Deno.test("[L-4.7] long: quantiles beside numpy and Newey-West beside the plain sums, on 50 series", () => {
  const all = Array.from({ length: 50 }, (_, at) => draws(20 + at * 7, -2, 3));
  near(
    all.map((series) => quantile(series, 0.37)),
    python("print(json.dumps([float(np.quantile(s,0.37)) for s in x]))", all),
    1e-12,
  );
  const program = `def nw(s,L):
  s=np.array(s); n=len(s); e=s-s.mean(); v=e@e/n
  for l in range(1,L+1): v+=2*(1-l/(L+1))*(e[l:]@e[:-l])/n
  return float(np.sqrt(max(v,0)/n))
print(json.dumps([nw(s,4) for s in x]))`;
  near(all.map((series) => neweyWestError(series, 4)), python(program, all), 1e-12);
});

Deno.test("[L-4.7] long: exact permutations beside scipy.stats.permutation_test", () => {
  const [a, b] = [draws(6, -1, 2), draws(7, -1, 2)];
  const own = permuteArms([{ values: [...a, ...b], second: [...a.map(() => false), ...b.map(() => true)] }], {
    seed: 1,
  });
  const two = `d=lambda u,v,axis=-1: np.mean(u,axis=axis)-np.mean(v,axis=axis)
print(json.dumps([stats.permutation_test((x[0],x[1]),d,vectorized=True,n_resamples=np.inf,alternative='greater').pvalue]))`;
  near([own.above], python(two, [a, b]), 1e-9);
  const pairs = draws(12, -1, 1.3);
  const signs =
    `print(json.dumps([stats.permutation_test((x,),lambda u,axis=-1: np.sum(u,axis=axis),permutation_type='samples',vectorized=True,n_resamples=np.inf,alternative='greater').pvalue]))`;
  near([signFlip(pairs, { seed: 1 }).above], python(signs, pairs), 1e-9);
});

Deno.test("[L-4.7] long: the bootstrap's interval of independent days beside Student's", () => {
  const sums = draws(400, -1, 1.2);
  const own = studentisedMean({ sums, units: sums.map(() => 1) }, { seed: 3, block: 1 });
  const [low = NaN, high = NaN] = python(
    "r=stats.ttest_1samp(x,0).confidence_interval(0.95)\nprint(json.dumps([float(r.low),float(r.high)]))",
    sums,
  );
  assert.ok(
    own !== null && Math.abs(own.low - low) < 0.01 && Math.abs(own.high - high) < 0.01,
    JSON.stringify([own, low, high]),
  );
});
