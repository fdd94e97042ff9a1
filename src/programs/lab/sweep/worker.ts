import { messageOf } from "../../../common/text.ts";
import type { LabCandles } from "../driver/types.ts";
import { runCandidate } from "../driver/run_candidate.ts";
import { type LabIo } from "../io.ts";
import { candidatesOfPlan, type Plan, type PlannedCandidate } from "./plan.ts";
import { resultLine } from "./result_line.ts";

/** What a worker is told once. The candles lie in memory that all share. */
export type Start = {
  readonly kind: "start";
  readonly plan: Plan;
  readonly candles: LabCandles;
  /** File it adds its lines to. */
  readonly part: string;
  readonly skip: boolean;
};
export type Order = Start | { readonly kind: "play"; readonly index: number };
export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly index: number; readonly line: string }
  | { readonly kind: "failed"; readonly index: number; readonly message: string };

/** Plays a candidate of a plan and returns its line. */
export function playPlanned(
  start: Pick<Start, "plan" | "candles" | "skip">,
  candidate: PlannedCandidate,
): string {
  const { plan, candles, skip } = start;
  const result = runCandidate({
    config: candidate.config,
    candles,
    from: plan.from,
    to: plan.to,
    path: plan.path,
    seed: plan.seed,
    options: {
      skipQuiet: skip,
      halts: plan.halts,
      fill: plan.fill,
      walletUsd: plan.wallet_usd,
      slippageBps: plan.slippage_bps,
      keepIntents: false,
    },
  });
  return resultLine(plan, { candidate, result });
}

/** One worker of a sweep: plays what it is told, keeps the line on disk, then tells it (L-3.3). */
export class SweepWorker {
  readonly #io: LabIo;
  #start: Start | null = null;
  #candidates: readonly PlannedCandidate[] = [];

  constructor(io: LabIo) {
    this.#io = io;
  }

  obey(order: Order): Report {
    if (order.kind === "start") {
      this.#start = order;
      this.#candidates = candidatesOfPlan(order.plan);
      return { kind: "ready" };
    }
    const { index } = order;
    const candidate = this.#candidates[index];
    if (this.#start === null || candidate === undefined) {
      return { kind: "failed", index, message: "it is not in the plan" };
    }
    try {
      const line = playPlanned(this.#start, candidate);
      this.#io.append(this.#start.part, line + "\n");
      return { kind: "done", index, line };
    } catch (error) {
      return { kind: "failed", index, message: messageOf(error) };
    }
  }
}
