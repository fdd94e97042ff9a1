/**
 * Walking forward through a sweep's days (L-4.4): in each fold the best of the days before is chosen by a rule fixed in
 * advance and then measured on the days after. The days after, one behind the other, are one series.
 */
import { z } from "zod";
import { type Interval, quantile, studentisedMean } from "../statistics/resample.ts";
import { moments } from "../statistics/moments.ts";
import { rowOf } from "../statistics/sweep_tests.ts";
import { countText, pText, type Report, rText, shareText, signed } from "../reports/model.ts";
import { dayOf } from "./daily.ts";
import { badData } from "./problem.ts";
import { keysText, type SweepResults } from "./sweep_results.ts";

const DAY_MS = 86_400_000;

/** The rule, from a YAML file. Days are whole days. */
export const walkRule = z.strictObject({
  /** anchored: from the first day on; rolling: the last train_days only. */
  kind: z.enum(["anchored", "rolling"]),
  train_days: z.int().min(30),
  test_days: z.int().min(5),
  /** Left out between both: at least the longest holding. */
  purge_days: z.int().min(1),
  /** Left out as well: the core's memory (the ATR of 14 daily bars). */
  embargo_days: z.int().min(14),
  select: z.enum(["mean_r", "sharpe"]),
  min_trades: z.int().min(5),
});
export type WalkRule = z.infer<typeof walkRule>;

export type Fold = {
  readonly firstDay: string;
  readonly lastDay: string;
  /** The chosen candidate's row; null when none had enough trades. */
  readonly row: number | null;
  readonly insideR: number | null;
  readonly outsideR: number | null;
  readonly outsideTrades: number;
};

export type WalkForward = {
  readonly rule: WalkRule;
  readonly folds: readonly Fold[];
  readonly outside: { readonly r: Float64Array; readonly trades: Float64Array; readonly firstDay: string };
  readonly meanR: Interval | null;
  readonly trades: number;
  readonly meanInside: number | null;
  readonly meanOutside: number | null;
  /** Outside over inside; null when the inside mean is not above 0. */
  readonly efficiency: number | null;
  readonly spreadOutside: number | null;
  /** Share of folds that chose what the fold before chose. */
  readonly stability: number | null;
};

/** Walks through the days of a sweep. Throws LabInputError when they are too few for one fold. */
export function walkForward(results: SweepResults, rule: WalkRule, { seed }: { readonly seed: number }): WalkForward {
  const { days, file, firstDay } = results;
  const gap = rule.purge_days + rule.embargo_days;
  const needed = rule.train_days + gap + rule.test_days;
  if (days < needed) {
    throw badData(`Cannot walk forward through ${file}: it covers ${days} days; one fold needs ${needed}`);
  }
  const start = Date.parse(`${firstDay}T00:00:00Z`);
  const folds: Fold[] = [];
  const [r, trades]: [number[], number[]] = [[], []];
  const first = rule.train_days + gap;
  for (let from = first; from + rule.test_days <= days; from += rule.test_days) {
    const to = from + rule.test_days;
    const before = range(rule.kind === "anchored" ? 0 : from - gap - rule.train_days, from - gap);
    const row = chosen(results, { rule, at: before });
    const outside = row === null ? { mean: null, trades: 0 } : meanOf(results, { row, at: range(from, to) });
    folds.push({
      firstDay: dayOf(start + from * DAY_MS),
      lastDay: dayOf(start + (to - 1) * DAY_MS),
      row,
      insideR: row === null ? null : meanOf(results, { row, at: before }).mean,
      outsideR: outside.mean,
      outsideTrades: outside.trades,
    });
    for (let day = from; day < to; day++) {
      r.push(row === null ? 0 : results.r.values[row * days + day] ?? 0);
      trades.push(row === null ? 0 : results.trades.values[row * days + day] ?? 0);
    }
  }
  const outside = {
    r: Float64Array.from(r),
    trades: Float64Array.from(trades),
    firstDay: dayOf(start + first * DAY_MS),
  };
  return { rule, folds, outside, ...summary(folds, { outside, seed }) };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

function meanOf(
  { r, trades, days }: SweepResults,
  { row, at }: { readonly row: number; readonly at: readonly number[] },
): { readonly mean: number | null; readonly trades: number } {
  let [sum, count] = [0, 0];
  for (const day of at) {
    sum += r.values[row * days + day] ?? 0;
    count += trades.values[row * days + day] ?? 0;
  }
  return { mean: count === 0 ? null : sum / count, trades: count };
}

/** The best by the rule; among equals the one whose configuration hash comes first. */
function chosen(
  results: SweepResults,
  { rule, at }: { readonly rule: WalkRule; readonly at: readonly number[] },
): number | null {
  let [best, bestScore] = [-1, -Infinity];
  for (let row = 0; row < results.candidates.length; row++) {
    const { mean, trades } = meanOf(results, { row, at });
    if (mean === null || trades < rule.min_trades) continue;
    const score = rule.select === "mean_r" ? mean : ratioOf(rowOf(results.r, row), at);
    const hash = (of: number) => results.candidates[of]?.config_hash ?? "";
    if (best >= 0 && (score < bestScore || (score === bestScore && hash(row) >= hash(best)))) continue;
    [best, bestScore] = [row, score];
  }
  return best < 0 ? null : best;
}

function ratioOf(r: Float64Array, at: readonly number[]): number {
  const { mean, sd } = moments(at.map((day) => r[day] ?? 0));
  return sd > 0 ? mean / sd : -Infinity;
}

function summary(
  folds: readonly Fold[],
  { outside, seed }: { readonly outside: WalkForward["outside"]; readonly seed: number },
): Omit<WalkForward, "rule" | "folds" | "outside"> {
  const known = (of: (fold: Fold) => number | null) =>
    folds.flatMap((fold) => of(fold) === null ? [] : [of(fold) ?? 0]);
  const mean = (values: readonly number[]) =>
    values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  const [inside, after] = [known(({ insideR }) => insideR), known(({ outsideR }) => outsideR)];
  const trades = outside.trades.reduce((sum, count) => sum + count, 0);
  const meanOutside = trades === 0 ? null : outside.r.reduce((sum, value) => sum + value, 0) / trades;
  const meanInside = mean(inside);
  const pairs = folds.slice(1).map((fold, at) => fold.row !== null && fold.row === folds[at]?.row);
  return {
    meanR: studentisedMean({ sums: outside.r, units: outside.trades }, { seed }),
    trades,
    meanInside,
    meanOutside,
    efficiency: meanInside !== null && meanOutside !== null && meanInside > 0 ? meanOutside / meanInside : null,
    spreadOutside: after.length < 2 ? null : quantile(after, 0.75) - quantile(after, 0.25),
    stability: pairs.length === 0 ? null : pairs.filter((same) => same).length / pairs.length,
  };
}

/** The finding in a sentence. */
export function walkSentence({ folds, meanInside, meanOutside, meanR, trades }: WalkForward): string {
  if (meanOutside === null || meanInside === null) {
    return `In ${countText(folds.length, "fold")} no setting had enough trades to be chosen.`;
  }
  const shown = meanR !== null && meanR.low > 0;
  return `Chosen on the days before, the best setting had ${rText(meanInside)} a trade there and ${
    rText(meanOutside)
  } on the days after ` +
    `(${countText(trades, "trade")} in ${countText(folds.length, "fold")}); ${
      meanR === null
        ? "too few days to say more"
        : `${signed(meanR.low)} to ${rText(meanR.high)} with 95 % confidence, ${
          shown ? "beyond luck" : "no edge shown"
        }`
    }.`;
}

/** Text, Markdown and HTML are made from this. */
export function walkReport(
  walk: WalkForward,
  { results, command }: { readonly results: SweepResults; readonly command: string },
): Report {
  const { folds, rule, efficiency, spreadOutside, stability, meanR, outside } = walk;
  const start = Date.parse(`${outside.firstDay}T00:00:00Z`);
  let sum = 0;
  const optional = (value: number | null) => value === null ? "-" : signed(value);
  return {
    title: "Walking forward",
    answer: walkSentence(walk),
    sections: [{
      heading: "Folds",
      table: {
        columns: ["days after", "chosen", "R before", "R after", "trades after"],
        rows: folds.map(({ firstDay, lastDay, row, insideR, outsideR, outsideTrades }) => [
          `${firstDay} to ${lastDay}`,
          row === null ? "none" : keysText(results.candidates[row]?.keys ?? {}),
          optional(insideR),
          optional(outsideR),
          `${outsideTrades}`,
        ]),
      },
      chart: {
        summary: "Sum of R of the chosen settings on the days after",
        x: { name: "day", time: true },
        y: { name: "sum of R" },
        series: [{
          name: "sum of R",
          kind: "line",
          points: [...outside.r].map((value, day) => [start + day * DAY_MS, sum += value] as const),
        }],
        marks: [{ name: "nothing won", y: 0 }],
      },
    }, {
      heading: "What it says",
      lines: [
        efficiency === null
          ? "No gain before, so no share of it after."
          : `Of the gain before, ${shareText(efficiency)} was there after.`,
        spreadOutside === null
          ? "One fold: no spread."
          : `Half of the folds lie within ${spreadOutside.toFixed(2)} R after.`,
        stability === null
          ? "One fold: no choice to repeat."
          : `The same setting was chosen again in ${shareText(stability)} of the folds.`,
        ...(meanR === null ? [] : [`Mean after above 0: ${pText(meanR.pAboveZero)}, one-sided.`]),
        "Walking forward again with other rules is another trial: it shows nothing about having tried several.",
      ],
    }, {
      heading: "Rule, fixed before",
      lines: [
        `${rule.kind === "anchored" ? "All days before" : `The last ${rule.train_days} days before`}, best by ${
          rule.select === "mean_r" ? "mean R a trade" : "Sharpe ratio of a day"
        }, at least ${rule.min_trades} trades; ${rule.test_days} days after; ${
          rule.purge_days + rule.embargo_days
        } days between left out. ` +
        "Every setting runs once through all days, so a position open at a fold's end is carried over.",
      ],
    }],
    command,
  };
}

/** What scripts read. */
export function walkJson(walk: WalkForward): Readonly<Record<string, unknown>> {
  const { folds, meanR, trades, meanInside, meanOutside, efficiency, spreadOutside, stability } = walk;
  return {
    folds: folds.length,
    trades,
    mean_r_inside: meanInside,
    mean_r_outside: meanOutside,
    mean_r_low: meanR?.low ?? null,
    mean_r_high: meanR?.high ?? null,
    efficiency,
    spread_outside: spreadOutside,
    stability,
    sentence: walkSentence(walk),
  };
}
