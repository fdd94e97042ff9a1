import { strict as assert } from "node:assert";
import { at, count, newRig, open, openId, phaseOf, type Rig, send, wait } from "../core_rig.ts";
import { funding } from "../core_samples.ts";
import { fill } from "../core_venue.ts";

function flows(rig: Rig) {
  return rig.all.filter((one) => one.kind === "Record" && one.record.type === "cash_flow");
}

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

Deno.test("[F-7.16 P-1] a wallet that moved for no known reason asks for executions: a lost funding is no external cash flow", () => {
  const rig = newRig();
  open(rig);
  wait(rig, 20_000);
  assert.equal(count(wait(rig, 20_000), "QueryExecutions"), 0);
  rig.venue.walletBtc -= 0.000002;
  const asked = count(wait(rig, 45_000), "QueryExecutions");
  assert.ok(asked >= 1 && asked <= 3, `asked ${asked} times`);
  send(rig, funding(rig, 2_000_000));
  assert.equal(count(wait(rig, 90_000), "QueryExecutions"), 0);
  assert.deepEqual([rig.bot.capital.unexplainedSince, flows(rig)], [null, []]);
});

Deno.test("[P-1 F-7.16] a part of the target read back without its PnL is own money at once, not an external cash flow", () => {
  const rig = newRig();
  open(rig);
  wait(rig, 20_000);
  const part = fill(rig.venue, openId(rig, "target"), { contracts: 10, price: 4_990_000, at: at(rig), maker: true });
  send(rig, { kind: "Executed", at: at(rig), execution: part.execution, source: "backfill" });
  wait(rig, 120_000);
  assert.deepEqual(flows(rig), []);
});
