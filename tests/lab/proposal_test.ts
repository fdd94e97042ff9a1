/** From a sweep to a proposal or its refusal, and a proposal beside a configuration (L-5). */
import { strict as assert } from "node:assert";
import type { CliWorld } from "../../src/bot/live/cli_world.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import { diffConfig } from "../../src/programs/trader/commands/config_diff.ts";
import { compare, type Side } from "../../src/programs/lab/judging/compare.ts";
import { judgeSweep } from "../../src/programs/lab/judging/judge.ts";
import { readResults } from "../../src/programs/lab/judging/sweep_results.ts";
import { type Measured, proposalYaml, tune, tuneJson, tuneSentence } from "../../src/programs/lab/judging/tune.ts";
import { walkForward } from "../../src/programs/lab/judging/walk_forward.ts";
import { jsonl, noisyDays, resultLine } from "./sweep_fixture.ts";

const RULE = {
  kind: "rolling",
  train_days: 60,
  test_days: 20,
  purge_days: 2,
  embargo_days: 14,
  select: "mean_r",
  min_trades: 10,
} as const;
const HOLDS: Measured = { holds: true, text: "measured elsewhere" };
const DAYS = 400;
const side = (source: string, r: readonly number[]): Side => ({
  source,
  firstDay: "2020-01-01",
  r: Float64Array.from(r),
  trades: Float64Array.from(r, (value) => value === 0 ? 0 : 1),
  netUsd: 0,
  dataHash: "d",
});

function tuned(of: { readonly edge: number; readonly parity?: Measured; readonly faults?: Measured }) {
  const best = noisyDays(77, { days: DAYS, edge: of.edge });
  const current = noisyDays(5, { days: DAYS });
  const lines = [
    resultLine(0, best, { keys: { "strategy.grid_atr_multiple": 3 } }),
    ...[1, 2, 3, 4, 5].map((index) => resultLine(index, noisyDays(index, { days: DAYS }))),
  ];
  const results = readResults("r", jsonl(lines));
  const alone = compare({ a: side("a", best), b: side("b", current) }, { seed: 1, riskUsd: 3 });
  return tune({
    judgement: judgeSweep(results, { trials: 0, holdoutLooks: 0 }, { seed: 1, resamples: 999 }),
    walk: walkForward(results, RULE, { seed: 1 }),
    current: side("current", current),
    effects: [{ key: "strategy.grid_atr_multiple", current: "2", proposed: "3", alone }],
    parity: of.parity === undefined ? HOLDS : of.parity,
    faults: of.faults === undefined ? HOLDS : of.faults,
    seed: 1,
  });
}

Deno.test("[L-5.2] a large edge that holds everywhere is proposed, with what each key does in R and dollars", () => {
  const tuning = tuned({ edge: 0.8 });
  assert.equal(tuning.proposed, true);
  assert.deepEqual(tuneJson(tuning)["failed"], []);
  const yaml = proposalYaml(tuning, "config/proposals/2026-12-01/evidence.html");
  assert.match(
    yaml,
    /^strategy:\n {2}# now 2; alone \+\$\d+\.\d\d a month, \+\$\d+\.\d\d to \+\$\d+\.\d\d\n {2}grid_atr_multiple: 3\n$/m,
  );
});

Deno.test("[L-5.2] nothing is proposed without each condition, and the sentence names what is not shown", () => {
  assert.equal(tuneSentence(tuned({ edge: 0.8, parity: null })), "Nothing is proposed: parity is not shown.");
  const both = tuned({ edge: 0.8, parity: { holds: false, text: "12 % apart" }, faults: null });
  assert.equal(tuneSentence(both), "Nothing is proposed: parity, faults are not shown.");
  const none = tuned({ edge: 0 });
  assert.equal(none.proposed, false);
  assert.ok(none.conditions.some(({ name, holds }) => name === "better out of sample" && !holds));
  assert.ok(none.conditions.some(({ name, holds }) => name === "beyond luck" && !holds));
});

function world(proposal: string) {
  const files = new MemoryFiles();
  for (const name of ["testnet.yaml", "safety_limits.yaml"]) {
    files.writeAtomic(`config/${name}`, Deno.readTextFileSync(`config/${name}`));
  }
  files.writeAtomic("proposal.yaml", proposal);
  const [lines, errors]: [string[], string[]] = [[], []];
  const cli: CliWorld = {
    files,
    now: () => 0,
    wait: () => Promise.resolve(),
    columns: () => 80,
    out: (line) => lines.push(line),
    error: (line) => errors.push(line),
  };
  const code = diffConfig(cli, { config: "config/testnet.yaml", proposal: "proposal.yaml" });
  return { code, lines, errors, files };
}

Deno.test("[L-5.3] current, proposed and dollars stand side by side, and no file is changed", () => {
  const { code, lines, files } = world(
    "strategy:\n  grid_atr_multiple: 3\nstages:\n  stage_1:\n    max_loss_usd_cap: 2\n",
  );
  assert.equal(code, 0);
  assert.ok(lines.some((line) => /^strategy\.grid_atr_multiple +2 {2}3$/.test(line)), lines.join("\n"));
  assert.ok(lines.some((line) => /^worst trade at \$100\.00 +\$3\.00 {2}\$2\.00$/.test(line)), lines.join("\n"));
  assert.equal(files.readText("config/testnet.yaml"), Deno.readTextFileSync("config/testnet.yaml"));
  assert.match(world("strategy:\n  grid_atr_multiple: 2\n").lines.join("\n"), /changes nothing/);
});

const WRONG: readonly (readonly [proposal: string, says: RegExp])[] = [
  ["strategy:\n  grid_atr_multipel: 3\n", /^proposal\.yaml:2:3: .*did you mean strategy\.grid_atr_multiple\?$/],
  ["strategy:\n  grid_atr_multiple: 300\n", /^proposal\.yaml:2:3: .*must be a number from 0\.1 to 20/],
  ["safety:\n  daily_loss_cap_pct: 9\n", /^proposal\.yaml:2:3: .*only searched tighter than 5$/],
  ["strategy:\n  grid_atr_multiple: null\n", /strategy\.grid_atr_multiple: must be one value$/],
  ["strategy:\n  grid_atr_multiple: [1, 2]\n", /strategy\.grid_atr_multiple: must be one value$/],
];
Deno.test("[L-5.3] a proposal that is none is refused in one line with its place", () => {
  for (const [proposal, says] of WRONG) {
    const { code, errors, lines } = world(proposal);
    assert.deepEqual([code, lines.length, errors.length], [78, 0, 1], proposal);
    assert.match(errors[0] ?? "", says);
  }
});
