import type { Config } from "../../../domain/limits.ts";
import { type Block, newBlock } from "../../../domain/halts_and_blocks.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import { dayStart } from "../risk/session_risk.ts";
import type { MakerState } from "../../../domain/slices.ts";

export type { MakerState } from "../../../domain/slices.ts";

export const emptyMakerState: MakerState = { signalId: null, timeouts: 0, takerDay: null, takersSent: 0 };

/** Counts a maker timeout: PostOnly refusal, or an entry that timed out with nothing filled (F-10.6). */
export function foldMakerTimeout(state: MakerState, signalId: string): MakerState {
  const timeouts = state.signalId === signalId ? state.timeouts + 1 : 1;
  return { ...state, signalId, timeouts };
}

/** True when the maker attempts of this signal are used up, so that its next entry is the taker one (F-10.6). */
export function takerWanted(state: MakerState, signalId: string, entry: Config["entry"]): boolean {
  return state.signalId === signalId && state.timeouts >= entry.maker_timeout_max;
}

/** Taker fallbacks sent in the UTC day of `now` (F-10.6). */
export function takersToday(state: MakerState, now: EpochMs): number {
  return state.takerDay === dayStart(now) ? state.takersSent : 0;
}

/** True when another taker fallback is within `taker_per_day` (F-10.6). */
export function takerQuotaLeft(state: MakerState, now: EpochMs, entry: Config["entry"]): boolean {
  return takersToday(state, now) < entry.taker_per_day;
}

/** Counts a taker fallback that was sent (F-10.6). */
export function foldTakerSent(state: MakerState, now: EpochMs): MakerState {
  return { ...state, takerDay: dayStart(now), takersSent: takersToday(state, now) + 1 };
}

/** The block after a taker fallback that failed or whose fee spiked: `taker_block_min` (F-10.6). */
export function takerFailedBlock(now: EpochMs, entry: Config["entry"]): Block {
  return newBlock("taker_failed", { since: now, until: epochMs(now + entry.taker_block_min * 60_000) });
}
