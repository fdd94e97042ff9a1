/** Markets without an edge (L-4.5). */
import { strict as assert } from "node:assert";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import type { LabCandles } from "../../src/programs/lab/driver/types.ts";
import {
  counted,
  NO_MARKETS,
  placeboJson,
  placeboMarket,
  placeboSentence,
} from "../../src/programs/lab/judging/placebo.ts";
import { judgeSweep } from "../../src/programs/lab/judging/judge.ts";
import { readResults } from "../../src/programs/lab/judging/sweep_results.ts";
import { autocovariance, mean, moments } from "../../src/programs/lab/statistics/moments.ts";
import { jsonl, noisyDays, resultLine } from "./sweep_fixture.ts";

function recorded(): LabCandles {
  const file = "config/recordings/winter-2021.csv.gz";
  const { bars, tickCents } = readRecording(file, Deno.readFileSync(file));
  return { ...bars, tickCents, dataHash: "d", file };
}

Deno.test("[L-4.5] a placebo market has whole candles, no drift, and hours that know nothing of each other", () => {
  const market = placeboMarket(recorded(), { days: 60, seed: 3 });
  for (let at = 0; at < market.count; at++) {
    const [o, h, l, c] = [market.open[at] ?? 0, market.high[at] ?? 0, market.low[at] ?? 0, market.close[at] ?? 0];
    assert.ok(l > 0 && l <= Math.min(o, c) && h >= Math.max(o, c));
    assert.equal((o + h + l + c) % 50, 0);
  }
  const hours: number[] = [];
  for (let at = 60; at < market.count; at += 60) {
    hours.push(Math.log((market.close[at] ?? 1) / (market.close[at - 60] ?? 1)));
  }
  const { sd, n } = moments(hours);
  assert.ok(Math.abs(mean(hours)) < 3 * sd / Math.sqrt(n), "no drift");
  for (const lag of [1, 2, 5, 24]) {
    assert.ok(Math.abs(autocovariance(hours, lag) / autocovariance(hours, 0)) < 3 / Math.sqrt(n), `lag ${lag}`);
  }
});

Deno.test("[L-4.5] the same seed makes the same market, another one another", () => {
  const source = recorded();
  const closes = (seed: number) => [...placeboMarket(source, { days: 2, seed }).close];
  assert.deepEqual(closes(1), closes(1));
  assert.notDeepEqual(closes(1), closes(2));
});

Deno.test("[L-4.5] markets are counted, quiet ones apart, and too many edges are called by name", () => {
  const judged = (edge: number) => {
    const lines = [
      resultLine(0, noisyDays(77, { days: 200, edge })),
      ...[1, 2, 3].map((at) => resultLine(at, noisyDays(at, { days: 200 }))),
    ];
    return judgeSweep(readResults("r", jsonl(lines)), { trials: 0, holdoutLooks: 0 }, { seed: 1, resamples: 499 });
  };
  let counts = counted(NO_MARKETS, { judgement: null, singleP: null });
  assert.match(placeboSentence(counts), /^None of 1 market could be judged/);
  counts = counted(counts, { judgement: judged(0), singleP: 0.6 });
  assert.deepEqual([counts.markets, counts.quiet, counts.single, counts.pipeline], [2, 1, 0, 0]);
  assert.equal(placeboJson(counts)["holds"], true);
  counts = counted(counts, { judgement: judged(0.8), singleP: 0.01 });
  assert.deepEqual([counts.single, counts.spa, counts.pipeline], [1, 1, 1]);
  assert.equal(placeboJson(counts)["holds"], false);
  assert.match(
    placeboSentence(counts),
    /On 2 markets without an edge the lab found one in 50\.0 %: MORE than the 7 % it may\.$/,
  );
});
