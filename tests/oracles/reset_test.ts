/** Resets whose step ends halted: told as refused, and a HALT that is new is recorded as one. */
import { strict as assert } from "node:assert";
import type { HaltReason } from "../../src/domain/halts_and_blocks.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { at, command, count, haltOf, need, newRig, open, position, type Rig, tick, wait } from "../core_rig.ts";

/** An agreed, covered position of 90 contracts whose one correction of size is used up; 80 of them were sized. */
function overgrown(): Rig {
  const rig = newRig();
  open(rig);
  wait(rig, 30_000);
  sized(rig, 80);
  return rig;
}
function sized(rig: Rig, contracts: number): void {
  const { phase } = rig.bot;
  const { plan } = position(rig);
  if (phase.kind !== "position" || plan === null) throw new Error(`phase is ${phase.kind}`);
  const changed = { ...plan, contracts: contracts as typeof plan.contracts };
  rig.bot = { ...rig.bot, phase: { ...phase, position: { ...phase.position, plan: changed, overflow: DONE } } };
}
const DONE = { id: null, done: true };
function halted(rig: Rig, reason: HaltReason): Rig {
  rig.bot = { ...rig.bot, halt: { reason, since: at(rig), detail: "before" } };
  return rig;
}
const records = (sent: readonly Intent[]) =>
  sent.flatMap((one) => {
    if (one.kind !== "Record") return [];
    const { record } = one;
    return record.type === "snapshot" ? [record.reason] : record.type === "change" ? [record.cause] : [];
  });

Deno.test("[F-13.2 F-6.7] a reset whose cause halts again in the same step is refused with the number that still holds", () => {
  const rig = overgrown();
  tick(rig);
  const { halt } = rig.bot;
  assert.equal(halt?.reason, "foreign_activity");
  const sent = command(rig, "reset");
  const { ok, text } = need(sent, "Answer");
  assert.deepEqual([ok, text], [false, "foreign_activity still holds: second size overflow: 90 contracts"]);
  assert.equal(rig.bot.halt, halt, "it is the HALT of before, with its moment");
  assert.deepEqual(records(sent), []);
  sized(rig, 90);
  const lifted = command(rig, "reset");
  assert.deepEqual([need(lifted, "Answer").ok, haltOf(rig)], [true, "-"]);
  assert.deepEqual(records(lifted), ["reset of foreign_activity: t"]);
});

Deno.test("[F-13.2 F-13.4] a reset whose step halts for another cause says so, and the new HALT has its snapshot", () => {
  const rig = halted(overgrown(), "adl");
  const sent = command(rig, "reset");
  const { ok, text } = need(sent, "Answer");
  const why = "second size overflow: 90 contracts";
  assert.deepEqual([ok, text], [false, `reset adl, but halted again by foreign_activity: ${why}`]);
  assert.deepEqual(rig.bot.halt, { reason: "foreign_activity", since: at(rig), detail: why });
  assert.deepEqual(records(sent), ["reset of adl: t, foreign_activity", "foreign_activity"]);
});

Deno.test("[F-1.2 F-13.4] a later reason under a HALT is alerted and noted once, however long it holds", () => {
  const rig = halted(overgrown(), "adl");
  const why = "second size overflow: 90 contracts";
  const sent = tick(rig);
  const { severity, code, text } = need(sent, "Alert");
  assert.deepEqual([severity, code, text], ["critical", "halt:foreign_activity", why]);
  assert.deepEqual(records(sent), ["foreign_activity"]);
  assert.equal(rig.bot.halt?.reason, "adl");
  assert.equal(rig.bot.halt.detail, `before; also foreign_activity: ${why}`);
  const later = wait(rig, 60_000);
  assert.deepEqual([count(later, "Alert"), records(later)], [0, []]);
});
