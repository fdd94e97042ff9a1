import type { Config } from "../../../domain/limits.ts";
import type { TradeRecord } from "../../../domain/records.ts";
import type { MinuteBars } from "../../../infrastructure/market_data/recording.ts";

/** How price moves inside a candle, named beside every figure (L-1.4). */
export type PathKind = "seeded" | "ohlc" | "olhc" | "worst" | "best";
/** When a resting limit fills: the price must trade beyond it, or only at it (L-1.3). */
export type FillRule = "through" | "touch";

/** One-minute candles as they are shared between workers; prices in 0.01 USD. */
export type LabCandles = MinuteBars & {
  /** Price step that every candle lies on, 0.01 USD. */
  readonly tickCents: number;
  /** First 16 hex digits of the SHA-256 of the candles, not of the file. */
  readonly dataHash: string;
  readonly file: string;
};

export type RunOptions = {
  /** Skip candles in which nothing can be decided (L-1.2); false is the oracle. */
  readonly skip: boolean;
  /** `lift`: a lab operator lifts every HALT at the next 00:00 UTC; `stop`: the live course (L-1.1). */
  readonly halts: "lift" | "stop";
  readonly fill: FillRule;
  /** What the account holds at the start, USD at the first price. */
  readonly walletUsd: number;
  /** Fill price of stops and market orders is worse than the quote by this. */
  readonly slippageBps: number;
  /** Keep order intents for the comparison with `--no-skip`. */
  readonly keepIntents: boolean;
  /** Called once a day of the window with the moment reached, UTC ms. */
  readonly onDay?: (at: number) => void;
};

/** One closed trade of a candidate. Prices in USD; money as named; times UTC ms. */
export type LabTrade = {
  readonly signalId: string;
  readonly side: "long" | "short";
  readonly openedAt: number;
  readonly closedAt: number;
  readonly entryPrice: number;
  readonly exitPrice: number;
  readonly contracts: number;
  /** Result in units of the planned loss; null when the trade had no plan. */
  readonly r: number | null;
  readonly netPicoBtc: number;
  readonly netUsd: number;
  readonly feesUsd: number;
  readonly slippageUsd: number;
  readonly fundingUsd: number;
  readonly exitReason: string;
  readonly regime: string;
  readonly stage: number;
  /** Worst and best excursion while open, in units of the planned loss (mae <= 0 <= mfe). */
  readonly mae: number;
  readonly mfe: number;
};

/** One UTC day of a candidate; days without a trade are there with r 0. */
export type DayResult = {
  /** YYYY-MM-DD */
  readonly day: string;
  /** Sum of R of the trades that closed in it. */
  readonly r: number;
  readonly trades: number;
  /** A HALT stood for some of this day. */
  readonly blocked: boolean;
  /** Equity at the end of the day, USD, and the price then. */
  readonly equityUsd: number;
  readonly closeUsd: number;
};

export type HaltSeen = { readonly reason: string; readonly at: number };

export type Candidate = {
  readonly config: Config;
  readonly candles: LabCandles;
  /** UTC ms, whole minutes; warm-up comes from before `from` (L-1.5). */
  readonly from: number;
  readonly to: number;
  readonly path: PathKind;
  readonly seed: number;
  readonly options: RunOptions;
};

export type CandidateResult = {
  readonly trades: readonly LabTrade[];
  /** The same trades as the core recorded them, without their gates (P-13). */
  readonly records: readonly TradeRecord[];
  readonly days: readonly DayResult[];
  readonly halts: readonly HaltSeen[];
  /** The public word at the end. */
  readonly finalState: string;
  /** SHA-256 (16 hex digits) over all trade records in order. */
  readonly fingerprint: string;
  readonly netUsd: number;
  /** What holding the account's BTC untouched would have brought, USD. */
  readonly holdUsd: number;
  /** Candles played and candles of them skipped. */
  readonly candles: number;
  readonly skipped: number;
  /** Order intents as text lines, when asked for. */
  readonly intents: readonly string[];
};

/**
 * One line of results.jsonl, in candidate order, without times and workers (L-3.3). `days` covers every UTC day of the
 * window, one row a day: R, trades, blocked (0 or 1); the first row is `first_day`.
 */
export type ResultLine = {
  readonly index: number;
  /** The searched keys and their values. */
  readonly keys: Readonly<Record<string, number | string | boolean>>;
  readonly config_hash: string;
  readonly data_hash: string;
  readonly core_hash: string;
  readonly seed: number;
  readonly trades: number;
  readonly wins: number;
  readonly mean_r: number | null;
  readonly sum_r: number;
  /** Spread of R over trades; null with fewer than two. */
  readonly sd_r?: number | null;
  readonly net_usd: number;
  readonly hold_usd: number;
  readonly halts: readonly (readonly [reason: string, count: number])[];
  readonly final_state: string;
  readonly fingerprint: string;
  readonly first_day: string;
  readonly days: readonly (readonly [r: number, trades: number, blocked: 0 | 1])[];
};
