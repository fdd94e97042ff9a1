/** The mutator changes one thing at a time, the same things for the same seed. */
import { strict as assert } from "node:assert";
import { acceptedReasons } from "../mutants/accepted.ts";
import { filesUnder, none } from "./source.ts";
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

Deno.test("mutate: a key names the place, stays when lines above move, and is unlike every other", () => {
  const keys = mutantsOf("x.ts", TEXT).map((mutant) => mutant.key);
  assert.equal(keys[6], "x.ts | if (a === 1 && b «>=» 60_000) g(b); | >");
  assert.deepEqual(mutantsOf("x.ts", `// above\n${TEXT}`).map((mutant) => mutant.key), keys);
  const twice = mutantsOf("x.ts", "f(1);\nf(1);").map((mutant) => mutant.key);
  assert.equal(new Set([...keys, ...twice]).size, keys.length + twice.length);
});

Deno.test("mutate: the choice moves by what changed, not altogether", () => {
  const lines = Array.from({ length: 40 }, (_, index) => `f(${index + 100});`);
  const chosen = (text: string) => sample(mutantsOf("x.ts", text), { seed: 1, count: 30 }).map((mutant) => mutant.key);
  const before = new Set(chosen(lines.join("\n")));
  const added = chosen(["g(7);", ...lines].join("\n")).filter((key) => !before.has(key));
  assert.ok(added.length <= 3 && added.every((key) => key.includes("7")), added.join("\n"));
});

Deno.test("mutate: every survivor that is accepted still is a mutant, and has its reason", () => {
  const files = [...filesUnder("src/domain"), ...filesUnder("src/application")];
  const known = new Set(files.flatMap((path) => mutantsOf(path, Deno.readTextFileSync(path)).map((one) => one.key)));
  const accepted = [...acceptedReasons()];
  none(accepted.filter(([key]) => !known.has(key)).map(([key]) => key), "Accepted survivors exist");
  none(accepted.filter(([, reason]) => reason.length < 20).map(([key]) => key), "Accepted survivors have a reason");
});
