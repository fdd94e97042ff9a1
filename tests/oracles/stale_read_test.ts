import { strict as assert } from "node:assert";
import type { PositionRow } from "../../src/domain/orders.ts";
import { at, count, filled, newRig, open, openId, phaseOf, type Rig, send, skip } from "../core_rig.ts";
import { positionRow } from "../core_venue.ts";

function look(rig: Rig, position: PositionRow) {
  skip(rig, 1000);
  return send(rig, { kind: "PositionAnswer", at: at(rig), askedAt: at(rig), result: { kind: "position", position } });
}
/** `seq` of the newest thing the bot has applied. */
function newest(rig: Rig): number {
  return Math.max(rig.bot.ledger.lastSeq ?? 0, rig.bot.reconcile.positionSeq ?? 0);
}
/** A trade closed by its target, and the row of before the closing that a lagging REST still shows. */
function closed() {
  const rig = newRig();
  const { contracts } = open(rig);
  const before = positionRow({ ...rig.venue, net: contracts }, at(rig), { seq: newest(rig) });
  filled(rig, openId(rig, "target"), { contracts, price: 4_990_000 });
  return { rig, before };
}

Deno.test("[F-4.2 F-4.3] REST lagging behind a closing raises no position from the dead, and does not count as agreement", () => {
  const { rig, before } = closed();
  assert.equal(phaseOf(rig), "flat");
  for (let index = 0; index < 5; index++) assert.equal(count(look(rig, before), "PlaceStop"), 0);
  assert.equal(phaseOf(rig), "flat");
  assert.equal(rig.bot.halt, null);
  assert.ok(rig.bot.blocks.some((one) => one.reason === "reconcile"));
});

Deno.test("[F-4.3] a flat read of the past lets no stop be cancelled: zero counts from a row of the last execution on", () => {
  const rig = newRig();
  open(rig);
  const old = positionRow({ ...rig.venue, net: 0 }, at(rig), { seq: newest(rig) - 1 });
  const atBoot = rig.bot.reconcile.zeroSeenAt;
  look(rig, old);
  assert.equal(rig.bot.reconcile.zeroSeenAt, atBoot);
  look(rig, { ...old, seq: newest(rig) });
  assert.equal(rig.bot.reconcile.zeroSeenAt, at(rig));
});

Deno.test("[F-7.10] while the venue disagrees about a covered position, reads are not protective and executions every third", () => {
  const { rig, before } = closed();
  const sent = Array.from({ length: 6 }, () => look(rig, before)).flat();
  const reads = sent.filter((one) => one.kind === "QueryExecutions" || one.kind === "QueryPosition");
  assert.equal(count(sent, "QueryExecutions"), 2);
  assert.ok(reads.every((one) => one.kind !== "QueryExecutions" || !one.protective));
});
