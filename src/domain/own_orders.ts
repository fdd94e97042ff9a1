import type { OrderRole, OrderRow, OrderStatus, OrderTicket } from "./orders.ts";
import type { Plan } from "./plan.ts";
import type { EpochMs, PriceCents, UsdContracts } from "./units.ts";

/**
 * How an own order ended. `NotSent` never left, `Refused` was refused, `Absent` was proven not to exist (F-10.4), `Gone`
 * was last shown under a word that is neither open nor final, with nothing left or missing from a fresh list (F-4.8).
 */
export type OrderEnd = OrderStatus | "NotSent" | "Refused" | "Absent" | "Foreign" | "Gone";

/** sent: no answer yet; acked: accepted, not shown; unknown: outcome open (F-10.4); live: shown, not final. */
export type OrderState = "sent" | "acked" | "unknown" | "live" | "final";

/** The running search for an order of unknown or unshown state (F-10.4). */
export type Look = {
  /** When the look-up in flight was asked for; null = none in flight. */
  readonly askedAt: EpochMs | null;
  readonly nextAt: EpochMs | null;
  /** Looks that missed everywhere and were late enough to count. */
  readonly misses: number;
  readonly lastMissAt: EpochMs | null;
};

/** An own order, from the decision to its last message. The table is written by `order_table.ts` only. */
export type OwnOrder = {
  readonly id: string;
  readonly role: OrderRole;
  readonly generation: number;
  /** signalId of the trade it belongs to. */
  readonly trade: string;
  readonly ticket: OrderTicket;
  /** Terms of an entry: a late fill finds them here (F-1.26); null for every other role. */
  readonly plan: Plan | null;
  readonly decidedAt: EpochMs;
  /** Newest transmission. */
  readonly sentAt: EpochMs;
  readonly transmissions: number;
  readonly state: OrderState;
  readonly end: OrderEnd | null;
  readonly endedAt: EpochMs | null;
  readonly ackedAt: EpochMs | null;
  readonly orderId: string | null;
  /** Newest row applied (F-4.2); null = never shown. */
  readonly row: OrderRow | null;
  /** Arrival of the newest row that brought something. */
  readonly rowAt: EpochMs | null;
  /** Sum of folded executions. */
  readonly executed: number;
  /** max(executed, cumExecQty): what the ledger counts (F-1, quantity has one owner); `executed` alone while owed (F-4.3). */
  readonly counted: number;
  /** Counted before its execution came: contracts, and what they were valued at (pico BTC). */
  readonly aheadContracts: number;
  readonly aheadValue: number;
  readonly look: Look | null;
  /** Newest look-up sent; two looks for one order are at least a second apart. */
  readonly lookedAt: EpochMs | null;
  readonly cancel: Cancel | null;
  readonly amend: Amend | null;
  readonly amendRefusals: number;
  /** Best opposite quote at the decision of a market order (P-1 slippage); null for others. */
  readonly reference: PriceCents | null;
  /** The first transmission was answered "duplicate" (F-10.5). */
  readonly duplicate: boolean;
  /** It had ended, for all the bot knew, and the venue showed it again (F-10.4). */
  readonly back?: true;
};

/**
 * The newest cancel sent; `failed` = answered with a refusal, or its outcome is unknown. One that follows a failed one
 * within `cancel_confirm_s` belongs to the same attempt, which began at `attemptAt` (F-6.6).
 */
export type Cancel = {
  readonly sentAt: EpochMs;
  readonly attempts: number;
  readonly attemptAt: EpochMs;
  readonly nextAt: EpochMs;
  readonly failed?: true;
};

export type Amend = {
  readonly contracts: UsdContracts | null;
  readonly triggerPrice: PriceCents | null;
  readonly sentAt: EpochMs;
  readonly answered: boolean;
};
