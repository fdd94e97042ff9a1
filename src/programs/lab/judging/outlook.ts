/**
 * The mission's own question (L-4.8): from daily results and real price paths, how likely is the goal before the floor?
 * Days are drawn in blocks; a day's R and its price move stay together where both were recorded on the same days.
 */
import { randomStream } from "../../../common/random.ts";
import type { Config } from "../../../domain/limits.ts";
import { stageConfig, stageFor } from "../../../application/policy/entry/stage.ts";
import { microUsd } from "../../../domain/units.ts";
import { stationaryIndices } from "../statistics/resample.ts";

export type OutlookDays = {
  readonly r: Float64Array;
  readonly trades: Float64Array;
  /** Close over the close before and low over it; ones where no price is known. */
  readonly closeRatio: Float64Array;
  readonly lowRatio: Float64Array;
};

export type Account = {
  readonly startUsd: number;
  readonly floorUsd: number;
  readonly goalUsd: number;
  /** Dollars that one trade loses at its stop, by equity. */
  readonly riskUsd: (equityUsd: number) => number;
};

/** The account that a configuration describes. */
export function accountOf(config: Config): Account {
  return {
    startUsd: config.goal.capital_usd ?? 100,
    floorUsd: config.goal.equity_floor_usd,
    goalUsd: config.goal.goal_usd,
    riskUsd(equityUsd) {
      const stage = stageConfig(config.stages, stageFor(null, microUsd(Math.round(equityUsd * 1e6)), config.stages));
      return Math.min(stage.max_loss_usd_cap, equityUsd * stage.loss_pct_cap / 100);
    },
  };
}

export type Fates = {
  readonly paths: number;
  /** Day (1 = the first) at which a path reached the goal or fell under the floor; 0 = neither. */
  readonly goal: Int32Array;
  readonly floor: Int32Array;
};

type PlayOptions = {
  readonly account: Account;
  readonly days: number;
  readonly paths: number;
  readonly block: number;
  readonly seed: number;
  /** Added to every trade's R. */
  readonly addedR?: number;
  /** What moves the account: trades, price, or both. */
  readonly moves: "both" | "trading" | "price";
};

/** Plays many futures; the same seed draws the same days whatever moves the account. */
export function play(days: OutlookDays, options: PlayOptions): Fates {
  const { account, paths, block, seed, addedR = 0, moves } = options;
  const random = randomStream(seed, "outlook");
  const source = days.r.length;
  const [goal, floor] = [new Int32Array(paths), new Int32Array(paths)];
  const drawn = new Int32Array(source);
  for (let path = 0; path < paths; path++) {
    let equity = account.startUsd;
    for (let day = 0; day < options.days; day++) {
      if (day % source === 0) stationaryIndices(drawn, { block, random });
      const at = drawn[day % source] ?? 0;
      if (goal[path] !== 0 || floor[path] !== 0) continue;
      if (moves !== "trading") {
        if (equity * (days.lowRatio[at] ?? 1) < account.floorUsd) floor[path] = day + 1;
        equity *= days.closeRatio[at] ?? 1;
      }
      if (moves !== "price") {
        equity += account.riskUsd(equity) * ((days.r[at] ?? 0) + addedR * (days.trades[at] ?? 0));
      }
      if (floor[path] !== 0 || equity < account.floorUsd) floor[path] = day + 1;
      else if (equity >= account.goalUsd) goal[path] = day + 1;
    }
  }
  return { paths, goal, floor };
}

/** Share of paths that got there within so many days, and the middle day of those. */
export function within(days: Int32Array, limit: number): { readonly share: number; readonly medianDay: number | null } {
  const hits = [...days].filter((day) => day > 0 && day <= limit).sort((a, b) => a - b);
  return { share: hits.length / days.length, medianDay: hits[Math.floor(hits.length / 2)] ?? null };
}

/**
 * Mean R a trade at which half of the futures reach the goal within `days`; null when even +3 R a trade would not do
 * or when there are no trades.
 */
export function evenChanceR(days: OutlookDays, options: Omit<PlayOptions, "addedR" | "moves">): number | null {
  const trades = days.trades.reduce((sum, count) => sum + count, 0);
  if (trades === 0) return null;
  const mean = days.r.reduce((sum, value) => sum + value, 0) / trades;
  const share = (wanted: number) =>
    within(play(days, { ...options, moves: "both", addedR: wanted - mean }).goal, options.days).share;
  let [low, high] = [-1, 3];
  if (share(high) < 0.5) return null;
  if (share(low) >= 0.5) return low;
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    if (share(middle) < 0.5) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
