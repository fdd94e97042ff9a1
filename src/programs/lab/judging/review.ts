/** The quarterly page (L-7.2): where the account is, what the results say at a planned look, what needs a person. */
import type { Config } from "../../../domain/limits.ts";
import { plannedLooks } from "../statistics/group_sequential.ts";
import { shareInterval } from "../statistics/sequential.ts";
import { countText, type Report, rText, type Section, shareText, signed, usdText } from "../reports/model.ts";
import { analyse, type Analysis, type TradeSource } from "./analyse.ts";
import { analyseReport, analysisSentence } from "./analyse_report.ts";
import { badData } from "./problem.ts";

const DAY_MS = 86_400_000;
const QUARTER_MONTHS = 3;
/** The path of the mission: start capital to goal in so many months. */
const GOAL_MONTHS = 12;

export type ReviewInput = {
  readonly quarter: string;
  readonly source: TradeSource;
  readonly config: Config;
  /** Equity after each closed trade, USD at its exit price. */
  readonly equity: readonly { readonly at: number; readonly usd: number }[];
  /** Critical and warning alerts of the quarter by code. */
  readonly alerts: readonly { readonly at: number; readonly code: string; readonly sentence: string }[];
  readonly proposals: readonly string[];
  readonly experiment: string | null;
  readonly seed: number;
};

export type Review = {
  readonly quarter: { readonly name: string; readonly from: number; readonly to: number };
  /** Of the quarter, and of all until its end. */
  readonly own: Analysis | null;
  readonly all: Analysis;
  readonly look: { readonly number: number; readonly of: number; readonly bound: number; readonly z: number | null };
  readonly equityUsd: number | null;
  readonly pathUsd: number;
  readonly winShare: { readonly low: number; readonly high: number };
  readonly reviewRequired: boolean;
};

/** Begin and end of a quarter such as 2026Q4. Throws LabInputError for anything else. */
export function quarterOf(text: string): Review["quarter"] {
  const found = /^(\d{4})Q([1-4])$/.exec(text);
  if (found === null) throw badData(`Cannot review ${text}: expected a quarter such as 2026Q4`);
  const [year, month] = [Number(found[1]), (Number(found[2]) - 1) * QUARTER_MONTHS];
  return { name: text, from: Date.UTC(year, month, 1), to: Date.UTC(year, month + QUARTER_MONTHS, 1) };
}

/** Reviews a quarter. Throws LabInputError when no trade closed before its end. */
export function review(input: ReviewInput): Review {
  const quarter = quarterOf(input.quarter);
  const { source, config, seed, equity } = input;
  const until = (from: number): TradeSource => ({
    ...source,
    trades: source.trades.filter(({ closedAt }) => closedAt >= from && closedAt < quarter.to),
    from: Math.max(from, source.from),
    to: Math.min(source.to, quarter.to),
  });
  const whole = until(source.from);
  if (whole.trades.length === 0) {
    throw badData(`Cannot review ${quarter.name} of ${source.name}: no trade closed before its end`);
  }
  const all = analyse(whole, { seed });
  const own = until(quarter.from);
  const looks = Math.max(1, Math.round(config.goal.fail_after_months / QUARTER_MONTHS));
  const number = Math.min(looks, Math.max(1, Math.ceil((quarter.to - source.from) / (QUARTER_MONTHS * 30.5 * DAY_MS))));
  const planned = plannedLooks(Array.from({ length: looks }, (_, at) => (at + 1) / looks), { alpha: 0.05, sides: 2 });
  const months = (quarter.to - source.from) / (30.44 * DAY_MS);
  const start = config.goal.capital_usd ?? 100;
  const counted = all.source.trades.filter(({ r }) => r !== null);
  const wins = counted.filter(({ r }) => (r ?? 0) > 0).length;
  return {
    quarter,
    own: own.trades.length === 0 ? null : analyse(own, { seed }),
    all,
    look: {
      number,
      of: looks,
      bound: planned[number - 1]?.bound ?? Infinity,
      z: all.meanR === null ? null : all.meanR.estimate / all.meanR.standardError,
    },
    equityUsd: equity.findLast(({ at }) => at < quarter.to)?.usd ?? null,
    pathUsd: start * Math.pow(config.goal.goal_usd / start, Math.min(1, months / GOAL_MONTHS)),
    winShare: shareInterval({ successes: wins, trials: counted.length }, { alpha: 0.05, best: 100 }),
    reviewRequired: input.alerts.some(({ code }) => code === "strategy_review_required"),
  };
}

/** What a person should know after ten seconds. */
export function reviewSentence({ quarter, own, look, equityUsd, pathUsd, reviewRequired }: Review): string {
  const where = equityUsd === null
    ? ""
    : `The account is at ${usdText(equityUsd).replace("+", "")}; the path to the goal is at ${
      usdText(pathUsd).replace("+", "")
    }. `;
  const result = own === null ? `No trade closed in ${quarter.name}.` : analysisSentence(own);
  const beyond = look.z !== null && Math.abs(look.z) >= look.bound;
  const decided = look.z === null
    ? "There is too little for a look."
    : beyond
    ? `Look ${look.number} of ${look.of}: ${look.z > 0 ? "a gain" : "a loss"} beyond luck.`
    : `Look ${look.number} of ${look.of}: nothing is decided.`;
  return `${where}${result} ${decided}${reviewRequired ? " The strategy needs a review by a person." : ""}`;
}

/** Text, Markdown and HTML are made from this. */
export function reviewReport(
  of: Review,
  { input, command }: { readonly input: ReviewInput; readonly command: string },
): Report {
  const { own, all, quarter } = of;
  const details = own === null ? [] : analyseReport(own, command).sections.slice(0, 3);
  return {
    title: `Review of ${quarter.name}: ${all.source.name}`,
    answer: reviewSentence(of),
    sections: [
      goalSection(of, input),
      lookSection(of),
      ...details,
      protectionSection(of),
      troubleSection(of, input),
      openSection(of, input),
    ],
    command,
  };
}

function goalSection({ quarter, pathUsd, equityUsd }: Review, { equity, config, source }: ReviewInput): Section {
  const start = config.goal.capital_usd ?? 100;
  const end = source.from + GOAL_MONTHS * 30.44 * DAY_MS;
  const path = Array.from({ length: 25 }, (_, at) => {
    const share = at / 24;
    return [
      Math.round(source.from + share * (end - source.from)),
      start * Math.pow(config.goal.goal_usd / start, share),
    ] as const;
  });
  const own = equity.filter(({ at }) => at < quarter.to).map(({ at, usd }) => [at, usd] as const);
  return {
    heading: "Path to the goal",
    lines: [
      `$${start} to $${config.goal.goal_usd.toLocaleString("en-US")} in ${GOAL_MONTHS} months would be at ${
        usdText(pathUsd).replace("+", "")
      } now; the account is at ${
        equityUsd === null ? "an unknown value" : usdText(equityUsd).replace("+", "")
      } (BTC at its price).`,
    ],
    chart: {
      summary: "Equity after each trade beside the path to the goal",
      x: { name: "day", time: true },
      y: { name: "USD" },
      series: [{ name: "equity", kind: "line", points: own }, { name: "path to the goal", kind: "line", points: path }],
      marks: [{ name: "floor", y: config.goal.equity_floor_usd }],
    },
  };
}

function lookSection({ all, look, winShare }: Review): Section {
  const { meanR } = all;
  return {
    heading: "Planned look",
    lines: [
      look.z === null || meanR === null
        ? "Too few days since the start for a look."
        : `Since the start ${countText(all.source.trades.length, "trade")}, mean ${rText(meanR.estimate)} a trade, ${
          signed(look.z)
        } standard errors from 0; look ${look.number} of ${look.of} planned ones decides beyond ${
          look.bound.toFixed(2)
        } ` +
          "(O'Brien-Fleming bounds, 5 % over all looks).",
      `Win rate between ${shareText(winShare.low)} and ${
        shareText(winShare.high)
      }, an interval that holds at every look.`,
    ],
  };
}

function protectionSection({ own }: Review): Section {
  if (own === null) return { heading: "Protection", lines: ["No trade in the quarter."] };
  const { trades } = own.source;
  const naked = trades.flatMap(({ nakedMs }) => nakedMs === null ? [] : [nakedMs]);
  const worst = trades.reduce((low, { r }) => Math.min(low, r ?? 0), 0);
  return {
    heading: "Protection",
    lines: [
      naked.length === 0
        ? "Times without a stop are not known."
        : `Without a stop at the venue for ${(Math.max(...naked) / 1000).toFixed(1)} s at most, ${
          (naked.reduce((a, b) => a + b, 0) / 1000).toFixed(1)
        } s in all of ${countText(trades.length, "trade")}.`,
      `Worst trade ${rText(worst)}; ${
        countText(trades.filter(({ r }) => (r ?? 0) < -1.1).length, "trade")
      } lost more than 1.1 R.`,
    ],
  };
}

function troubleSection({ quarter }: Review, { alerts }: ReviewInput): Section {
  const own = alerts.filter(({ at, code }) => at >= quarter.from && at < quarter.to && /^(halt|cooldown)/.test(code));
  const counts = new Map<string, number>();
  for (const { code } of own) counts.set(code, (counts.get(code) ?? 0) + 1);
  const rows = [...counts].sort((a, b) => b[1] - a[1]).map((
    [code, count],
  ) => [code.replaceAll("_", " ").replace(":", ": "), `${count}`]);
  return rows.length === 0
    ? { heading: "Halts and pauses", lines: ["None in the quarter."] }
    : { heading: "Halts and pauses", table: { columns: ["cause", "times"], rows } };
}

function openSection({ reviewRequired }: Review, { proposals, experiment }: ReviewInput): Section {
  return {
    heading: "Open matters",
    lines: [
      reviewRequired ? "The bot asks for a review of the strategy." : "The bot asks for no review of the strategy.",
      experiment ?? "No experiment is running.",
      proposals.length === 0 ? "No proposal of the lab waits." : `Proposals of the lab: ${proposals.join(", ")}.`,
      "How far the lab's figures are from the live ones: deno task lab parity.",
    ],
  };
}

/** What scripts read. */
export function reviewJson(of: Review): Readonly<Record<string, unknown>> {
  const { quarter, own, all, look, equityUsd, pathUsd, reviewRequired } = of;
  return {
    quarter: quarter.name,
    trades: own?.source.trades.length ?? 0,
    mean_r: own?.estimates.meanR.value ?? null,
    trades_since_start: all.source.trades.length,
    look: look.number,
    looks: look.of,
    z: look.z,
    bound: look.bound,
    equity_usd: equityUsd,
    path_usd: pathUsd,
    review_required: reviewRequired,
    sentence: reviewSentence(of),
  };
}
