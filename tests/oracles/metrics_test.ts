import { strict as assert } from "node:assert";
import * as metrics from "../../src/application/policy/risk/metrics_tracker.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { picoBtc } from "../../src/domain/units.ts";

const config = defaultTestConfig();
const { performance: limits } = config;
type State = metrics.MetricsState;

/** "WLL" folded in order. */
function fold(results: string, change: Partial<typeof limits> = {}, start: State = metrics.emptyMetrics) {
  let state = start;
  let halt: string | null = null;
  for (const letter of results) {
    const step = metrics.foldMetrics(state, picoBtc(letter === "W" ? 1 : letter === "0" ? 0 : -1), {
      ...limits,
      ...change,
    });
    state = step.metrics;
    halt = step.halt?.reason ?? null;
  }
  return { state, halt };
}
/** `wins` of `count` trades, alternating as long as possible so that no streak forms at the end. */
const mixed = (count: number, wins: number): State => ({
  closed: count,
  recent: Array.from({ length: Math.min(count, 50) }, (_, i) => i < wins),
  streak: 1,
  streakMultiplier: 1,
});
const size = (
  state: State,
  tight = false,
  change: (config: ReturnType<typeof defaultTestConfig>) => void = () => {},
) => {
  const own = defaultTestConfig();
  change(own);
  return metrics.sizeMultiplier(state, tight, own);
};

Deno.test("[P-9][F-14] N = 9: no winrate rule, a backtest of 55 % is needed where asked for", () => {
  const code = (backtest: number | null, require = true, n = 9) =>
    metrics.winrateCode(mixed(n, 0), { ...limits, require_backtest: require, backtest_winrate_pct: backtest });
  assert.equal(size(mixed(9, 0)), 1);
  assert.equal(code(null), "backtest_winrate_low");
  assert.equal(code(54.9), "backtest_winrate_low");
  assert.equal(code(55), null);
  assert.equal(code(null, false), null);
  assert.equal(code(null, true, 10), null);
});

Deno.test("[P-9 backtest_winrate_pct require_backtest backtest_winrate_min_pct] the waiver and the limit are configured", () => {
  const strict = { ...limits, require_backtest: true, backtest_winrate_pct: 55, backtest_winrate_min_pct: 55.1 };
  assert.equal(metrics.winrateCode(mixed(0, 0), strict), "backtest_winrate_low");
  assert.equal(metrics.winrateCode(mixed(0, 0), { ...strict, backtest_winrate_pct: 55.1 }), null);
  assert.equal(metrics.winrateCode(mixed(0, 0), { ...strict, require_backtest: false }), null);
});

Deno.test("[P-9][F-14 winrate_warn_pct winrate_warn_size_ratio winrate_min_trades] N = 10: below 40 % warns and halves", () => {
  assert.equal(size(mixed(10, 3)), 0.5);
  assert.equal(size(mixed(10, 4)), 1);
  assert.equal(size(mixed(9, 3)), 1);
  assert.equal(metrics.winrateWarns({ ...mixed(10, 3), recent: [] }, limits), false);
  assert.equal(metrics.winrateWarns(mixed(10, 4), { ...limits, winrate_warn_pct: 41 }), true);
  assert.equal(metrics.winrateWarns(mixed(10, 3), { ...limits, winrate_min_trades: 11 }), false);
  const half = defaultTestConfig((own) => own.performance.winrate_warn_size_ratio = 0.7);
  assert.equal(metrics.sizeMultiplier(mixed(10, 3), false, half), 0.7);
});

Deno.test("[P-9][F-14] N = 29: a low winrate still only halves", () => {
  assert.equal(size(mixed(29, 11)), 0.5);
  assert.equal(size(mixed(29, 12)), 1);
  assert.equal(metrics.winrateCode(mixed(29, 0), limits), null);
});

Deno.test("[P-9][F-14 winrate_halt_pct winrate_full_trades] N = 30: below 45 % halts and refuses", () => {
  assert.equal(metrics.winrateCode(mixed(30, 13), limits), "winrate_hard");
  assert.equal(metrics.winrateCode(mixed(30, 14), limits), null);
  assert.equal(size(mixed(30, 11)), 1);
  assert.equal(metrics.winrateCode(mixed(30, 13), { ...limits, winrate_halt_pct: 43 }), null);
  assert.equal(metrics.winrateCode(mixed(30, 13), { ...limits, winrate_full_trades: 31 }), null);
  const before = { ...mixed(29, 13), streak: -1 };
  assert.equal(fold("L", {}, before).halt, "winrate_hard");
  assert.equal(fold("W", {}, before).halt, null);
});

Deno.test("[P-9][F-14 winrate_window] N = 50: the last 50 trades count, older ones do not", () => {
  assert.equal(metrics.winrateCode(mixed(50, 22), limits), "winrate_hard");
  const exact = { ...mixed(50, 0), recent: Array.from({ length: 200 }, (_, i) => i < 90) };
  assert.equal(metrics.winrateCode(exact, limits), null);
  const old = fold("W".repeat(27) + "L".repeat(23));
  assert.equal(old.state.recent.length, 50);
  assert.equal(metrics.winratePct(old.state), 54);
  const later = fold("LLLLL", {}, old.state);
  assert.equal(metrics.winratePct(later.state), 44);
  assert.equal(later.halt, "winrate_hard");
  assert.equal(fold("W".repeat(12) + "L", { winrate_window: 10 }).state.recent.length, 10);
});

Deno.test("[P-9 streak_length loss_streak_size_ratio multiplier_min] each third loss in a row halves the size, down to 0.25", () => {
  const multiplier = (results: string, change = {}) => fold(results, change).state.streakMultiplier;
  assert.deepEqual(["LL", "LLL", "LLLLL", "LLLLLL", "LLLLLLLLL"].map((one) => multiplier(one)), [
    1,
    0.5,
    0.5,
    0.25,
    0.25,
  ]);
  assert.equal(multiplier("LL0"), 0.5);
  assert.equal(multiplier("LLWLL"), 1);
  assert.equal(multiplier("LL", { streak_length: 2 }), 0.5);
  assert.equal(multiplier("LLL", { loss_streak_size_ratio: 0.6 }), 0.6);
  assert.equal(multiplier("LLLLLL", { multiplier_min: 0.3 }), 0.3);
});

Deno.test("[P-9 win_streak_size_ratio multiplier_max] each third win in a row raises the size by half, up to 1", () => {
  const start = { ...metrics.emptyMetrics, streakMultiplier: 0.25 };
  const multiplier = (results: string, change = {}) => fold(results, change, start).state.streakMultiplier;
  assert.deepEqual(["WW", "WWW", "WWWWWW"].map((one) => multiplier(one)), [0.25, 0.375, 0.5625]);
  assert.equal(multiplier("W".repeat(12)), 1);
  assert.equal(multiplier("WWW", { win_streak_size_ratio: 2 }), 0.5);
  assert.equal(multiplier("W".repeat(12), { multiplier_max: 0.9 }), 0.9);
});

Deno.test("[P-9][P-10 fee_spike_size_ratio] the product of all multipliers is at least 0.25", () => {
  const poor = { ...mixed(10, 3), streakMultiplier: 0.5 };
  assert.equal(size(poor), 0.25);
  assert.equal(size(poor, true), 0.25);
  assert.equal(size(metrics.emptyMetrics, true), 0.5);
  const gentle = defaultTestConfig((own) => own.fees.fee_spike_size_ratio = 0.6);
  assert.equal(metrics.sizeMultiplier(metrics.emptyMetrics, true, gentle), 0.6);
});

Deno.test("[P-9][F-13.2] a fresh winrate window forgets trades, not streak and multiplier", () => {
  const state = fold("WWLLL").state;
  assert.deepEqual(metrics.freshWinrate(state), { closed: 0, recent: [], streak: -3, streakMultiplier: 0.5 });
  assert.equal(metrics.winratePct(metrics.emptyMetrics), null);
});
