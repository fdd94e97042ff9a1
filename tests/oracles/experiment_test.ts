/** A live experiment: arms drawn the same by everybody, entries that follow them, and an end for harm (lab L-6). */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { ExperimentConfig, ExperimentState } from "../../src/domain/experiment.ts";
import type { JournalRecord } from "../../src/domain/records.ts";
import { type EpochMs, epochMs } from "../../src/domain/units.ts";
import { armOfDay, armsOfBlock, dayNumber, withArm } from "../../src/application/policy/experiment/arms.ts";
import {
  countBlocks,
  countTrade,
  harmWealth,
  newExperiment,
  schemeOf,
} from "../../src/application/policy/experiment/harm.ts";
import { armNow } from "../../src/application/transition/experiment.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import {
  boot,
  DIP,
  enter,
  filled,
  market,
  newRig,
  open,
  phaseOf,
  type Rig,
  show,
  skip,
  START,
  tick,
  wait,
} from "../core_rig.ts";

const DAY_MS = 86_400_000;
const scheme = (to: Partial<ExperimentConfig> = {}): ExperimentConfig => ({
  name: "grid-3",
  arms: { A: {}, B: { entry: { entry_timeout_s: 20 }, strategy: { grid_atr_multiple: 1 } } },
  seed: 7,
  block_days: 4,
  max_days: 365,
  ...to,
});

/** A name under which this day (days since 1970) has the arm. */
function nameFor(arm: "A" | "B", day: number): string {
  for (let index = 0;; index++) {
    const name = `try-${index}`;
    if (armOfDay(scheme({ name }), day) === arm) return name;
  }
}
const TODAY = dayNumber(START);
const rigOn = (arm: "A" | "B", to: Partial<ExperimentConfig> = {}): Rig =>
  boot(newRig(defaultTestConfig((config) => {
    config.experiment = structuredClone(scheme({ name: nameFor(arm, TODAY), ...to }));
  })));
const recordsOf = <T extends JournalRecord["type"]>(rig: Rig, type: T) =>
  rig.all.flatMap((one) => one.kind === "Record" && one.record.type === type ? [one.record] : []) as Extract<
    JournalRecord,
    { type: T }
  >[];

Deno.test("[L-6.1] arms: half of each block, the same for everybody, drawn from name, seed and day alone", () => {
  const text = (of: ExperimentConfig) => [0, 1, 2, 3, 4, 5].map((block) => armsOfBlock(of, block).join("")).join(" ");
  assert.equal(text(scheme()), "AABB BBAA ABAB BABA ABBA BBAA");
  assert.notEqual(text(scheme({ name: "grid-4" })), text(scheme()));
  assert.notEqual(text(scheme({ seed: 8 })), text(scheme()));
  fc.assert(fc.property(fc.constantFrom(2, 4, 6, 8), fc.nat(100_000), fc.nat(), (block_days, block, seed) => {
    const of = scheme({ block_days, seed });
    const arms = armsOfBlock(of, block);
    assert.equal(arms.filter((arm) => arm === "A").length, block_days / 2);
    arms.forEach((arm, index) => assert.equal(armOfDay(of, block * block_days + index), arm));
  }));
});

Deno.test("[L-6.1] every order of a block comes equally often", () => {
  const seen = new Map<string, number>();
  for (let block = 0; block < 6_000; block++) {
    const arms = armsOfBlock(scheme(), block).join("");
    seen.set(arms, (seen.get(arms) ?? 0) + 1);
  }
  assert.equal(seen.size, 6);
  for (const [arms, times] of seen) assert.ok(Math.abs(times - 1_000) < 120, `${arms} ${times}`);
});

Deno.test("[L-6.1] an arm changes its keys and nothing else", () => {
  const config = defaultTestConfig((to) => {
    to.experiment = structuredClone(scheme());
  });
  const { strategy, entry, ...rest } = withArm(config, "B");
  assert.equal(strategy.grid_atr_multiple, 1);
  assert.equal(entry.entry_timeout_s, 20);
  const { strategy: baseStrategy, entry: baseEntry, ...base } = config;
  assert.deepEqual(rest, base);
  assert.deepEqual({ ...strategy, grid_atr_multiple: 0 }, { ...baseStrategy, grid_atr_multiple: 0 });
  assert.deepEqual({ ...entry, entry_timeout_s: 0 }, { ...baseEntry, entry_timeout_s: 0 });
  assert.equal(withArm(defaultTestConfig(() => undefined), "B").experiment, undefined);
});

Deno.test("[L-6.1] without an experiment nothing of it is written", () => {
  const rig = newRig();
  open(rig);
  assert.equal(JSON.stringify([rig.bot, rig.all]).includes('"arm"'), false);
  assert.equal("experiment" in rig.bot, false);
});

Deno.test("[L-6.1] the day's arm stands in every evaluation, in the plan and in the trade's record", () => {
  for (const arm of ["A", "B"] as const) {
    const rig = rigOn(arm);
    const { target, contracts } = open(rig);
    assert.ok(recordsOf(rig, "evaluation").filter(({ at }) => at > START + 4_000).every((one) => one.arm === arm));
    assert.equal(rig.bot.trade?.plan?.arm, arm);
    filled(rig, target, { contracts, price: 5_000_000 });
    wait(rig, 15_000);
    assert.deepEqual(recordsOf(rig, "trade").map((one) => one.arm), [arm]);
    assert.equal(rig.bot.experiment?.open.length, 1);
    assert.equal(rig.bot.experiment?.open[0]?.day, TODAY);
    assert.equal(rig.bot.experiment?.open[0]?.r, recordsOf(rig, "trade")[0]?.r_multiple);
  }
});

Deno.test("[L-6.1] an entry lives as long as its arm lets it", () => {
  for (const [arm, alive] of [["A", true], ["B", false]] as const) {
    const rig = rigOn(arm);
    const entry = enter(rig);
    show(rig, entry);
    const sent = wait(rig, 25_000);
    assert.equal(sent.some((one) => one.kind === "CancelOrder"), !alive, arm);
  }
});

Deno.test("[L-6.1] the arm changes for entries at 00:00 UTC; an open position keeps its own", () => {
  const name = nameFor("A", TODAY);
  const rig = rigOn("A");
  open(rig);
  skip(rig, (TODAY + 1) * DAY_MS - rig.now - 1_000);
  market(rig, DIP);
  tick(rig);
  assert.equal(armNow(rig.bot), "A");
  skip(rig, 2_000);
  tick(rig);
  assert.equal(armNow(rig.bot), armOfDay(scheme({ name }), TODAY + 1));
  assert.equal(rig.bot.trade?.plan?.arm, "A");
});

/** The state as if bets had won this much already. */
function rich(rig: Rig, wealth: number): void {
  const { experiment } = rig.bot;
  if (experiment === undefined) throw new Error("no experiment");
  rig.bot = { ...rig.bot, experiment: { ...experiment, wealth: experiment.wealth.map(() => wealth) } };
}
const endings = (rig: Rig) =>
  rig.all.flatMap((one) => one.kind === "Alert" && one.code.startsWith("experiment") ? [one.code] : []);

Deno.test("[L-6.4] evidence of 20 that B is worse ends the experiment once: alert, cause, arm A from then on", () => {
  const rig = rigOn("B");
  rich(rig, 19.99);
  wait(rig, 3_000);
  assert.equal(armNow(rig.bot), "B");
  rich(rig, 20);
  wait(rig, 3_000);
  assert.equal(armNow(rig.bot), "A");
  assert.deepEqual(endings(rig), ["experiment:harm"]);
  assert.ok(recordsOf(rig, "change").some(({ cause }) => cause.includes("ended: harm")));
  enter(rig);
  assert.equal(phaseOf(rig), "entry");
  assert.equal(rig.bot.phase.kind === "entry" ? rig.bot.phase.plan.arm : null, "A");
});

Deno.test("[L-6.1] an experiment that is changed midway is over, one without days left as well", () => {
  const rig = rigOn("B");
  const before = rig.bot.config.experiment;
  if (before === undefined) throw new Error("no experiment");
  rig.bot = { ...rig.bot, config: { ...rig.bot.config, experiment: { ...before, seed: before.seed + 1 } } };
  wait(rig, 2_000);
  assert.deepEqual(endings(rig), ["experiment:changed"]);
  assert.equal(armNow(rig.bot), "A");
  const late = rigOn("B", { max_days: 8 });
  skip(late, 8 * DAY_MS);
  market(late, late.price);
  tick(late);
  assert.deepEqual(endings(late), ["experiment:over"]);
});

Deno.test("[L-6.1] a restart with another name starts anew, one without an experiment forgets it", () => {
  const rig = rigOn("B");
  rich(rig, 5);
  const { experiment: old, ...config } = rig.bot.config;
  if (old === undefined) throw new Error("no experiment");
  rig.bot = { ...rig.bot, config: { ...config, experiment: { ...old, name: "another" } } };
  wait(rig, 2_000);
  assert.deepEqual([rig.bot.experiment?.name, harmWealth(rig.bot.experiment ?? { wealth: [] })], ["another", 1]);
  rig.bot = { ...rig.bot, config };
  wait(rig, 2_000);
  assert.equal("experiment" in rig.bot, false);
  assert.ok(recordsOf(rig, "change").some(({ cause }) => cause.includes("experiment another removed")));
});

const day0: EpochMs = epochMs(20_000 * DAY_MS);
function played(of: ExperimentConfig, rOf: (day: number) => number, days: number): ExperimentState {
  let state = newExperiment(of, day0);
  for (let day = 20_000; day < 20_000 + days; day++) {
    state = countTrade(state, { decidedAt: epochMs(day * DAY_MS), r: rOf(day) });
    state = countBlocks(state, { of, today: day + 1 });
  }
  return state;
}

Deno.test("[L-6.3] counted by hand: one block of two days each", () => {
  const of = scheme();
  const first = newExperiment(of, day0).nextBlock * 4;
  // Clipped at -2 and 4: A has 4 and 1, B has -2 and 0.
  const rs: Record<"A" | "B", number[]> = { A: [9, 1], B: [-7, 0] };
  const state = played(
    of,
    (day) => day < first || day >= first + 4 ? 0 : rs[armOfDay(of, day)].shift() ?? NaN,
    first - 20_000 + 4,
  );
  assert.equal(state.blocks, 1);
  assert.equal(state.differences, 3.5);
  assert.deepEqual(state.wealth, [1 + 0.02 * 3.5, 1 + 0.04 * 3.5, 1 + 0.08 * 3.5, 1 + 0.15 * 3.5]);
  assert.deepEqual(state.open, []);
});

Deno.test("[L-6.3] no day can ruin a bet, and A's luck and B's are told apart", () => {
  const of = scheme();
  fc.assert(
    fc.property(fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 8, maxLength: 60 }), (rs) => {
      const state = played(of, (day) => rs[day - 20_000] ?? 0, rs.length);
      for (const wealth of state.wealth) assert.ok(wealth > 0 && Number.isFinite(wealth));
    }),
  );
  const worse = played(of, (day) => armOfDay(of, day) === "B" ? -1 : 0.2, 365);
  const better = played(of, (day) => armOfDay(of, day) === "B" ? 0.2 : -1, 365);
  assert.ok(harmWealth(worse) >= 20, String(harmWealth(worse)));
  assert.ok(harmWealth(better) < 1, String(harmWealth(better)));
});

Deno.test("[L-6.4] read every day for a year, equal arms are stopped in at most 5 of 100 experiments", () => {
  let stopped = 0;
  let random = 12_345;
  const unit = () => (random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
  for (let run = 0; run < 400; run++) {
    const of = scheme({ seed: run });
    let [state, mood, over] = [newExperiment(of, day0), 0, false];
    for (let day = 20_000; day < 20_365; day++) {
      // Days hang together: a good one is more likely after a good one; losses of -1, gains of 1.4.
      mood = 0.5 * mood + (unit() < 0.58 ? -0.5 : 0.7);
      state = countTrade(state, { decidedAt: epochMs(day * DAY_MS), r: mood });
      state = countBlocks(state, { of, today: day + 1 });
      over ||= harmWealth(state) >= 20;
    }
    if (over) stopped++;
  }
  assert.ok(stopped <= 20, `${stopped} of 400`);
  assert.ok(schemeOf(scheme()) !== schemeOf(scheme({ seed: 1 })));
});
