import type { Config } from "../../domain/limits.ts";
import { emptyObservation } from "../../domain/market.ts";
import type { Bot } from "../../domain/state.ts";
import { epochMs } from "../../domain/units.ts";
import { emptyBarSeries } from "../policy/entry/atr.ts";
import { emptyCapital } from "../policy/money/capital.ts";
import { emptyEquityWatch, emptyWalletWatch } from "../policy/risk/emergency.ts";
import { emptyEvaluations } from "../policy/entry/entry_allowed.ts";
import { emptyFeeState } from "../policy/entry/fee_verification.ts";
import { emptyGoal } from "../policy/risk/goal.ts";
import { emptyMakerState } from "../policy/entry/maker_timeout.ts";
import { emptyMetrics } from "../policy/risk/metrics_tracker.ts";
import { emptyPriceRing } from "../policy/risk/price_ring.ts";
import { emptyRejections } from "../policy/risk/rejection_breaker.ts";
import { emptySessionRisk } from "../policy/risk/session_risk.ts";
import { emptySignalState } from "../policy/entry/signal_generator.ts";
import { emptyStageState } from "../policy/entry/stage.ts";
import { freshSchedule } from "./reconcile/schedule.ts";

const NEVER = epochMs(0);

/** A bot that has seen nothing: flat, not started, refusing entries until Boot has run its course. */
export function initialBot(options: { readonly config: Config; readonly accountUid: string }): Bot {
  return {
    schema: 1,
    config: options.config,
    accountUid: options.accountUid,
    now: NEVER,
    phase: { kind: "flat", since: NEVER },
    halt: null,
    blocks: [{ reason: "starting", class: "COOLDOWN", since: NEVER, until: null, stableSince: null }],
    degradedSince: null,
    healthySince: null,
    orders: [],
    past: [],
    ledger: {
      net: 0,
      openValue: 0,
      seen: [],
      floorAt: NEVER,
      lastExecAt: null,
      lastSeq: null,
      lastAppliedAt: null,
      owed: null,
    },
    trade: null,
    closedTrade: null,
    lastTradeId: null,
    market: { seen: emptyObservation, at: null },
    vitals: null,
    privateStream: { status: "connecting", since: NEVER, reopenedAt: null },
    publicStream: { status: "connecting", since: NEVER, reopenedAt: null },
    reconcile: NO_LOOKS,
    account: NO_ACCOUNT,
    boot: NOT_STARTED,
    schedule: freshSchedule(0),
    operator: { killPresent: false, shutdownAt: null, journalFailed: false, entryTimes: [], autoReleases: [] },
    evaluation: emptyEvaluations,
    recent: [],
    prices: emptyPriceRing,
    hours: emptyBarSeries,
    days: emptyBarSeries,
    signal: emptySignalState,
    stage: emptyStageState,
    maker: emptyMakerState,
    rejections: emptyRejections,
    risk: emptySessionRisk,
    metrics: emptyMetrics,
    capital: emptyCapital,
    equityWatch: emptyEquityWatch,
    walletWatch: emptyWalletWatch,
    goal: emptyGoal,
    fees: emptyFeeState,
    credentialRefusals: 0,
    tradesTotal: 0,
  };
}

const NO_LOOKS: Bot["reconcile"] = {
  positionAskedAt: null,
  ordersAskedAt: null,
  nextAt: NEVER,
  ordersNext: false,
  mismatches: 0,
  mismatchSince: null,
  pausedUntil: null,
  lastPrivateAt: null,
  positionSeq: null,
  positionUpdatedAt: null,
  executionsAskedAt: null,
  gapAt: null,
  positionAnsweredAt: null,
  ordersAnsweredAt: null,
  executionsAnsweredAt: null,
  answeredAt: null,
  zeroSeenAt: null,
  noOrdersSeenAt: null,
  executionsSince: NEVER,
  agreedAt: null,
};

const NO_ACCOUNT: Bot["account"] = {
  instrument: null,
  riskTier: null,
  wallet: null,
  walletAt: null,
  leverageE2: null,
  leverageSetAt: null,
  leverageRestoredAt: null,
  liqPrice: null,
  maintenance: null,
  keyDaysLeft: null,
  filtersChanged: false,
  uid: null,
};

const NOT_STARTED: Bot["boot"] = {
  disagreements: 0,
  startedAt: null,
  restart: false,
  pending: [],
  stage: "idle",
  retryAt: null,
  net: null,
  price: null,
  seq: null,
  positionSeen: false,
  ordersSeen: false,
  executionsSeen: false,
  clockJudged: false,
};
