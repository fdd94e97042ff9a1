import { strict as assert } from "node:assert";
import fc from "fast-check";
import * as inverse from "../../src/domain/inverse.ts";
import type { Block } from "../../src/domain/halts_and_blocks.ts";
import { type EpochMs, epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../../src/domain/units.ts";
import { foldPriceBlocks } from "../../src/application/policy/risk/emergency.ts";
import { evaluateEntry } from "../../src/application/policy/entry/entry_allowed.ts";
import { emptyMetrics, foldMetrics } from "../../src/application/policy/risk/metrics_tracker.ts";
import { changesAt, emptyPriceRing, foldPrice } from "../../src/application/policy/risk/price_ring.ts";
import {
  emptySessionRisk,
  foldRealised,
  foldTrade,
  rollSession,
} from "../../src/application/policy/risk/session_risk.ts";
import { lossAtStop, sizeEntry, type Sizing, type SizingInput } from "../../src/application/policy/entry/sizing.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { GOOD_ENTRY } from "../entry_input.ts";
import { after, btc, INSTRUMENT, NO_MARKET, NOON, price, TIER, usd } from "../core_values.ts";

const config = defaultTestConfig();
const contracts = fc.integer({ min: 0, max: 5_000_000 }).map(usdContracts);
const cents = fc.integer({ min: 100_000, max: 50_000_000 }).map(priceCents);
const direction = fc.constantFrom("long" as const, "short" as const);

Deno.test("[P-1] values are exact: down ≤ contracts × 10¹⁴ ÷ cents ≤ up, at most 1 apart", () => {
  fc.assert(fc.property(contracts, cents, (q, p) => {
    const exact = BigInt(q) * 100_000_000_000_000n;
    const down = BigInt(inverse.valueDown(q, p));
    const up = BigInt(inverse.valueUp(q, p));
    assert.ok(down * BigInt(p) <= exact && exact < (down + 1n) * BigInt(p));
    assert.equal(up, exact % BigInt(p) === 0n ? down : down + 1n);
  }));
});

Deno.test("[P-1] mulDiv agrees with BigInt for every sign and rounding", () => {
  const any = fc.maxSafeInteger();
  const factor = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.integer({ min: -1e14, max: 1e14 }), any);
  const divisor = fc.oneof(
    fc.integer({ min: 1, max: 2_000_000_000 }),
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  );
  const rounding = fc.constantFrom("down" as const, "up" as const, "near" as const);
  fc.assert(
    fc.property(fc.oneof(any, factor), factor, divisor, rounding, (a, b, by, how) => {
      const exact = BigInt(a) * BigInt(b);
      const rest = ((exact % BigInt(by)) + BigInt(by)) % BigInt(by);
      const floor = (exact - rest) / BigInt(by);
      const twice = rest * 2n;
      const near = twice > BigInt(by) || (twice === BigInt(by) && floor % 2n !== 0n) ? floor + 1n : floor;
      const expected = how === "down" ? floor : how === "up" ? (rest > 0n ? floor + 1n : floor) : near;
      if (expected > BigInt(Number.MAX_SAFE_INTEGER) || -expected > BigInt(Number.MAX_SAFE_INTEGER)) return;
      assert.equal(inverse.mulDiv(a, b, { by, rounding: how }), Number(expected));
    }),
    {
      numRuns: 2_000,
      examples: [
        [9007198475770133, -1, 786226687, "down"],
        [-9007199254740991, 1, 3377699720527873, "near"],
        [-9007199254740991, 9007199254740991, 9007199254740991, "up"],
        [3_300_000_125, -3_000_050, 250, "near"],
        [0, -5, 2, "down"],
      ],
    },
  );
});

Deno.test("[P-1] closing a position in parts never realises more than its entry value", () => {
  const parts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(parts, cents, (sizes, p) => {
    let total = sizes.reduce((sum, size) => sum + size, 0);
    const whole = inverse.valueDown(usdContracts(total), p);
    let left: number = whole;
    let closed = 0;
    for (const size of sizes) {
      const share = inverse.shareDown(picoBtc(left), { closed: usdContracts(size), total: usdContracts(total) });
      [left, total, closed] = [left - share, total - size, closed + share];
    }
    assert.deepEqual([left, total, closed], [0, 0, whole]);
  }));
});

const sizingInput: fc.Arbitrary<SizingInput> = fc.record({
  direction,
  entry: fc.integer({ min: 10_000, max: 3_000_000 }).map((ticks) => priceCents(ticks * 10)),
  spacingPct: fc.oneof(fc.constant(null), fc.double({ min: 0.001, max: 20, noNaN: true })),
  equity: fc.integer({ min: 0, max: 50_000_000_000 }).map(picoBtc),
  free: fc.integer({ min: 0, max: 100_000_000_000 }).map(picoBtc),
  stage: fc.constantFrom(config.stages.stage_1, config.stages.stage_2, config.stages.stage_3),
  leverageE2: fc.integer({ min: 100, max: 1000 }),
  rates: fc.record({
    maker: fc.integer({ min: -25_000, max: 100_000 }).map(rateE8),
    taker: fc.integer({ min: 0, max: 200_000 }).map(rateE8),
  }),
  entryRole: fc.constantFrom("maker" as const, "taker" as const),
  exitRole: fc.constantFrom("maker" as const, "taker" as const),
  multiplier: fc.constantFrom(0.25, 0.375, 0.5, 0.75, 1),
  maxContracts: fc.integer({ min: 1, max: 100_000 }),
  instrument: fc.constantFrom(null, INSTRUMENT, { ...INSTRUMENT, qtyStep: usdContracts(5), tickCents: priceCents(50) }),
  tier: fc.constantFrom(null, TIER),
});

function checkPromise(input: SizingInput, sized: Sizing): void {
  const stop = sized.stopPrice;
  const exact = {
    contracts: sized.contracts,
    entry: input.entry,
    stop,
    entryRate: input.entryRole === "maker" ? input.rates.maker : input.rates.taker,
    takerRate: input.rates.taker,
  };
  assert.ok(lossAtStop(input.direction, exact) <= sized.maxLoss, "worst loss within the budget");
  const step = input.instrument?.qtyStep ?? 1;
  assert.equal(sized.contracts % step, 0);
  assert.ok(sized.contracts <= input.maxContracts && sized.contracts >= 1);
  const liquidation = inverse.liquidationToward(input.direction, {
    entry: input.entry,
    leverageE2: input.leverageE2,
    maintenanceRate: TIER.maintenanceRate,
  });
  if (liquidation === null) return;
  const stopFirst = input.direction === "long" ? stop > liquidation : stop < liquidation;
  assert.ok(stopFirst, `stop ${stop} before liquidation ${liquidation}`);
}

Deno.test("[P-7] for any accepted order: worst loss at the stop with fees ≤ budget, and the stop before liquidation", () => {
  let accepted = 0;
  fc.assert(
    fc.property(sizingInput, (input) => {
      const sized = sizeEntry(input, config.sizing);
      if (sized.code !== null) return;
      accepted += 1;
      checkPromise(input, sized);
    }),
    { numRuns: 1000 },
  );
  assert.ok(accepted > 100, `${accepted} orders accepted`);
});

Deno.test("[P-7] sizing gives away at most one step: one more would break a limit", () => {
  fc.assert(fc.property(sizingInput, (input) => {
    const whole = { ...input, instrument: INSTRUMENT, tier: TIER, multiplier: 1, maxContracts: 1_000_000_000 };
    const sized = sizeEntry(whole, config.sizing);
    if (sized.code !== null || sized.byMargin <= sized.byLoss) return;
    const more = { contracts: usdContracts(sized.contracts + 2), entry: input.entry, takerRate: input.rates.taker };
    const entryRate = input.entryRole === "maker" ? input.rates.maker : input.rates.taker;
    const far = input.direction === "long"
      ? Math.floor((input.entry * (inverse.ONE_E8 - sized.distance)) / inverse.ONE_E8)
      : Math.ceil((input.entry * (inverse.ONE_E8 + sized.distance)) / inverse.ONE_E8);
    assert.ok(lossAtStop(input.direction, { ...more, stop: priceCents(far), entryRate }) > sized.maxLoss);
  }));
});

// ---- price ring against the rule read literally ----------------------------------------------------------------------------

type Row = { readonly at: EpochMs; readonly last: number };

function literal(rows: readonly Row[], now: number, age: number, oldest: number): number | null {
  const reference = rows.findLast((row) => row.at <= now - age);
  const last = rows.at(-1);
  if (reference === undefined || last === undefined || now - reference.at > oldest) return null;
  return ((last.last - reference.last) / reference.last) * 100;
}

Deno.test("[P-1] the ring answers as the rule read literally over all observations ≥ 250 ms apart", () => {
  const gaps = fc.array(
    fc.record({
      gap: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 250, max: 3_000 }) },
        fc.integer({ min: 250, max: 90_000 }),
      ),
      last: fc.integer({ min: 98, max: 102 }),
    }),
    { minLength: 1, maxLength: 500, size: "max" },
  );
  fc.assert(fc.property(gaps, fc.integer({ min: 0, max: 100_000 }), (steps, wait) => {
    let ring = emptyPriceRing;
    let at: number = NOON;
    const rows: Row[] = [];
    for (const step of steps) {
      at += step.gap;
      rows.push({ at: epochMs(at), last: step.last * 100 });
      ring = foldPrice(ring, { ...NO_MARKET, last: price(step.last) }, epochMs(at));
    }
    const now = at + wait;
    const found = changesAt(ring, epochMs(now));
    assert.equal(found.low1m, literal(rows, now, 60_000, 120_000));
    assert.equal(found.low5m, literal(rows, now, 300_000, 420_000));
  }));
});

Deno.test("[F-7.20] a price block never lifts before 30 minutes, nor without 5 calm minutes before", () => {
  const steps = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 300 }), low: fc.constantFrom(-12, -10, -6, -5, -1, 0, null) }),
    { minLength: 1, maxLength: 80 },
  );
  fc.assert(fc.property(steps, (rows) => {
    let blocks: readonly Block[] = [];
    let now = 0;
    let trigger = -1e9;
    let unrest = -1e9;
    for (const row of rows) {
      now += row.gap;
      const before = blocks.length;
      const changes = { low1m: row.low, high1m: 0, low5m: 0, high5m: 0 };
      blocks = foldPriceBlocks(blocks, { changes, now: after(NOON, now) }, config.safety);
      if (row.low !== null && row.low <= -10) trigger = now;
      if (row.low === null || row.low <= -5) unrest = now;
      if (before > 0 && blocks.length === 0) {
        assert.ok(now - trigger >= 1800, "30 minutes since the trigger");
        assert.ok(now - unrest > 300, "5 calm minutes");
      }
      assert.ok(blocks.length <= 1);
      if (now === trigger) assert.equal(blocks.length, 1);
    }
  }));
});

Deno.test("[P-9] the size multiplier stays within 0.25 and 1 and its memory within 50, whatever the trades", () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (wins) => {
    let metrics = emptyMetrics;
    for (const win of wins) metrics = foldMetrics(metrics, picoBtc(win ? 1 : -1), config.performance).metrics;
    assert.ok(metrics.streakMultiplier >= 0.25 && metrics.streakMultiplier <= 1);
    assert.equal(metrics.recent.length, Math.min(50, wins.length));
    assert.equal(metrics.closed, wins.length);
  }));
});

Deno.test("[F-8] whatever the trades, day and week hold exactly what was realised in them", () => {
  const trades = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 200_000_000 }), net: fc.integer({ min: -1e8, max: 1e8 }) }),
    { maxLength: 40 },
  );
  fc.assert(fc.property(trades, (rows) => {
    let risk = emptySessionRisk;
    let now: number = NOON;
    const seen: { at: number; usd: number }[] = [];
    for (const row of rows) {
      now += row.gap;
      const at = epochMs(now);
      risk = rollSession(risk, { now: at, equity: usd(100) }, config.safety).risk;
      const money = { amount: picoBtc(row.net), mark: price(100_000), at, now: at };
      risk = foldRealised(risk, money, config.safety).risk;
      risk = foldTrade(risk, { trade: { net: picoBtc(row.net), feeRatio: null }, now: at }, config.safety).risk;
      seen.push({ at, usd: inverse.usdDown(picoBtc(row.net), price(100_000)) });
      const sum = (from: number) => seen.filter((one) => one.at >= from).reduce((total, one) => total + one.usd, 0);
      assert.equal(risk.day?.realised, sum(risk.day?.startAt ?? 0));
      assert.equal(risk.week?.realised, sum(risk.week?.startAt ?? 0));
    }
  }));
});

// ---- junk ---------------------------------------------------------------------------------------------------------------------

function junkFree(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return value !== undefined;
  return Object.values(value).every(junkFree);
}

Deno.test("[P-4] any quote, equity and free margin is judged without exception, NaN or Infinity, and only sized orders leave", () => {
  const cent = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 1_000_000_000 }).map(priceCents));
  const size = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 1_000_000 }).map(usdContracts));
  const pico = fc.oneof(fc.constant(null), fc.integer({ min: -1e12, max: 1e15 }).map(picoBtc));
  const quote = fc.record({ last: cent, mark: cent, bid: cent, ask: cent, bidSize: size, askSize: size });
  fc.assert(fc.property(quote, pico, pico, fc.boolean(), (seen, equityBtc, freeBtc, known) => {
    const found = evaluateEntry({
      ...GOOD_ENTRY,
      quote: seen,
      equityBtc,
      equityUsd: equityBtc === null ? null : usd(100),
      freeBtc,
      instrument: known ? INSTRUMENT : null,
      tier: known ? TIER : null,
    });
    assert.ok(junkFree(found), JSON.stringify(found));
    assert.equal(found.approved === null, found.refusal !== null);
    if (found.approved !== null) assert.ok(found.approved.ticket.contracts > 0);
  }));
});

Deno.test("[P-1] constructors refuse what is no amount, with the value in the message", () => {
  const bad = fc.oneof(
    fc.double().filter((value) => !Number.isInteger(value)),
    fc.constantFrom(NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)),
  );
  fc.assert(fc.property(bad, (value) => {
    for (const make of [usdContracts, picoBtc, priceCents, epochMs, rateE8]) {
      assert.throws(() => make(value), (error) => error instanceof RangeError && error.message.includes(`${value}`));
    }
  }));
  for (const make of [usdContracts, priceCents, epochMs]) assert.throws(() => make(-1), RangeError);
  assert.equal(btc(-1), -1e12);
});
