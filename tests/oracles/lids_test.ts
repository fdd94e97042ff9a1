import { strict as assert } from "node:assert";
import {
  type Block,
  blockClass,
  type BlockReason,
  isPriceReason,
  isSessionReason,
  newBlock,
  withBlock,
  withoutBlock,
  withoutEndedBlocks,
} from "../../src/domain/halts_and_blocks.ts";
import { after, NOON } from "../core_values.ts";

const COOLDOWN: readonly BlockReason[] = [
  "price_drop_1m",
  "price_drop_5m",
  "price_surge_1m",
  "price_surge_5m",
  "daily_loss",
  "weekly_loss",
  "loss_streak_day",
  "loss_streak",
  "fee_spike",
  "slippage",
  "starting",
  "rejections",
];
const BLOCK: readonly BlockReason[] = [
  "reconnect_loop",
  "order_cleanup",
  "latency",
  "degraded",
  "market_data_stale",
  "ip_banned",
  "instrument",
  "ws_recovery",
  "taker_failed",
  "stage_flap",
  "reconcile",
  "journal_lag",
  "key_expiry",
  "shutdown",
];

Deno.test("[F-1.6] each reason has the class of the constitution", () => {
  assert.deepEqual(COOLDOWN.map(blockClass), COOLDOWN.map(() => "COOLDOWN"));
  assert.deepEqual(BLOCK.map(blockClass), BLOCK.map(() => "BLOCK"));
  const block = newBlock("latency", { since: NOON, until: null });
  assert.deepEqual(block, { reason: "latency", class: "BLOCK", since: NOON, until: null, stableSince: null });
});

Deno.test("[F-7.20][F-8] price reasons and session reasons are told apart", () => {
  const all = [...COOLDOWN, ...BLOCK];
  assert.deepEqual(all.filter(isPriceReason), COOLDOWN.slice(0, 4));
  assert.deepEqual(all.filter(isSessionReason), [...COOLDOWN.slice(4, 10), "reconnect_loop"]);
});

Deno.test("[F-8.12] overlapping blocks of one reason end at the latest until and keep their beginning", () => {
  const block = (since: number, until: number | null) =>
    newBlock("slippage", { since: after(NOON, since), until: until === null ? null : after(NOON, until) });
  const rows: [old: Block, added: Block, until: Block["until"]][] = [
    [block(0, 10), block(5, 20), after(NOON, 20)],
    [block(0, 20), block(5, 10), after(NOON, 20)],
    [block(0, 20), block(5, 20), after(NOON, 20)],
    [block(0, null), block(5, 20), null],
    [block(0, 20), block(5, null), null],
  ];
  for (const [old, added, until] of rows) {
    assert.deepEqual(withBlock([old], added), [{ ...old, until }]);
  }
  const other = newBlock("latency", { since: NOON, until: null });
  assert.deepEqual(withBlock([other], block(0, 1)), [other, block(0, 1)]);
  const kept = [other, block(0, 20)];
  assert.equal(withBlock(kept, block(5, 20)), kept);
  const changed = withBlock(kept, block(5, 30));
  assert.deepEqual(changed, [other, { ...block(0, 20), until: after(NOON, 30) }]);
});

Deno.test("[F-7.20] a new price trigger replaces the block, whatever ends later", () => {
  const old = newBlock("price_drop_1m", { since: NOON, until: after(NOON, 99) });
  const again = newBlock("price_drop_1m", { since: after(NOON, 5), until: after(NOON, 50) });
  const other = newBlock("latency", { since: NOON, until: null });
  assert.deepEqual(withBlock([other, old], again), [other, again]);
});

Deno.test("[F-1.6][GATE-3] a timed block is over at its until, a block by condition never by time", () => {
  const timed = newBlock("rejections", { since: NOON, until: after(NOON, 3) });
  const lasting = newBlock("order_cleanup", { since: NOON, until: null });
  const price = newBlock("price_drop_1m", { since: NOON, until: after(NOON, 3) });
  const blocks = [timed, lasting, price];
  assert.equal(withoutEndedBlocks(blocks, after(NOON, 2.999)), blocks);
  assert.deepEqual(withoutEndedBlocks(blocks, after(NOON, 3)), [lasting, price]);
  assert.deepEqual(withoutBlock(blocks, "order_cleanup"), [timed, price]);
  assert.equal(withoutBlock(blocks, "latency"), blocks);
});
