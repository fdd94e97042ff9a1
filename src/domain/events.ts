import type { Bar, BarInterval, FeeRates, Instrument, MarketObservation, RiskTier } from "./market.ts";
import type { Execution, OrderRow, PositionRow, WalletRow } from "./orders.ts";
import type { DurationMs, EpochMs } from "./units.ts";

export type StreamName = "private" | "public";

/**
 * What the driving side measures and the core judges. Carried by every Tick; ages are judged against `Tick.at`.
 * Heartbeat = last inbound frame of any kind on that socket (F-7.22).
 */
export type Vitals = {
  readonly privateFrameAt: EpochMs | null;
  readonly publicFrameAt: EpochMs | null;
  /** Last ticker, kline or book frame. */
  readonly marketFrameAt: EpochMs | null;
  /** Lost private events and public frames without successor, over the last 60 s (F-4.6). */
  readonly drops60s: number;
  /** p95 of REST round trips of core endpoints over the last minute (P-1); null = no sample yet. */
  readonly restP95: DurationMs | null;
  readonly restTimeoutsInRow: number;
  /** REST calls of the running minute, by lane (F-7.10). */
  readonly restCalls60s: number;
  readonly restProtectiveCalls60s: number;
  /** Local minus server clock, after the last sync; null = never synced. */
  readonly clockSkewMs: number | null;
  /** How long the oldest unsynced journal record waits; 0 = all durable (P-14). */
  readonly journalLagMs: number;
};

/** Why a request was refused for certain: the request was not executed (PROTOCOL §5, by code). */
export type RefusalCause =
  | "order_gone" // 110001 110008 110010
  | "not_modified" // 110043 34036 34040 110025-27
  | "duplicate_id" // 110072
  | "wrong_trigger_side" // 110092 110093
  | "reduce_only" // 110017 110033 110034
  | "margin" // M
  | "quantity" // Q, 110094
  | "price" // X
  | "too_many_conditional" // 110009
  | "not_now" // 110005 110035 110079 110118
  | "clock" // 10002 -1
  | "rate_limit" // 10006 on a read
  | "credentials" // 10003 10004 10005 33004
  | "permission" // 10007..10010, P of the key or account
  | "parameter" // 10001 and other P
  | "risk_tier" // 110013 110086 …
  | "symbol_state" // S
  | "margin_mode" // 110015 110036 110038 110077
  | "other";

export type Refusal = { readonly cause: RefusalCause; readonly code: number; readonly message: string };

/** How a request ended. `unknown` may or may not have been executed (F-10.4). `notSent` never left (F-10.9). */
export type Outcome =
  | { readonly kind: "ok" }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | {
    readonly kind: "unknown";
    readonly cause: "timeout" | "lost" | "server" | "rate_limit" | "unreadable";
    readonly code: number | null;
  }
  | { readonly kind: "notSent"; readonly reason: string };

/** A read that did not answer: refused, unknown, or not sent for budget. */
export type ReadFailure = { readonly kind: "failed"; readonly outcome: Outcome };

/** Boot checks of F-12.6, in order. */
export type CheckName =
  | "clock"
  | "key"
  | "account_mode"
  | "margin_mode"
  | "one_way"
  | "instrument"
  | "price_adjust"
  | "wallet"
  | "history";

/**
 * Everything that can change the bot. If it is not here, it cannot change the bot (law 2). `at` is server-corrected and
 * never decreases (F-3.5); it is set by the event router, once. Answers carry `askedAt`, the moment the request left.
 */
export type Event =
  // time and process
  | {
    readonly kind: "Boot";
    readonly at: EpochMs;
    readonly accountUid: string;
    readonly restart: boolean;
    /** The journal was written by another core (F-11.7). */
    readonly upgraded: boolean;
    /** Where the journal was broken; what stood behind was set aside and is not in the state (F-11.6). Absent = whole. */
    readonly damaged?: string;
  }
  | { readonly kind: "Tick"; readonly at: EpochMs; readonly vitals: Vitals }
  | { readonly kind: "TimeGap"; readonly at: EpochMs; readonly gap: DurationMs }
  | { readonly kind: "Shutdown"; readonly at: EpochMs }
  | { readonly kind: "CoreFault"; readonly at: EpochMs; readonly during: string; readonly message: string }
  | { readonly kind: "JournalHealth"; readonly at: EpochMs; readonly state: "ok" | "failed"; readonly detail: string }
  // market
  | { readonly kind: "Market"; readonly at: EpochMs; readonly seen: MarketObservation }
  | {
    readonly kind: "Bars";
    readonly at: EpochMs;
    readonly interval: BarInterval;
    readonly bars: readonly Bar[];
    readonly source: "stream" | "history";
  }
  // private stream
  | {
    readonly kind: "Executed";
    readonly at: EpochMs;
    readonly execution: Execution;
    readonly source: "stream" | "backfill";
  }
  | { readonly kind: "InvalidFill"; readonly at: EpochMs; readonly execId: string; readonly rawQty: string }
  | { readonly kind: "OrderSeen"; readonly at: EpochMs; readonly order: OrderRow }
  | { readonly kind: "PositionSeen"; readonly at: EpochMs; readonly position: PositionRow }
  | { readonly kind: "WalletSeen"; readonly at: EpochMs; readonly wallet: WalletRow }
  // answers to commands
  | {
    readonly kind: "PlaceAnswer";
    readonly at: EpochMs;
    readonly orderLinkId: string;
    readonly askedAt: EpochMs;
    readonly orderId: string | null;
    readonly outcome: Outcome;
  }
  | {
    readonly kind: "AmendAnswer";
    readonly at: EpochMs;
    readonly orderLinkId: string;
    readonly askedAt: EpochMs;
    readonly outcome: Outcome;
  }
  | {
    readonly kind: "CancelAnswer";
    readonly at: EpochMs;
    readonly orderLinkId: string;
    readonly askedAt: EpochMs;
    readonly outcome: Outcome;
  }
  | { readonly kind: "LeverageAnswer"; readonly at: EpochMs; readonly leverageE2: number; readonly outcome: Outcome }
  | { readonly kind: "PriceAdjustAnswer"; readonly at: EpochMs; readonly outcome: Outcome }
  // answers to look-ups
  | {
    readonly kind: "OrderLookup";
    readonly at: EpochMs;
    readonly orderLinkId: string;
    readonly askedAt: EpochMs;
    /** `absent` = realtime, history and executions all answered and none knows the id. */
    readonly result: { readonly kind: "found"; readonly order: OrderRow } | { readonly kind: "absent" } | ReadFailure;
  }
  | {
    readonly kind: "PositionAnswer";
    readonly at: EpochMs;
    readonly askedAt: EpochMs;
    readonly result: { readonly kind: "position"; readonly position: PositionRow } | ReadFailure;
  }
  | {
    readonly kind: "OpenOrdersAnswer";
    readonly at: EpochMs;
    readonly askedAt: EpochMs;
    /** `unread` = orderLinkIds of rows that stand in the list and cannot be read; null = a row without one. */
    readonly result:
      | { readonly kind: "orders"; readonly orders: readonly OrderRow[]; readonly unread?: readonly (string | null)[] }
      | ReadFailure;
  }
  | {
    readonly kind: "ExecutionsAnswer";
    readonly at: EpochMs;
    readonly askedAt: EpochMs;
    /** Everything since `since`, oldest first; the executions themselves precede this as `Executed{backfill}` events. */
    readonly since: EpochMs;
    readonly result: { readonly kind: "complete"; readonly count: number } | ReadFailure;
  }
  | {
    readonly kind: "WalletAnswer";
    readonly at: EpochMs;
    readonly askedAt: EpochMs;
    readonly result: { readonly kind: "wallet"; readonly wallet: WalletRow } | ReadFailure;
  }
  | {
    readonly kind: "FeeRatesAnswer";
    readonly at: EpochMs;
    readonly result: { readonly kind: "rates"; readonly rates: FeeRates } | ReadFailure;
  }
  | {
    readonly kind: "InstrumentAnswer";
    readonly at: EpochMs;
    readonly result: { readonly kind: "instrument"; readonly instrument: Instrument } | ReadFailure;
  }
  | {
    readonly kind: "RiskTierAnswer";
    readonly at: EpochMs;
    readonly result: { readonly kind: "tier"; readonly tier: RiskTier } | ReadFailure;
  }
  | {
    readonly kind: "AccountAnswer";
    readonly at: EpochMs;
    readonly result:
      | { readonly kind: "account"; readonly unified: boolean; readonly marginMode: MarginMode }
      | ReadFailure;
  }
  | {
    readonly kind: "KeyAnswer";
    readonly at: EpochMs;
    readonly result:
      | {
        readonly kind: "key";
        readonly uid: string;
        readonly readOnly: boolean;
        readonly canTrade: boolean;
        /** It carries rights beyond trading contracts; any of them may move money. */
        readonly canWithdrawOrTransfer: boolean;
        /** Those rights by name; absent when there are none. */
        readonly excess?: readonly string[];
        /** null = the key does not expire (bound to an IP). */
        readonly daysLeft: number | null;
      }
      | ReadFailure;
  }
  | {
    readonly kind: "MaintenanceAnswer";
    readonly at: EpochMs;
    /** null = none announced. */
    readonly result: {
      readonly kind: "maintenance";
      readonly window: { readonly from: EpochMs; readonly to: EpochMs } | null;
    } | ReadFailure;
  }
  // link
  | {
    readonly kind: "Link";
    readonly at: EpochMs;
    readonly stream: StreamName;
    readonly status: LinkStatus;
    readonly cause: string;
  }
  | { readonly kind: "IpBanned"; readonly at: EpochMs; readonly until: EpochMs }
  | {
    readonly kind: "ParseFault";
    readonly at: EpochMs;
    readonly source: string;
    readonly detail: string;
    /** The process saw this for the first time: a person is told. */
    readonly first?: true;
  }
  | { readonly kind: "Dropped"; readonly at: EpochMs; readonly channel: StreamName; readonly count: number }
  // operator
  | { readonly kind: "KillSwitch"; readonly at: EpochMs; readonly present: boolean }
  | {
    readonly kind: "OperatorCommand";
    readonly at: EpochMs;
    readonly id: string;
    readonly command: "halt" | "reset" | "close";
    readonly reason: string;
    readonly accept: boolean;
  };

/** `ready` = connected, authenticated (private), every subscription acknowledged, first data seen (public). */
export type LinkStatus = "connecting" | "ready" | "lost" | "auth_refused";
export type MarginMode = "ISOLATED_MARGIN" | "REGULAR_MARGIN" | "PORTFOLIO_MARGIN" | {
  readonly kind: "unknown";
  readonly raw: string;
};

export type EventKind = Event["kind"];
/** The event of one kind. */
export type EventOf<K extends EventKind> = Extract<Event, { readonly kind: K }>;
