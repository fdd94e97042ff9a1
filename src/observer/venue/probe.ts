import type { VenueFork } from "../../infrastructure/exchange/fake_exchange/types.ts";

/** Steps of the driven price; small enough that no step is a gap, and a stop fills near its trigger. */
const STEP = 0.001;
/** How far beyond the trigger the price is driven: an executed stop has closed everything long before. */
const BEYOND = 0.02;
/** Modelled slippage of a market stop in an orderly market, of the closed value (one step and the spread). */
const SLIPPAGE = 0.005;
/** Depth offered while driving: more than any position of this account. */
const DEPTH_USD = 100_000_000;
const STEP_MS = 1_000;

export type ProbeBudget = {
  /** Largest loss the trade may still make, satoshi; null = an adopted position, judged without a budget. */
  readonly budgetSat: number | null;
  /** What the open trade has already realised (fees so far, partial closes), satoshi, signed. */
  readonly realisedSat: number;
};

/**
 * The counterfactual: the bot frozen, price driven through the live stop. Returns what went wrong, or null. A fork
 * without position or with an entry still working is no case (the remainder would fill on the way).
 */
export function probeFork(fork: VenueFork, budget: ProbeBudget): string | null {
  const before = fork.state();
  if (before.size === 0) return null;
  const long = before.side === "Buy";
  const stops = before.orders.filter((order) => order.status === "Untriggered" && order.reduceOnly);
  const triggers = stops.filter((order) => order.side !== before.side).map((order) => order.triggerPrice);
  if (triggers.length === 0) return `no live stop for ${before.side} ${before.size}`;
  const furthest = long ? Math.min(...triggers) : Math.max(...triggers);
  drive(fork, { from: before.mark, to: Math.round(furthest * (long ? 1 - BEYOND : 1 + BEYOND)) });
  const after = fork.state();
  const where = `${before.side} ${before.size} entered at ${before.entryPrice}, stop ${furthest}`;
  if (fork.liquidated) return `${where}: liquidated before the stop closed it`;
  if (after.size !== 0) return `${where}: ${after.size} contracts still open beyond the stop`;
  if (budget.budgetSat === null) return null;
  const lossSat = -(after.walletSat - before.walletSat + budget.realisedSat);
  const slippageSat = Math.ceil(before.size * 1e10 * SLIPPAGE / furthest);
  if (lossSat <= budget.budgetSat + slippageSat) return null;
  return `${where}: loses ${lossSat} sat, budget ${budget.budgetSat} + slippage ${slippageSat}`;
}

function drive(fork: VenueFork, way: { readonly from: number; readonly to: number }): void {
  const steps = Math.max(1, Math.ceil(Math.abs(Math.log(way.to / way.from)) / STEP));
  let at = fork.state().at;
  for (let index = 0; index <= steps; index++) {
    const price = Math.round(way.from * Math.pow(way.to / way.from, index / steps) / 50) * 50;
    at += STEP_MS;
    fork.drive({
      at,
      last: price,
      mark: price,
      index: price,
      bid: price - 50,
      bidSize: DEPTH_USD,
      ask: price + 50,
      askSize: DEPTH_USD,
      volumeUsd: DEPTH_USD,
    });
    if (fork.size === 0) return;
  }
}
