import { strict as assert } from "node:assert";
import { at, boot, count, find, market, newRig, open, type Rig, send, skip, vitalsAt } from "../core_rig.ts";
import { UNKNOWN } from "../core_venue.ts";

Deno.test("[F-12.6] a start check refused for the moment is asked again, it fails nothing", () => {
  for (const [cause, code] of [["clock", 10002], ["rate_limit", 10006], ["not_now", 110079]] as const) {
    const rig = newRig();
    open(rig);
    rig.deaf = true;
    send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
    const outcome = { kind: "refused", refusal: { cause, code, message: "" } } as const;
    send(rig, { kind: "PriceAdjustAnswer", at: at(rig), outcome });
    assert.equal(rig.bot.halt, null, cause);
    assert.ok(rig.bot.boot.pending.includes("price_adjust"), cause);
  }
});

Deno.test("[F-12.6] a start check refused for good halts while a position is open", () => {
  const rig = newRig();
  open(rig);
  skip(rig, 1000);
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  const outcome = { kind: "refused", refusal: { cause: "permission", code: 10005, message: "" } } as const;
  const sent = send(rig, { kind: "PriceAdjustAnswer", at: at(rig), outcome });
  assert.equal(rig.bot.halt?.reason, "startup_check:price_adjust");
  assert.equal(count(sent, "RefuseStart"), 0);
});

Deno.test("[P-1 F-7.12 F-12.6] a first frame before the minute bars does not hide them: the start ends with its references", () => {
  const rig = newRig();
  market(rig, rig.price);
  boot(rig);
  assert.equal(rig.bot.boot.stage, "done");
  assert.deepEqual(rig.bot.blocks, []);
  assert.deepEqual(rig.bot.prices.changes, { low1m: 0, high1m: 0, low5m: 0, high5m: 0 });
});

/** Started `ms` ago, everything unanswered; then the venue tells no risk tier. */
function withoutTier(rig: Rig, ms: number) {
  rig.deaf = true;
  send(rig, { kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false });
  skip(rig, ms);
  const sent = send(rig, { kind: "RiskTierAnswer", at: at(rig), result: { kind: "failed", outcome: UNKNOWN } });
  return { waits: rig.bot.boot.pending.includes("tier"), alert: find(sent, "Alert")?.code ?? null };
}

Deno.test("[P-7 F-12.6] the start asks for the risk tier for six seconds and goes on without it, saying so", () => {
  assert.deepEqual(withoutTier(newRig(), 5_999), { waits: true, alert: null });
  assert.deepEqual(withoutTier(newRig(), 6_000), { waits: false, alert: "risk_tier" });
});

Deno.test("[P-7 F-12.6] a tier known from before is kept when the venue tells none: nothing to alert", () => {
  const rig = boot(newRig());
  const { riskTier } = rig.bot.account;
  assert.deepEqual(withoutTier(rig, 6_000), { waits: false, alert: null });
  assert.notEqual(riskTier, null);
  assert.equal(rig.bot.account.riskTier, riskTier);
});

Deno.test("[P-7] an unknown risk tier is asked for once a minute, a known one is not, and neither stops the start again", () => {
  const asked = (known: boolean) => {
    const rig = boot(newRig());
    if (!known) rig.bot = { ...rig.bot, account: { ...rig.bot.account, riskTier: null } };
    rig.deaf = true;
    let queries = 0;
    for (let second = 0; second < 180; second += 1) {
      skip(rig, 1_000);
      queries += count(send(rig, { kind: "Tick", at: at(rig), vitals: vitalsAt(rig) }), "QueryRiskTier");
      if (queries === 2) {
        send(rig, { kind: "RiskTierAnswer", at: at(rig), result: { kind: "failed", outcome: UNKNOWN } });
      }
    }
    return [queries, rig.bot.boot.stage];
  };
  assert.deepEqual([asked(false), asked(true)], [[3, "done"], [0, "done"]]);
});
