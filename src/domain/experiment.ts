/** A live experiment of two arms (lab L-6): what the configuration says of it, and what the bot keeps of it. */
import type { EpochMs } from "./units.ts";

export type Arm = "A" | "B";

/** The only keys an arm may set: none of them says how much is risked or what protects it. */
export type ArmKeys = {
  readonly strategy?: {
    readonly grid_atr_multiple?: number;
    readonly target_spacing_multiple?: number;
    readonly regime_filter?: boolean;
  };
  readonly sizing?: { readonly stop_distance_multiple?: number };
  readonly entry?: {
    readonly entry_timeout_s?: number;
    readonly maker_timeout_max?: number;
    readonly taker_profit_multiple?: number;
  };
};

export type ExperimentConfig = {
  readonly name: string;
  readonly arms: { readonly A: ArmKeys; readonly B: ArmKeys };
  readonly seed: number;
  /** Days whose arms are drawn together, half of them each. */
  readonly block_days: number;
  /** After so many days it ends and A stays. */
  readonly max_days: number;
};

/** R of the trades opened on one UTC day (days since 1970). */
export type ExperimentDay = { readonly day: number; readonly r: number };

/** Why an experiment ended: B is worse, its days are over, or its configuration changed midway. */
export type ExperimentEnd = "harm" | "over" | "changed";

export type ExperimentState = {
  readonly name: string;
  /** What was agreed at its start; an experiment that changes midway is over. */
  readonly scheme: string;
  readonly since: EpochMs;
  /** Days of blocks that are not counted yet, oldest first. */
  readonly open: readonly ExperimentDay[];
  /** The first block that is not counted yet. */
  readonly nextBlock: number;
  /** Counted blocks, and the sum over them of A's mean day minus B's. */
  readonly blocks: number;
  readonly differences: number;
  /** Wealth of each bet that B is worse, from 1. */
  readonly wealth: readonly number[];
  readonly stopped: { readonly reason: ExperimentEnd; readonly at: EpochMs } | null;
};
