/** The outlook of a configuration or of a live account as figures and as a report. */
import type { MinuteBars } from "../../../infrastructure/market_data/recording.ts";
import { optimalBlockLength } from "../statistics/moments.ts";
import { type Interval, studentisedMean } from "../statistics/resample.ts";
import { betweenText, countText, type Report, rText, type Section, shareText, signed } from "../reports/model.ts";
import type { DailySeries } from "./daily.ts";
import { type DayPrices, dayPrices, floorByPrice, type FloorShare } from "./day_prices.ts";
import { type Account, evenChanceR, type Fates, type OutlookDays, play, within } from "./outlook.ts";
import { badData } from "./problem.ts";

const DAY_MS = 86_400_000;
const MONTHS: readonly (readonly [months: number, days: number])[] = [[6, 182], [12, 365], [18, 548]];
const PRICE_DAYS = [30, 90, 180, 365];
const PATHS = 4_000;
/** Storms last: shorter blocks would cut them. */
const MIN_BLOCK = 10;

export type Outlook = {
  readonly source: string;
  readonly days: number;
  readonly trades: number;
  readonly meanR: Interval | null;
  readonly account: { readonly startUsd: number; readonly floorUsd: number; readonly goalUsd: number };
  readonly horizons: readonly {
    readonly months: number;
    readonly goal: number;
    readonly floor: number;
    readonly floorByTrading: number;
    readonly floorByPrice: number;
  }[];
  readonly medianDays: { readonly floorByTrading: number | null; readonly floorByPrice: number | null };
  /** Mean R a trade for an even chance of the goal within 18 months; null = out of reach. */
  readonly evenChanceR: number | null;
  readonly history: readonly FloorShare[];
  readonly floorShare: number;
  readonly block: number;
  readonly paths: number;
  /** Whether R and price come from the same days. */
  readonly sameDays: boolean;
  /** Last close over the first of the recorded prices. */
  readonly priceRatio: number;
};

/** Everything `lab outlook` says. Throws LabInputError when days or prices are too few. */
export function outlookOf(
  series: DailySeries,
  { bars, account, seed }: { readonly bars: MinuteBars; readonly account: Account; readonly seed: number },
): Outlook {
  const prices = dayPrices(bars);
  if (prices.closeRatio.length < 30) {
    throw badData(`Cannot look ahead: ${prices.closeRatio.length} whole days of prices; at least 30 are needed`);
  }
  if (series.r.length < 30) {
    throw badData(
      `Cannot look ahead from ${series.source}: ${series.r.length} days of results; at least 30 are needed`,
    );
  }
  const { days, sameDays } = joined(series, prices);
  const absolute = prices.closeRatio.map((ratio) => Math.abs(Math.log(ratio)));
  const block = Math.max(MIN_BLOCK, optimalBlockLength(absolute).stationary, optimalBlockLength(series.r).stationary);
  const longest = MONTHS.at(-1)?.[1] ?? 0;
  const options = { account, days: longest, paths: PATHS, block, seed };
  const [both, trading, price] = (["both", "trading", "price"] as const).map((moves) =>
    play(days, { ...options, moves })
  );
  const share = (days: Int32Array | undefined, limit: number) => days === undefined ? 0 : within(days, limit).share;
  const median = (fates: Fates | undefined) => fates === undefined ? null : within(fates.floor, longest).medianDay;
  const floorShare = account.floorUsd / account.startUsd;
  return {
    source: series.source,
    days: series.r.length,
    trades: series.trades.reduce((sum, count) => sum + count, 0),
    meanR: studentisedMean({ sums: series.r, units: series.trades }, { seed }),
    account: { startUsd: account.startUsd, floorUsd: account.floorUsd, goalUsd: account.goalUsd },
    horizons: MONTHS.map(([months, limit]) => ({
      months,
      goal: share(both?.goal, limit),
      floor: share(both?.floor, limit),
      floorByTrading: share(trading?.floor, limit),
      floorByPrice: share(price?.floor, limit),
    })),
    medianDays: { floorByTrading: median(trading), floorByPrice: median(price) },
    evenChanceR: evenChanceR(days, { ...options, paths: 1_000 }),
    history: PRICE_DAYS.map((limit) => floorByPrice(bars, { days: limit, floorShare })),
    floorShare,
    block,
    paths: PATHS,
    sameDays,
    priceRatio: prices.closeRatio.reduce((product, ratio) => product * ratio, 1),
  };
}

/** Results and prices of the same days together; results from elsewhere lie on price days in turn. */
function joined(series: DailySeries, prices: DayPrices): { readonly days: OutlookDays; readonly sameDays: boolean } {
  const shift = Math.round((Date.parse(`${series.firstDay}T00:00:00Z`) - prices.firstAt) / DAY_MS);
  const [first, last] = [Math.max(0, shift), Math.min(prices.closeRatio.length, shift + series.r.length)];
  const sameDays = last - first >= Math.max(30, 0.9 * series.r.length);
  const count = sameDays ? last - first : prices.closeRatio.length;
  const priceAt = (day: number) => sameDays ? first + day : day;
  const resultAt = (day: number) => sameDays ? first + day - shift : day % series.r.length;
  const column = (of: Float64Array, at: (day: number) => number) =>
    Float64Array.from({ length: count }, (_, day) => of[at(day)] ?? 0);
  return {
    sameDays,
    days: {
      r: column(series.r, resultAt),
      trades: column(series.trades, resultAt),
      closeRatio: column(prices.closeRatio, priceAt),
      lowRatio: column(prices.lowRatio, priceAt),
    },
  };
}

/** The answer in a sentence or two. */
export function outlookSentence({ horizons, evenChanceR: needed, meanR, trades, account }: Outlook): string {
  const last = horizons.at(-1);
  const chance = last === undefined
    ? ""
    : `From $${account.startUsd}, the chance of $${
      account.goalUsd.toLocaleString("en-US")
    } before the $${account.floorUsd} floor ` +
      `within ${last.months} months is ${shareText(last.goal)}; the floor is hit first in ${shareText(last.floor)}.`;
  const wanted = needed === null
    ? "No mean R up to +3 R a trade would make it an even chance"
    : `For an even chance you would need ${rText(needed)} a trade`;
  const sofar = meanR === null
    ? trades === 0 ? "there is no trade so far" : `${countText(trades, "trade")} so far say nothing yet`
    : `so far it is ${rText(meanR.estimate)}, ${betweenText(meanR.low, meanR.high)}`;
  return `${chance} ${wanted}; ${sofar}.`;
}

/** Text, Markdown and HTML are made from this. */
export function outlookReport(outlook: Outlook, command: string): Report {
  const day = (days: number | null) => days === null ? "-" : `${Math.round(days)}`;
  return {
    title: `Outlook of ${outlook.source}`,
    answer: outlookSentence(outlook),
    sections: [
      chancesSection(outlook),
      {
        heading: "What price alone has done",
        lines: [
          `An account that holds BTC and never trades falls under ${
            shareText(outlook.floorShare)
          } of its start when BTC does. ` +
          "Counted on the recorded prices, starts one day apart:",
        ],
        table: {
          columns: ["within", "starts", "fell under", "share", "median days"],
          rows: outlook.history.filter(({ starts }) => starts > 0).map(({ days, starts, hits, medianDays }) => [
            `${days} days`,
            `${starts}`,
            `${hits}`,
            shareText(hits / starts),
            day(medianDays),
          ]),
        },
      },
      methodSection(outlook),
    ],
    command,
  };
}

function chancesSection({ horizons, medianDays, account }: Outlook): Section {
  const day = (days: number | null) => days === null ? "not hit" : `median after ${Math.round(days)} days`;
  return {
    heading: "Chances",
    table: {
      columns: ["within", "goal first", "floor first", "floor: trading alone", "BTC price alone"],
      rows: horizons.map(({ months, goal, floor, floorByTrading, floorByPrice }) => [
        `${months} months`,
        ...[goal, floor, floorByTrading, floorByPrice].map((share) => shareText(share)),
      ]),
    },
    lines: [
      `The floor of $${account.floorUsd} by trading alone: ${day(medianDays.floorByTrading)}; by BTC price alone: ${
        day(medianDays.floorByPrice)
      }.`,
    ],
    chart: {
      summary: "Chance of goal and floor by months",
      x: { name: "within", categories: horizons.map(({ months }) => `${months} months`) },
      y: { name: "chance, %" },
      series: [
        { name: "goal first", kind: "bar", points: horizons.map(({ goal }, at) => [at, 100 * goal]) },
        { name: "floor first", kind: "bar", points: horizons.map(({ floor }, at) => [at, 100 * floor]) },
        {
          name: "floor by trading alone",
          kind: "bar",
          points: horizons.map((each, at) => [at, 100 * each.floorByTrading]),
        },
        {
          name: "floor by BTC price alone",
          kind: "bar",
          points: horizons.map((each, at) => [at, 100 * each.floorByPrice]),
        },
      ],
    },
  };
}

function methodSection({ days, trades, paths, block, sameDays, priceRatio }: Outlook): Section {
  return {
    heading: "How it was measured",
    lines: [
      `${countText(trades, "trade")} on ${countText(days, "day")}; ${
        countText(paths, "future")
      } drawn from them in blocks of ` +
      `${signed(block, 0).replace("+", "")} days on average. ` +
      (sameDays
        ? "Each day's result and price move stay together."
        : "Results and prices are from different days, so that what they have in common is lost."),
      `In the recorded prices BTC went to ${
        priceRatio.toFixed(2)
      } times its first price; the futures drawn from them tend to ` +
      "do the same, and an account in BTC with them.",
      "A trade risks what the stages of the configuration allow at that equity. Goal and floor end a future.",
    ],
  };
}

/** What scripts read. */
export function outlookJson(outlook: Outlook): Readonly<Record<string, unknown>> {
  const { horizons, meanR, evenChanceR: needed, history, days, trades, medianDays } = outlook;
  return {
    days,
    trades,
    mean_r: meanR?.estimate ?? null,
    mean_r_low: meanR?.low ?? null,
    mean_r_high: meanR?.high ?? null,
    even_chance_r: needed,
    horizons: horizons.map((each) => ({
      months: each.months,
      goal: each.goal,
      floor: each.floor,
      floor_by_trading: each.floorByTrading,
      floor_by_price: each.floorByPrice,
    })),
    median_days_floor_by_trading: medianDays.floorByTrading,
    median_days_floor_by_price: medianDays.floorByPrice,
    history: history.map((each) => ({
      days: each.days,
      starts: each.starts,
      hits: each.hits,
      share: each.hits / Math.max(1, each.starts),
    })),
    sentence: outlookSentence(outlook),
  };
}
