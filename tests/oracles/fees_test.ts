import { strict as assert } from "node:assert";
import * as fee from "../../src/application/policy/entry/fee_verification.ts";
import { picoBtc } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, NOON, rate, RATES } from "../core_values.ts";

const config = defaultTestConfig();
const { fees } = config;

Deno.test("[P-10 default_maker_rate default_taker_rate] rates: account, else last cached, else configured default", () => {
  assert.deepEqual(fee.currentRates(fee.emptyFeeState, fees), { maker: rate(0.0002), taker: rate(0.00055) });
  const own = { maker: rate(0.0001), taker: rate(0.0003) };
  const read = fee.foldFeeRates(fee.emptyFeeState, { rates: own, now: NOON });
  assert.deepEqual(fee.currentRates(read, fees), own);
  const other = { ...fees, default_maker_rate: 0.0003, default_taker_rate: 0.0006 };
  assert.deepEqual(fee.currentRates(fee.emptyFeeState, other), { maker: rate(0.0003), taker: rate(0.0006) });
});

Deno.test("[P-10 fee_rate_cache_min] rates are read again after 1 h", () => {
  const read = fee.foldFeeRates(fee.emptyFeeState, { rates: RATES, now: NOON });
  assert.equal(fee.feeRatesDue(fee.emptyFeeState, NOON, fees), true);
  assert.equal(fee.feeRatesDue(read, after(NOON, 3599.999), fees), false);
  assert.equal(fee.feeRatesDue(read, after(NOON, 3600), fees), true);
  assert.equal(fee.feeRatesDue(read, after(NOON, 3600), { ...fees, fee_rate_cache_min: 61 }), false);
});

Deno.test("[P-10 fee_judge_min_sats] fewer than 100 satoshi of expected fees are not judged", () => {
  const sats = (paid: number, expected: number, limits = fees) =>
    fee.feeRatio({ paid: picoBtc(paid * 10_000), expected: picoBtc(expected * 10_000) }, limits);
  assert.equal(sats(150, 100), 1.5);
  assert.equal(sats(150, 99.9999), null);
  assert.equal(sats(150, 0), null);
  assert.equal(sats(150, 100, { ...fees, fee_judge_min_sats: 101 }), null);
  assert.equal(sats(1, 0, { ...fees, fee_judge_min_sats: 0 }), null);
});

Deno.test("[P-10 fee_spike_tighten_h] a ratio above 1.5 tightens for 24 h", () => {
  const fold = (ratio: number | null, some = config) =>
    fee.foldFeeRatio(fee.emptyFeeState, { ratio, now: NOON }, some).tightUntil;
  assert.equal(fold(1.5), null);
  assert.equal(fold(1.5000001), after(NOON, 24 * 3600));
  assert.equal(fold(null), null);
  assert.equal(fold(2, defaultTestConfig((own) => own.fees.fee_spike_tighten_h = 25)), after(NOON, 25 * 3600));
  assert.equal(fold(1.5, defaultTestConfig((own) => own.safety.fee_spike_ratio = 1.4)), after(NOON, 24 * 3600));
  const state = { ...fee.emptyFeeState, tightUntil: after(NOON, 10) };
  assert.equal(fee.feesTight(state, after(NOON, 9.999)), true);
  assert.equal(fee.feesTight(state, after(NOON, 10)), false);
  assert.equal(fee.feesTight(fee.emptyFeeState, NOON), false);
});
