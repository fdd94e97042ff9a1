/** A table of broken configurations, each with every line the operator gets to read (P-11, F-12.3). */
import assert from "node:assert/strict";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { defaultTestConfig } from "../config_fixture.ts";

/** Line 4 is `tick_s`, the key most rows edit. */
const MAIN = `environment: testnet
strategy_name: grid
runtime:
  tick_s: 2
  halt_auto_release: []
  retry_delays_s: [0.5, 1, 2]
  rate_limits_per_s:
    /v5/order/create: 10
performance:
  require_backtest: false
stages:
  stage_1:
    maker_only_default: true
    max_loss_usd_cap: 3
goal:
  capital_usd: 100
`;
const SAFETY = `drop_1m_pct: -10
drop_5m_pct: -20
surge_1m_pct: 10
surge_5m_pct: 20
surge_enabled: true
recovery_1m_pct: -5
recovery_5m_pct: -10
recovery_stable_min: 5
cooldown_min: 30
latency_block_s: 5.0
balance_stale_s: 30
daily_loss_cap_pct: 5
weekly_loss_cap_pct: 12.5
weekly_cooldown_days: 7
loss_streak_day: 3
loss_streak_cooldown: 5
loss_streak_cooldown_h: 72
fee_spike_ratio: 1.5
fee_spike_count: 2
fee_spike_min: 30
slippage_usd: 2.0
slippage_count: 3
slippage_window_s: 600
slippage_min: 60
kill_switch_flatten: false
max_orders_per_hour: 60
dry_run: false
min_equity_usd: 99
max_trades_total: 50
`;

type Files = Readonly<Record<string, string>>;
function load(files: Files, path = "c/main.yaml") {
  return loadConfig({
    path,
    readText(name) {
      const text = files[name];
      if (text === undefined) throw new Error("no such file");
      return text;
    },
  });
}
function errorsOf(files: Files, path?: string): readonly string[] {
  const loaded = load(files, path);
  return loaded.kind === "errors" ? loaded.errors : [];
}

type Row = readonly [from: string, to: string, ...messages: string[]];
const TICK = "must be a number from 0.2 to 10 (seconds)";
const PLAIN = "numbers are written plainly, without leading zeros, signs, exponents or bases";
const NOTHING = "a value is missing; write null where null is allowed";

/** Edits of the main file; messages stand for `c/main.yaml:` + themselves. */
const MAIN_ROWS: readonly Row[] = [
  ["tick_s: 2", "tick_s: 012", `4:11: runtime.tick_s = 012: ${PLAIN}; did you mean 12?`],
  ["tick_s: 2", "tick_s: 0x10", `4:11: runtime.tick_s = 0x10: ${PLAIN}; did you mean 16?`],
  ["tick_s: 2", "tick_s: 0o7", `4:11: runtime.tick_s = 0o7: ${PLAIN}; did you mean 7?`],
  ["tick_s: 2", "tick_s: 2e0", `4:11: runtime.tick_s = 2e0: ${PLAIN}; did you mean 2?`],
  ["tick_s: 2", "tick_s: +2", `4:11: runtime.tick_s = +2: ${PLAIN}; did you mean 2?`],
  ["tick_s: 2", "tick_s: .5", `4:11: runtime.tick_s = .5: ${PLAIN}; did you mean 0.5?`],
  ["tick_s: 2", "tick_s: .inf", `4:11: runtime.tick_s = .inf: ${PLAIN}`],
  ["tick_s: 2", "tick_s: .nan", `4:11: runtime.tick_s = .nan: ${PLAIN}`],
  ["tick_s: 2", 'tick_s: "2"', `4:3: runtime.tick_s = "2": ${TICK}`],
  ["tick_s: 2", "tick_s: 2s", `4:3: runtime.tick_s = 2s: ${TICK}`],
  ["tick_s: 2", "tick_s: 1_000", `4:3: runtime.tick_s = 1_000: ${TICK}`],
  ["tick_s: 2", "tick_s: 1,5", `4:3: runtime.tick_s = 1,5: ${TICK}`],
  ["tick_s: 2", "tick_s: 12:30", `4:3: runtime.tick_s = 12:30: ${TICK}`],
  ["tick_s: 2", "tick_s: [2]", `4:3: runtime.tick_s = [2]: ${TICK}`],
  ["tick_s: 2", "tick_s: {a: 1}", `4:3: runtime.tick_s: ${TICK}`],
  ["tick_s: 2", "tick_s: -1", `4:3: runtime.tick_s = -1: ${TICK}`],
  ["tick_s: 2", "tick_s: 99", `4:3: runtime.tick_s = 99: ${TICK}`],
  ["tick_s: 2", "tick_s: 9", "4:3: runtime.tick_s = 9: must lie between tick_min_s (1) and tick_max_s (3)"],
  ["tick_s: 2", "tick_s:", `4:10: runtime.tick_s = (nothing): ${NOTHING}`],
  ["tick_s: 2", "tick_s: ~", `4:11: runtime.tick_s = ~: ${NOTHING}`],
  ["tick_s: 2", "tick_s: null", `4:3: runtime.tick_s = null: ${TICK}`],
  ["tick_s: 2", "tick_s : 2", "4:3: runtime.tick_s: a space after the key; write tick_s:"],
  ["tick_s: 2", '"tick_s ": 2', "4:3: runtime.tick_s: a space after the key; write tick_s:"],
  ["  tick_s: 2", "\ttick_s: 2", "4:1: a tab: indent and separate with spaces"],
  ["tick_s: 2", "tick_s:\t2", "4:10: a tab: indent and separate with spaces"],
  ["tick_s: 2", "tick_s:2", "4:3: not YAML: Implicit keys need to be on a single line"],
  ["tick_s: 2", "tick_s: @x", "4:11: not YAML: Plain value cannot start with reserved character @"],
  ["tick_s: 2", "tick_s: 2\n  tick_s: 3", "5:3: runtime.tick_s: a second time; it already stands in line 4"],
  ["tick_s: 2", "tik_s: 2", "4:3: runtime.tik_s: unknown key; did you mean tick_s?"],
  ["tick_s: 2", "tick_seconds: 2", "4:3: runtime.tick_seconds: unknown key; the nearest key is tick_min_s"],
  ["tick_s: 2", "stop_debounce_s: 2", "4:3: runtime.stop_debounce_s: unknown key; did you mean stop.stop_debounce_s?"],
  [
    "tick_s: 2",
    "cooldown_min: 2",
    "4:3: runtime.cooldown_min: unknown key; did you mean cooldown_min in c/safety_limits.yaml?",
  ],
  [
    "tick_s: 2",
    "tick_é: 2",
    "4:3: runtime.tick_é: the key holds the character U+00E9; keys are a-z, 0-9 and _",
  ],
  [
    "tick_s: 2",
    "__proto__: 2",
    "4:3: runtime.__proto__: the key holds the character U+005F; keys are a-z, 0-9 and _",
  ],
  ["tick_s: 2", "tick_s: &a 2", "4:14: runtime.tick_s = &a …: tags and anchors are not used here"],
  ["tick_s: 2", "tick_s: *a", "4:11: runtime.tick_s = *a: anchors are not used here"],
  ["tick_s: 2", "<<: {tick_s: 2}", "4:3: runtime.<<: merge keys are not used here"],
  [
    "only_default: true",
    "only_default: yes",
    "13:25: stages.stage_1.maker_only_default = yes: some YAML readers take this for true, others for text; write true",
  ],
  [
    "only_default: true",
    "only_default: Off",
    "13:25: stages.stage_1.maker_only_default = Off: some YAML readers take this for false, others for text; write false",
  ],
  [
    "only_default: true",
    "only_default: TRUE",
    "13:25: stages.stage_1.maker_only_default = TRUE: write true in lower case",
  ],
  ["only_default: true", "only_default: 1", "13:5: stages.stage_1.maker_only_default = 1: must be true or false"],
  [
    "cap: 3",
    "cap: 4",
    "14:5: stages.stage_1.max_loss_usd_cap = 4: must be a number from 0.1 to 3 (dollars), looser needs a decision record (P-3)",
  ],
  ["usd: 100", "usd: $100", "16:3: goal.capital_usd = $100: must be a number from 10 to 1000000 (dollars)"],
  [
    "usd: 100",
    "usd: 80\n  equity_floor_usd: 80",
    "17:3: goal.equity_floor_usd = 80: must be below goal.capital_usd (80), else the bot halts at its first look",
  ],
  [
    "usd: 100",
    "usd: 5000",
    "15:1: goal.goal_usd = 1000: must be above goal.capital_usd (5000), else the goal is reached at the start",
  ],
  ["goal:\n  capital_usd: 100", "goal: much", "15:1: goal = much: must be a section of `key: value` lines, indented"],
  [
    "release: []",
    "release: [kill_switch]",
    "5:3: runtime.halt_auto_release[0] = kill_switch: must be degraded_mode_timeout or network_failure or venue_maintenance",
  ],
  [
    "release: []",
    "release: network_failure",
    "5:3: runtime.halt_auto_release = network_failure: must be a list such as [network_failure], or []",
  ],
  [
    "[0.5, 1, 2]",
    "[0.5, one]",
    "6:3: runtime.retry_delays_s[1] = one: must be a number from 0.1 to 60 (seconds)",
  ],
  ["[0.5, 1, 2]", "[]", "6:3: runtime.retry_delays_s = []: must hold at least one delay"],
  [
    "/v5/order/create: 10",
    "v3/order: 10",
    "8:5: runtime.rate_limits_per_s.v3/order = 10: must be an endpoint such as /v5/order/create",
  ],
  [
    "/v5/order/create: 10",
    "/v5/order/create: 0",
    "8:5: runtime.rate_limits_per_s./v5/order/create = 0: must be a number from 1 to 100 (calls a second)",
  ],
  [
    "require_backtest: false",
    "require_backtest: true",
    "10:3: performance.require_backtest = true: true needs performance.backtest_winrate_pct, " +
    "else the first 10 trades are never allowed (P-9)",
  ],
  ["strategy_name: grid", "strategy_name: Grid_1", "2:1: strategy_name = Grid_1: must be 1 to 4 small letters"],
  [
    "environment: testnet\n",
    "",
    "1:1: environment: is missing; it must be testnet: this program reaches nothing else (F-12.3)",
  ],
  ["environment: testnet", "---\nenvironment: testnet\n---\na: 1", "3:1: a second document: the file holds one"],
  [
    "strategy_name: grid",
    "strategy:\n  signal_bar: 1m",
    "3:3: strategy.signal_bar = 1m: 1m bars are for profile: scenario only (P-12)",
  ],
  [
    "strategy_name: grid",
    "stop:\n  stop_ack_timeout_s: 8\n  stop_missing_max_s: 8",
    "3:3: stop.stop_ack_timeout_s = 8: must be below stop_missing_max_s (8), else a lost answer is found too late (F-2.1)",
  ],
  [
    "strategy_name: grid",
    "entry:\n  entry_timeout_s: 61",
    "3:3: entry.entry_timeout_s = 61: must be a number from 5 to 60 (seconds)",
  ],
  [
    "strategy_name: grid",
    "safety_limits: ../limits.yaml",
    "2:1: safety_limits = ../limits.yaml: must be the name of a .yaml file in the same folder",
  ],
  [
    "tick_s: 2\n  halt_auto_release: []",
    "tick_s: 012\n  halt_auto: []\n  ws_ping_s: 10",
    `4:11: runtime.tick_s = 012: ${PLAIN}; did you mean 12?`,
    "5:3: runtime.halt_auto: unknown key; the nearest key is tick_s",
  ],
];

/** Words that name the real venue, or secrets: F-12.3, F-12.5. */
const LOCKED = "hosts are fixed in the program; no host and no mainnet here (F-12.3)";
const NO_SECRET = "keys are never read from files (F-12.5); set BYBIT_TESTNET_API_KEY and BYBIT_TESTNET_API_SECRET " +
  "in the environment, and if a real key stood here, delete it at the venue";
const LOCK_ROWS: readonly Row[] = [
  ["environment: testnet", "environment: mainnet", `1:1: environment = mainnet: ${LOCKED}`],
  [
    "environment: testnet",
    "environment: demo",
    "1:1: environment = demo: must be testnet: this program reaches nothing else (F-12.3)",
  ],
  [
    "strategy_name: grid",
    "mainnet_enabled: true",
    "2:1: mainnet_enabled = true: must be absent or false; this program has no mainnet (F-12.3)",
  ],
  ["strategy_name: grid", "rest_url: https://api.bybit.com", `2:1: rest_url = https://api.bybit.com: ${LOCKED}`],
  ["strategy_name: grid", "host: api.bytick.com", `2:1: host = api.bytick.com: ${LOCKED}`],
  ["strategy_name: grid", "api_key: XYZ", `2:1: api_key: ${NO_SECRET}`],
  ["strategy_name: grid", "secret: XYZ", `2:1: secret: ${NO_SECRET}`],
];

const SAFETY_ROWS: readonly Row[] = [
  ["drop_1m_pct: -10", "drop_1m_pc: -10", "1:1: drop_1m_pc: unknown key; did you mean drop_1m_pct?"],
  ["drop_5m_pct: -20\n", "", "1:1: drop_5m_pct: is missing; it must be a number from -80 to -0.1 (percent)"],
  ["drop_1m_pct: -10", "drop_1m_pct: 10", "1:1: drop_1m_pct = 10: must be a number from -50 to -0.1 (percent)"],
  [
    "drop_5m_pct: -20",
    "drop_5m_pct: -5",
    "2:1: drop_5m_pct = -5: must be at or below drop_1m_pct (-10): five minutes fall further than one",
    "7:1: recovery_5m_pct = -10: must be above drop_5m_pct (-5), else the cooldown never lifts or lifts at once (F-7.20)",
  ],
  [
    "surge_enabled: true",
    "surge_enabled: on",
    "5:16: surge_enabled = on: some YAML readers take this for true, others for text; write true",
  ],
  [
    "weekly_loss_cap_pct: 12.5",
    "weekly_loss_cap_pct: 4",
    "13:1: weekly_loss_cap_pct = 4: must be at least daily_loss_cap_pct (5), else one day ends the week",
  ],
  ["streak_cooldown: 5", "streak_cooldown: 3", "16:1: loss_streak_cooldown = 3: must be more than loss_streak_day (3)"],
  [
    "balance_stale_s: 30",
    "balance_stale_s: 10",
    "3:1: runtime.wallet_period_s = 15: must be below balance_stale_s (10), else every wallet is stale (F-7.3)",
  ],
  ["dry_run: false", "dry_run: maybe", "27:1: dry_run = maybe: must be true or false"],
  [
    "min_equity_usd: 99",
    "min_equity_usd: 99\ntick_s: 2",
    "29:1: tick_s: unknown key; did you mean runtime.tick_s in c/main.yaml?",
  ],
];

function check(rows: readonly Row[], make: (edited: (text: string) => string) => Files, file: string): void {
  for (const [from, to, ...messages] of rows) {
    const edited = (text: string) => {
      assert.ok(text.includes(from), `the row edits nothing: ${from}`);
      return text.replace(from, to);
    };
    assert.deepEqual(errorsOf(make(edited)), messages.map((message) => `${file}:${message}`), `${from} → ${to}`);
  }
}

Deno.test("[P-11 F-12.3] loadConfig() names file, line, column, value, rule and nearest key of 60 broken main files", () => {
  assert.ok(MAIN_ROWS.length >= 60, String(MAIN_ROWS.length));
  check(MAIN_ROWS, (edit) => ({ "c/main.yaml": edit(MAIN), "c/safety_limits.yaml": SAFETY }), "c/main.yaml");
});

Deno.test("[F-12.3 F-12.5] loadConfig() refuses every word of the real venue and every secret in a file", () => {
  check(LOCK_ROWS, (edit) => ({ "c/main.yaml": edit(MAIN), "c/safety_limits.yaml": SAFETY }), "c/main.yaml");
});

Deno.test("[P-11] loadConfig() gives no safety key a silent default and names the line of a wrong one", () => {
  const own = SAFETY_ROWS.filter((row) => !row[2]?.includes("runtime.wallet_period_s"));
  check(own, (edit) => ({ "c/main.yaml": MAIN, "c/safety_limits.yaml": edit(SAFETY) }), "c/safety_limits.yaml");
  const cross = SAFETY_ROWS.filter((row) => row[2]?.includes("runtime.wallet_period_s"));
  check(cross, (edit) => ({ "c/main.yaml": MAIN, "c/safety_limits.yaml": edit(SAFETY) }), "c/main.yaml");
  for (const line of SAFETY.trimEnd().split("\n")) {
    const key = line.split(":")[0] ?? "";
    const files = { "c/main.yaml": MAIN, "c/safety_limits.yaml": SAFETY.replace(`${line}\n`, "") };
    const errors = errorsOf(files);
    assert.equal(errors.length, 1, key);
    assert.ok(
      errors[0]?.startsWith(`c/safety_limits.yaml:1:1: ${key}: is missing; it must be `),
      errors[0] ?? "no error",
    );
  }
});

Deno.test("[P-11] loadConfig() reports mistakes of both files at once, in reading order", () => {
  const files = {
    "c/main.yaml": MAIN.replace("tick_s: 2", "tick_s: 2s").replace("cap: 3", "cap: 5"),
    "c/safety_limits.yaml": SAFETY.replace("cooldown_min: 30", "cooldown_mn: 30"),
  };
  assert.deepEqual(errorsOf(files), [
    `c/main.yaml:4:3: runtime.tick_s = 2s: ${TICK}`,
    "c/main.yaml:14:5: stages.stage_1.max_loss_usd_cap = 5: must be a number from 0.1 to 3 (dollars), " +
    "looser needs a decision record (P-3)",
    "c/safety_limits.yaml:9:1: cooldown_mn: unknown key; did you mean cooldown_min?",
  ]);
});

Deno.test("loadConfig() says which file cannot be read, is empty, or is no mapping", () => {
  const safety = { "c/safety_limits.yaml": SAFETY };
  assert.deepEqual(errorsOf(safety), ["c/main.yaml:1:1: cannot be read: no such file"]);
  assert.deepEqual(errorsOf({ "c/main.yaml": MAIN }), ["c/safety_limits.yaml:1:1: cannot be read: no such file"]);
  assert.deepEqual(errorsOf({ ...safety, "c/main.yaml": "" }), ["c/main.yaml:1:1: the file is empty"]);
  assert.deepEqual(errorsOf({ ...safety, "c/main.yaml": "- a\n" }), [
    "c/main.yaml:1:1: the file must be a list of `key: value`",
  ]);
});

Deno.test("[P-12] loadConfig() lays a file over the one it extends and points into the right one", () => {
  const scenario = "extends: main.yaml\nprofile: scenario\nstrategy:\n  signal_bar: 1m\n";
  const files = { "c/s.yaml": scenario, "c/main.yaml": MAIN, "c/safety_limits.yaml": SAFETY };
  const loaded = load(files, "c/s.yaml");
  assert.equal(loaded.kind, "loaded");
  if (loaded.kind !== "loaded") return;
  assert.equal(loaded.config.strategy.signal_bar, "1m");
  assert.equal(loaded.config.profile, "scenario");
  assert.equal(loaded.config.strategy_name, "grid");
  assert.ok(loaded.notes[0]?.startsWith("profile: scenario"));
  assert.deepEqual(errorsOf({ ...files, "c/main.yaml": MAIN.replace("tick_s: 2", "tick_s: 2s") }, "c/s.yaml"), [
    `c/main.yaml:4:3: runtime.tick_s = 2s: ${TICK}`,
  ]);
  assert.deepEqual(errorsOf({ ...files, "c/main.yaml": `extends: s.yaml\n${MAIN}` }, "c/s.yaml"), [
    "c/main.yaml:1:1: extends: a file that is extended may not extend another",
  ]);
});

Deno.test("[P-13] loadConfig() hashes the effective configuration, not the way it is written", () => {
  const plain = load({ "c/main.yaml": MAIN, "c/safety_limits.yaml": SAFETY });
  const reordered = SAFETY.trimEnd().split("\n").toReversed().join("\r\n");
  const same = load({ "c/main.yaml": `# a comment\r\n${MAIN}`, "c/safety_limits.yaml": reordered });
  const other = load({ "c/main.yaml": MAIN.replace("cap: 3", "cap: 2"), "c/safety_limits.yaml": SAFETY });
  assert.ok(plain.kind === "loaded" && same.kind === "loaded" && other.kind === "loaded");
  const kept = load({ "c/main.yaml": `${MAIN}files:\n  alerts_keep_months: 6\n`, "c/safety_limits.yaml": SAFETY });
  assert.ok(kept.kind === "loaded");
  assert.deepEqual([kept.keeping, kept.configHash], [
    { alerts_keep_months: 6, history_keep_days: 400 },
    plain.configHash,
  ], "no decision by it");
  // ADR 0020: a key at a default that means "as before" changes no hash; any other value does.
  const basis = (word: string) =>
    load({ "c/main.yaml": `${MAIN}  floor_basis: ${word}\n`, "c/safety_limits.yaml": SAFETY });
  const [usd, trading] = [basis("usd"), basis("trading")];
  assert.ok(usd.kind === "loaded" && trading.kind === "loaded");
  assert.equal(usd.configHash, plain.configHash);
  assert.notEqual(trading.configHash, plain.configHash);
  assert.equal(plain.configHash, same.configHash);
  assert.notEqual(plain.configHash, other.configHash);
  assert.match(plain.configHash, /^[0-9a-f]{64}$/);
  const expected = defaultTestConfig((config) => {
    config.runtime.rate_limits_per_s = { "/v5/order/create": 10 };
  });
  assert.deepEqual(plain.config, expected);
});
