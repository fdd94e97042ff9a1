/** The configuration files that ship: what they say is the policy, and every key stands in them. */
import assert from "node:assert/strict";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { defaultTestConfig } from "../config_fixture.ts";

function loadShipped(name: string) {
  const loaded = loadConfig({ path: `config/${name}`, readText: (path) => Deno.readTextFileSync(path) });
  assert.ok(loaded.kind === "loaded", loaded.kind === "errors" ? loaded.errors.join("\n") : "");
  return loaded;
}

Deno.test("[P-2 P-3 P-8 P-11] config/testnet.yaml holds every key and the policy's own values", () => {
  const loaded = loadShipped("testnet.yaml");
  assert.deepEqual(loaded.notes, ["require_backtest: false: the first trades need no backtest (P-9)"]);
  const policy = defaultTestConfig((config) => {
    config.runtime.rate_limits_per_s = loaded.config.runtime.rate_limits_per_s;
  });
  assert.deepEqual(loaded.config, policy);
});

Deno.test("[P-12] config/testnet_scenarios.yaml changes frequency and the volatility gate, never a loss limit", () => {
  const { config } = loadShipped("testnet_scenarios.yaml");
  const base = loadShipped("testnet.yaml").config;
  assert.equal(config.profile, "scenario");
  assert.equal(config.strategy.signal_bar, "1m");
  assert.equal(config.stages.stage_1.max_trades_per_day, 50);
  assert.equal(config.stages.stage_1.atr_pct_24h_min, 0);
  assert.notEqual(config.strategy_name, base.strategy_name);
  assert.deepEqual(config.safety, base.safety);
  for (const stage of ["stage_1", "stage_2", "stage_3"] as const) {
    assert.equal(config.stages[stage].max_loss_usd_cap, base.stages[stage].max_loss_usd_cap);
    assert.equal(config.stages[stage].loss_pct_cap, base.stages[stage].loss_pct_cap);
  }
});
