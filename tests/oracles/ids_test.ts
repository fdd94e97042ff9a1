import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import * as ids from "../../src/domain/ids.ts";
import { epochMs } from "../../src/domain/units.ts";

const BAR = epochMs(1_772_625_600_000);
const first10 = (text: string) => createHash("sha1").update(text).digest("hex").slice(0, 10);

Deno.test("[F-10.1] a signal id is made of strategy, bar close and side alone", () => {
  const buy = ids.signalId("grid", { barCloseAt: BAR, side: "Buy" });
  assert.equal(buy, `grid_${first10("grid|1772625600000|Buy")}_l`);
  const sell = ids.signalId("grid", { barCloseAt: BAR, side: "Sell" });
  assert.equal(sell, `grid_${first10("grid|1772625600000|Sell")}_s`);
  assert.equal(ids.signalId("gridlong", { barCloseAt: BAR, side: "Buy" }).slice(0, 5), "grid_");
});

Deno.test("[F-10.2][VAL-2] order ids follow role, side and generation", () => {
  const of = { side: "Buy", generation: 1 } as const;
  const id = "grid_a3f8d2e1c4_l";
  assert.equal(ids.entryLinkId(id, of), "grid_a3f8d2e1c4_l_Buy");
  assert.equal(ids.entryLinkId(id, of), ids.linkId("entry", { ...of, signalId: id }));
  assert.equal(ids.targetLinkId(id, { side: "Sell", generation: 1 }), "grid_a3f8d2e1c4_l_tp_Sell");
  assert.equal(ids.stopLinkId(id, { side: "Sell", generation: 2 }), "grid_a3f8d2e1c4_l_stop_Sell_2");
  assert.equal(ids.exitLinkId(id, { side: "Sell", generation: 10 }), "grid_a3f8d2e1c4_l_exit_Sell_10");
  for (const [role, word] of [["target", "_tp"], ["stop", "_stop"], ["exit", "_exit"]] as const) {
    assert.equal(ids.linkId(role, { signalId: id, side: "Sell", generation: 1 }), `${id}${word}_Sell`);
  }
});

Deno.test("[F-10.2] an adopted position has an id of its own, from its side and first unknown execution", () => {
  assert.equal(ids.adoptId("long", "exec-1"), `adopt_${first10("Buy|exec-1")}_l`);
  assert.equal(ids.adoptId("short", "exec-1"), `adopt_${first10("Sell|exec-1")}_s`);
});

Deno.test("[VAL-1] an id of 37 characters is refused, one of 36 is not", () => {
  assert.throws(() => ids.checkLinkId("a".repeat(37)), /F-10\.2/);
  assert.equal(ids.checkLinkId("a".repeat(36)).length, 36);
  assert.throws(() => ids.entryLinkId("a".repeat(33), { side: "Buy", generation: 1 }), RangeError);
  assert.equal(ids.entryLinkId("a".repeat(32), { side: "Buy", generation: 1 }).length, 36);
});

Deno.test("[VAL-3] an id with a space, unicode or a dot, or none at all, is refused", () => {
  for (const id of ["a b", "grid_ä", "a.b", "", "a\n", "a/b"]) {
    assert.equal(ids.isLinkId(id), false);
    assert.throws(() => ids.checkLinkId(id), RangeError);
  }
  assert.equal(ids.isLinkId("A-z_0"), true);
});

Deno.test("[F-10.2] generations count from 1", () => {
  for (const generation of [0, -1, 1.5, NaN]) {
    assert.throws(() => ids.stopLinkId("grid_a3f8d2e1c4_l", { side: "Sell", generation }), /generations from 1/);
  }
});

Deno.test("[F-10.2][F-11.4] own ids are read back, everything else is foreign", () => {
  const id = "grid_a3f8d2e1c4_s";
  assert.deepEqual(ids.parseOwnLinkId(`${id}_stop_Buy_3`, "grid"), {
    signalId: id,
    role: "stop",
    direction: "short",
    side: "Buy",
    generation: 3,
    adopted: false,
  });
  const roles = [`${id}_Sell`, `${id}_tp_Buy`, `${id}_exit_Buy`].map((own) => ids.parseOwnLinkId(own, "gridx")?.role);
  assert.deepEqual(roles, ["entry", "target", "exit"]);
  assert.equal(ids.parseOwnLinkId("adopt_0123456789_l_stop_Sell", "grid")?.adopted, true);
  const foreign = [
    `${id}_Buy`, // an entry that does not open its own direction
    `${id}_stop_Sell`, // a stop that does not close
    `${id}_Sell_1`,
    `${id}_Sell_0`,
    `${id}_Sell_02`,
    "scen_a3f8d2e1c4_s_Sell",
    "grid_a3f8d2e1cX_s_Sell",
    "adopt_0123456789_l_Buy",
    "manual",
    "",
    `${id}_stop_Buy_3 `,
  ];
  assert.deepEqual(foreign.filter((other) => ids.parseOwnLinkId(other, "grid") !== null), []);
});

Deno.test("[F-10.1 strategy_name] the prefix of own ids follows the strategy's name", () => {
  assert.equal(ids.strategyPrefix("scenario"), "scen");
  assert.equal(ids.parseOwnLinkId("scen_a3f8d2e1c4_s_Sell", "scenario")?.role, "entry");
});
