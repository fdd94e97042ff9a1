import type { MarketRegime } from "./words.ts";
import type { Arm } from "./experiment.ts";
import type { Direction, Side } from "./orders.ts";
import type { GateResult } from "./records.ts";
import type { EpochMs, PicoBtc, PriceCents, RateE8, UsdContracts } from "./units.ts";

/** What was decided when an entry was approved; kept with the position to its exit (P-3). */
export type Plan = {
  readonly signalId: string;
  readonly side: Side;
  readonly direction: Direction;
  readonly entryId: string;
  readonly contracts: UsdContracts;
  readonly price: PriceCents;
  readonly decidedAt: EpochMs;
  readonly taker: boolean;
  /** The taker fallback of F-10.6. */
  readonly fallback: boolean;
  /** When the signal ends, and the grid line price must stay beyond (F-10.6). */
  readonly signalEndsAt: EpochMs;
  readonly gridLine: PriceCents;
  readonly stage: 1 | 2 | 3;
  readonly policyVersion: string;
  readonly leverageE2: number;
  /** Distance of the stop as a fraction × 10⁸ of the entry price. */
  readonly stopDistance: RateE8;
  /** Distance of the target in cents from the entry price. */
  readonly targetOffset: PriceCents;
  readonly exitOrder: "resting_target" | "market";
  readonly maxLoss: PicoBtc;
  readonly equityBefore: PicoBtc;
  readonly regime: MarketRegime;
  readonly gates: readonly GateResult[];
  readonly bestOpposite: PriceCents | null;
  readonly index: PriceCents | null;
  readonly fundingRate: RateE8 | null;
  readonly bid: PriceCents | null;
  readonly ask: PriceCents | null;
  readonly mark: PriceCents | null;
  /** Arm of the experiment; absent without one. */
  readonly arm?: Arm;
};
