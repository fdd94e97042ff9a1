import { strict as assert } from "node:assert";
import * as sizing from "../../src/application/policy/entry/sizing.ts";
import {
  liquidationDistance,
  liquidationGate,
  requiredDistance,
} from "../../src/application/policy/entry/liquidation_gate.ts";
import { liquidationToward } from "../../src/domain/inverse.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { btc, INSTRUMENT, price, qty, rate, RATES, TIER, usd } from "../core_values.ts";

const config = defaultTestConfig();
const limits = config.sizing;
const { stage_1, stage_2 } = config.stages;
/** 100 USD at 80000, grid spacing 1 % so that the stop distance is clamped to 2 %. */
const INPUT: sizing.SizingInput = {
  direction: "long",
  entry: price(80000),
  spacingPct: 1,
  equity: btc(0.00125),
  free: btc(1),
  stage: stage_1,
  leverageE2: 300,
  rates: RATES,
  entryRole: "maker",
  exitRole: "maker",
  multiplier: 1,
  maxContracts: 2000,
  instrument: INSTRUMENT,
  tier: TIER,
};
const size = (some: Partial<sizing.SizingInput> = {}, own = limits) => sizing.sizeEntry({ ...INPUT, ...some }, own);
const FREE_OF_CHARGE = { maker: rate(0), taker: rate(0) };

Deno.test("[P-7] 100 USD at d = 2 % is 141 contracts with fees, 147 without", () => {
  assert.equal(size().contracts, 141);
  assert.equal(size({ rates: FREE_OF_CHARGE }).contracts, 147);
  const { code, worstLoss, maxLoss, stopPrice, distance } = size();
  assert.deepEqual([code, maxLoss, stopPrice, distance], [null, btc(0.0000375), price(78400), rate(0.02)]);
  assert.ok(worstLoss <= maxLoss && worstLoss > maxLoss * 0.99, `${worstLoss}`);
});

Deno.test("[P-7] a short loses less per contract at the same distance: d/(1+d)", () => {
  // 3 ÷ (0.02/1.02 + 0.0002 + 0.00055/1.02) = 147.4; without fees 153
  assert.equal(size({ direction: "short" }).contracts, 147);
  assert.equal(size({ direction: "short", rates: FREE_OF_CHARGE }).contracts, 153);
  assert.equal(size({ direction: "short" }).stopPrice, price(81600));
});

Deno.test("[P-7] the entry's own role is in the budget: a taker entry is smaller", () => {
  // 3 ÷ (0.02/0.98 + 0.00055 + 0.00055/0.98) = 139.4
  assert.equal(size({ entryRole: "taker" }).contracts, 139);
});

Deno.test("[P-7 stop_distance_multiple stop_distance_min_pct stop_distance_max_pct stop_distance_default_pct] step 1", () => {
  const rows: [spacing: number | null, distance: number | null][] = [
    [1.3333, 0.02],
    [1.34, 0.0201],
    [2, 0.03],
    [4, 0.06],
    [4.1, 0.06],
    [null, 0.03],
    [0.0001, 0.02],
    [0, null],
    [-1, null],
    [NaN, null],
    [Infinity, null],
  ];
  for (const [spacing, distance] of rows) {
    assert.equal(sizing.stopDistance(spacing, limits), distance === null ? null : rate(distance), `${spacing}`);
  }
  const change = (some: Partial<typeof limits>, spacing: number | null) =>
    sizing.stopDistance(spacing, { ...limits, ...some });
  assert.equal(change({ stop_distance_multiple: 2 }, 2), rate(0.04));
  assert.equal(change({ stop_distance_min_pct: 2.5 }, 1), rate(0.025));
  assert.equal(change({ stop_distance_max_pct: 5 }, 4), rate(0.05));
  assert.equal(change({ stop_distance_default_pct: 4 }, null), rate(0.04));
  assert.equal(change({ stop_distance_default_pct: 0 }, null), null);
  assert.equal(size({ spacingPct: 0 }).code, "stop_distance_invalid");
  assert.equal(size({ spacingPct: 0 }).contracts, 0);
});

Deno.test("[P-7][P-3 loss_pct_cap max_loss_usd_cap] the budget is the smaller of percent and cap", () => {
  const budget = (equity: number, stage = stage_1) => sizing.lossBudget(btc(equity), { price: price(80000), stage });
  assert.equal(budget(0.00125), btc(0.0000375));
  assert.equal(budget(0.001), btc(0.00003));
  assert.equal(budget(0.01), btc(0.0000375));
  assert.equal(budget(-1), 0);
  assert.equal(budget(0.01, { ...stage_1, max_loss_usd_cap: 4 }), btc(0.00005));
  assert.equal(
    budget(0.001, { ...stage_1, loss_pct_cap: 4 }),
    btc(0.00004).valueOf() > btc(0.0000375) ? btc(0.0000375) : 0,
  );
  assert.equal(budget(0.0005, { ...stage_1, loss_pct_cap: 4 }), btc(0.00002));
  assert.equal(budget(0.00375, stage_2), btc(0.00025));
});

Deno.test("[P-7 margin_use_ratio] margin allows min(equity, free) × 0.8 × leverage × entry", () => {
  const by = (equity: number, free: number, useRatio = 0.8, leverageE2 = 300) =>
    sizing.contractsByMargin({ equity: btc(equity), free: btc(free) }, { entry: price(80000), leverageE2, useRatio });
  assert.equal(by(0.00125, 1), 240);
  assert.equal(by(1, 0.00125), 240);
  assert.equal(by(1.25, 9), 240_000);
  assert.equal(by(9000, 9000), 1_728_000_000);
  assert.equal(by(9000, 9000, 0.8, 10_000), 9_000_000_000);
  assert.equal(by(0.00125, 1, 0.5), 150);
  assert.equal(by(0.00125, 1, 0.8, 150), 120);
  assert.equal(by(0.00125, -1), 0);
  assert.equal(size({ free: btc(0.0005) }).contracts, 96);
  assert.equal(size({ free: btc(0.0005) }, { ...limits, margin_use_ratio: 0.5 }).contracts, 60);
});

Deno.test("[P-7] contracts go down to the quantity step and the caps", () => {
  assert.equal(size({ instrument: { ...INSTRUMENT, qtyStep: qty(10) } }).contracts, 140);
  assert.equal(size({ instrument: { ...INSTRUMENT, maxOrderQty: qty(50) } }).contracts, 50);
  assert.equal(size({ multiplier: 0.5 }).contracts, 70);
  assert.equal(size({ multiplier: 0.25 }).contracts, 35);
});

Deno.test("[P-12 max_contracts] the hard cap per order always applies", () => {
  assert.equal(size({ maxContracts: 141 }).contracts, 141);
  assert.equal(size({ maxContracts: 140 }).contracts, 140);
});

Deno.test("[P-7] qty_below_minimum: below minOrderQty, minNotionalValue or 1", () => {
  const code = (some: Partial<typeof INSTRUMENT>) => size({ instrument: { ...INSTRUMENT, ...some } }).code;
  assert.equal(code({ minOrderQty: qty(141) }), null);
  assert.equal(code({ minOrderQty: qty(142) }), "qty_below_minimum");
  assert.equal(code({ minNotional: qty(141) }), null);
  assert.equal(code({ minNotional: qty(142) }), "qty_below_minimum");
  const poor = { equity: btc(0.000006) };
  assert.equal(size({ ...poor, instrument: null }).code, "qty_below_minimum");
  assert.equal(
    size({ ...poor, instrument: { ...INSTRUMENT, minOrderQty: qty(0), minNotional: qty(0) } }).code,
    "qty_below_minimum",
  );
  assert.equal(size({ equity: btc(0.000008), stage: stage_1 }).code, "qty_below_minimum");
});

Deno.test("[P-7] margin_insufficient: no margin at all, or margin and fees beyond the equity after rounding", () => {
  assert.equal(size({ free: btc(0) }).code, "margin_insufficient");
  assert.equal(size({ equity: btc(0) }).code, "margin_insufficient");
  // With leverage 0.3 the whole equity is margin: 1.0 × use leaves nothing for the fees.
  const bare = { leverageE2: 30, stage: { ...stage_1, loss_pct_cap: 100, max_loss_usd_cap: 100 } };
  assert.equal(size(bare, { ...limits, margin_use_ratio: 1 }).code, "margin_insufficient");
  assert.equal(size({ ...bare, rates: FREE_OF_CHARGE }, { ...limits, margin_use_ratio: 1 }).code, null);
  assert.equal(size(bare, limits).code, null);
});

Deno.test("[P-7][P-3 liquidation_distance_multiple liquidation_distance_min_pct] the gate asks for max(multiple × d, minimum)", () => {
  assert.equal(requiredDistance(rate(0.02), stage_1), rate(0.15));
  assert.equal(requiredDistance(rate(0.0375), stage_1), rate(0.15));
  assert.equal(requiredDistance(rate(0.04), stage_1), rate(0.16));
  assert.equal(requiredDistance(rate(0.04), { ...stage_1, liquidation_distance_multiple: 5 }), rate(0.2));
  assert.equal(requiredDistance(rate(0.02), { ...stage_1, liquidation_distance_min_pct: 16 }), rate(0.16));
  assert.equal(requiredDistance(rate(0.04), config.stages.stage_3), rate(0.12));
});

Deno.test("[P-7] liquidation_too_close: the 3x long is 24.7 % away, enough for d = 6 % in stage 1", () => {
  const gate = (direction: "long" | "short", leverageE2: number, distance: number, stage = stage_1) =>
    liquidationGate(direction, { entry: price(80000), leverageE2, distance: rate(distance), tier: TIER }, {
      stage,
      sizing: limits,
    });
  const long = gate("long", 300, 0.06);
  assert.deepEqual([long.code, long.liqPrice, long.distance, long.required], [
    null,
    price(60225.85),
    rate(0.24717687),
    rate(0.24),
  ]);
  assert.equal(gate("long", 500, 0.02).code, null);
  assert.equal(gate("long", 500, 0.05).code, "liquidation_too_close");
  assert.equal(gate("long", 600, 0.02).code, "liquidation_too_close");
  const exact = { ...stage_1, liquidation_distance_min_pct: 24.717687 };
  assert.equal(gate("long", 300, 0.02, exact).code, null);
  assert.equal(
    gate("long", 300, 0.02, { ...stage_1, liquidation_distance_min_pct: 24.717688 }).code,
    "liquidation_too_close",
  );
  assert.deepEqual(gate("short", 100, 0.06).distance, null);
  assert.equal(gate("short", 100, 0.06).code, null);
  assert.equal(gate("short", 300, 0.06).code, null);
  assert.equal(liquidationDistance(price(80000), price(100000)), rate(0.25));
  const huge = { ...TIER, maintenanceRate: rate(1.1) };
  const wrong = { entry: price(80000), leverageE2: 1000, distance: rate(0.02), tier: huge };
  for (const direction of ["long", "short"] as const) {
    assert.equal(liquidationGate(direction, wrong, { stage: stage_1, sizing: limits }).code, "liquidation_too_close");
  }
});

Deno.test("[P-7 unknown_liq_max_leverage unknown_liq_max_stop_pct unknown_liq_refuse_stop_pct] without risk data", () => {
  const code = (leverageE2: number, distance: number, some: Partial<typeof limits> = {}) =>
    liquidationGate("long", { entry: price(80000), leverageE2, distance: rate(distance), tier: null }, {
      stage: stage_1,
      sizing: { ...limits, ...some },
    }).code;
  assert.equal(code(300, 0.04), null);
  assert.equal(code(301, 0.04), "liquidation_unknown");
  assert.equal(code(300, 0.0401), "liquidation_unknown");
  assert.equal(code(300, 0.05, { unknown_liq_refuse_stop_pct: 6 }), null);
  assert.equal(code(300, 0.0501, { unknown_liq_refuse_stop_pct: 6 }), "liquidation_unknown");
  assert.equal(code(300, 0.0501, { unknown_liq_refuse_stop_pct: 6, unknown_liq_max_stop_pct: 6 }), null);
  assert.equal(code(400, 0.04, { unknown_liq_max_leverage: 4 }), null);
});

Deno.test("[P-7 unknown_liq_size_ratio] without instrument or risk data contracts × 0.8", () => {
  assert.equal(size({ tier: null }).contracts, 112);
  assert.equal(size({ instrument: null }).contracts, 112);
  assert.equal(size({ tier: null }, { ...limits, unknown_liq_size_ratio: 0.5 }).contracts, 70);
  assert.equal(size({ tier: null, spacingPct: 4 }).code, "liquidation_unknown");
  assert.equal(size({ instrument: null, spacingPct: 4 }).code, "liquidation_unknown");
  assert.equal(size({ instrument: null }).stopPrice, price(78400));
});

Deno.test("[P-7] a budget met to the last 10⁻¹² BTC gives up a contract rather than the promise", () => {
  const terms = {
    contracts: qty(141),
    entry: price(80000),
    stop: price(78400),
    entryRate: rate(0.0002),
    takerRate: rate(0.00055),
  };
  assert.equal(sizing.lossAtStop("long", terms), 37_311_047);
  assert.equal(sizing.lossAtStop("short", { ...terms, stop: price(81600) }), 35_861_692);
  const odd = size({ entry: price(79999.9), rates: FREE_OF_CHARGE });
  assert.ok(odd.worstLoss <= odd.maxLoss);
});

Deno.test("[P-7] each part of the loss is rounded against us", () => {
  const bare = { contracts: qty(1), entry: price(0.03), entryRate: rate(0), takerRate: rate(0) };
  assert.equal(sizing.lossAtStop("long", { ...bare, stop: price(0.02) }), 50_000_000_000_000 - 33_333_333_333_333);
  assert.equal(
    sizing.lossAtStop("long", { ...bare, entry: price(0.04), stop: price(0.03) }),
    33_333_333_333_334 - 25e12,
  );
  assert.equal(sizing.lossAtStop("short", { ...bare, stop: price(0.07) }), 33_333_333_333_334 - 14_285_714_285_714);
});

Deno.test("[P-7] impossible terms size to nothing instead of throwing", () => {
  const by = (maxLoss: number, distance: number, direction: "long" | "short" = "long") =>
    sizing.contractsByLoss(direction, {
      maxLoss: btc(maxLoss),
      entry: price(80000),
      distance: rate(distance),
      entryRate: rate(0),
      takerRate: rate(0),
    });
  assert.equal(by(0, 0.02), 0);
  assert.equal(by(1, 1), 0);
  assert.equal(by(1, 0), 0);
  assert.equal(by(9000, 0.0000001), 9_000_000_000);
  assert.equal(by(-1, 0.02, "short"), 0);
  assert.equal(usd(1), 1_000_000);
});

Deno.test("[P-7] the gate is asked for the leverage of the plan: the liquidation price is that of the entry itself", () => {
  for (const direction of ["long", "short"] as const) {
    for (const leverageE2 of [150, 200, 300, 500]) {
      const { liquidation } = size({ direction, leverageE2 });
      const terms = { entry: INPUT.entry, leverageE2, maintenanceRate: TIER.maintenanceRate };
      assert.equal(liquidation?.liqPrice, liquidationToward(direction, terms), `${direction} ${leverageE2}`);
    }
    assert.equal(size({ direction, leverageE2: 900 }).code, "liquidation_too_close");
    assert.equal(size({ direction, leverageE2: 300 }).code, null);
  }
});
