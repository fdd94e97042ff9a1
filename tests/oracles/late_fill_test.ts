import { strict as assert } from "node:assert";
import { filled, newRig, open, phaseOf, send } from "../core_rig.ts";
import { fill } from "../core_venue.ts";

/** Closes by the target's fill, the order row first or the execution first; the day's realised money afterwards. */
function realised(order: "row_first" | "execution_first"): number {
  const rig = newRig();
  const { target, contracts } = open(rig);
  const price = rig.bot.orders.find((one) => one.id === target)?.ticket.price ?? 0;
  if (order === "execution_first") filled(rig, target, { contracts, price });
  else {
    const { row, execution } = fill(rig.venue, target, { contracts, price, at: rig.bot.now, maker: true });
    send(rig, { kind: "OrderSeen", at: rig.bot.now, order: row });
    assert.equal(phaseOf(rig), "flat");
    send(rig, { kind: "Executed", at: rig.bot.now, execution, source: "stream" });
  }
  return rig.bot.risk.day?.realised ?? 0;
}

Deno.test("[F-8.1] [F-4.9] the day counts the same money whether the order row or its execution comes first", () => {
  const wanted = realised("execution_first");
  assert.notEqual(wanted, 0);
  assert.ok(Math.abs(realised("row_first") - wanted) <= 1, "one rounding at most");
});
