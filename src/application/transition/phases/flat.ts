import type { ClosedBy } from "../../../domain/words.ts";
import { POLICY_VERSION } from "../../../domain/limits.ts";
import type { Bot, Position, TradeBook } from "../../../domain/state.ts";
import type { Plan } from "../../../domain/plan.ts";
import { type EpochMs, picoBtc, priceCents } from "../../../domain/units.ts";
import { freeBtc } from "../../policy/money/capital.ts";
import { type EntryInput, evaluateEntry, type Evaluation, foldEvaluation } from "../../policy/entry/entry_allowed.ts";
import { foldTakerSent } from "../../policy/entry/maker_timeout.ts";
import { marketRegime } from "../../policy/entry/market_regime.ts";
import { cancelOrder, newOrder, register } from "../orders/order_table.ts";
import { reconnectLoop } from "../../policy/risk/session_risk.ts";
import { foldAnchor, foldEntrySent, targetDistance } from "../../policy/entry/signal_generator.ts";
import { armNow, entryConfig } from "../experiment.ts";
import { block, type Draft, emit, halt, isBlocked, later, positionOf, type Step, unblock } from "../step.ts";
import { closedByFill } from "../../policy/money/trade_book.ts";
import { awaitsExecutions, closeTrade, equityOf, takeBlocks } from "../ledger/money.ts";
import { askOrders, askPosition, cleanupPeriodMs, lookNow } from "../asking.ts";

const HOUR_MS = 3_600_000;
/** A leverage change without a confirmed read is tried again after this (F-12.8). */
const LEVERAGE_RETRY_MS = 5_000;

/** Quantity is zero: the trade is closed, what is left of own orders goes, entries wait (F-1.19, F-1.22, F-6.8). */
export function goFlat(step: Step): void {
  const position = positionOf(step.bot);
  if (position === null) return;
  keepClocks(step, position);
  closeTrade(step, exitReason(step.bot.trade, position));
  step.bot.phase = { kind: "flat", since: step.at };
  if (step.bot.orders.length === 0) return;
  for (const order of step.bot.orders) if (order.role !== "stop") cancelOrder(step, order.id);
  lookNow(step, { protective: false });
}

/** The clocks of P-13 end with the position. */
function keepClocks(step: Step, position: Position): void {
  const { bot, at } = step;
  if (bot.trade === null) return;
  const running = (since: EpochMs | null) => since === null ? 0 : at - since;
  bot.trade = {
    ...bot.trade,
    stopPrice: position.stop.wantedTrigger,
    nakedMs: position.nakedMs + running(position.nakedSince),
    uncoveredMs: position.uncoveredMs + running(position.uncoveredSince),
  };
}

/** What closed the trade: the role of its last fill, or the reason the exit was decided for (F-6.1). */
function exitReason(book: TradeBook | null, position: Position): ClosedBy {
  return closedByFill(book) ?? position.closing?.reason ?? (position.overflow.done ? "size_overflow" : "reconciled");
}

/** Own orders in flat: cancelled, stops only after a read newer than the last execution shows 0 (F-4.3, F-6.8). */
export function manageCleanup(step: Step): void {
  const { bot } = step;
  if (bot.phase.kind !== "flat") return;
  if (bot.orders.length > 0 && !isBlocked(bot, "order_cleanup")) block(step, { reason: "order_cleanup", until: null });
  if (!isBlocked(bot, "order_cleanup")) return;
  const { zeroSeenAt, noOrdersSeenAt, positionAskedAt, ordersAskedAt } = bot.reconcile;
  const since = Math.max(bot.phase.since, bot.ledger.lastAppliedAt ?? 0);
  const zero = zeroSeenAt !== null && zeroSeenAt >= since;
  for (const order of bot.orders) if (order.role !== "stop" || zero) cancelOrder(step, order.id);
  if (bot.orders.length === 0 && zero && noOrdersSeenAt !== null && noOrdersSeenAt >= since) {
    return unblock(step, "order_cleanup");
  }
  const period = cleanupPeriodMs(bot);
  const due = (asked: EpochMs | null) => asked === null || step.at - asked >= period;
  if (!zero && due(positionAskedAt)) askPosition(step, false);
  if (bot.orders.length === 0 && zero && due(ordersAskedAt)) askOrders(step, false);
}

function inputOf(bot: Bot, phaseFlat: boolean): EntryInput {
  const equity = equityOf(bot);
  const { wallet } = bot.account;
  return {
    now: bot.now,
    config: entryConfig(bot),
    halt: bot.halt?.reason ?? null,
    killSwitch: bot.operator.killPresent,
    blocks: bot.blocks,
    emergencyBlock: isBlocked(bot, "latency"),
    degraded: bot.degradedSince !== null,
    phaseFlat,
    ordersClean: bot.orders.length === 0 && !awaitsExecutions(bot),
    marketStale: isBlocked(bot, "market_data_stale"),
    reconnectLoop: reconnectLoop(bot.risk, bot.now, bot.config.runtime),
    hedgeMode: bot.halt?.reason === "hedge_mode_detected",
    confirmedLeverageE2: bot.account.leverageSetAt === null ? bot.account.leverageE2 : null,
    tradesToday: bot.risk.tradesToday,
    tradesTotal: bot.tradesTotal,
    quote: bot.market.seen,
    hours: bot.hours,
    days: bot.days,
    equityBtc: equity.btc,
    equityUsd: equity.usd,
    freeBtc: wallet === null ? null : freeBtc(wallet),
    instrument: bot.account.instrument,
    tier: bot.account.riskTier,
    stage: bot.stage,
    signals: bot.signal,
    fees: bot.fees,
    maker: bot.maker,
    metrics: bot.metrics,
  };
}

/** What an entry would be told now; changes nothing. For who watches (M-1.2). */
export function entryNow(bot: Bot): Evaluation {
  return evaluateEntry(inputOf(bot, bot.phase.kind === "flat"));
}

/**
 * Step 5 of F-3: signal → gates → sizing → order; only in flat, only on a tick. A step in which the phase became or left
 * flat records `state_not_flat` and enters nothing (P-4). No event moves both the phase and the clock (ADR 0012), so no
 * run gets there; the rule is kept for a core in which one does.
 */
export function evaluate(step: Step): void {
  const { before, bot } = step;
  if (step.kind !== "Tick" || bot.boot.stage === "idle") return;
  const wasFlat = before.phase.kind === "flat";
  const isFlat = bot.phase.kind === "flat";
  if (!wasFlat && !isFlat) return;
  anchor(bot, step.at);
  const evaluation = evaluateEntry(inputOf(bot, wasFlat && isFlat));
  bot.stage = evaluation.stage;
  takeBlocks(step, [evaluation.stageBlock]);
  const logged = foldEvaluation(bot.evaluation, evaluation);
  bot.evaluation = logged.log;
  const arm = armNow(bot);
  const record = logged.record === null || arm === null ? logged.record : { ...logged.record, arm };
  if (record !== null) emit(step, { kind: "Record", record });
  if (!isFlat) return;
  setLeverage(step, evaluation.wantedLeverageE2);
  if (evaluation.approved !== null) enter(step, evaluation, evaluation.approved);
}

/** The grid's reference price: the first one after warm-up, and a new one when the old has aged (P-5). */
function anchor(bot: Draft, now: EpochMs): void {
  const { last } = bot.market.seen;
  if (last === null || bot.boot.stage !== "done" || isBlocked(bot, "market_data_stale")) return;
  bot.signal = foldAnchor(bot.signal, { last, now, warm: bot.hours.atr !== null }, entryConfig(bot).strategy);
}

/** Leverage only in flat with no own order; then read back, and only a later tick may enter (F-12.8). */
function setLeverage(step: Step, wanted: number): void {
  const { bot } = step;
  if (bot.boot.stage !== "done" || bot.orders.length > 0 || bot.account.leverageE2 === wanted) return;
  if (step.at < bot.schedule.leverageAt || bot.halt !== null) return;
  bot.schedule = { ...bot.schedule, leverageAt: later(step.at, LEVERAGE_RETRY_MS) };
  bot.account = { ...bot.account, leverageSetAt: step.at };
  emit(step, { kind: "SetLeverage", leverageE2: wanted });
}

function planOf(bot: Bot, evaluation: Evaluation, approved: NonNullable<Evaluation["approved"]>): Plan {
  const { plan, ticket } = approved;
  const { bid, ask, mark, index, fundingRate } = bot.market.seen;
  const arm = armNow(bot);
  return {
    signalId: plan.signal.signalId,
    side: ticket.side,
    direction: plan.direction,
    entryId: ticket.orderLinkId,
    contracts: ticket.contracts,
    price: plan.price,
    decidedAt: bot.now,
    taker: plan.roles.entryRole === "taker",
    fallback: plan.roles.fallback,
    signalEndsAt: plan.signal.endsAt,
    gridLine: plan.signal.gridLine,
    stage: plan.stage,
    policyVersion: POLICY_VERSION,
    leverageE2: plan.leverageE2,
    stopDistance: plan.distance,
    targetOffset: priceCents(Math.round(targetDistance(plan.spacing, entryConfig(bot).strategy))),
    exitOrder: plan.exitOrder,
    maxLoss: plan.maxLoss,
    equityBefore: equityOf(bot).btc ?? picoBtc(0),
    regime: marketRegime(bot.hours, entryConfig(bot).strategy),
    gates: evaluation.gates,
    bestOpposite: ticket.side === "Buy" ? ask : bid,
    index,
    fundingRate,
    bid,
    ask,
    mark,
    ...(arm === null ? {} : { arm }),
  };
}

function enter(step: Step, evaluation: Evaluation, approved: NonNullable<Evaluation["approved"]>): void {
  const { bot } = step;
  const { ticket, plan } = approved;
  const recent = bot.operator.entryTimes.filter((time) => step.at - time < HOUR_MS);
  if (recent.length >= bot.config.safety.max_orders_per_hour) {
    bot.operator = { ...bot.operator, entryTimes: recent };
    return halt(step, {
      reason: "order_rate_runaway",
      detail:
        `${recent.length} risk-increasing orders within an hour, at most ${bot.config.safety.max_orders_per_hour}`,
    });
  }
  bot.operator = { ...bot.operator, entryTimes: [...recent, step.at] };
  const full = planOf(bot, evaluation, approved);
  bot.signal = foldEntrySent(bot.signal, plan.signal);
  if (plan.roles.fallback) bot.maker = foldTakerSent(bot.maker, step.at);
  register(
    step,
    newOrder({
      ticket,
      role: "entry",
      trade: full.signalId,
      generation: plan.signal.generation,
      at: step.at,
      reference: full.bestOpposite,
      plan: full,
    }),
  );
  bot.phase = { kind: "entry", since: step.at, plan: full, recoveries: 0 };
  emit(step, { kind: "PlaceEntry", ticket });
  step.causes.push(`entry ${full.signalId}`);
}
