/** What an experiment may set, as the configuration files say it (L-6.1, L-6.2). */
import { strict as assert } from "node:assert";
import { loadConfig } from "../../src/infrastructure/config/load.ts";

function load(experiment: string) {
  const text = `${Deno.readTextFileSync("config/testnet.yaml")}\n${experiment}`;
  const readText = (path: string) => path === "config/x.yaml" ? text : Deno.readTextFileSync(path);
  return loadConfig({ path: "config/x.yaml", readText });
}
const SCHEME = `experiment:
  name: wider
  seed: 3
  max_days: 90
  arms:
    A: {}
    B:
`;
const refused = (experiment: string): readonly string[] => {
  const loaded = load(experiment);
  return loaded.kind === "errors" ? loaded.errors : [];
};

Deno.test("[L-6.1] absent, an experiment changes neither configuration nor hash; present, it does", () => {
  const [without, withOne] = [load(""), load(`${SCHEME}      strategy:\n        grid_atr_multiple: 3\n`)];
  assert.ok(without.kind === "loaded" && withOne.kind === "loaded", JSON.stringify(withOne));
  assert.equal("experiment" in without.config, false);
  assert.notEqual(without.configHash, withOne.configHash);
  assert.deepEqual(withOne.config.experiment, {
    name: "wider",
    arms: { A: {}, B: { strategy: { grid_atr_multiple: 3 } } },
    seed: 3,
    block_days: 4,
    max_days: 90,
  });
});

const SAFETY = [
  "      entry:\n        max_contracts: 5\n",
  "      entry:\n        max_spread_ratio: 0.5\n",
  "      entry:\n        book_min_ratio: 0.1\n",
  "      sizing:\n        margin_use_ratio: 1\n",
  "      stages:\n        leverage: 3\n",
  "      stop:\n        stop_missing_max_s: 60\n",
  "      daily_loss_cap_pct: 9\n",
];
Deno.test("[L-6.2] no arm may set a safety key, a size or a gate of spread and book", () => {
  for (const keys of SAFETY) {
    const errors = refused(SCHEME + keys);
    assert.ok(errors.length >= 1, keys);
    assert.match(errors[0] ?? "", /^config\/x\.yaml:\d+:\d+: experiment\.arms\.B/, keys);
  }
});

Deno.test("[L-6.1] an experiment that cannot be meant is refused with its line", () => {
  const fine = `${SCHEME}      strategy:\n        grid_atr_multiple: 3\n`;
  for (
    const [from, to, says] of [
      ["name: wider", "name: Wider!", /experiment\.name .*must be 1 to 40 of a-z, 0-9 and -/],
      ["max_days: 90", "max_days: 3", /experiment\.max_days = 3: must be a whole number from 8 to 1100/],
      ["seed: 3", "seed: 3\n  block_days: 5", /experiment\.block_days = 5: must be an even number of days/],
      ["grid_atr_multiple: 3", "grid_atr_multiple: 30", /grid_atr_multiple = 30: must be a number from 0\.1 to 20/],
    ] as const
  ) {
    const [error] = refused(fine.replace(from, to));
    assert.match(error ?? "", says);
  }
});
