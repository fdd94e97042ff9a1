import { haltCounts, sumR, wins } from "../reports/run_text.ts";
import type { CandidateResult, ResultLine } from "../driver/types.ts";
import type { Plan, PlannedCandidate } from "./plan.ts";

/** The line of one candidate in results.jsonl: the same bytes whoever played it, and when (L-2.3). */
export function resultLine(
  plan: Plan,
  of: { readonly candidate: PlannedCandidate; readonly result: CandidateResult },
): string {
  const { candidate, result } = of;
  const count = result.trades.length;
  const sum = sumR(result);
  const line: ResultLine = {
    index: candidate.index,
    keys: candidate.keys,
    config_hash: candidate.configHash,
    data_hash: plan.data_hash,
    core_hash: plan.core_hash,
    seed: plan.seed,
    trades: count,
    wins: wins(result),
    mean_r: count === 0 ? null : sum / count,
    sum_r: sum,
    sd_r: count < 2 ? null : spreadOf(result, sum / count),
    net_usd: result.netUsd,
    hold_usd: result.holdUsd,
    halts: haltCounts(result),
    final_state: result.finalState,
    fingerprint: result.fingerprint,
    first_day: result.days[0]?.day ?? "",
    days: result.days.map((day) => [day.r, day.trades, day.blocked ? 1 : 0]),
  };
  return JSON.stringify(line);
}

function spreadOf(result: CandidateResult, mean: number): number {
  const squares = result.trades.reduce((sum, trade) => sum + ((trade.r ?? 0) - mean) ** 2, 0);
  return Math.sqrt(squares / (result.trades.length - 1));
}

/** Plays one candidate of a plan; the line it becomes. */
export type PlayCandidate = (candidate: PlannedCandidate) => string;
