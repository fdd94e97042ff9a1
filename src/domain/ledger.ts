import type { Side } from "./orders.ts";
import type { EpochMs } from "./units.ts";

/** The one owner of quantity (flow, after F-1.29). Signed contracts: long positive. */
export type Ledger = {
  readonly net: number;
  /** Value at entry of what is open, pico BTC; average entry = |net| / value. */
  readonly openValue: number;
  /** Keys seen: execIds, newest last, with their times; bounded (F-4.1). */
  readonly seen: readonly { readonly id: string; readonly at: EpochMs }[];
  /** Executions before this are known folded; an older backfill row is ignored (F-4.1). */
  readonly floorAt: EpochMs;
  readonly lastExecAt: EpochMs | null;
  readonly lastSeq: number | null;
  /** Arrival of the last applied execution, event time. */
  readonly lastAppliedAt: EpochMs | null;
  /** What REST ran ahead of the executions with; null = nothing is owed (F-4.3). */
  readonly owed: Owed | null;
};

/**
 * Contracts that REST made the truth before their executions came, bought and sold apart, and what they were valued at
 * (F-4.3). An execution of at most `seq`, the venue's number of the position taken, is among them whatever it counts.
 */
export type Owed =
  & { readonly [S in Side]: { readonly contracts: number; readonly value: number } }
  & { readonly seq: number | null; readonly since: EpochMs };
