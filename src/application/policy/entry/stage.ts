import type { Config, StageConfig } from "../../../domain/limits.ts";
import { type Block, newBlock } from "../../../domain/halts_and_blocks.ts";
import { type EpochMs, epochMs, type MicroUsd } from "../../../domain/units.ts";
import type { Stage, StageState } from "../../../domain/slices.ts";

export type { Stage, StageState } from "../../../domain/slices.ts";

export const emptyStageState: StageState = { candidate: null, signalled: null, changes: [] };

const MICRO = 1_000_000;

/** The column of P-3 for a stage. */
export function stageConfig(stages: Config["stages"], stage: Stage): StageConfig {
  switch (stage) {
    case 1:
      return stages.stage_1;
    case 2:
      return stages.stage_2;
    case 3:
      return stages.stage_3;
    default: {
      const never: never = stage;
      return never;
    }
  }
}

/** Stage for an equity: up at ≥ the upper bounds, down below the lower ones, else as before (P-3 hysteresis). */
export function stageFor(before: Stage | null, equity: MicroUsd, stages: Config["stages"]): Stage {
  const usd = equity / MICRO;
  const bounds = stages.bounds_usd;
  let stage: Stage = before ?? 1;
  if (stage === 3 && usd < bounds.down_3_2) stage = 2;
  if (stage === 2 && usd < bounds.down_2_1) stage = 1;
  if (stage === 1 && usd >= bounds.up_1_2) stage = 2;
  if (stage === 2 && usd >= bounds.up_2_3) stage = 3;
  return stage;
}

/**
 * Stage of one evaluation. Hysteresis follows every evaluation; only those with a signal count as changes, and more
 * than `stage_flap_max` of them within the window block entries (P-3 anti-flap).
 */
export function foldStage(
  state: StageState,
  seen: { readonly equity: MicroUsd; readonly hasSignal: boolean; readonly now: EpochMs },
  stages: Config["stages"],
): { readonly state: StageState; readonly stage: Stage; readonly block: Block | null } {
  const stage = stageFor(state.candidate, seen.equity, stages);
  if (!seen.hasSignal) {
    return { state: stage === state.candidate ? state : { ...state, candidate: stage }, stage, block: null };
  }
  if (state.signalled === stage || state.signalled === null) {
    const same = state.signalled === stage && state.candidate === stage;
    return { state: same ? state : { ...state, candidate: stage, signalled: stage }, stage, block: null };
  }
  const since = seen.now - stages.stage_flap_window_min * 60_000;
  const changes = [...state.changes.filter((at) => at > since), seen.now].slice(-stages.stage_flap_max - 1);
  const next = { candidate: stage, signalled: stage };
  if (changes.length <= stages.stage_flap_max) return { state: { ...next, changes }, stage, block: null };
  const until = epochMs(seen.now + stages.stage_flap_block_min * 60_000);
  return {
    state: { ...next, changes: [] },
    stage,
    block: newBlock("stage_flap", { since: seen.now, until }),
  };
}

/** Leverage × 100 of a stage: the key `leverage` when set, else the stage's default (P-3). */
export function leverageE2(stages: Config["stages"], stage: Stage): number {
  return Math.round((stages.leverage ?? stageConfig(stages, stage).default_leverage) * 100);
}
