/** What is read from a bot's files: experiment and quarterly review. */
import { strict as assert } from "node:assert";
import type { ExperimentConfig } from "../../src/domain/experiment.ts";
import { epochMs } from "../../src/domain/units.ts";
import { armOfDay } from "../../src/application/policy/experiment/arms.ts";
import { countBlocks, countTrade, harmWealth, newExperiment } from "../../src/application/policy/experiment/harm.ts";
import type { AnalysedTrade } from "../../src/programs/lab/judging/analyse.ts";
import { experimentSentence, readExperiment } from "../../src/programs/lab/judging/experiment.ts";
import { quarterOf, review, reviewSentence } from "../../src/programs/lab/judging/review.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { noisyDays } from "./sweep_fixture.ts";

const DAY_MS = 86_400_000;
const FIRST = 18_262; // 2020-01-01
const OF: ExperimentConfig = { name: "grid-3", arms: { A: {}, B: {} }, seed: 7, block_days: 4, max_days: 120 };
const trade = (day: number, r: number, to: Partial<AnalysedTrade> = {}): AnalysedTrade => ({
  side: "long",
  openedAt: day * DAY_MS + 3_600_000,
  closedAt: day * DAY_MS + 7_200_000,
  r,
  netUsd: 3 * r,
  feesUsd: 0.1,
  slippageUsd: 0.05,
  fundingUsd: 0,
  exitReason: "stop_loss",
  regime: "ranging",
  stage: 1,
  mae: null,
  mfe: null,
  nakedMs: 250,
  arm: armOfDay(OF, day),
  ...to,
});
const reading = (rOf: (arm: "A" | "B", day: number) => number, days: number, ended: string | null = null) =>
  readExperiment({
    of: OF,
    trades: Array.from({ length: days }, (_, at) => FIRST + at).map((day) => trade(day, rOf(armOfDay(OF, day), day))),
    since: FIRST * DAY_MS,
    until: (FIRST + days) * DAY_MS,
    ended,
    seed: 1,
  });

Deno.test("[L-6.3] equal arms: nothing is decided, and what could be seen at all is said first", () => {
  const noise = noisyDays(8, { days: 40 });
  const found = reading((_, day) => noise[day - FIRST] ?? 0, 40);
  assert.equal(found.verdict, "not decidable");
  assert.equal(found.days.length % 4, 0);
  assert.match(
    experimentSentence(found),
    /^With \d+ days only differences above \d\.\d\d R a day can be seen; so far A has/,
  );
  assert.ok(found.always !== null && found.always.low < 0 && found.always.high > 0);
});

Deno.test("[L-6.3] the evidence is the bot's own, trade by trade", () => {
  const noise = noisyDays(9, { days: 90 });
  const found = reading((arm, day) => (noise[day - FIRST] ?? 0) + (arm === "A" ? 0.3 : -0.3), 90);
  let state = newExperiment(OF, epochMs(FIRST * DAY_MS));
  for (const [at, r] of noise.entries()) {
    const edge = armOfDay(OF, FIRST + at) === "A" ? 0.3 : -0.3;
    state = countTrade(state, { decidedAt: epochMs((FIRST + at) * DAY_MS), r: r + edge });
    state = countBlocks(state, { of: OF, today: FIRST + at + 1 });
  }
  assert.ok(Math.abs(found.evidence - harmWealth(state)) < 1e-9);
  assert.ok(found.evidence > 1);
});

Deno.test("[L-6.3] a steady difference is named at the end, by arms redrawn within their blocks", () => {
  const worse = reading((arm) => arm === "A" ? 0.4 : -0.4, 118, "its days are over");
  assert.equal(worse.verdict, "B is worse");
  assert.ok((worse.permutation?.twoSided ?? 1) <= 0.001);
  assert.equal(reading((arm) => arm === "A" ? -0.4 : 0.4, 118, "its days are over").verdict, "B is better");
});

Deno.test("[L-6.3] days without a trade count, days are clipped, a foreign assignment is refused", () => {
  const found = readExperiment({
    of: OF,
    trades: [trade(FIRST + 8, 50, { arm: armOfDay(OF, FIRST + 8) })],
    since: FIRST * DAY_MS,
    until: (FIRST + 20) * DAY_MS,
    ended: null,
    seed: 1,
  });
  assert.ok(found.days.length >= 12);
  assert.equal(found.days.reduce((sum, { r }) => sum + r, 0), 4);
  const bDay = [0, 1, 2, 3].map((at) => FIRST + 8 + at).find((day) => armOfDay(OF, day) === "A") ?? 0;
  assert.throws(
    () =>
      readExperiment({
        of: OF,
        trades: [trade(bDay, 1, { arm: "B" })],
        since: FIRST * DAY_MS,
        until: (FIRST + 20) * DAY_MS,
        ended: null,
        seed: 1,
      }),
    /says arm B, name and seed draw A for that day; give the configuration that was running/,
  );
});

const input = (rs: readonly number[], to: Partial<Parameters<typeof review>[0]> = {}) => ({
  quarter: "2020Q1",
  source: {
    name: "data",
    trades: rs.flatMap((r, at) => r === 0 ? [] : [trade(FIRST + at, r)]),
    from: FIRST * DAY_MS,
    to: (FIRST + rs.length) * DAY_MS,
    btcPriceUsd: null,
    halts: [],
  },
  config: defaultTestConfig(),
  equity: [{ at: (FIRST + 50) * DAY_MS, usd: 104.5 }, { at: (FIRST + 200) * DAY_MS, usd: 90 }],
  alerts: [{ at: (FIRST + 3) * DAY_MS, code: "halt:equity_below_floor", sentence: "" }],
  proposals: [],
  experiment: null,
  seed: 1,
  ...to,
});

Deno.test("[L-7.2] a quarter ends where it ends: later trades and equity are not in it", () => {
  const rs = noisyDays(3, { days: 150 });
  const found = review(input(rs));
  assert.equal(found.all.source.trades.length, rs.slice(0, 91).filter((r) => r !== 0).length);
  assert.equal(found.equityUsd, 104.5);
  assert.deepEqual([found.look.number, found.look.of], [1, 6]);
  assert.ok(found.look.bound > 4.8 && found.look.z !== null);
  assert.ok(Math.abs(found.pathUsd - 100 * Math.pow(10, 91 / (12 * 30.44))) < 0.01);
  assert.match(
    reviewSentence(found),
    /The account is at \$104\.50; the path to the goal is at \$177\.\d\d\. .* Look 1 of 6: nothing is decided\.$/,
  );
});

Deno.test("[L-7.2] a steady loss is seen at a later look; a request for a review is passed on", () => {
  const losing = input(noisyDays(3, { days: 360, edge: -0.5 }), {
    quarter: "2020Q4",
    alerts: [{ at: (FIRST + 300) * DAY_MS, code: "strategy_review_required", sentence: "" }],
  });
  assert.match(reviewSentence(review(losing)), /a loss beyond luck\. The strategy needs a review by a person\.$/);
});

Deno.test("[L-7.2] quarters are written as 2026Q4, and one without a trade before its end is refused", () => {
  assert.deepEqual(quarterOf("2026Q4"), { name: "2026Q4", from: Date.UTC(2026, 9, 1), to: Date.UTC(2027, 0, 1) });
  for (const wrong of ["2026Q5", "26Q1", "2026-4", ""]) {
    assert.throws(() => quarterOf(wrong), /expected a quarter such as 2026Q4/);
  }
  assert.throws(
    () => review(input(noisyDays(3, { days: 90 }), { quarter: "2019Q4" })),
    /no trade closed before its end/,
  );
});
