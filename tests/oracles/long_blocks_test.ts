/** A block that holds longer than its rule's time is told to a person (F-1.6). */
import { strict as assert } from "node:assert";
import { newBlock } from "../../src/domain/halts_and_blocks.ts";
import type { BlockReason } from "../../src/domain/halts_and_blocks.ts";
import { usdContracts } from "../../src/domain/units.ts";
import { epochMs } from "../../src/domain/units.ts";
import { at, boot, count, newRig, open, phaseOf, type Rig, send, skip, wait } from "../core_rig.ts";
import { fill } from "../core_venue.ts";

const told = (rig: Rig) =>
  rig.all.flatMap((one) => one.kind === "Alert" && one.code.startsWith("long_block") ? [one] : []);

/** The bot with a block that nothing lifts; the clock stands in steps of a market event. */
function held(reason: BlockReason, ms: number): Rig {
  const rig = boot(newRig());
  const block = newBlock(reason, { since: at(rig), until: null });
  rig.bot = { ...rig.bot, blocks: [block] };
  const end = rig.now + ms;
  while (rig.now < end) {
    skip(rig, Math.min(20_000, end - rig.now));
    // No tick: its own judge would lift the block.
    send(rig, { kind: "Market", at: at(rig), seen: rig.bot.market.seen });
    rig.bot = { ...rig.bot, blocks: [block] };
  }
  return rig;
}

const LIMITS = { starting: 1, reconcile: 1, degraded: 2, journal_lag: 2, latency: 10 } as const;
Deno.test("[F-1.6] a block alerts once when its time is over, then once an hour, and not before", () => {
  for (const [reason, minutes] of Object.entries(LIMITS) as [keyof typeof LIMITS, number][]) {
    assert.equal(told(held(reason, minutes * 60_000 - 20_000)).length, 0, reason);
    const [first, ...more] = told(held(reason, minutes * 60_000 + 40_000));
    assert.ok(first !== undefined && first.text.includes(`(${reason})`), reason);
    assert.ok(first.text.startsWith(`No entries for ${minutes} min`), first.text);
    assert.equal(more.length, 0, reason);
    assert.equal(told(held(reason, minutes * 60_000 + 2 * 3_600_000 + 20_000)).length, 3, reason);
  }
});

Deno.test("[F-1.6 F-8.12] a block that ends at a time of its own is silent until a minute after that", () => {
  const rig = boot(newRig());
  const until = epochMs(rig.now + 3_600_000);
  rig.bot = { ...rig.bot, blocks: [newBlock("daily_loss", { since: at(rig), until })] };
  for (let index = 0; index < 180; index += 1) {
    skip(rig, 20_000);
    send(rig, { kind: "Market", at: at(rig), seen: rig.bot.market.seen });
  }
  assert.equal(told(rig).length, 0);
});

Deno.test("[F-6.8 F-7.10] a clean-up that does not end is told after a minute and asks less often", () => {
  const rig = newRig();
  const { target } = open(rig);
  rig.deaf = true;
  const done = fill(rig.venue, target, { contracts: Math.abs(rig.venue.net), price: rig.price, at: at(rig) });
  send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "stream" });
  send(rig, { kind: "OrderSeen", at: at(rig), order: { ...done.row, leavesQty: usdContracts(0) } });
  assert.equal(phaseOf(rig), "flat");
  const early = count(wait(rig, 20_000), "QueryPosition");
  assert.equal(told(rig).length, 0);
  wait(rig, 45_000);
  assert.deepEqual(told(rig).map((one) => one.code), ["long_block:order_cleanup"]);
  const late = count(wait(rig, 20_000), "QueryPosition");
  assert.ok(early >= 15 && late <= 6, `${early} looks, then ${late}`);
});
