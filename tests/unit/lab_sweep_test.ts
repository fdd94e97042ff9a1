/** Spaces, plans, parts and the ledger of the lab, in memory (L-3). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { changeConfig } from "../../src/infrastructure/config/change.ts";
import { hashConfig } from "../../src/infrastructure/config/load.ts";
import { LabInputError, type LabIo } from "../../src/programs/lab/io.ts";
import { appendLedger, newTrials, readLedger, type Trial, trialsOn } from "../../src/programs/lab/sweep/ledger.ts";
import { Best, expectedBest } from "../../src/programs/lab/sweep/luck.ts";
import { readParts, writeResults } from "../../src/programs/lab/sweep/parts.ts";
import { candidatesOf } from "../../src/programs/lab/sweep/sample.ts";
import { readSpace } from "../../src/programs/lab/sweep/space.ts";
import type { Plan, PlannedCandidate } from "../../src/programs/lab/sweep/plan.ts";
import { defaultTestConfig } from "../config_fixture.ts";

/** Files in memory. */
export function memoryIo(files: Map<string, string>): LabIo {
  const text = (path: string) => {
    const found = files.get(path);
    if (found === undefined) throw new Error(`no such file ${path}`);
    return found;
  };
  return {
    readBytes: (path) => new TextEncoder().encode(text(path)),
    readText: text,
    exists: (path) => files.has(path),
    list: (directory) =>
      [...files.keys()].filter((path) => path.startsWith(`${directory}/`)).map((path) =>
        path.slice(directory.length + 1)
      )
        .sort(),
    writeFile: (path, content) => void files.set(path, typeof content === "string" ? content : "bytes"),
    append: (path, more) => void files.set(path, (files.get(path) ?? "") + more),
    out: () => {},
    error: () => {},
    progress: () => {},
    folders: () => [],
    stopwatch: () => 0,
    env: () => undefined,
  };
}

const HEAD = "base: testnet.yaml\nsample: grid\n";

Deno.test("[L-3.1] a grid is every combination, the last key fastest, steps without crumbs", () => {
  const space = readSpace(
    `${HEAD}keys:\n  strategy.grid_atr_multiple: [1, 2]\n  sizing.stop_distance_multiple: { from: 0.1, to: 0.3, step: 0.1 }\n`,
    "s.yaml",
  );
  assert.deepEqual(candidatesOf(space).map((keys) => Object.values(keys)), [
    [1, 0.1],
    [1, 0.2],
    [1, 0.3],
    [2, 0.1],
    [2, 0.2],
    [2, 0.3],
  ]);
});

Deno.test("[L-3.1] random and sobol draw what the seed says, inside the ranges, each setting once", () => {
  for (const sample of ["random", "sobol"]) {
    const text = (seed: number) =>
      `base: b.yaml\nsample: ${sample}\nbudget: 64\nseed: ${seed}\nkeys:\n  strategy.grid_atr_multiple: { from: 0.5, to: 8, log: true }\n` +
      "  strategy.regime_filter: [true, false]\n  sizing.stop_distance_multiple: { from: 1, to: 2 }\n";
    const first = candidatesOf(readSpace(text(1), "s.yaml"));
    assert.equal(first.length, 64);
    assert.equal(new Set(first.map((keys) => JSON.stringify(keys))).size, 64);
    assert.deepEqual(candidatesOf(readSpace(text(1), "s.yaml")), first);
    assert.notDeepEqual(candidatesOf(readSpace(text(2), "s.yaml")), first);
    const values = first.map((keys) => Number(keys["strategy.grid_atr_multiple"]));
    assert.ok(Math.min(...values) >= 0.5 && Math.max(...values) <= 8);
    // Logarithmic: half of the draws lie below the geometric middle.
    const below = values.filter((value) => value < 2).length;
    assert.ok(Math.abs(below - 32) <= (sample === "sobol" ? 2 : 12), `${below} of 64 below the middle`);
  }
});

Deno.test("[L-3.1] a mistake in a space names file, line, column and the nearest key", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      `${HEAD}keys:\n  strategy.grid_atr: [1]\n`,
      /s\.yaml:4:3: strategy\.grid_atr: unknown key; .*strategy\.grid_atr_multiple/,
    ],
    [
      `${HEAD}keys:\n  strategy.grid_atr_multiple: { from: 1, to: 2 }\n`,
      /s\.yaml:4:3: .*a grid needs a list, or a step/,
    ],
    [`${HEAD}budgt: 3\nkeys:\n  strategy.grid_atr_multiple: [1]\n`, /s\.yaml:3:1: budgt: unknown key/],
    ["base: b.yaml\nsample: random\nkeys:\n  strategy.grid_atr_multiple: [1]\n", /budget: is needed/],
    [`${HEAD}keys:\n  safety.kill_switch_flatten: [true]\n`, /safety\.kill_switch_flatten: unknown key/],
    [`${HEAD}keys:\n  strategy.grid_atr_multiple: []\n`, /s\.yaml:4:3: .*must be a list/],
    [
      `${HEAD}holdout:\n  from: yesterday\n  to: 2021-01-01\nkeys:\n  strategy.grid_atr_multiple: [1]\n`,
      /s\.yaml:4:3: holdout\.from/,
    ],
  ];
  for (const [text, expected] of cases) assert.throws(() => readSpace(text, "s.yaml"), expected, text);
});

Deno.test("[L-3.1] safety limits are searched in the tighter direction only, everything by the schema", () => {
  const base = defaultTestConfig();
  const textOf = (key: string, value: number | boolean) => {
    const changed = changeConfig(base, { [key]: value });
    return changed.kind === "fault" ? changed.text : "fine";
  };
  assert.equal(textOf("safety.daily_loss_cap_pct", base.safety.daily_loss_cap_pct - 1), "fine");
  assert.match(textOf("safety.daily_loss_cap_pct", base.safety.daily_loss_cap_pct + 1), /tighter than/);
  assert.equal(textOf("safety.drop_1m_pct", base.safety.drop_1m_pct + 1), "fine");
  assert.match(textOf("safety.drop_1m_pct", base.safety.drop_1m_pct - 1), /tighter than/);
  assert.match(textOf("strategy.grid_atr_multiple", 1000), /strategy\.grid_atr_multiple = 1000: must be a number/);
  assert.match(textOf("goal.equity_floor_usd", 200), /must be below goal\.capital_usd/);
});

Deno.test("[L-3.1] target_spacing_multiple at 1 is the same configuration as without it", () => {
  const base = defaultTestConfig();
  const [same, other] = [1, 1.5].map((value) => changeConfig(base, { "strategy.target_spacing_multiple": value }));
  assert.ok(same?.kind === "changed" && other?.kind === "changed");
  assert.equal(hashConfig(same.config), hashConfig(base));
  assert.notEqual(hashConfig(other.config), hashConfig(base));
  assert.equal("target_spacing_multiple" in same.config.strategy, false);
});

function trialOf(name: string): Trial {
  return { kind: "trial", data_hash: "d", config_hash: name, core_hash: "c", from: 0, to: 1, path: "ohlc", seed: 1 };
}

Deno.test("[L-3.4] the ledger counts each setting once, and any changed, missing or added line is found", () => {
  const files = new Map<string, string>();
  const io = memoryIo(files);
  appendLedger(io, "t", [trialOf("a"), trialOf("b")]);
  const known = readLedger(io, "t");
  assert.deepEqual(newTrials(known, [trialOf("b"), trialOf("c"), trialOf("c")]).map((one) => one.config_hash), ["c"]);
  appendLedger(io, "t", newTrials(known, [trialOf("b"), trialOf("c")]));
  assert.equal(trialsOn(readLedger(io, "t"), "d"), 3);
  assert.equal(trialsOn(readLedger(io, "t"), "other"), 0);
  const whole = files.get("t") ?? "";
  fc.assert(fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (place) => {
    const changed = whole[place] === "1" ? "2" : "1";
    files.set("t", whole.slice(0, place) + changed + whole.slice(place + 1));
    assert.throws(() => readLedger(io, "t"), LabInputError);
    // A torn end is found too, but for a whole number of lines.
    files.set("t", whole.slice(0, place));
    if (whole[place - 1] !== "\n" && place > 0) assert.throws(() => readLedger(io, "t"), LabInputError);
  }));
  const [one = "", two = "", three = ""] = whole.split("\n");
  for (const lines of [[one, three], [two, one, three], [one, two, two, three]]) {
    files.set("t", lines.map((line) => line + "\n").join(""));
    assert.throws(() => readLedger(io, "t"), /was changed, removed or added/);
  }
});

const PLANNED: readonly PlannedCandidate[] = [0, 1, 2, 3].map((index) => ({
  index,
  keys: {},
  config: defaultTestConfig(),
  configHash: `h${index}`,
}));
const LINE = (index: number) =>
  JSON.stringify({ index, config_hash: `h${index}`, mean_r: index / 10, sd_r: 1, trades: 4, days: [[0.1, 1, 0]] });

Deno.test("[L-3.3] parts cut at any byte lose at most the torn line, and the results are the same bytes again", () => {
  const plan = { candidates: PLANNED.map(() => ({})) };
  const whole = PLANNED.map(({ index }) => LINE(index) + "\n").join("");
  fc.assert(fc.property(fc.integer({ min: 0, max: whole.length }), fc.integer({ min: 0, max: 3 }), (cut, other) => {
    const files = new Map([["s/parts/0.jsonl", whole.slice(0, cut)], ["s/parts/1.jsonl", LINE(other) + "\n"]]);
    const io = memoryIo(files);
    const done = readParts(io, { directory: "s", candidates: PLANNED });
    const kept = whole.slice(0, cut).split("\n").length - 1;
    assert.ok(done.size >= kept, `${done.size} of ${kept} whole lines`);
    for (const { index } of PLANNED) if (!done.has(index)) io.append("s/parts/0.jsonl", LINE(index) + "\n");
    const again = readParts(io, { directory: "s", candidates: PLANNED });
    assert.equal(writeResults(io, { directory: "s", plan: planOf(plan), done: again }), "s/results.jsonl");
    assert.equal(files.get("s/results.jsonl"), whole);
  }));
});

Deno.test("[L-3.3] results are not written while a candidate is missing; a line of another setting is none", () => {
  const files = new Map([["s/parts/0.jsonl", LINE(0) + "\n" + LINE(2).replace("h2", "hX") + "\n"]]);
  const io = memoryIo(files);
  const done = readParts(io, { directory: "s", candidates: PLANNED });
  assert.deepEqual([...done.keys()], [0]);
  const plan = planOf({ candidates: PLANNED.map(() => ({})) });
  assert.throws(
    () => writeResults(io, { directory: "s", plan, done }),
    /3 of 4 candidates are missing, the first is 1/,
  );
  assert.equal(files.has("s/results.jsonl"), false);
});

function planOf(of: Pick<Plan, "candidates">): Plan {
  return {
    version: 1,
    space: "",
    space_hash: "",
    base_hash: "",
    base: null,
    data: "",
    data_hash: "d",
    core_hash: "c",
    from: 0,
    to: 1,
    holdout: { from: 1, to: 2 },
    path: "ohlc",
    seed: 1,
    fill: "through",
    halts: "lift",
    slippage_bps: 0,
    wallet_usd: 100,
    ...of,
  };
}

Deno.test("[L-3.2] the best so far stands beside what luck alone would show, which grows with the tries", () => {
  // Expected largest of n standard normals: tables of order statistics.
  for (const [count, expected] of [[2, 0.5642], [10, 1.5388], [100, 2.5076], [1000, 3.2414]] as const) {
    assert.ok(Math.abs(expectedBest(count) - expected) < 0.04, `${count}: ${expectedBest(count)}`);
  }
  const best = new Best();
  assert.equal(best.standing(10), null);
  best.see({ index: 4, meanR: 0.1, trades: 25, sdR: 0.5 });
  best.see({ index: 2, meanR: 0.1, trades: 100, sdR: 0.5 });
  best.see({ index: 1, meanR: null, trades: 0, sdR: null });
  const found = best.standing(10);
  assert.equal(found?.index, 2);
  assert.ok(Math.abs((found?.luckR ?? 0) - expectedBest(10) * 0.05) < 1e-12);
});
