/**
 * Whether B is worse than A, judged so that it may be looked at every day (L-6.3, L-6.4). A block of days whose arms were
 * drawn together is one bet: had B never been worse, no way of betting on A's mean day minus B's would be expected to
 * win, so that a wealth of 20 has a chance of 1 in 20 at most, whenever one looks (Ville 1939; Waudby-Smith & Ramdas
 * 2024). Only + - × ÷, so that every machine computes the same.
 */
import type { Arm, ArmKeys, ExperimentConfig, ExperimentEnd, ExperimentState } from "../../../domain/experiment.ts";
import type { EpochMs } from "../../../domain/units.ts";
import { armsOfBlock, dayNumber } from "./arms.ts";

/** Days are clipped to this, a rule declared before: one day cannot decide. R. */
export const CLIP = { low: -2, high: 4 } as const;
/** Stakes of the bets, all below 1 over the widest difference (6 R), so that no wealth falls to 0. */
const STAKES = [0.02, 0.04, 0.08, 0.15] as const;
/** Wealth from which on B counts as worse. */
export const HARM_WEALTH = 20;

/** What was agreed: two experiments with the same text are the same. */
export function schemeOf({ arms, seed, block_days, max_days }: ExperimentConfig): string {
  const keys = ({ strategy, sizing, entry }: ArmKeys) => [strategy, sizing, entry].map(sorted);
  return JSON.stringify([keys(arms.A), keys(arms.B), seed, block_days, max_days]);
}

function sorted(section: Readonly<Record<string, unknown>> | undefined) {
  return Object.entries(section ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** An experiment that has counted nothing; its first block is the first whole one. */
export function newExperiment(of: ExperimentConfig, at: EpochMs): ExperimentState {
  return {
    name: of.name,
    scheme: schemeOf(of),
    since: at,
    open: [],
    nextBlock: Math.floor(dayNumber(at) / of.block_days) + 1,
    blocks: 0,
    differences: 0,
    wealth: STAKES.map(() => 1),
    stopped: null,
  };
}

/** Adds a closed trade to the day its entry was decided on; days without a trade are 0. */
export function countTrade(
  state: ExperimentState,
  trade: { readonly decidedAt: EpochMs; readonly r: number },
): ExperimentState {
  if (trade.decidedAt < state.since) return state;
  const day = dayNumber(trade.decidedAt);
  const before = state.open.find((one) => one.day === day)?.r ?? 0;
  return { ...state, open: [...state.open.filter((one) => one.day !== day), { day, r: before + trade.r }] };
}

/** The experiment as configured now, and the UTC day in days since 1970. */
export type Look = { readonly of: ExperimentConfig; readonly today: number };

/** Bets on every block that ended before `today`; the caller waits until the trades of those days are closed. */
export function countBlocks(
  state: ExperimentState,
  { of, today }: Look,
): ExperimentState {
  let counted = state;
  while ((counted.nextBlock + 1) * of.block_days <= today) counted = countBlock(counted, of);
  return counted;
}

function countBlock(state: ExperimentState, of: ExperimentConfig): ExperimentState {
  const first = state.nextBlock * of.block_days;
  const end = first + of.block_days;
  const clipped = armsOfBlock(of, state.nextBlock).map((arm, index) => {
    const r = state.open.find((one) => one.day === first + index)?.r ?? 0;
    return { arm, r: Math.min(CLIP.high, Math.max(CLIP.low, r)) };
  });
  const difference = meanOf(clipped, "A") - meanOf(clipped, "B");
  return {
    ...state,
    open: state.open.filter((one) => one.day >= end),
    nextBlock: state.nextBlock + 1,
    blocks: state.blocks + 1,
    differences: state.differences + difference,
    wealth: state.wealth.map((wealth, at) => wealth * (1 + (STAKES[at] ?? 0) * difference)),
  };
}

function meanOf(days: readonly { readonly arm: Arm; readonly r: number }[], arm: Arm): number {
  const own = days.filter((day) => day.arm === arm);
  return own.reduce((sum, { r }) => sum + r, 0) / own.length;
}

/** What the bets together are worth now, from 1: 20 = a chance of at most 1 in 20 if B is not worse. */
export function harmWealth({ wealth }: Pick<ExperimentState, "wealth">): number {
  return wealth.reduce((sum, value) => sum + value, 0) / wealth.length;
}

/** Why the experiment ends now; null = it goes on. */
export function endOf(
  state: ExperimentState,
  { of, today }: Look,
): ExperimentEnd | null {
  if (state.scheme !== schemeOf(of)) return "changed";
  if (harmWealth(state) >= HARM_WEALTH) return "harm";
  return today - dayNumber(state.since) >= of.max_days ? "over" : null;
}
