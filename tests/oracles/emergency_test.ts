import { strict as assert } from "node:assert";
import { type Block, newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { Config } from "../../src/domain/limits.ts";
import type { WalletRow } from "../../src/domain/orders.ts";
import { durationMs, type EpochMs } from "../../src/domain/units.ts";
import * as emergency from "../../src/application/policy/risk/emergency.ts";
import type { PriceChanges } from "../../src/application/policy/risk/price_ring.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, btc, INSTRUMENT, NOON, price, qty, rate, usd } from "../core_values.ts";

const { safety, runtime } = defaultTestConfig();
const CALM: PriceChanges = { low1m: 0, high1m: 0, low5m: 0, high5m: 0 };
const changes = (some: Partial<PriceChanges>): PriceChanges => ({ ...CALM, ...some });
const triggers = (some: Partial<PriceChanges>, limits: Config["safety"] = safety) =>
  emergency.priceTriggers(changes(some), limits);
const fold = (blocks: readonly Block[], some: Partial<PriceChanges>, now: EpochMs) =>
  emergency.foldPriceBlocks(blocks, { changes: changes(some), now }, safety);
const minutes = (count: number) => after(NOON, count * 60);

// ---- the plan's eight: 1 m at −10 %, 5 m at −20 %, above both, equity 0, stale wallet, p95 at 5.0 s, recovery, minimum

Deno.test("[F-7.1][F-14] 1 minute at −10 % is a cooldown, above it nothing", () => {
  assert.deepEqual(triggers({ low1m: -10 }), ["price_drop_1m"]);
  assert.deepEqual(triggers({ low1m: -9.99 }), []);
  assert.deepEqual(triggers({ low1m: -10.01 }), ["price_drop_1m"]);
  const block = fold([], { low1m: -10 }, NOON);
  assert.deepEqual(block, [newBlock("price_drop_1m", { since: NOON, until: minutes(30) })]);
});

Deno.test("[F-7.2][F-14] 5 minutes at −20 % is a cooldown, above it nothing", () => {
  assert.deepEqual(triggers({ low5m: -20 }), ["price_drop_5m"]);
  assert.deepEqual(triggers({ low5m: -19.99 }), []);
  assert.deepEqual(triggers({ low1m: -30, low5m: -30 }), ["price_drop_1m", "price_drop_5m"]);
});

Deno.test("[F-7.1][F-7.2][F-14] both just above their limits: nothing, and unknown changes set no cooldown", () => {
  const blocks: readonly Block[] = [];
  assert.equal(fold(blocks, { low1m: -9.99, low5m: -19.99, high1m: 9.99, high5m: 19.99 }, NOON), blocks);
  assert.equal(fold(blocks, { low1m: null, low5m: null, high1m: null, high5m: null }, NOON), blocks);
});

Deno.test("[F-7.3][F-14] equity 0 halts at once, the smallest equity does not", () => {
  const judge = (equity: number) =>
    emergency.foldEquity(emergency.emptyEquityWatch, { equity: usd(equity), now: NOON, floorUsd: 0 }).halt?.reason;
  assert.equal(judge(0), "balance_anomaly");
  assert.equal(judge(-1), "balance_anomaly");
  assert.equal(judge(0.000001), undefined);
});

type Read = readonly [second: number, result: "ok" | "unreadable" | "failed", others: boolean];
function reads(rows: readonly Read[], limits: Config["safety"] = safety): (string | null)[] {
  let watch = emergency.emptyWalletWatch;
  return rows.map(([second, result, otherCallsSucceed]) => {
    const step = emergency.foldWalletRead(watch, { result, now: after(NOON, second), otherCallsSucceed }, limits);
    watch = step.watch;
    return step.halt?.reason ?? null;
  });
}

Deno.test("[F-7.3][F-14][P-11 balance_stale_s] a wallet older than 30 s halts after three failed reads ≥ 5 s apart", () => {
  const failed = (at: number): Read => [at, "failed", true];
  assert.deepEqual(reads([[0, "ok", true], failed(10), failed(20), failed(30.001)]), [
    null,
    null,
    null,
    "balance_anomaly",
  ]);
  assert.equal(reads([[0, "ok", true], failed(10), failed(20), failed(30)]).at(-1), null);
  assert.equal(reads([[0, "ok", true], failed(26.001), failed(31), failed(36)]).at(-1), null);
  assert.equal(reads([[0, "ok", true], failed(26), failed(31), failed(36)]).at(-1), "balance_anomaly");
  assert.equal(reads([[0, "ok", true], failed(40), failed(50), [60, "ok", true], failed(91)]).at(-1), null);
  assert.equal(reads([[0, "ok", true], failed(40), failed(50), [60, "failed", false]]).at(-1), null);
  const strict = { ...safety, balance_stale_s: 29 };
  assert.equal(reads([[0, "ok", true], failed(10), failed(20), failed(30)], strict).at(-1), "balance_anomaly");
  assert.equal(reads([failed(10), failed(20), failed(30)]).at(-1), "balance_anomaly");
});

Deno.test("[F-7.3][F-4.8] an unreadable wallet halts at the third read, one alone never", () => {
  const bad = (at: number): Read => [at, "unreadable", true];
  assert.deepEqual(reads([[0, "ok", true], bad(5), bad(10), bad(15)]), [null, null, null, "balance_anomaly"]);
  assert.equal(reads([[0, "ok", true], bad(5), bad(10), [15, "unreadable", false]]).at(-1), null);
  const row: WalletRow = {
    walletBalance: btc(1),
    totalPositionIm: null,
    totalOrderIm: null,
    locked: null,
    bonus: null,
    unrealisedPnl: null,
  };
  assert.equal(emergency.walletReadable(row), true);
  assert.equal(emergency.walletReadable({ ...row, walletBalance: null }), false);
});

Deno.test("[F-7.5][F-14][P-11 latency_block_s] p95 at 5.0 s blocks entries, below it clears at once", () => {
  const blocked = (p95: number | null, limits = safety) =>
    emergency.latencyBlocks({ restP95: p95 === null ? null : durationMs(p95) }, limits);
  assert.equal(blocked(5000), true);
  assert.equal(blocked(4999), false);
  assert.equal(blocked(null), false);
  assert.equal(blocked(4999, { ...safety, latency_block_s: 4.999 }), true);
});

Deno.test("[F-7.20][F-14] recovery after 5 stable minutes, once 30 minutes are over", () => {
  let blocks = fold([], { low1m: -10 }, NOON);
  blocks = fold(blocks, {}, minutes(26));
  assert.equal(blocks[0]?.stableSince, minutes(26));
  assert.equal(emergency.priceBlockDueAt(blocks[0] ?? never(), safety), minutes(31));
  assert.equal(fold(blocks, {}, after(minutes(31), -0.001)).length, 1);
  assert.deepEqual(fold(blocks, {}, minutes(31)), []);
});

Deno.test("[F-7.20][F-14][P-11 cooldown_min] 30 minutes are the least, however calm it is", () => {
  const blocks = fold(fold([], { low1m: -10 }, NOON), {}, minutes(1));
  assert.equal(fold(blocks, {}, after(minutes(30), -0.001)).length, 1);
  assert.deepEqual(fold(blocks, {}, minutes(30)), []);
  assert.equal(emergency.priceBlockDueAt(blocks[0] ?? never(), safety), minutes(30));
  const longer = emergency.foldPriceBlocks([], { changes: changes({ low1m: -10 }), now: NOON }, {
    ...safety,
    cooldown_min: 31,
  });
  assert.equal(longer[0]?.until, minutes(31));
});

// ---- the rest of F-7.20 and F-7.23 -------------------------------------------------------------------------------------

Deno.test("[F-7.20] a relapse restarts only the 5 minutes, a new trigger both clocks", () => {
  const calm = fold(fold([], { low1m: -10 }, NOON), {}, minutes(10));
  const relapse = fold(calm, { low1m: -5 }, minutes(12));
  assert.deepEqual(relapse[0], { ...calm[0], stableSince: null });
  const again = fold(calm, { low1m: -10 }, minutes(12));
  assert.deepEqual(again, [newBlock("price_drop_1m", { since: minutes(12), until: minutes(42) })]);
  assert.deepEqual(emergency.priceBlockDueAt(relapse[0] ?? never(), safety), null);
  assert.equal(fold(relapse, { low1m: -5 }, minutes(13)), relapse);
});

Deno.test("[F-7.20][P-11 recovery_1m_pct recovery_5m_pct recovery_stable_min] calm means inside both limits", () => {
  const rows: [reason: "price_drop_1m" | "price_surge_5m", seen: Partial<PriceChanges>, calm: boolean][] = [
    ["price_drop_1m", { low1m: -4.99, low5m: -9.99 }, true],
    ["price_drop_1m", { low1m: -5 }, false],
    ["price_drop_1m", { low5m: -10 }, false],
    ["price_drop_1m", { low1m: null }, false],
    ["price_drop_1m", { low5m: null }, false],
    ["price_drop_1m", { high1m: 50, high5m: 50 }, true],
    ["price_surge_5m", { high1m: 4.99, high5m: 9.99 }, true],
    ["price_surge_5m", { high1m: 5 }, false],
    ["price_surge_5m", { high5m: 10 }, false],
    ["price_surge_5m", { high1m: null }, false],
    ["price_surge_5m", { high5m: null }, false],
    ["price_surge_5m", { low1m: -50, low5m: -50 }, true],
  ];
  for (const [reason, seen, calm] of rows) {
    assert.equal(emergency.isCalm(reason, changes(seen), safety), calm, `${reason} ${JSON.stringify(seen)}`);
  }
  assert.equal(emergency.isCalm("price_drop_5m", changes({ low1m: -5 }), { ...safety, recovery_1m_pct: -6 }), true);
  assert.equal(emergency.isCalm("price_surge_1m", changes({ high5m: 10 }), { ...safety, recovery_5m_pct: -11 }), true);
  const blocks = fold(fold([], { low1m: -10 }, NOON), {}, minutes(26));
  const shorter = { ...safety, recovery_stable_min: 4 };
  assert.deepEqual(emergency.foldPriceBlocks(blocks, { changes: CALM, now: minutes(30) }, shorter), []);
});

Deno.test("[F-7.20] all price blocks must hold their own clocks, other blocks are not touched", () => {
  const other = newBlock("latency", { since: NOON, until: null });
  const first = fold([other], { low1m: -10 }, NOON);
  const both = fold(first, { low5m: -20 }, minutes(5));
  assert.deepEqual(both.map((block) => block.reason), ["latency", "price_drop_1m", "price_drop_5m"]);
  const calm = fold(both, {}, minutes(6));
  const later = fold(calm, {}, minutes(30));
  assert.deepEqual(later.map((block) => block.reason), ["latency", "price_drop_5m"]);
  assert.deepEqual(fold(later, {}, minutes(35)), [other]);
  assert.equal(emergency.priceBlockDueAt(other, safety), null);
});

Deno.test("[F-7.23][P-11 surge_1m_pct surge_5m_pct surge_enabled] rises mirror falls, unless switched off", () => {
  assert.deepEqual(triggers({ high1m: 10 }), ["price_surge_1m"]);
  assert.deepEqual(triggers({ high1m: 9.99, high5m: 20 }), ["price_surge_5m"]);
  assert.deepEqual(triggers({ high5m: 19.99 }), []);
  assert.deepEqual(triggers({ high1m: 10, high5m: 20 }, { ...safety, surge_enabled: false }), []);
  assert.deepEqual(triggers({ high1m: 10, high5m: 20 }, { ...safety, surge_1m_pct: 11, surge_5m_pct: 21 }), []);
});

Deno.test("[P-11 drop_1m_pct drop_5m_pct] the limits come from the configuration", () => {
  assert.deepEqual(triggers({ low1m: -10, low5m: -20 }, { ...safety, drop_1m_pct: -10.1, drop_5m_pct: -20.1 }), []);
  assert.deepEqual(triggers({ low1m: -9, low5m: -19 }, { ...safety, drop_1m_pct: -9, drop_5m_pct: -19 }), [
    "price_drop_1m",
    "price_drop_5m",
  ]);
});

// ---- equity floor, market data, venue rows --------------------------------------------------------------------------------

function floor(rows: readonly [second: number, equity: number][], floorUsd = 80): (string | null)[] {
  let watch = emergency.emptyEquityWatch;
  return rows.map(([second, equity]) => {
    const step = emergency.foldEquity(watch, { equity: usd(equity), now: after(NOON, second), floorUsd });
    watch = step.watch;
    return step.halt?.reason ?? null;
  });
}

Deno.test("[F-7.4][P-2 equity_floor_usd] below the floor in three updates at least 1 s apart halts", () => {
  assert.deepEqual(floor([[0, 79.99], [1, 79.99], [2, 79.99]]), [null, null, "equity_below_floor"]);
  assert.deepEqual(floor([[0, 79.99], [0.999, 79.99], [1, 79.99], [2, 79.99]]).at(-1), "equity_below_floor");
  assert.deepEqual(floor([[0, 79.99], [0.5, 79.99], [1.4, 79.99], [1.9, 79.99]]), [null, null, null, null]);
  assert.deepEqual(floor([[0, 79.99995], [1, 79.99995], [2, 79.99995]]).at(-1), "equity_below_floor");
  assert.deepEqual(floor([[0, 79.99], [0.999, 79.99], [1.998, 79.99]]), [null, null, null]);
  assert.deepEqual(floor([[0, 80], [1, 80], [2, 80]]), [null, null, null]);
  assert.deepEqual(floor([[0, 79.99], [1, 79.99], [2, 80], [3, 79.99], [4, 79.99]]).at(-1), null);
  assert.deepEqual(floor([[0, 79.99], [1, 79.99], [2, 79.99]], 79.99), [null, null, null]);
});

Deno.test("[F-7.12][P-8 market_data_max_age_s] no market frame for 15 s, or no reference, is stale", () => {
  const stale = (age: number | null, some: Partial<PriceChanges> = {}, limits = runtime) =>
    emergency.marketDataStale(
      { marketFrameAt: age === null ? null : after(NOON, -age), changes: changes(some), now: NOON },
      limits,
    );
  assert.equal(stale(14.999), false);
  assert.equal(stale(15), true);
  assert.equal(stale(null), true);
  assert.equal(stale(1, { low1m: null }), true);
  assert.equal(stale(1, { low5m: null }), true);
  assert.equal(stale(15, {}, { ...runtime, market_data_max_age_s: 16 }), false);
});

Deno.test("[F-7.6][F-7.11][GATE-4] a position row with an index or a liquidation warning halts", () => {
  const judge = (positionIdx: number, status: "Normal" | "Liq" | "Adl" | null) =>
    emergency.judgePositionRow({ positionIdx, status })?.reason ?? null;
  assert.equal(judge(0, "Normal"), null);
  assert.equal(judge(0, null), null);
  assert.equal(judge(0, "Adl"), null);
  assert.equal(judge(0, "Liq"), "liquidation");
  assert.equal(judge(1, "Normal"), "hedge_mode_detected");
  assert.equal(judge(2, "Liq"), "hedge_mode_detected");
});

Deno.test("[F-7.13] liquidation nearer than 1.5 × the stop distance is near", () => {
  const near = (liq: number | null, d: number) =>
    emergency.liquidationNear({ entry: price(80000), liqPrice: liq === null ? null : price(liq), distance: rate(d) });
  assert.equal(near(77600, 0.02), false);
  assert.equal(near(77600.01, 0.02), true);
  assert.equal(near(82400, 0.02), false);
  assert.equal(near(82399.99, 0.02), true);
  assert.equal(near(null, 0.02), false);
  assert.equal(near(77600, 0.02000001), true);
  assert.equal(emergency.liquidationNear({ entry: price(0), liqPrice: price(1), distance: rate(0.02) }), false);
});

Deno.test("[F-7.15] two signed calls refused for the key in a row halt, an accepted one forgives", () => {
  const first = emergency.foldCredentials(0, true);
  assert.deepEqual(first, { refusals: 1, halt: null });
  const second = emergency.foldCredentials(first.refusals, true);
  assert.deepEqual([second.refusals, second.halt?.reason], [2, "credentials"]);
  assert.deepEqual(emergency.foldCredentials(1, false), { refusals: 0, halt: null });
});

Deno.test("[F-7.17] entries are blocked from 10 minutes before maintenance to its end", () => {
  const window = { from: minutes(60), to: minutes(90) };
  assert.equal(emergency.inMaintenance(window, after(minutes(50), -0.001)), false);
  assert.equal(emergency.inMaintenance(window, minutes(50)), true);
  assert.equal(emergency.inMaintenance(window, after(minutes(90), -0.001)), true);
  assert.equal(emergency.inMaintenance(window, minutes(90)), false);
  assert.equal(emergency.inMaintenance(null, minutes(60)), false);
});

Deno.test("[F-7.17] an instrument that does not trade or changed blocks; with a position open it halts", () => {
  const judge = (at: typeof INSTRUMENT, hasPosition: boolean, before: typeof INSTRUMENT | null = INSTRUMENT) => {
    const { blocked, halt } = emergency.judgeInstrument({ at, before, hasPosition });
    return [blocked, halt?.reason ?? null];
  };
  assert.deepEqual(judge(INSTRUMENT, true), [false, null]);
  assert.deepEqual(judge({ ...INSTRUMENT, status: "Closed" }, false), [true, null]);
  assert.deepEqual(judge({ ...INSTRUMENT, status: "Closed" }, true), [true, "instrument"]);
  const changed: (typeof INSTRUMENT)[] = [
    { ...INSTRUMENT, tickCents: price(0.5) },
    { ...INSTRUMENT, qtyStep: qty(10) },
    { ...INSTRUMENT, minOrderQty: qty(10) },
    { ...INSTRUMENT, maxOrderQty: qty(10) },
    { ...INSTRUMENT, maxMarketOrderQty: qty(10) },
    { ...INSTRUMENT, minNotional: qty(10) },
  ];
  for (const at of changed) assert.deepEqual(judge(at, true), [true, null]);
  assert.deepEqual(judge(INSTRUMENT, true, null), [false, null]);
});

function never(): never {
  throw new Error("no block");
}
