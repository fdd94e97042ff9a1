/** Rows of F-1 and codes of P-4 that a sweep does not reach: a run of the whole bot for each, judged by the observer. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { runWorld, type WorldResult } from "../../src/bot/simulated/world.ts";
import type { Config, StageConfig } from "../../src/domain/limits.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording, type Recording } from "../../src/infrastructure/market_data/recording.ts";

const HOUR_MS = 3_600_000;
const recordings = new Map<string, Recording>();
function recordingOf(name: string): Recording {
  const path = `config/recordings/${name}.csv.gz`;
  const found = recordings.get(name) ?? readRecording(path, Deno.readFileSync(path));
  recordings.set(name, found);
  return found;
}
function scenarioConfig(): Config {
  const loaded = loadConfig({
    readText: (path) => Deno.readTextFileSync(path),
    path: "config/testnet_scenarios.yaml",
  });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join("; "));
  return loaded.config;
}

type Run = {
  readonly tune?: (config: Config) => Config;
  readonly from?: string;
  readonly hours?: number;
  readonly recording?: string;
  readonly walletUsd?: number;
};
function played(run: Run): WorldResult {
  const from = Date.parse(run.from ?? "2021-01-04T06:00Z");
  const config = scenarioConfig();
  return runWorld({
    recording: recordingOf(run.recording ?? "winter-2021"),
    seed: 1,
    market: "normal",
    faults: "none",
    config: run.tune?.(config) ?? config,
    walletUsd: run.walletUsd ?? 100,
    from,
    to: from + (run.hours ?? 3) * HOUR_MS,
  });
}
const stageOne = (change: Partial<StageConfig>) => (config: Config): Config => ({
  ...config,
  stages: { ...config.stages, stage_1: { ...config.stages.stage_1, ...change } },
});

type Named = Run & { readonly name: string; readonly rules: string; readonly code: string };
const REFUSED: readonly Named[] = [
  {
    name: "one trade a day",
    rules: "P-4",
    code: "max_trades_per_day",
    hours: 6,
    tune: stageOne({ max_trades_per_day: 1 }),
  },
  {
    name: "a dry run of one trade",
    rules: "P-12",
    code: "dry_run_limit",
    hours: 6,
    tune: (config) => ({ ...config, dry_run: { dry_run: true, min_equity_usd: 10, max_trades_total: 1 } }),
  },
  {
    name: "leverage above the stage's",
    rules: "P-3",
    code: "leverage_above_stage",
    tune: (config) => ({ ...config, stages: { ...config.stages, leverage: 5 } }),
  },
  {
    name: "a market too calm for the stage",
    rules: "P-4",
    code: "atr_too_low",
    tune: stageOne({ atr_pct_24h_min: 90 }),
  },
  {
    name: "a stage that takes although only makers may enter",
    rules: "P-4",
    code: "maker_only_violation",
    tune: stageOne({ entry_order: "ioc" }),
  },
  {
    name: "a taker fallback on a day without quota",
    rules: "F-10.6",
    code: "taker_quota",
    hours: 8,
    tune: (config) => ({
      ...config,
      entry: { ...config.entry, taker_per_day: 0, maker_timeout_max: 1, entry_timeout_s: 10 },
    }),
  },
  {
    name: "a win rate that nobody has",
    rules: "P-9",
    code: "winrate_hard",
    hours: 12,
    tune: (config) => ({
      ...config,
      performance: { ...config.performance, winrate_halt_pct: 100, winrate_min_trades: 1, winrate_full_trades: 1 },
    }),
  },
  {
    name: "no recorded backtest where one is required",
    rules: "P-9",
    code: "backtest_winrate_low",
    tune: (config) => ({ ...config, performance: { ...config.performance, require_backtest: true } }),
  },
  {
    name: "a stop distance of nothing",
    rules: "P-7",
    code: "stop_distance_invalid",
    hours: 6,
    tune: (config) => ({
      ...config,
      sizing: { ...config.sizing, stop_distance_min_pct: 0, stop_distance_max_pct: 0 },
    }),
  },
  {
    name: "no margin to use",
    rules: "P-7",
    code: "margin_insufficient",
    hours: 6,
    tune: (config) => ({ ...config, sizing: { ...config.sizing, margin_use_ratio: 0.0001 } }),
  },
  {
    name: "a loss budget of a cent",
    rules: "P-7",
    code: "qty_below_minimum",
    hours: 6,
    tune: stageOne({ max_loss_usd_cap: 0.01 }),
  },
  {
    name: "liquidation nearer than a hundred stops",
    rules: "P-7",
    code: "liquidation_too_close",
    hours: 6,
    tune: stageOne({ liquidation_distance_multiple: 100 }),
  },
  {
    name: "equity swinging round the bound of two stages",
    rules: "P-3",
    code: "stage_flap",
    hours: 40,
    recording: "black-thursday",
    from: "2020-03-12T06:00Z",
    walletUsd: 400,
    tune: (config) => ({
      ...config,
      goal: { ...config.goal, capital_usd: null, equity_floor_usd: 1 },
      stages: { ...config.stages, bounds_usd: { ...config.stages.bounds_usd, up_1_2: 300, down_2_1: 299 } },
    }),
  },
];

for (const { name, rules, code, ...run } of REFUSED) {
  Deno.test(`[${rules}] ${name}: ${code}`, () => {
    const { observer, crashes, refusals } = played(run);
    ok((observer.coverage[code] ?? 0) > 0, `reached only ${Object.keys(observer.coverage).join(" ")}`);
    deepEqual([...observer.violations, ...crashes, ...refusals], []);
  });
}

Deno.test("[P-4] the run beside them, with nothing changed, is refused for none of these", () => {
  const { observer } = played({ hours: 6 });
  equal(REFUSED.filter(({ code }) => (observer.coverage[code] ?? 0) > 0).length, 0);
});
