import type { ClosedBy, MarketRegime, RefusalCode } from "./words.ts";
import type { Arm } from "./experiment.ts";
import type { EpochMs } from "./units.ts";

/** The six public words (F-1). Derived, never stored as truth. */
export type PublicWord = "FLAT" | "ENTRY_PENDING" | "IN_POSITION" | "EXIT_PENDING" | "COOLDOWN" | "HALT";

/** Result of one gate in one evaluation (P-4). `code` null = passed. */
export type GateResult = {
  readonly gate: number;
  readonly code: RefusalCode | null;
  readonly inputs: Readonly<Record<string, number | string | boolean | null>>;
};

/** One evaluated entry opportunity with all inputs and all gates, also those after the first refusal (P-4). */
export type EvaluationRecord = {
  readonly type: "evaluation";
  readonly at: EpochMs;
  /** First refusing code, or null when an entry was sent. */
  readonly refusal: RefusalCode | null;
  /** Evaluations since the previous record with the same first refusal that were not recorded. */
  readonly repeated: number;
  readonly signal: { readonly signalId: string; readonly side: "Buy" | "Sell" } | null;
  readonly gates: readonly GateResult[];
  readonly sizing: Readonly<Record<string, number | string | boolean | null>>;
  /** Arm of the experiment; absent without one. */
  readonly arm?: Arm;
};

/** A change of word, phase, halt or block with its cause (F-1.5). */
export type ChangeRecord = {
  readonly type: "change";
  readonly at: EpochMs;
  readonly wordBefore: PublicWord;
  readonly wordAfter: PublicWord;
  readonly phaseBefore: string;
  readonly phaseAfter: string;
  readonly cause: string;
};

/** Context snapshot of a HALT or COOLDOWN (F-13.4). */
export type SnapshotRecord = {
  readonly type: "snapshot";
  readonly at: EpochMs;
  readonly reason: string;
  readonly lid: "HALT" | "COOLDOWN";
  readonly context: Readonly<Record<string, unknown>>;
};

/** External cash flow excluded from PnL (F-7.16); amount in pico BTC, positive = deposit. */
export type CashFlowRecord = { readonly type: "cash_flow"; readonly at: EpochMs; readonly amountPico: number };

export type TradeFill = {
  readonly exec_id: string;
  readonly price: number;
  readonly qty: number;
  readonly fee_sats: number;
  readonly is_maker: boolean;
  readonly time_ms: number;
  readonly role: "entry" | "stop" | "target" | "exit" | "foreign" | "liquidation" | "adl";
};

/**
 * The core's part of trade log v1.0 (P-13); the trade log adds the integrity fields. Money in satoshis (sums of venue
 * strings, may carry decimals below 1), prices in USD. `null` = not available.
 */
export type TradeRecord = {
  readonly type: "trade";
  readonly trade_id: string;
  readonly signal_id: string;
  readonly order_ids: { readonly entry: string | null; readonly stop: string | null; readonly exit: string | null };
  readonly order_link_ids: readonly string[];
  readonly direction: "long" | "short";
  readonly contracts: number;
  readonly entry_price_avg: number;
  readonly exit_price_avg: number;
  readonly opened_at_ms: number;
  readonly closed_at_ms: number;
  readonly exit_reason: ClosedBy | "";
  readonly entry_stage: number;
  readonly policy_version: string;
  readonly stop_distance_pct: number;
  readonly stop_price: number | null;
  readonly max_loss_sats: number;
  readonly r_multiple: number | null;
  readonly fills: readonly TradeFill[];
  readonly slippage_usd: number;
  readonly latency_ms: {
    readonly decision: number | null;
    readonly rest_ack: number | null;
    readonly ws_event: number | null;
    readonly total: number | null;
  };
  readonly naked_ms: number;
  readonly uncovered_ms: number;
  readonly mark_price: number | null;
  readonly index_price: number | null;
  readonly funding_rate: number | null;
  readonly best_bid: number | null;
  readonly best_ask: number | null;
  readonly spread: number | null;
  readonly market_regime: MarketRegime;
  readonly gross_pnl_sats: number;
  readonly fees_sats: number;
  readonly funding_sats: number;
  readonly net_pnl_sats: number;
  readonly net_pnl_usd: number;
  readonly equity_before_sats: number;
  readonly equity_after_sats: number;
  readonly fee_ratio: number | null;
  readonly gate_results: readonly GateResult[];
  /** Arm of the experiment that the entry belonged to; absent without one. */
  readonly arm?: Arm;
};

/** Funding or fees that arrived after the trade's record was written (P-1). */
export type AdjustmentRecord = {
  readonly type: "adjustment";
  readonly at: EpochMs;
  readonly trade_id: string;
  readonly exec_id: string;
  readonly fees_sats: number;
  readonly funding_sats: number;
  readonly gross_pnl_sats: number;
};

/** What the bot keeps beside events and intents; carried by the `Record` intent. */
export type JournalRecord =
  | EvaluationRecord
  | ChangeRecord
  | SnapshotRecord
  | CashFlowRecord
  | TradeRecord
  | AdjustmentRecord;
