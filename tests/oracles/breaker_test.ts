import { strict as assert } from "node:assert";
import type { RefusalCause } from "../../src/domain/events.ts";
import * as maker from "../../src/application/policy/entry/maker_timeout.ts";
import * as breaker from "../../src/application/policy/risk/rejection_breaker.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { after, NOON, time } from "../core_values.ts";

const { runtime, entry } = defaultTestConfig();

function reject(causes: readonly (RefusalCause | "resting")[], limits = runtime) {
  let state = breaker.emptyRejections;
  let found: string | null = null;
  for (const cause of causes) {
    if (cause === "resting") {
      state = breaker.foldEntryResting(state);
      continue;
    }
    const step = breaker.foldRejection(state, { cause, now: NOON }, limits);
    state = step.rejections;
    found = step.halt?.reason ?? (step.block === null ? null : `${step.block.reason} ${step.block.until}`);
  }
  return { found, state };
}

Deno.test("[F-9][P-8 reject_streak_max reject_cooldown_s] the cause of the third rejection in a row decides", () => {
  assert.equal(reject(["margin", "margin"]).found, null);
  assert.equal(reject(["margin", "margin", "margin"]).found, "persistent_rejection:margin");
  assert.equal(reject(["margin", "margin", "rate_limit"]).found, `rejections ${after(NOON, 300)}`);
  assert.equal(reject(["rate_limit", "rate_limit", "quantity"]).found, "persistent_rejection:quantity");
  assert.equal(reject(["margin", "margin"], { ...runtime, reject_streak_max: 2 }).found, "persistent_rejection:margin");
  const longer = { ...runtime, reject_cooldown_s: 301 };
  assert.equal(reject(["other", "other", "not_now"], longer).found, `rejections ${after(NOON, 301)}`);
});

Deno.test("[F-9] after the third the count starts again, and a resting entry resets it", () => {
  assert.deepEqual(reject(["margin", "margin", "margin"]).state, { inRow: 0 });
  assert.deepEqual(reject(["not_now", "not_now", "not_now"]).state, { inRow: 0 });
  assert.equal(reject(["margin", "margin", "resting", "margin"]).found, null);
  const none = { inRow: 0 };
  assert.equal(breaker.foldEntryResting(none), none);
});

Deno.test("[F-9] permanent causes need a person, transient ones time", () => {
  const permanent: RefusalCause[] = [
    "margin",
    "quantity",
    "price",
    "parameter",
    "permission",
    "credentials",
    "risk_tier",
    "symbol_state",
    "margin_mode",
    "reduce_only",
    "wrong_trigger_side",
  ];
  const transient: RefusalCause[] = [
    "order_gone",
    "not_modified",
    "duplicate_id",
    "too_many_conditional",
    "not_now",
    "clock",
    "rate_limit",
    "other",
  ];
  assert.deepEqual(permanent.filter((cause) => !breaker.isPermanent(cause)), []);
  assert.deepEqual(transient.filter(breaker.isPermanent), []);
});

Deno.test("[F-10.6 maker_timeout_max] three maker timeouts of one signal ask for the taker entry", () => {
  const timeouts = (ids: readonly string[]) => ids.reduce(maker.foldMakerTimeout, maker.emptyMakerState);
  assert.equal(maker.takerWanted(timeouts(["a", "a"]), "a", entry), false);
  assert.equal(maker.takerWanted(timeouts(["a", "a", "a"]), "a", entry), true);
  assert.equal(maker.takerWanted(timeouts(["a", "a", "a"]), "b", entry), false);
  assert.equal(maker.takerWanted(timeouts(["a", "a", "b", "a"]), "a", entry), false);
  assert.equal(maker.takerWanted(timeouts(["a", "a"]), "a", { ...entry, maker_timeout_max: 2 }), true);
});

Deno.test("[F-10.6 taker_per_day] one taker fallback a UTC day", () => {
  const sent = maker.foldTakerSent(maker.emptyMakerState, NOON);
  assert.equal(maker.takerQuotaLeft(maker.emptyMakerState, NOON, entry), true);
  assert.equal(maker.takerQuotaLeft(sent, after(NOON, 60), entry), false);
  assert.equal(maker.takerQuotaLeft(sent, time("2026-03-04 23:59:59"), entry), false);
  assert.equal(maker.takerQuotaLeft(sent, time("2026-03-05 00:00"), entry), true);
  assert.equal(maker.takerQuotaLeft(sent, NOON, { ...entry, taker_per_day: 2 }), true);
  assert.equal(maker.takersToday(maker.foldTakerSent(sent, NOON), NOON), 2);
  assert.equal(maker.takersToday(maker.foldTakerSent(sent, time("2026-03-05 00:00")), time("2026-03-05 01:00")), 1);
});

Deno.test("[F-10.6 taker_block_min] a failed taker fallback blocks entries for 60 min", () => {
  const block = maker.takerFailedBlock(NOON, entry);
  assert.deepEqual([block.reason, block.class, block.until], ["taker_failed", "BLOCK", after(NOON, 3600)]);
  assert.equal(maker.takerFailedBlock(NOON, { ...entry, taker_block_min: 61 }).until, after(NOON, 3660));
});
