import { chance, pick, randomStream } from "../../common/random.ts";
import type { Config } from "../../domain/limits.ts";
import type { Fixed, SimFlags } from "./flags.ts";

const EIGHT_DAYS_H = 192;
/** One start in each stage (P-3). */
const EQUITIES_USD = [100, 100, 350, 800] as const;

/** Recording, profile, hours, market and start stage of one seed of the second world, from a stream of its own. */
export function drawPlace(flags: SimFlags, seed: number): SimFlags & { readonly equityUsd: number } {
  const random = randomStream(seed, "wide place");
  const drawn = {
    data: pick(random, ["winter-2021", "winter-2021", "black-thursday"] as const),
    config: pick(random, ["testnet", "testnet_scenarios"] as const),
    hours: chance(random, 0.12) ? EIGHT_DAYS_H : 24,
    market: chance(random, 0.25) ? "thin" as const : "normal" as const,
    equityUsd: pick(random, EQUITIES_USD),
  };
  const fixed = (name: Fixed): boolean => flags.fixed?.includes(name) === true;
  return {
    ...flags,
    data: fixed("data") ? flags.data : `config/recordings/${drawn.data}.csv.gz`,
    config: fixed("config") ? flags.config : `config/${drawn.config}.yaml`,
    hours: fixed("hours") ? flags.hours : drawn.hours,
    market: fixed("market") ? flags.market : drawn.market,
    equityUsd: drawn.equityUsd,
  };
}

/** The goal of an account that starts with so much: the floor and the goal keep their share of it. */
export function withCapital(config: Config, equityUsd: number): Config {
  const { goal } = config;
  if (goal.capital_usd === null || goal.capital_usd === equityUsd) return config;
  const scale = equityUsd / goal.capital_usd;
  return {
    ...config,
    goal: {
      ...goal,
      capital_usd: equityUsd,
      goal_usd: goal.goal_usd * scale,
      equity_floor_usd: goal.equity_floor_usd * scale,
      review_min_equity_usd: goal.review_min_equity_usd * scale,
    },
  };
}
