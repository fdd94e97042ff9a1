/** The second world: drawn from streams of its own, the same for the same seed, and told by its whole command. */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { drawWideWorld } from "../../src/bot/simulated/wide_world.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import type { SimFlags } from "../../src/programs/simulator/run.ts";
import { drawPlace, withCapital } from "../../src/programs/simulator/wide_draw.ts";
import { simulate } from "./sweep_kit.ts";

const FLAGS: SimFlags = {
  data: "config/recordings/winter-2021.csv.gz",
  config: "config/testnet_scenarios.yaml",
  faults: "heavy",
  market: null,
  from: null,
  to: null,
  hours: null,
  out: null,
  json: false,
  world: 2,
};
const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);
const WINDOW = { fromMs: Date.UTC(2021, 0, 4), untilMs: Date.UTC(2021, 0, 5) };

Deno.test("[sim] --world 2: one seed gives one journal twice, and another than the first world", () => {
  const of = { seed: 3, hours: 2, faults: "heavy" } as const;
  const head = (world: 1 | 2) => simulate({ ...of, world }).json.journal_head;
  equal(head(2), head(2));
  notEqual(head(2), head(1));
});

Deno.test("[sim] --world 2 draws every recording, profile, length, market and start stage; what was given stays", () => {
  const drawn = SEEDS.map((seed) => drawPlace(FLAGS, seed));
  const all = (of: (place: (typeof drawn)[number]) => unknown) => [...new Set(drawn.map(of))].sort();
  deepEqual(all(({ data }) => data), [
    "config/recordings/black-thursday.csv.gz",
    "config/recordings/winter-2021.csv.gz",
  ]);
  deepEqual(all(({ config }) => config), ["config/testnet.yaml", "config/testnet_scenarios.yaml"]);
  deepEqual(all(({ hours }) => hours), [192, 24]);
  deepEqual(all(({ market }) => market), ["normal", "thin"]);
  deepEqual(all(({ equityUsd }) => equityUsd), [100, 350, 800]);
  const given = drawPlace({ ...FLAGS, hours: 5, market: "thin", fixed: ["data", "config", "hours", "market"] }, 1);
  deepEqual([given.data, given.config, given.hours, given.market], [FLAGS.data, FLAGS.config, 5, "thin"]);
});

Deno.test("[sim] --world 2 draws latency, storms and a moved maintenance; without faults it draws no trouble", () => {
  const worlds = SEEDS.map((seed) => drawWideWorld({ seed, preset: "halting", ...WINDOW }));
  deepEqual([...new Set(worlds.map(({ latencyName }) => latencyName))].sort(), ["far", "near", "slow"]);
  ok(worlds.some(({ storms }) => storms.length >= 6) && worlds.some(({ storms }) => storms.length === 0));
  ok(worlds.some(({ maintenance }) => maintenance !== null) && worlds.some(({ maintenance }) => maintenance === null));
  ok(worlds.every(({ latency, lagMs }) => latency === null ? lagMs === 0 : lagMs > 0));
  const calm = SEEDS.map((seed) => drawWideWorld({ seed, preset: "none", ...WINDOW }));
  ok(calm.every(({ storms, burstRate, wildShare }) => storms.length === 0 && burstRate === 0 && wildShare === 0));
});

Deno.test("[P-1 P-3] an account that starts with more keeps the shares of floor and goal", () => {
  const loaded = loadConfig({ readText: (path) => Deno.readTextFileSync(path), path: "config/testnet.yaml" });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join());
  const { goal } = withCapital(loaded.config, 350);
  deepEqual([goal.capital_usd, goal.goal_usd, goal.equity_floor_usd, goal.review_min_equity_usd], [
    350,
    3500,
    280,
    700,
  ]);
});

Deno.test("[sim] bursts, the wild wire and fills at funding come in a day of the second world", () => {
  const counts: Record<string, number> = {};
  for (const seed of [1, 2]) {
    const { faults } = simulate({ seed, hours: 24, faults: "heavy", world: 2 }).json;
    if (typeof faults !== "object" || faults === null) throw new Error("no faults in the JSON");
    for (const [name, count] of Object.entries(faults)) counts[name] = (counts[name] ?? 0) + Number(count);
  }
  for (const name of ["burst", "odd_row", "rows_missing", "number_beyond", "duplicate_key", "unknown_status"]) {
    ok((counts[name] ?? 0) > 0, `${name} of ${JSON.stringify(counts)}`);
  }
});
