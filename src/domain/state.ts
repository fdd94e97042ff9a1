import type { Vitals } from "./events.ts";
import type { ExperimentState } from "./experiment.ts";
import type { Block, Halt } from "./halts_and_blocks.ts";
import type { Ledger } from "./ledger.ts";
import type { Config } from "./limits.ts";
import type { Instrument, MarketObservation, RiskTier } from "./market.ts";
import type { Direction, WalletRow } from "./orders.ts";
import type { OwnOrder } from "./own_orders.ts";
import type { Plan } from "./plan.ts";
import type { TradeFill } from "./records.ts";
import type {
  BarSeries,
  CapitalState,
  EquityWatch,
  FeeState,
  GoalState,
  MakerState,
  MetricsState,
  PriceRing,
  RejectionState,
  SessionRiskState,
  SignalState,
  StageState,
  WalletWatch,
} from "./slices.ts";
import type { EpochMs, PriceCents, UsdContracts } from "./units.ts";
import type { ClosedBy, ExitReason, StopNote } from "./words.ts";

export type { Ledger, Owed } from "./ledger.ts";

export type { Amend, Cancel, Look, OrderEnd, OrderState, OwnOrder } from "./own_orders.ts";

/** One closing of a position and its attempts (F-6.5). */
export type Closing = {
  readonly reason: ExitReason;
  readonly since: EpochMs;
  readonly failures: number;
  /** Exit orders sent for this closing. */
  readonly orders: number;
  /** Market attempts that filled less than the rest (F-5.9). */
  readonly shortfalls: number;
  /** Refused for size: sent as "close everything" (F-5.1). */
  readonly whole: boolean;
  /** Earliest next attempt. */
  readonly nextAt: EpochMs;
  readonly exitId: string | null;
  /** Best opposite quote when the exit was decided (P-1 slippage). */
  readonly reference: PriceCents | null;
};

export type StopStatus = "ACTIVE" | "PENDING" | "MISSING" | "ERROR";

/** The protective stop of the open position (F-5). */
export type StopState = {
  /** The stop relied on; null = none known. */
  readonly id: string | null;
  /** The replacement under way (F-5.4); the old one is cancelled once it is shown. */
  readonly successor: string | null;
  readonly wantedTrigger: PriceCents;
  /** The next stop covers the whole position (F-5.1, refused for size). */
  readonly whole: boolean;
  readonly updatedAt: EpochMs | null;
  readonly failures: number;
  readonly retryAt: EpochMs | null;
  /** Why the stop was last updated or not (F-14 PF-*). */
  readonly note: StopNote;
  /** First moment a remainder was uncovered while the entry works (F-2.1). */
  readonly remainderSince: EpochMs | null;
  /** last or mark beyond the stop since (F-5.7). */
  readonly beyondSince: EpochMs | null;
  /** The ladder that never gives up (F-5.10). */
  readonly ladder: { readonly attempts: number; readonly nextAt: EpochMs; readonly turn: "stop" | "exit" } | null;
};

/** The open position and everything that protects or closes it. Quantity and price live in the ledger. */
export type Position = {
  readonly tradeId: string;
  readonly plan: Plan | null;
  readonly openedAt: EpochMs;
  readonly direction: Direction;
  /** Contracts held; equals |ledger.net|. */
  readonly contracts: UsdContracts;
  readonly entryPrice: PriceCents;
  readonly entryWorking: boolean;
  readonly entryStage: number;
  readonly policyVersion: string;
  readonly stopStatus: StopStatus;
  readonly stop: StopState;
  readonly target: {
    readonly id: string | null;
    readonly retryAt: EpochMs | null;
    /** Price through the target since (F-6.3). */
    readonly throughSince: EpochMs | null;
  };
  readonly closing: Closing | null;
  readonly overflow: { readonly id: string | null; readonly done: boolean };
  /** F-2.1 clock; null = covered. */
  readonly uncoveredSince: EpochMs | null;
  /** Since when no own stop is live at all. */
  readonly nakedSince: EpochMs | null;
  readonly uncoveredMs: number;
  readonly nakedMs: number;
  /** F-11.5: trigger from mark when the entry-based one is passed. */
  readonly adopted: boolean;
};

/** What the venue holds (F-1). Owns its data; halt and blocks stand beside it. */
export type Phase =
  | { readonly kind: "flat"; readonly since: EpochMs }
  | { readonly kind: "entry"; readonly since: EpochMs; readonly plan: Plan; readonly recoveries: number }
  | { readonly kind: "position"; readonly since: EpochMs; readonly position: Position }
  | { readonly kind: "exit"; readonly since: EpochMs; readonly position: Position };

/** Fills, fees and funding of the open trade, and of the one whose record waits (P-13). */
export type TradeBook = {
  readonly tradeId: string;
  readonly signalId: string;
  readonly plan: Plan | null;
  readonly direction: Direction;
  readonly openedAt: EpochMs;
  readonly closedAt: EpochMs | null;
  /** "" while the trade is open. */
  readonly exitReason: ClosedBy | "";
  readonly fills: readonly TradeFill[];
  /** Contracts opened and closed, and the value of both (pico BTC), provisional quantity included. */
  readonly openedContracts: number;
  readonly openedValue: number;
  readonly closedContracts: number;
  readonly closedValue: number;
  /** Gross PnL as the venue booked it, and the closing contracts it was booked for. */
  readonly bookedPnl: number;
  readonly bookedContracts: number;
  readonly fees: number;
  readonly expectedFees: number;
  readonly funding: number;
  readonly slippageCents: number;
  readonly orderIds: { readonly entry: string | null; readonly stop: string | null; readonly exit: string | null };
  readonly linkIds: readonly string[];
  readonly stopPrice: PriceCents | null;
  readonly nakedMs: number;
  readonly uncoveredMs: number;
  readonly lastNewsAt: EpochMs;
  readonly latency: { readonly ackMs: number | null; readonly fillMs: number | null };
  /** Own money of this trade already counted into the capital. */
  readonly credited: number;
  /** Money of this trade counted into its day and week, each amount at the mark of its moment (F-8.1). Micro USD. */
  readonly countedUsd: number;
};

/** Latest market values; extremes since the previous step are judged when they arrive (F-4.6). */
export type MarketView = {
  readonly seen: MarketObservation;
  readonly at: EpochMs | null;
};

export type StreamHealth = {
  readonly status: "connecting" | "ready" | "lost" | "auth_refused";
  readonly since: EpochMs;
  readonly reopenedAt: EpochMs | null;
};

/** Periodic looks at the venue and how they agree (F-4.3, F-4.5). */
export type Reconcile = {
  readonly positionAskedAt: EpochMs | null;
  readonly ordersAskedAt: EpochMs | null;
  readonly nextAt: EpochMs;
  /** The next degraded look is for orders (F-4.5 alternates). */
  readonly ordersNext: boolean;
  readonly mismatches: number;
  readonly mismatchSince: EpochMs | null;
  readonly pausedUntil: EpochMs | null;
  /** A private event for the symbol was applied then (F-4.3, void looks). */
  readonly lastPrivateAt: EpochMs | null;
  /** Newest position row applied. */
  readonly positionSeq: number | null;
  readonly positionUpdatedAt: EpochMs | null;
  readonly executionsAskedAt: EpochMs | null;
  /** A gap of time was noticed then; deadlines wait for the next good look (F-3.5). */
  readonly gapAt: EpochMs | null;
  /** Request times of the newest answered reads (F-7.21). */
  readonly positionAnsweredAt: EpochMs | null;
  readonly ordersAnsweredAt: EpochMs | null;
  readonly executionsAnsweredAt: EpochMs | null;
  /** Newest answered call of any kind (F-7.3: "while other calls succeed"). */
  readonly answeredAt: EpochMs | null;
  /** Request times of the newest reads that showed quantity 0, and no own order (F-4.3, F-6.8). */
  readonly zeroSeenAt: EpochMs | null;
  readonly noOrdersSeenAt: EpochMs | null;
  /** The same of the newest read that showed the side held while a stop against the other side stood (F-1.27). */
  readonly turnSeenAt?: EpochMs;
  /** Executions before this are folded. */
  readonly executionsSince: EpochMs;
  readonly agreedAt: EpochMs | null;
};

/** What the account looked like when last read. */
export type AccountView = {
  readonly instrument: Instrument | null;
  readonly riskTier: RiskTier | null;
  readonly wallet: WalletRow | null;
  readonly walletAt: EpochMs | null;
  readonly leverageE2: number | null;
  /** Confirmed by a read after the last set (F-12.8). */
  readonly leverageSetAt: EpochMs | null;
  /** The liquidation distance was answered by putting the leverage back (F-7.13). */
  readonly leverageRestoredAt: EpochMs | null;
  readonly liqPrice: PriceCents | null;
  readonly maintenance: { readonly from: EpochMs; readonly to: EpochMs } | null;
  readonly keyDaysLeft: number | null;
  /** Filters differ from those read at start (F-7.17). */
  readonly filtersChanged: boolean;
  readonly uid: string | null;
};

/** One read of the start, by the answer that settles it. */
export type BootRead =
  | "account"
  | "key"
  | "instrument"
  | "tier"
  | "fees"
  | "wallet"
  | "price_adjust"
  | "bars_1h"
  | "bars_1d"
  | "bars_1m"
  | "maintenance"
  | "ticker";

/** Start checks still open (F-12.6). */
export type Boot = {
  /** Times the venue's position disagreed at boot. */
  readonly disagreements: number;
  readonly startedAt: EpochMs | null;
  readonly restart: boolean;
  readonly pending: readonly BootRead[];
  readonly stage: "idle" | "venue" | "checks" | "done";
  readonly retryAt: EpochMs | null;
  /** The venue's position at boot, as answered; null until then. */
  readonly net: number | null;
  readonly price: PriceCents | null;
  readonly seq: number | null;
  readonly positionSeen: boolean;
  readonly ordersSeen: boolean;
  readonly executionsSeen: boolean;
  readonly clockJudged: boolean;
};

/** When the periodic reads are due. */
export type Schedule = {
  readonly walletAt: EpochMs;
  readonly feeRatesAt: EpochMs;
  readonly leverageAt: EpochMs;
  readonly maintenanceAt: EpochMs;
  readonly dailyAt: EpochMs;
  readonly tickerAt: EpochMs;
  readonly barsAt: EpochMs;
};

/** Operator facts (F-13). */
export type Operator = {
  readonly killPresent: boolean;
  readonly shutdownAt: EpochMs | null;
  readonly journalFailed: boolean;
  /** Times of risk-increasing orders within the last hour (F-13.1). */
  readonly entryTimes: readonly EpochMs[];
  /** Auto releases of the running day (F-13.8). */
  readonly autoReleases: readonly EpochMs[];
};

/** When evaluations are recorded (P-4). */
export type Evaluations = {
  readonly lastRefusal: string | null;
  /** Signal of the newest record; absent in states of before this field. */
  readonly lastSignalId?: string | null;
  readonly recordedAt: EpochMs | null;
  readonly repeated: number;
};

/** The whole bot: plain data, JSON-able, no undefined. `transition` is the only writer (F-1.1). */
export type Bot = {
  readonly schema: 1;
  readonly config: Config;
  readonly accountUid: string;
  readonly now: EpochMs;
  readonly phase: Phase;
  readonly halt: Halt | null;
  readonly blocks: readonly Block[];
  readonly degradedSince: EpochMs | null;
  /** While degraded: streams are well again since; what is read after this counts (F-7.21). */
  readonly healthySince: EpochMs | null;
  /** Own orders that are not final, and the newest final ones (bounded). */
  readonly orders: readonly OwnOrder[];
  readonly past: readonly OwnOrder[];
  readonly ledger: Ledger;
  readonly trade: TradeBook | null;
  /** Closed, record not yet written (P-1: 10 s without news; longer while executions are owed, F-4.3). */
  readonly closedTrade: TradeBook | null;
  readonly lastTradeId: string | null;
  readonly market: MarketView;
  readonly vitals: Vitals | null;
  readonly privateStream: StreamHealth;
  readonly publicStream: StreamHealth;
  readonly reconcile: Reconcile;
  readonly account: AccountView;
  readonly boot: Boot;
  readonly schedule: Schedule;
  readonly operator: Operator;
  readonly evaluation: Evaluations;
  /** The last twenty events, ticks and market left out (F-13.4). */
  readonly recent: readonly string[];
  readonly prices: PriceRing;
  readonly hours: BarSeries;
  readonly days: BarSeries;
  readonly signal: SignalState;
  readonly stage: StageState;
  readonly maker: MakerState;
  readonly rejections: RejectionState;
  readonly risk: SessionRiskState;
  readonly metrics: MetricsState;
  readonly capital: CapitalState;
  readonly equityWatch: EquityWatch;
  readonly walletWatch: WalletWatch;
  readonly goal: GoalState;
  readonly fees: FeeState;
  /** Signed calls refused for the key since the last accepted one (F-7.15). */
  readonly credentialRefusals: number;
  /** Closed trades since the first start (P-12). */
  readonly tradesTotal: number;
  /** The live experiment; absent without one (lab L-6). */
  readonly experiment?: ExperimentState;
};
