import type { RefusalCause } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import { type Block, newBlock, type NewHalt } from "../../../domain/halts_and_blocks.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import type { RejectionState } from "../../../domain/slices.ts";

export type { RejectionState } from "../../../domain/slices.ts";

export const emptyRejections: RejectionState = { inRow: 0 };

export type RejectionStep = {
  readonly rejections: RejectionState;
  readonly block: Block | null;
  readonly halt: NewHalt | null;
};

/** Whether a cause will not pass by itself: a person must act (F-9). */
export function isPermanent(cause: RefusalCause): boolean {
  switch (cause) {
    case "margin":
    case "quantity":
    case "price":
    case "parameter":
    case "permission":
    case "credentials":
    case "risk_tier":
    case "symbol_state":
    case "margin_mode":
    case "reduce_only":
    case "wrong_trigger_side":
      return true;
    case "order_gone":
    case "not_modified":
    case "duplicate_id":
    case "too_many_conditional":
    case "not_now":
    case "clock":
    case "rate_limit":
    case "other":
      return false;
    default: {
      const never: never = cause;
      return never;
    }
  }
}

/** Counts a refused or rejected entry; the cause of the third in a row decides (F-9). A PostOnly cancel is none. */
export function foldRejection(
  state: RejectionState,
  seen: { readonly cause: RefusalCause; readonly now: EpochMs },
  runtime: Config["runtime"],
): RejectionStep {
  const inRow = state.inRow + 1;
  if (inRow < runtime.reject_streak_max) return { rejections: { inRow }, block: null, halt: null };
  if (isPermanent(seen.cause)) {
    const detail = `${inRow} entries refused in a row, the last for ${seen.cause} (F-9)`;
    return { rejections: { inRow: 0 }, block: null, halt: { reason: `persistent_rejection:${seen.cause}`, detail } };
  }
  const until = epochMs(seen.now + runtime.reject_cooldown_s * 1000);
  return { rejections: { inRow: 0 }, block: newBlock("rejections", { since: seen.now, until }), halt: null };
}

/** A resting acknowledged entry resets the count (F-9). */
export function foldEntryResting(state: RejectionState): RejectionState {
  return state.inRow === 0 ? state : emptyRejections;
}
