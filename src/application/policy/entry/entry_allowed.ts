import type { RefusalCode } from "../../../domain/words.ts";
import type { Config, StageConfig } from "../../../domain/limits.ts";
import type { Block, HaltReason } from "../../../domain/halts_and_blocks.ts";
import type { Instrument, RiskTier } from "../../../domain/market.ts";
import type { Approved, Direction, OrderTicket } from "../../../domain/orders.ts";
import type { Evaluations } from "../../../domain/state.ts";
import type { EvaluationRecord, GateResult } from "../../../domain/records.ts";
import {
  type EpochMs,
  type MicroUsd,
  type PicoBtc,
  picoBtc,
  type PriceCents,
  type RateE8,
  type UsdContracts,
} from "../../../domain/units.ts";
import { entryLinkId } from "../../../domain/ids.ts";
import { ONE_E8 } from "../../../domain/inverse.ts";
import { atrGrid, atrPct24h, type BarSeries } from "./atr.ts";
import {
  type EntryRoles,
  limitsGate,
  makerGate,
  marketGate,
  modeGate,
  plannedRoles,
  type Quote,
  stageGate,
  stateGate,
  valueGate,
  winrateGate,
} from "./entry_gates.ts";
import { currentRates, type FeeState, feesTight } from "./fee_verification.ts";
import { type MakerState, takerQuotaLeft, takerWanted } from "./maker_timeout.ts";
import { marketRegime } from "./market_regime.ts";
import { type MetricsState, sizeMultiplier } from "../risk/metrics_tracker.ts";
import {
  gridSpacing,
  gridSpacingPct,
  makerPrice,
  nextSignal,
  type Signal,
  signalDirection,
  type SignalState,
  takerPrice,
  targetDistance,
} from "./signal_generator.ts";
import { FALLBACK_TICK, sizeEntry, type Sizing, stopDistance } from "./sizing.ts";
import { foldStage, leverageE2, type Stage, stageConfig, type StageState } from "./stage.ts";
import { dryRunFull } from "./dry_run.ts";

/** Everything one entry evaluation reads; a view the caller makes of the bot (P-4). */
export type EntryInput = {
  readonly now: EpochMs;
  readonly config: Config;
  readonly halt: HaltReason | null;
  readonly killSwitch: boolean;
  readonly blocks: readonly Block[];
  readonly emergencyBlock: boolean;
  readonly degraded: boolean;
  readonly phaseFlat: boolean;
  readonly ordersClean: boolean;
  readonly marketStale: boolean;
  readonly reconnectLoop: boolean;
  readonly hedgeMode: boolean;
  readonly confirmedLeverageE2: number | null;
  readonly tradesToday: number;
  readonly tradesTotal: number;
  readonly quote: Quote;
  readonly hours: BarSeries;
  readonly days: BarSeries;
  readonly equityBtc: PicoBtc | null;
  readonly equityUsd: MicroUsd | null;
  readonly freeBtc: PicoBtc | null;
  readonly instrument: Instrument | null;
  readonly tier: RiskTier | null;
  readonly stage: StageState;
  readonly signals: SignalState;
  readonly fees: FeeState;
  readonly maker: MakerState;
  readonly metrics: MetricsState;
};

/** What the entry phase and the later position need to know of an approved entry. */
export type EntryPlan = {
  readonly signal: Signal;
  readonly direction: Direction;
  readonly stage: Stage;
  readonly leverageE2: number;
  readonly contracts: UsdContracts;
  readonly price: PriceCents;
  /** Stop distance as RateE8 (F-5.2). */
  readonly distance: RateE8;
  readonly maxLoss: PicoBtc;
  readonly spacing: PriceCents;
  readonly roles: EntryRoles;
  readonly exitOrder: StageConfig["exit_order"];
};

export type Evaluation = {
  readonly at: EpochMs;
  /** First refusing code; null = `approved` is there. */
  readonly refusal: RefusalCode | null;
  readonly signal: Signal | null;
  readonly gates: readonly GateResult[];
  readonly sizing: Sizing | null;
  readonly approved: { readonly ticket: Approved<OrderTicket>; readonly plan: EntryPlan } | null;
  /** To be kept by the caller: the stage after this evaluation, and its anti-flap block. */
  readonly stage: StageState;
  readonly stageBlock: Block | null;
  /** Leverage × 100 the venue must confirm before an entry (F-12.8). */
  readonly wantedLeverageE2: number;
};

/** Refusal of an evaluation in which every gate passes but price is not beyond the grid (P-5). */
export const NO_SIGNAL = "no_signal";
const NOTHING_FREE = picoBtc(0);

/** Values every gate and the sizing share, computed once. */
type Context = {
  readonly signal: Signal | null;
  readonly stage: Stage;
  readonly stageConfig: StageConfig;
  readonly flaps: Block | null;
  readonly leverageE2: number;
  readonly tight: boolean;
  readonly roles: EntryRoles;
  readonly multiplier: number;
  readonly spacingPct: number | null;
  readonly price: PriceCents | null;
};

function signalOf(input: EntryInput): Signal | null {
  const { config, quote } = input;
  if (quote.last === null) return null;
  return nextSignal(input.signals, {
    now: input.now,
    last: quote.last,
    atr: atrGrid(input.hours),
    regime: marketRegime(input.hours, config.strategy),
    strategyName: config.strategy_name,
  }, config.strategy);
}

function entryPrice(input: EntryInput, plan: { readonly signal: Signal; readonly roles: EntryRoles }) {
  const tick = input.instrument?.tickCents ?? FALLBACK_TICK;
  const quotes = { bid: input.quote.bid, ask: input.quote.ask, tick };
  return plan.roles.entryRole === "maker"
    ? makerPrice(plan.signal, quotes)
    : takerPrice(plan.signal.side, quotes, input.config.entry);
}

function contextOf(input: EntryInput): { readonly context: Context; readonly stage: StageState } {
  const { config, quote } = input;
  const signal = signalOf(input);
  const judged = input.equityUsd === null
    ? { state: input.stage, stage: input.stage.candidate ?? 1, block: null }
    : foldStage(input.stage, { equity: input.equityUsd, hasSignal: signal !== null, now: input.now }, config.stages);
  const column = stageConfig(config.stages, judged.stage);
  const tight = feesTight(input.fees, input.now);
  const fallback = signal !== null && takerWanted(input.maker, signal.signalId, config.entry);
  const roles = plannedRoles(column, { tight, fallback });
  const spacingPct = quote.last === null
    ? null
    : gridSpacingPct(gridSpacing(atrGrid(input.hours), config.strategy), quote.last);
  const context: Context = {
    signal,
    stage: judged.stage,
    stageConfig: column,
    flaps: judged.block,
    leverageE2: leverageE2(config.stages, judged.stage),
    tight,
    roles,
    multiplier: sizeMultiplier(input.metrics, tight, config),
    spacingPct,
    price: signal === null ? null : entryPrice(input, { signal, roles }),
  };
  return { context, stage: judged.state };
}

function sizingOf(input: EntryInput, context: Context): Sizing | null {
  const { signal, price } = context;
  if (signal === null || price === null || input.equityBtc === null) return null;
  return sizeEntry({
    direction: signalDirection(signal),
    entry: price,
    spacingPct: context.spacingPct,
    equity: input.equityBtc,
    // Unknown free margin is none: "" is not available, never a guess (F-4.8).
    free: input.freeBtc ?? NOTHING_FREE,
    stage: context.stageConfig,
    leverageE2: context.leverageE2,
    rates: currentRates(input.fees, input.config.fees),
    entryRole: context.roles.entryRole,
    exitRole: context.roles.exitRole,
    multiplier: context.multiplier,
    maxContracts: input.config.entry.max_contracts,
    instrument: input.instrument,
    tier: input.tier,
  }, input.config.sizing);
}

function gatesOf(input: EntryInput, context: Context, sizing: Sizing | null): readonly GateResult[] {
  const { config } = input;
  const distance = stopDistance(context.spacingPct, config.sizing);
  const contracts = sizing?.contracts ?? null;
  const { stageConfig: column, tight, roles } = context;
  return [
    stateGate(input, context.leverageE2),
    limitsGate({
      blocks: input.blocks,
      tradesToday: input.tradesToday,
      maxTradesPerDay: column.max_trades_per_day,
      reconnectLoop: input.reconnectLoop,
      dryRunFull: dryRunFull(input.tradesTotal, config.dry_run),
    }),
    stageGate({
      blocks: input.blocks,
      flapsNow: context.flaps !== null,
      stage: context.stage,
      leverageE2: context.leverageE2,
      stageConfig: column,
    }),
    marketGate({
      quote: input.quote,
      atrPct: atrPct24h(input.days),
      atrKnown: input.hours.atr !== null,
      atrMinPct: column.atr_pct_24h_min,
      distancePct: distance === null ? null : (distance * 100) / ONE_E8,
      direction: context.signal === null ? null : signalDirection(context.signal),
      contracts,
    }, config.entry),
    valueGate({
      targetPct: context.spacingPct === null ? null : targetDistance(context.spacingPct, config.strategy),
      contracts,
      roles,
      rates: currentRates(input.fees, config.fees),
      stage: column,
      tight,
    }, config),
    makerGate({ roles, stage: column, tight, quotaLeft: takerQuotaLeft(input.maker, input.now, config.entry) }),
    winrateGate(input.metrics, { multiplier: context.multiplier, limits: config.performance }),
    modeGate(input.hedgeMode),
  ];
}

function refusalOf(gates: readonly GateResult[], context: Context, sizing: Sizing | null): RefusalCode | null {
  for (const result of gates) if (result.code !== null) return result.code;
  if (context.signal === null) return NO_SIGNAL;
  // Without a price or equity gate 1 has refused already; nothing is sent that was not sized.
  return sizing === null ? "market_data_stale" : sizing.code;
}

/** The one place that lets an order ticket become an approved one: no gate and no sizing code refused (P-4). */
function isApproved(ticket: OrderTicket, refusal: RefusalCode | null): ticket is Approved<OrderTicket> {
  return refusal === null && ticket.contracts > 0;
}

function approve(
  context: Context,
  found: { readonly sizing: Sizing | null; readonly refusal: RefusalCode | null },
): Evaluation["approved"] {
  const { signal, price, roles } = context;
  const { sizing, refusal } = found;
  if (signal === null || price === null || sizing === null) return null;
  const ticket: OrderTicket = {
    orderLinkId: entryLinkId(signal.signalId, signal),
    side: signal.side,
    contracts: sizing.contracts,
    orderType: "Limit",
    price,
    timeInForce: roles.entryRole === "maker" ? "PostOnly" : "IOC",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
  };
  const plan: EntryPlan = {
    signal,
    direction: signalDirection(signal),
    stage: context.stage,
    leverageE2: context.leverageE2,
    contracts: sizing.contracts,
    price,
    distance: sizing.distance,
    maxLoss: sizing.maxLoss,
    spacing: signal.spacing,
    roles,
    exitOrder: context.stageConfig.exit_order,
  };
  return isApproved(ticket, refusal) ? { ticket, plan } : null;
}

/** Judges one entry opportunity: sizing first, all eight gates, the first refusal in the order of P-4 wins. */
export function evaluateEntry(input: EntryInput): Evaluation {
  const { context, stage } = contextOf(input);
  const sizing = sizingOf(input, context);
  const gates = gatesOf(input, context, sizing);
  const refusal = refusalOf(gates, context, sizing);
  return {
    at: input.now,
    refusal,
    signal: context.signal,
    gates,
    sizing,
    approved: approve(context, { sizing, refusal }),
    stage,
    stageBlock: context.flaps,
    wantedLeverageE2: context.leverageE2,
  };
}

/** Nothing recorded yet. */
export const emptyEvaluations: Evaluations = { lastRefusal: null, lastSignalId: null, recordedAt: null, repeated: 0 };
const RECORD_EVERY_MS = 60_000;

/**
 * Records an evaluation when there is a new signal, when the first refusing code changes, whenever one is approved, and once
 * a minute (P-4). A signal that stands under a block is counted: each tick of it would fill the journal's day (P-14).
 */
export function foldEvaluation(
  log: Evaluations,
  evaluation: Evaluation,
): { readonly log: Evaluations; readonly record: EvaluationRecord | null } {
  const { signal, refusal } = evaluation;
  const due = log.recordedAt === null || evaluation.at - log.recordedAt >= RECORD_EVERY_MS ||
    (signal !== null && signal.signalId !== log.lastSignalId) || refusal !== log.lastRefusal ||
    evaluation.approved !== null;
  if (!due) return { log: { ...log, repeated: log.repeated + 1 }, record: null };
  const record: EvaluationRecord = {
    type: "evaluation",
    at: evaluation.at,
    refusal,
    repeated: log.repeated,
    signal: signal === null ? null : { signalId: signal.signalId, side: signal.side },
    gates: evaluation.gates,
    sizing: sizingRecord(evaluation),
  };
  const lastSignalId = signal === null ? log.lastSignalId ?? null : signal.signalId;
  return { log: { lastRefusal: refusal, lastSignalId, recordedAt: evaluation.at, repeated: 0 }, record };
}

function sizingRecord(evaluation: Evaluation): EvaluationRecord["sizing"] {
  const { sizing } = evaluation;
  if (sizing === null) return {};
  return {
    code: sizing.code,
    contracts: sizing.contracts,
    by_loss: sizing.byLoss,
    by_margin: sizing.byMargin,
    stop_distance_e8: sizing.distance,
    stop_price_cents: sizing.stopPrice,
    max_loss_pico: sizing.maxLoss,
    worst_loss_pico: sizing.worstLoss,
    liquidation_cents: sizing.liquidation?.liqPrice ?? null,
    liquidation_distance_e8: sizing.liquidation?.distance ?? null,
    liquidation_required_e8: sizing.liquidation?.required ?? null,
  };
}
