import { strict as assert } from "node:assert";
import { at, count, newRig, open, openId, phaseOf, send, wait } from "../core_rig.ts";
import { fill } from "../core_venue.ts";

/** The target fills; the order row arrives, the execution is lost on the stream and by the usual looks. */
function closedByRow() {
  const rig = newRig();
  const { contracts } = open(rig);
  const done = fill(rig.venue, openId(rig, "target"), { contracts, price: 4_990_000, at: at(rig), maker: true });
  send(rig, { kind: "OrderSeen", at: at(rig), order: done.row });
  assert.equal(phaseOf(rig), "flat");
  return { rig, done };
}

Deno.test("[F-4.1 P-1] an execution that the order row ran ahead of is fetched after 2 s, so that fee and price are known", () => {
  const { rig, done } = closedByRow();
  rig.deaf = true;
  assert.equal(count(wait(rig, 1_000), "QueryExecutions"), 0);
  const sent = wait(rig, 2_000);
  assert.equal(count(sent, "QueryExecutions"), 1);
  assert.ok(sent.every((one) => one.kind !== "QueryExecutions" || !one.protective));
  assert.equal(count(wait(rig, 10_000), "QueryExecutions"), 2);
  send(rig, { kind: "Executed", at: at(rig), execution: done.execution, source: "backfill" });
  assert.equal(count(wait(rig, 20_000), "QueryExecutions"), 0);
});
