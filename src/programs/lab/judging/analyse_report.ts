/** An analysis as a report and as the values that scripts read. */
import {
  betweenText,
  countText,
  histogram,
  pText,
  type Report,
  rText,
  type Section,
  shareText,
  signed,
  usdText,
} from "../reports/model.ts";
import type { Analysis, Estimate, Group } from "./analyse.ts";

const DAY_MS = 86_400_000;

/** Text, Markdown and HTML are made from this. */
export function analyseReport(analysis: Analysis, command: string): Report {
  const { groups } = analysis;
  const names: readonly (readonly [string, readonly Group[]])[] = [
    ["By direction", groups.direction],
    ["By exit", groups.exit],
    ["By regime", groups.regime],
    ["By stage", groups.stage],
    ["By arm", groups.arm],
    ["By weekday", groups.weekday],
    ["By hour of the entry, UTC", groups.hour],
  ];
  return {
    title: `Trades of ${analysis.source.name}`,
    answer: analysisSentence(analysis),
    sections: [
      figuresSection(analysis),
      waterfallSection(analysis),
      courseSection(analysis),
      distributionSection(analysis),
      ...excursionSections(analysis),
      ...names.filter(([, found]) => found.length > 0).map(([heading, found]) => groupSection(heading, found)),
      ...(analysis.halts.length === 0 ? [] : [{
        heading: "Halts",
        table: {
          columns: ["reason", "times"],
          rows: analysis.halts.map(([reason, count]) => [reason.replaceAll("_", " "), `${count}`]),
        },
      }]),
    ],
    command,
  };
}

/** The finding in a sentence. */
export function analysisSentence({ source, estimates, meanR }: Analysis): string {
  const n = countText(source.trades.length, "trade");
  const value = estimates.meanR.value;
  if (value === null) return `${n}, none with a planned loss: no R can be given.`;
  if (meanR === null) return `${n} with a mean of ${rText(value)}: too few days to say more.`;
  const interval = `mean ${rText(value)} a trade, ${betweenText(meanR.low, meanR.high)} with 95 % confidence`;
  if (meanR.low > 0) return `${n}: ${interval}: above 0 beyond luck, if nothing else was tried.`;
  if (meanR.high < 0) return `${n}: ${interval}: a loss beyond luck.`;
  return `${n}: ${interval}: neither a gain nor a loss is shown.`;
}

function figuresSection(
  { estimates, psr, inPositionShare, feesShare, slippageShare, nakedMsMax, withoutPlan, meanR }: Analysis,
): Section {
  const row = (name: string, { value, low, high, n }: Estimate, show: (value: number) => string) => [
    name,
    value === null ? "-" : show(value),
    low === null || high === null ? "-" : `${show(low)} to ${show(high)}`,
    `${n}`,
  ];
  const plain = (value: number) => value.toFixed(2);
  const share = (value: number | null) => value === null ? "not known" : shareText(value, 1);
  return {
    heading: "Figures",
    table: {
      columns: ["figure", "value", "95 % interval", "n"],
      rows: [
        row("mean R a trade", estimates.meanR, (value) => rText(value)),
        row("win rate", estimates.winRate, (value) => shareText(value)),
        row("profit factor", estimates.profitFactor, plain),
        row("deepest fall of the sum of R", estimates.maxDrawdownR, (value) => `${plain(value)} R`),
        row("Sharpe ratio of a day", estimates.sharpe, (value) => signed(value, 3)),
      ],
    },
    lines: [
      ...(meanR === null ? [] : [
        `Mean above 0: ${pText(meanR.pAboveZero)}, one-sided (studentised bootstrap of days in blocks of ` +
        `${meanR.block.toFixed(1)}); the other intervals: percentiles of resampled days.`,
      ]),
      `${
        psr === null ? "" : `The Sharpe ratio is above 0 with ${shareText(psr, 1)}, if nothing else was tried. `
      }In a position ${shareText(inPositionShare, 1)} of the time. Fees are ${share(feesShare)} and slippage ${
        share(slippageShare)
      } of what the trades moved.`,
      ...(nakedMsMax === null
        ? []
        : [`Longest time without a stop at the venue: ${(nakedMsMax / 1000).toFixed(1)} s.`]),
      ...(withoutPlan === 0
        ? []
        : [`${countText(withoutPlan, "trade")} without a planned loss: in the money, not in R.`]),
    ],
  };
}

function waterfallSection({ waterfall }: Analysis): Section {
  const total = waterfall.reduce((sum, { usd }) => sum + usd, 0);
  return {
    heading: "Where the money went",
    table: {
      columns: ["part", "USD"],
      rows: [...waterfall.map(({ name, usd }) => [name, usdText(usd)]), ["together", usdText(total)]],
    },
    chart: {
      summary: `Money by part: ${waterfall.map(({ name, usd }) => `${name} ${usdText(usd)}`).join(", ")}`,
      x: { name: "part", categories: [...waterfall.map(({ name }) => name), "together"] },
      y: { name: "USD" },
      series: [{
        name: "USD",
        kind: "bar",
        points: [...waterfall.map(({ usd }, at) => [at, usd] as const), [waterfall.length, total]],
      }],
    },
  };
}

function courseSection({ daily }: Analysis): Section {
  const start = Date.parse(`${daily.firstDay}T00:00:00Z`);
  let sum = 0;
  const points = [...daily.r].map((r, day) => [start + day * DAY_MS, sum += r] as const);
  return {
    heading: "Course",
    chart: {
      summary: `Sum of R over ${countText(daily.r.length, "day")}, ending at ${rText(sum)}`,
      x: { name: "day", time: true },
      y: { name: "sum of R" },
      series: [{ name: "sum of R", kind: "line", points }],
      marks: [{ name: "nothing won", y: 0 }],
    },
  };
}

function distributionSection({ source, quantilesR }: Analysis): Section {
  const [low, quarter, middle, upper, high] = quantilesR;
  const values = source.trades.flatMap(({ r }) => r === null ? [] : [r]);
  if (low === undefined || quarter === undefined || middle === undefined || upper === undefined || high === undefined) {
    return { heading: "Distribution of R", lines: ["No trade has a planned loss."] };
  }
  return {
    heading: "Distribution of R",
    lines: [
      `Middle ${rText(middle)}; half of the trades between ${signed(quarter)} and ${
        rText(upper)
      }; nine of ten between ` +
      `${signed(low)} and ${rText(high)}.`,
    ],
    chart: {
      summary: "How many trades had which R",
      x: { name: "R of a trade" },
      y: { name: "trades" },
      series: [{ name: "trades", kind: "bar", points: histogram(values, 30) }],
      marks: [{ name: "nothing won", x: 0 }],
    },
  };
}

function excursionSections({ source }: Analysis): Section[] {
  const known = source.trades.filter(({ mae, mfe, r }) => mae !== null && mfe !== null && r !== null);
  if (known.length === 0) return [];
  const point = (value: number | null, r: number | null) => [value ?? 0, r ?? 0] as const;
  return [{
    heading: "Worst and best moment of each trade",
    lines: ["How far a trade was against us and for us while it was open, beside how it ended."],
    chart: {
      summary: "Worst and best excursion of each trade against its result",
      x: { name: "excursion, R" },
      y: { name: "result, R" },
      series: [
        { name: "worst moment", kind: "scatter", points: known.map(({ mae, r }) => point(mae, r)) },
        { name: "best moment", kind: "scatter", points: known.map(({ mfe, r }) => point(mfe, r)) },
      ],
    },
  }];
}

function groupSection(heading: string, groups: readonly Group[]): Section {
  return {
    heading,
    table: {
      columns: ["group", "trades", "won", "mean R", "sum of R", "USD"],
      rows: groups.map(({ name, trades, wins, meanR, sumR, netUsd }) => [
        name,
        `${trades}`,
        `${wins}`,
        signed(meanR),
        signed(sumR),
        usdText(netUsd),
      ]),
    },
  };
}

/** What scripts read. */
export function analyseJson(analysis: Analysis): Readonly<Record<string, unknown>> {
  const { source, estimates, psr, groups, waterfall, daily, meanR } = analysis;
  const plain = ({ value, low, high, n, method }: Estimate) => ({ value, low, high, n, method });
  return {
    trades: source.trades.length,
    days: daily.r.length,
    mean_r: plain(estimates.meanR),
    p_mean_r_above_zero: meanR?.pAboveZero ?? null,
    win_rate: plain(estimates.winRate),
    profit_factor: plain(estimates.profitFactor),
    max_drawdown_r: plain(estimates.maxDrawdownR),
    sharpe_day: plain(estimates.sharpe),
    psr,
    in_position_share: analysis.inPositionShare,
    fees_share: analysis.feesShare,
    slippage_share: analysis.slippageShare,
    naked_ms_max: analysis.nakedMsMax,
    groups,
    waterfall,
    sentence: analysisSentence(analysis),
  };
}
