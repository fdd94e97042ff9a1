/** Flat at its edges. */
import { strict as assert } from "node:assert";
import type { EvaluationRecord } from "../../src/domain/records.ts";
import type { Intent } from "../../src/domain/intent.ts";
import type { Bot } from "../../src/domain/state.ts";
import {
  boot,
  count,
  DIP,
  enter,
  market,
  newRig,
  openNaked,
  phaseOf,
  type Rig,
  skip,
  tick,
  wait,
} from "../core_rig.ts";

Deno.test("[F-12.8] leverage that was not confirmed is set again after 5 s, not before", () => {
  const started = boot(newRig());
  started.bot = {
    ...started.bot,
    account: { ...started.bot.account, leverageE2: 200 },
    schedule: { ...started.bot.schedule, leverageAt: started.bot.now },
  };
  started.deaf = true;
  skip(started, 100);
  assert.equal(count(tick(started), "SetLeverage"), 1);
  skip(started, 4_999);
  assert.equal(count(tick(started), "SetLeverage"), 0);
  skip(started, 1);
  assert.equal(count(tick(started), "SetLeverage"), 1);
});

Deno.test("[F-12.8 P-4] while a change of leverage is under way none is confirmed, also the one wanted", () => {
  const refused = (underWay: boolean) => {
    const rig = boot(newRig());
    wait(rig, 2_000);
    const { account, now } = rig.bot;
    rig.bot = { ...rig.bot, account: { ...account, leverageSetAt: underWay ? now : null } };
    rig.deaf = true;
    skip(rig, 1_000);
    market(rig, DIP);
    return [count(tick(rig), "PlaceEntry"), rig.bot.evaluation.lastRefusal];
  };
  assert.deepEqual([refused(true), refused(false)], [[0, "leverage_unconfirmed"], [1, null]]);
});

function evaluations(sent: readonly Intent[]): readonly EvaluationRecord[] {
  return sent.flatMap((one) => one.kind === "Record" && one.record.type === "evaluation" ? [one.record] : []);
}
/** What a tick sends and records for a bot changed by hand: no event of the venue moves a phase in the step of a tick. */
function ticked(rig: Rig, change: Partial<Bot>): readonly [entries: number, refusals: readonly (string | null)[]] {
  rig.bot = { ...rig.bot, ...change };
  rig.deaf = true;
  skip(rig, 1_000);
  const sent = tick(rig);
  return [count(sent, "PlaceEntry"), evaluations(sent).map((record) => record.refusal)];
}

Deno.test("[P-4 F-3] the step in which the phase became flat enters nothing, its evaluation says state_not_flat", () => {
  const rig = newRig();
  enter(rig);
  assert.deepEqual(ticked(rig, { orders: [] }), [0, ["state_not_flat"]]);
  assert.equal(phaseOf(rig), "flat");
  skip(rig, 1_000);
  assert.equal(count(tick(rig), "PlaceEntry"), 1, "the next one may");
});

Deno.test("[P-4 F-3] the step in which the phase left flat records why nothing entered, the next one nothing", () => {
  const rig = newRig();
  openNaked(rig);
  const flat = { kind: "flat", since: rig.bot.now } as const;
  assert.deepEqual(ticked(rig, { phase: flat }), [0, ["state_not_flat"]]);
  assert.equal(phaseOf(rig), "position");
  assert.deepEqual(ticked(rig, {}), [0, []]);
});
