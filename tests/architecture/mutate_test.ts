/** The mutator changes one thing at a time, the same things for the same seed. */
import { strict as assert } from "node:assert";
import { apply, mutantsOf, neighbours, sample } from "../mutants/mutate.ts";

const TEXT = `export function f(a: 1 | 2, b: number): number {
  if (a === 1 && b >= 60_000) g(b);
  return b > 0 ? b : 0.8;
}`;

Deno.test("mutate: every comparison, constant, branch and statement is found, types are left alone", () => {
  const found = mutantsOf("x.ts", TEXT).map((mutant) => `${mutant.before} -> ${mutant.after}`);
  assert.deepEqual(found, [
    "a === 1 && b >= 60_000 -> true",
    "a === 1 && b >= 60_000 -> false",
    "&& -> ||",
    "=== -> !==",
    "1 -> 2",
    "1 -> 0",
    ">= -> >",
    "60_000 -> 60001",
    "60_000 -> 59999",
    "g(b); -> ;",
    "b > 0 -> true",
    "b > 0 -> false",
    "> -> >=",
    "0 -> 1",
    "0 -> (-1)",
    "0.8 -> 0.9",
    "0.8 -> 0.7",
  ]);
});

Deno.test("mutate: one unit of the last digit, for whole, decimal and big numbers", () => {
  assert.deepEqual(neighbours("0.00055"), ["0.00056", "0.00054"]);
  assert.deepEqual(neighbours("1_000n"), ["1001n", "999n"]);
  assert.deepEqual(neighbours("1e8"), ["100000001", "99999999"]);
});

Deno.test("mutate: a mutant changes its place and nothing else", () => {
  const mutant = mutantsOf("x.ts", TEXT).find((one) => one.after === "60001");
  assert.ok(mutant !== undefined);
  assert.equal(apply(TEXT, mutant), TEXT.replace("60_000", "60001"));
});

Deno.test("mutate: the seed decides which", () => {
  const all = mutantsOf("x.ts", TEXT);
  const first = sample(all, { seed: 1, count: 5 });
  assert.deepEqual(sample(all, { seed: 1, count: 5 }), first);
  assert.notDeepEqual(sample(all, { seed: 2, count: 5 }), first);
  assert.equal(new Set(sample(all, { seed: 3, count: 99 })).size, all.length);
});

Deno.test("mutate: an arm that only the compiler reaches is left alone", () => {
  const text = "switch (k) { case 1: return 5; default: { const never: never = k; h(3); return never; } }";
  assert.deepEqual(mutantsOf("x.ts", text).map((mutant) => mutant.before), ["1", "1", "5", "5"]);
});
