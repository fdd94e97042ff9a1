/** Judging over results: verdicts, bad input in one line, order of lines, the outlook, comparisons, walking forward. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { corrected, judgeSweep } from "../../src/programs/lab/judging/judge.ts";
import { judgeJson, judgeReport } from "../../src/programs/lab/judging/judge_report.ts";
import { readResults } from "../../src/programs/lab/judging/sweep_results.ts";
import { compare, compareSentence, type Side } from "../../src/programs/lab/judging/compare.ts";
import { analyse, type AnalysedTrade } from "../../src/programs/lab/judging/analyse.ts";
import { analysisSentence } from "../../src/programs/lab/judging/analyse_report.ts";
import { type Account, evenChanceR, play, within } from "../../src/programs/lab/judging/outlook.ts";
import { dayPrices, floorByPrice } from "../../src/programs/lab/judging/day_prices.ts";
import { walkForward, type WalkRule } from "../../src/programs/lab/judging/walk_forward.ts";
import { reportMarkdown, reportText } from "../../src/programs/lab/reports/text.ts";
import { nextUnit, randomStream } from "../../src/common/random.ts";
import { jsonl, noisyDays, resultLine } from "./sweep_fixture.ts";

const NO_LEDGER = { trials: 0, holdoutLooks: 0 };
const FAST = { seed: 1, resamples: 999 };
const luckSweep = (settings = 20) =>
  Array.from({ length: settings }, (_, index) => resultLine(index, noisyDays(index + 1, { days: 200 })));

Deno.test("[L-4.3] twenty settings without an edge: the best is luck, and the sentence says so with its numbers", () => {
  const judged = judgeSweep(readResults("r", jsonl(luckSweep())), NO_LEDGER, FAST);
  assert.equal(judged.verdict, "luck");
  const best = judged.best.meanR.estimate;
  assert.ok(best > 0.1, String(best));
  assert.ok(Math.abs(judged.luckMeanR - best) < 0.2, `${judged.luckMeanR} ${best}`);
  assert.match(
    judged.sentence,
    /^20 settings tried; the best has \+0\.\d\d R a trade in sample; luck alone gives \+0\.\d\d R; none has shown an edge( \(of sweeps without one, \d+ in 100 look this good\))?\.$/,
  );
});

Deno.test("[L-4.3] one setting with a planted edge of 0.6 R is found, named and shown", () => {
  const lines = [...luckSweep(), resultLine(20, noisyDays(99, { days: 400, edge: 0.6 }).slice(0, 200))];
  const judged = judgeSweep(readResults("r", jsonl(lines)), NO_LEDGER, FAST);
  assert.equal(judged.verdict, "edge");
  assert.equal(judged.best.candidate.index, 20);
  assert.deepEqual(judged.tests.winners, [20]);
});

Deno.test("[L-3.4] more trials in the ledger and more looks never make a judgement better", () => {
  const results = readResults("r", jsonl([...luckSweep(), resultLine(20, noisyDays(99, { days: 200, edge: 0.5 }))]));
  const rank = { edge: 2, luck: 1, "not decidable": 0 } as const;
  let before = judgeSweep(results, NO_LEDGER, FAST);
  for (const [trials, holdoutLooks] of [[21, 1], [100, 1], [100, 2], [5_000, 3]] as const) {
    const now = judgeSweep(results, { trials, holdoutLooks }, FAST);
    assert.ok(now.spa >= before.spa && now.white >= before.white && now.best.dsr <= before.best.dsr);
    assert.ok(now.luckMeanR >= before.luckMeanR && rank[now.verdict] <= rank[before.verdict]);
    before = now;
  }
  assert.equal(before.verdict, "luck");
  fc.assert(fc.property(fc.double({ min: 1e-4, max: 1, noNaN: true }), fc.nat(1000), fc.nat(20), (p, more, looks) => {
    const few = corrected(p, { settings: 10, trials: 10, looks: 0 });
    const many = corrected(p, { settings: 10, trials: 10 + more, looks });
    assert.ok(Math.abs(few - p) < 1e-12 && many >= few - 1e-15 && many <= 1);
  }));
});

Deno.test("[L-4.3] the order of lines changes nothing of a judgement", () => {
  const lines = luckSweep();
  const json = (of: typeof lines) =>
    JSON.stringify(judgeJson(judgeSweep(readResults("r", jsonl(of)), NO_LEDGER, FAST)));
  assert.equal(json([...lines].reverse()), json(lines));
});

const REFUSED: readonly (readonly [why: string, text: string, expected: RegExp])[] = [
  ["an empty file", "", /it holds no candidate; finish the sweep first$/],
  ["half a line", '{"index":0,', /line 1: expected one JSON object/],
  ["a missing field", jsonl(luckSweep(2)).replace('"seed":1,', ""), /line 1: seed: /],
  ["two of one", jsonl([...luckSweep(2), ...luckSweep(1)]), /candidate 0 is there twice/],
  [
    "other data",
    jsonl([...luckSweep(2), resultLine(2, noisyDays(3, { days: 200 }), { data_hash: "aaaa" })]),
    /has the data aaaa/,
  ],
  [
    "another core",
    jsonl([...luckSweep(2), resultLine(2, noisyDays(3, { days: 200 }), { core_hash: "bbbb" })]),
    /has the core bbbb/,
  ],
  [
    "missing days",
    jsonl([...luckSweep(2), resultLine(2, noisyDays(3, { days: 199 }))]),
    /has days: 199, candidate 0 has 200/,
  ],
  [
    "other days",
    jsonl([...luckSweep(2), resultLine(2, noisyDays(3, { days: 200 }), { first_day: "2020-01-02" })]),
    /first day 2020-01-02/,
  ],
  ["one setting", jsonl(luckSweep(1)), /1 setting; at least 2 are needed/],
  [
    "too few days",
    jsonl([0, 1].map((i) => resultLine(i, noisyDays(i, { days: 50 })))),
    /covers 50 days; at least 60 are needed/,
  ],
  [
    "too few trades",
    jsonl([0, 1].map((i) => resultLine(i, Array.from({ length: 90 }, (_, d) => d < 9 ? 1 - d % 2 * 2 : 0)))),
    /at least 30 trades with different results; the most is 9/,
  ],
  [
    "constant days",
    jsonl([0, 1].map((i) => resultLine(i, Array.from({ length: 90 }, () => 1)))),
    /no setting has at least 30 trades with different results/,
  ],
];
for (const [why, text, expected] of REFUSED) {
  Deno.test(`[L-4.3] judging refuses ${why} in one line`, () => {
    assert.throws(() => judgeSweep(readResults("results.jsonl", text), NO_LEDGER, FAST), (error: Error) => {
      assert.match(error.message, expected);
      assert.equal(error.message.includes("\n"), false);
      return true;
    });
  });
}

Deno.test("[L-3.4] a ledger that knows fewer trials than the sweep has is a foreign one", () => {
  const results = readResults("r", jsonl(luckSweep()));
  assert.throws(
    () => judgeSweep(results, { trials: 3, holdoutLooks: 0 }, FAST),
    /the ledger that this sweep was written to/,
  );
});

Deno.test("[L-7.3] a judgement reads as text, Markdown and JSON without NaN, raw names or p of 0", () => {
  const results = readResults("r", jsonl(luckSweep()));
  const judged = judgeSweep(results, NO_LEDGER, FAST);
  const report = judgeReport(judged, { results, command: "deno task lab judge r" });
  for (const width of [60, 80, 120]) {
    const text = reportText(report, width);
    assert.ok(text.split("\n").every((line) => line.length <= width), text);
    assert.equal(/NaN|undefined|Infinity|p = 0\.000|_/.test(text), false, text);
    assert.ok(text.endsWith("Made by: deno task lab judge r"));
  }
  assert.match(reportMarkdown(report), /^# Is the best setting more than luck\?/);
  for (const value of Object.values(judgeJson(judged))) assert.ok(typeof value !== "number" || Number.isFinite(value));
});

const side = (source: string, r: readonly number[], to: Partial<Side> = {}): Side => ({
  source,
  firstDay: "2020-01-01",
  r: Float64Array.from(r),
  trades: Float64Array.from(r, (value) => value === 0 ? 0 : 1),
  netUsd: 0,
  dataHash: "d",
  ...to,
});

Deno.test("[L-4.2] paired on the same days a small steady difference shows that apart would drown", () => {
  const base = noisyDays(4, { days: 200 });
  const better = base.map((r, day) => r === 0 ? 0 : r + 0.05 + 0.02 * (day % 3));
  const found = compare({ a: side("a.yaml", better), b: side("b.yaml", base) }, { seed: 1, riskUsd: 3 });
  assert.equal(found.verdict, "A");
  assert.ok((found.monthUsd?.low ?? -1) > 0);
  assert.match(
    compareSentence(found),
    /^a\.yaml did better than b\.yaml on the same 200 days: the difference is \+\$\d+\.\d\d a month/,
  );
  const turned = compare({ a: side("b.yaml", base), b: side("a.yaml", better) }, { seed: 1, riskUsd: 3 });
  assert.equal(turned.verdict, "B");
});

Deno.test("[L-4.2] two settings without a difference, the same settings, and runs that do not belong together", () => {
  const [one, two] = [noisyDays(4, { days: 200 }), noisyDays(5, { days: 200 })];
  const options = { seed: 1, riskUsd: 3 };
  assert.equal(compare({ a: side("a", one), b: side("b", two) }, options).verdict, "not decidable");
  assert.equal(compare({ a: side("a", one), b: side("b", one) }, options).verdict, "the same");
  const refused = (b: Side) => () => compare({ a: side("a", one), b }, options);
  assert.throws(refused(side("b", two, { dataHash: "e" })), /their data differ \(d, e\)/);
  assert.throws(refused(side("b", two.slice(1))), /200 days from 2020-01-01 and 199 days/);
  assert.throws(
    () => compare({ a: side("a", one.slice(0, 20)), b: side("b", two.slice(0, 20)) }, options),
    /at least 30/,
  );
});

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2020, 0, 1);
const trade = (day: number, r: number | null, to: Partial<AnalysedTrade> = {}): AnalysedTrade => ({
  side: "long",
  openedAt: FROM + day * DAY_MS + 3_600_000,
  closedAt: FROM + day * DAY_MS + 7_200_000,
  r,
  netUsd: 3 * (r ?? 0),
  feesUsd: 0.1,
  slippageUsd: 0.05,
  fundingUsd: 0.01,
  exitReason: "profit_target",
  regime: "ranging",
  stage: 1,
  mae: null,
  mfe: null,
  nakedMs: null,
  arm: null,
  ...to,
});
const sourceOf = (trades: readonly AnalysedTrade[], days: number) => ({
  name: "data",
  trades,
  from: FROM,
  to: FROM + days * DAY_MS,
  btcPriceUsd: null,
  halts: [],
});

Deno.test("[L-7.1] an analysis adds up: groups hold every trade, the waterfall ends at what was won", () => {
  const trades = noisyDays(3, { days: 120 }).flatMap((r, day) =>
    r === 0 ? [] : [trade(day, r, { side: day % 2 ? "short" : "long" })]
  );
  const found = analyse(sourceOf(trades, 120), { seed: 1 });
  for (const groups of [found.groups.direction, found.groups.hour, found.groups.weekday, found.groups.exit]) {
    assert.equal(groups.reduce((sum, { trades: count }) => sum + count, 0), trades.length);
  }
  const net = trades.reduce((sum, { netUsd }) => sum + netUsd, 0);
  assert.ok(Math.abs(found.waterfall.reduce((sum, { usd }) => sum + usd, 0) - net) < 1e-9);
  const { value, low, high, n } = found.estimates.meanR;
  assert.equal(n, trades.length);
  assert.ok(low !== null && value !== null && high !== null && low < value && value < high);
  assert.equal(found.groups.arm.length, 0);
});

Deno.test("[L-4.1] few, equal or plan-less trades say that nothing can be said, never NaN", () => {
  const say = (trades: readonly AnalysedTrade[], days: number) =>
    analysisSentence(analyse(sourceOf(trades, days), { seed: 1 }));
  assert.match(say([trade(0, 1)], 1), /too few days to say more/);
  assert.match(say(Array.from({ length: 30 }, (_, day) => trade(day, 1)), 30), /too few days to say more/);
  assert.match(say([trade(0, null)], 5), /no R can be given/);
  assert.throws(() => analyse(sourceOf([], 5), { seed: 1 }), /it holds no closed trade/);
});

/** A market of days with trades of a mean edge, price standing still. */
function fair(edge: number, days = 5_000) {
  const random = randomStream(11, "outlook test");
  const r = Float64Array.from({ length: days }, () => (nextUnit(random) < 0.5 ? 1 : -1) + edge);
  const ones = r.map(() => 1);
  return { r, trades: ones, closeRatio: ones, lowRatio: ones };
}
/** Chance that a walk with this drift and step reaches `up` before `down`. */
const ruin = (edge: number, { up, down }: { readonly up: number; readonly down: number }) =>
  edge === 0 ? down / (up + down) : (1 - Math.exp(-2 * edge * down)) / (1 - Math.exp(-2 * edge * (up + down)));

Deno.test("[L-4.8] with a planted edge the chance of the goal rises as the closed form says", () => {
  const account: Account = { startUsd: 100, floorUsd: 80, goalUsd: 140, riskUsd: () => 1 };
  const shares = [0, 0.02, 0.05, 0.25].map((edge) => {
    const days = fair(edge);
    const own = days.r.reduce((sum, value) => sum + value, 0) / days.r.length;
    const fates = play(days, { account, days: 6_000, paths: 1_500, block: 1, seed: 2, moves: "trading" });
    const share = within(fates.goal, 6_000).share;
    assert.ok(Math.abs(share - ruin(own, { up: 40, down: 20 })) < 0.045, `${edge}: ${share}`);
    return share;
  });
  assert.deepEqual([...shares].sort((a, b) => a - b), shares);
});

Deno.test("[L-4.8] the mean R of an even chance makes it even, and no trade has none", () => {
  const account: Account = { startUsd: 100, floorUsd: 80, goalUsd: 140, riskUsd: () => 1 };
  const options = { account, days: 400, paths: 800, block: 1, seed: 2 };
  const needed = evenChanceR(fair(-0.1), options);
  assert.ok(needed !== null && needed > 0, String(needed));
  const again = within(play(fair(needed), { ...options, seed: 3, moves: "trading" }).goal, 400).share;
  assert.ok(Math.abs(again - 0.5) < 0.12, String(again));
  assert.equal(evenChanceR({ ...fair(0), trades: new Float64Array(5_000) }, options), null);
});

Deno.test("[L-4.8] the floor by price alone is counted from each start on, a later low under it", () => {
  const count = 4 * 1_440;
  const flat = () => new Int32Array(count).fill(10_000);
  const low = flat();
  low[1_440 + 700] = 7_999;
  const bars = {
    firstAt: FROM,
    count,
    open: flat(),
    high: flat(),
    low,
    close: flat(),
    volumeUsd: new Float64Array(count),
  };
  const { starts, hits, medianDays } = floorByPrice(bars, { days: 1, floorShare: 0.8 });
  assert.deepEqual([starts, hits, medianDays], [3, 1, 700 / 1_440]);
  assert.equal(floorByPrice(bars, { days: 2, floorShare: 0.8 }).hits, 2);
  const { closeRatio, lowRatio } = dayPrices(bars);
  assert.deepEqual([[...closeRatio], [...lowRatio]], [[1, 1, 1], [0.7999, 1, 1]]);
});

const RULE: WalkRule = {
  kind: "rolling",
  train_days: 60,
  test_days: 20,
  purge_days: 2,
  embargo_days: 14,
  select: "mean_r",
  min_trades: 10,
};

Deno.test("[L-4.4] what is chosen before is measured after, days between are used by nobody", () => {
  // Candidate 0 wins on all days that train the first fold, candidate 1 on all others.
  const first = Array.from({ length: 100 }, (_, day) => day < 60 ? 1 : -1);
  const lines = [resultLine(0, first), resultLine(1, first.map((r) => -r))];
  const walk = walkForward(readResults("r", jsonl(lines)), RULE, { seed: 1 });
  assert.deepEqual(walk.folds.map(({ firstDay, row, insideR, outsideR }) => [firstDay, row, insideR, outsideR]), [
    ["2020-03-17", 0, 1, -1],
  ]);
  assert.deepEqual([walk.trades, walk.meanOutside, walk.outside.r.length], [20, -1, 20]);
  // Other results in the days between change nothing.
  const between = lines.map((line) => ({
    ...line,
    days: line.days.map((cells, day) => day >= 60 && day < 76 ? [9, 1, 0] as const : cells),
  }));
  assert.deepEqual(walkForward(readResults("r", jsonl(between)), RULE, { seed: 1 }).folds, walk.folds);
});

Deno.test("[L-4.4] without an edge nothing is left after; too few days are refused with what one fold needs", () => {
  const results = readResults(
    "r",
    jsonl(luckSweep().map((line, index) => resultLine(line.index, noisyDays(index + 1, { days: 400 })))),
  );
  const walk = walkForward(results, RULE, { seed: 1 });
  assert.ok((walk.meanInside ?? 0) > 0.2 && (walk.meanOutside ?? 1) < 0.15);
  assert.ok(walk.meanR !== null && walk.meanR.low < 0);
  const short = readResults("r", jsonl([0, 1].map((index) => resultLine(index, noisyDays(index, { days: 90 })))));
  assert.throws(() => walkForward(short, RULE, { seed: 1 }), /it covers 90 days; one fold needs 96/);
});
