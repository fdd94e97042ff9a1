/** Two settings on the same days: paired differences, block bootstrap and block sign-flip (L-4.2). */
import { autocovariance, isFlat, moments, optimalBlockLength } from "../statistics/moments.ts";
import { studentCdf } from "../statistics/distributions.ts";
import { blockTotals, type PermutationResult, signFlip } from "../statistics/permutation.ts";
import { type Interval, studentisedMean } from "../statistics/resample.ts";
import { countText, pText, type Report, rText, signed, usdText } from "../reports/model.ts";
import type { DailySeries } from "./daily.ts";
import { badData } from "./problem.ts";

const DAY_MS = 86_400_000;
const MONTH_DAYS = 365.25 / 12;
const MIN_DAYS = 30;

export type Side = DailySeries & {
  /** Sum of the trades' results. */
  readonly netUsd: number;
  readonly dataHash: string;
};

export type Comparison = {
  readonly days: number;
  readonly firstDay: string;
  readonly a: Side;
  readonly b: Side;
  /** Mean of A minus B a day, R; null when both are the same every day. */
  readonly daily: Interval | null;
  readonly flips: PermutationResult;
  readonly flipBlockDays: number;
  /** Correlation of a day's difference with the day's before. */
  readonly autocorrelation: number;
  /** Two-sided p of a plain t test, for comparison: it ignores that days hang together. */
  readonly plainT: number | null;
  /** Dollars a month at `riskUsd` a trade: A minus B, and its interval. */
  readonly monthUsd: { readonly estimate: number; readonly low: number; readonly high: number } | null;
  readonly riskUsd: number;
  readonly verdict: "A" | "B" | "not decidable" | "the same";
};

/** Compares two runs over the same days of the same data. Throws LabInputError when they are not that. */
export function compare(
  { a, b }: { readonly a: Side; readonly b: Side },
  { seed, riskUsd }: { readonly seed: number; readonly riskUsd: number },
): Comparison {
  const refuse = (why: string) => badData(`Cannot compare ${a.source} and ${b.source}: ${why}`);
  if (a.dataHash !== b.dataHash) {
    throw refuse(`their data differ (${a.dataHash}, ${b.dataHash}); run both on the same file`);
  }
  if (a.firstDay !== b.firstDay || a.r.length !== b.r.length) {
    throw refuse(
      `${a.r.length} days from ${a.firstDay} and ${b.r.length} days from ${b.firstDay}; the days must be the same`,
    );
  }
  if (a.r.length < MIN_DAYS) throw refuse(`${a.r.length} days; at least ${MIN_DAYS} are needed`);
  const differences = Array.from(a.r, (r, day) => r - (b.r[day] ?? 0));
  const same = isFlat(differences) && differences[0] === 0;
  const daily = studentisedMean({ sums: differences, units: differences.map(() => 1) }, { seed });
  const flipBlockDays = Math.max(1, Math.ceil(optimalBlockLength(differences).circular));
  const flips = signFlip(blockTotals(differences, flipBlockDays), { seed });
  const month = (r: number) => r * MONTH_DAYS * riskUsd;
  const variance = autocovariance(differences, 0);
  const shape = moments(differences);
  const t = shape.sd > 0 ? shape.mean / (shape.sd / Math.sqrt(shape.n)) : null;
  const clear = daily !== null && flips.twoSided <= 0.05 && (daily.low > 0 || daily.high < 0);
  return {
    days: differences.length,
    firstDay: a.firstDay,
    a,
    b,
    daily,
    flips,
    flipBlockDays,
    autocorrelation: variance > 0 ? autocovariance(differences, 1) / variance : 0,
    plainT: t === null ? null : 2 * studentCdf(-Math.abs(t), shape.n - 1),
    monthUsd: daily === null
      ? null
      : { estimate: month(daily.estimate), low: month(daily.low), high: month(daily.high) },
    riskUsd,
    verdict: same ? "the same" : !clear ? "not decidable" : daily.estimate > 0 ? "A" : "B",
  };
}

/** The answer in words with the difference in dollars a month. */
export function compareSentence({ a, b, verdict, monthUsd, days }: Comparison): string {
  if (verdict === "the same") return `${a.source} and ${b.source} had the same result on each of ${days} days.`;
  const money = monthUsd === null
    ? ""
    : `the difference is ${usdText(monthUsd.estimate)} a month, between ${usdText(monthUsd.low)} and ${
      usdText(monthUsd.high)
    }`;
  if (verdict === "not decidable") {
    return `Neither ${a.source} nor ${b.source} is shown to be better on ${countText(days, "day")}: ${
      money || "the difference never varies"
    }.`;
  }
  const [better, worse] = verdict === "A" ? [a, b] : [b, a];
  return `${better.source} did better than ${worse.source} on the same ${
    countText(days, "day")
  }: ${money} (A minus B).`;
}

/** Text, Markdown and HTML are made from this. */
export function compareReport(comparison: Comparison, command: string): Report {
  const { a, b, daily, flips, flipBlockDays, autocorrelation, riskUsd, firstDay, plainT } = comparison;
  const start = Date.parse(`${firstDay}T00:00:00Z`);
  const course = (r: Float64Array) => {
    let sum = 0;
    return [...r].map((value, day) => [start + day * DAY_MS, sum += value] as const);
  };
  const row = (name: string, side: Side) => {
    const [sum, trades] = [side.r.reduce((x, y) => x + y, 0), side.trades.reduce((x, y) => x + y, 0)];
    return [
      name,
      side.source,
      `${trades}`,
      trades === 0 ? "-" : signed(sum / trades),
      signed(sum),
      usdText(side.netUsd),
    ];
  };
  return {
    title: "Which of two settings is better?",
    answer: compareSentence(comparison),
    sections: [{
      heading: "Both on the same days",
      table: { columns: ["side", "settings", "trades", "mean R", "sum of R", "USD"], rows: [row("A", a), row("B", b)] },
      chart: {
        summary: "Sum of R of both settings, day by day",
        x: { name: "day", time: true },
        y: { name: "sum of R" },
        series: [{ name: "A", kind: "line", points: course(a.r) }, { name: "B", kind: "line", points: course(b.r) }],
      },
    }, {
      heading: "The difference",
      lines: [
        daily === null
          ? "The difference is the same every day: there is nothing to test."
          : `A minus B: ${rText(daily.estimate, 3)} a day, ${signed(daily.low, 3)} to ${
            signed(daily.high, 3)
          } with 95 % ` +
            `confidence (studentised bootstrap of days, blocks of ${daily.block.toFixed(1)}).`,
        `Labels of A and B swapped in blocks of ${countText(flipBlockDays, "day")}: ${
          pText(flips.twoSided)
        }, two-sided, ` +
        `${countText(flips.arrangements, "arrangement")}${flips.exact ? ", all there are" : ""}.`,
        `A day's difference goes with the day's before by ${signed(autocorrelation)} (correlation).` +
        (plainT === null ? "" : ` A plain t test, blind to that, gives ${pText(plainT)}.`),
        `Dollars at ${usdText(riskUsd).replace("+", "")} a trade at risk.`,
      ],
    }],
    command,
  };
}

/** What scripts read. */
export function compareJson(comparison: Comparison): Readonly<Record<string, unknown>> {
  const { days, daily, flips, flipBlockDays, autocorrelation, monthUsd, verdict } = comparison;
  return {
    days,
    difference_r_a_day: daily?.estimate ?? null,
    difference_r_low: daily?.low ?? null,
    difference_r_high: daily?.high ?? null,
    sign_flip_p: flips.twoSided,
    flip_block_days: flipBlockDays,
    autocorrelation,
    month_usd: monthUsd,
    verdict,
    sentence: compareSentence(comparison),
  };
}
