import { judgePositionRow } from "../../policy/risk/emergency.ts";
import { plausibleOrder, plausiblePosition } from "../../policy/risk/plausible.ts";
import {
  askExecutions,
  askOrders,
  askPosition,
  changeLooks,
  cleanupPeriodMs,
  isUncovered,
  lookSoon,
  lookWithin,
  SIGN_MS,
} from "../asking.ts";
import { overrideQuantity } from "../ledger/execution_ledger.ts";
import { takeOrderRow } from "../ledger/fills.ts";
import { takeHalt, writeTrade } from "../ledger/money.ts";
import { clearMisses, questionListed, takeMissing } from "../orders/evidence.ts";
import { isOpen, lookUp } from "../orders/order_table.ts";
import { isRoutine, nextReadAt, readIsDue } from "./read_times.ts";
import { block, halt, isBlocked, later, positionOf, type Step, unblock } from "../step.ts";
import type { EventOf } from "../../../domain/events.ts";
import type { OrderRow, PositionRow } from "../../../domain/orders.ts";
import type { Bot } from "../../../domain/state.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";

/** A disagreement that nothing explains halts after this (F-4.3). */
const DISAGREEMENT_MS = 30_000;

/** A disagreement that lasts is looked at less often: looks a second for ever would eat the budget (F-7.10). */
const QUICK_LOOKS = 10;

const SLOW_LOOK_MS = 5_000;

/** While the venue disagrees, one look in three also reads executions: both every second would break the budget. */
const EXECUTIONS_EVERY = 3;

/** Lists lag by three seconds at most (SIGN_MS): what looks show for so long is no past. */
const NOTHING_MS = 10_000;

/** So long a start asks again when REST shows the past; what it shows then is what there is. */
const PAST_ROWS_MS = 10_000;

/** A list of orders may lag the stream this much: one it does not show yet is no reason for a look of four requests. */
const REST_LAG_MS = 2_000;

/** What two looks may come closer together by the way they took. */
const LOOK_JITTER_MS = 300;

/** Signed quantity of a position row. */
export function netContractsOf(row: PositionRow): number {
  return row.side === null ? 0 : row.side === "Buy" ? row.size : -row.size;
}

/** What a position row says beside quantity: mode, warning, leverage, liquidation price (F-7.6, F-7.11, F-12.8). */
export function takePositionFacts(step: Step, row: PositionRow): void {
  takeHalt(step, judgePositionRow(row));
  const { account } = step.bot;
  if (account.leverageE2 === row.leverageE2 && account.liqPrice === row.liqPrice) return;
  step.bot.account = { ...account, leverageE2: row.leverageE2 ?? account.leverageE2, liqPrice: row.liqPrice };
}

/**
 * A streamed row: never quantity; smaller `seq` is ignored, a disagreement asks REST (F-4.2, F-1.29). One that tells
 * nothing new comes with a change of an order: if the order's own message was lost, a look finds it (F-2.1, F-4.5).
 */
export function takePositionSeen(step: Step, row: PositionRow): void {
  const { positionSeq } = step.bot.reconcile;
  if (row.seq !== null && positionSeq !== null && row.seq < positionSeq) return;
  const looks = changeLooks(step);
  looks.positionSeq = row.seq ?? positionSeq;
  looks.positionUpdatedAt = row.updatedAt;
  looks.lastPrivateAt = step.at;
  takePositionFacts(step, row);
  if (netContractsOf(row) !== step.bot.ledger.net) lookSoon(step);
  else if (positionOf(step.bot) !== null) lookWithin(step, SIGN_MS);
}

/** The REST position: the final truth, with hysteresis and explanation (F-4.3). */
export function takePositionAnswer(step: Step, event: EventOf<"PositionAnswer">): void {
  if (event.result.kind === "failed") return;
  const row = plausiblePosition(event.result.position);
  const { askedAt } = event;
  const looks = changeLooks(step);
  looks.answeredAt = step.at;
  looks.positionAnsweredAt = askedAt;
  takePositionFacts(step, row);
  confirmLeverage(step, row, askedAt);
  const net = netContractsOf(row);
  if (net === 0 && !isOlder(step.bot, row)) looks.zeroSeenAt = askedAt;
  if (confirmsTurn(step.bot, row)) looks.turnSeenAt = askedAt;
  if (step.bot.boot.stage === "idle" || step.bot.boot.stage === "venue") return takeBootPosition(step, row);
  const { lastPrivateAt, pausedUntil } = looks;
  if (lastPrivateAt !== null && lastPrivateAt >= askedAt) return;
  if (net === step.bot.ledger.net) return agree(step, askedAt);
  if (pausedUntil !== null && step.at < pausedUntil) return;
  disagree(step, { row, net });
}

/** True for a read that shows the side of the ledger while a stop against the other side still stands (F-1.27). */
function confirmsTurn(bot: Bot, row: PositionRow): boolean {
  if (row.side === null || Math.sign(netContractsOf(row)) !== Math.sign(bot.ledger.net) || isOlder(bot, row)) {
    return false;
  }
  return bot.orders.some((order) => order.role === "stop" && order.ticket.side === row.side);
}

/**
 * The picture of the start. A row of the past is asked again at once: it would be adopted as a position (F-4.2).
 * `mismatchSince` keeps since when it shows less than the executions and nothing explains it (F-4.3).
 */
function takeBootPosition(step: Step, row: PositionRow): void {
  const { boot } = step.bot;
  const waited = boot.startedAt === null ? PAST_ROWS_MS : step.at - boot.startedAt;
  if (isOlder(step.bot, row) && netContractsOf(row) !== step.bot.ledger.net && waited < PAST_ROWS_MS) {
    return askPosition(step, true);
  }
  const net = netContractsOf(row);
  const looks = changeLooks(step);
  looks.mismatchSince = lowers(step.bot, net) && !isNewerPosition(step.bot, row)
    ? looks.mismatchSince ?? step.at
    : null;
  step.bot.boot = { ...boot, positionSeen: true, net, price: row.avgPrice, seq: row.seq };
}

/** A row of before the last execution or the last row applied: REST lags, it shows the past (F-4.2). */
function isOlder(bot: Bot, row: PositionRow): boolean {
  if (row.seq === null) return false;
  return row.seq < Math.max(bot.reconcile.positionSeq ?? 0, bot.ledger.lastSeq ?? 0);
}

function confirmLeverage(step: Step, row: PositionRow, askedAt: EpochMs): void {
  const { account } = step.bot;
  if (row.leverageE2 === null || account.leverageSetAt === null || askedAt < account.leverageSetAt) return;
  step.bot.account = { ...account, leverageSetAt: null };
}

function agree(step: Step, askedAt: EpochMs): void {
  const looks = changeLooks(step);
  looks.mismatches = 0;
  looks.mismatchSince = null;
  looks.agreedAt = step.at;
  looks.executionsSince = epochMs(Math.max(looks.executionsSince, askedAt));
  unblock(step, "reconcile");
}

function disagree(step: Step, of: { readonly row: PositionRow; readonly net: number }): void {
  const { runtime } = step.bot.config;
  const looks = changeLooks(step);
  const since = looks.mismatchSince ?? step.at;
  // Looks count a second apart (F-4.3): two that were asked for at once are one, and executions need that time to show.
  const apart = looks.mismatches * (runtime.reconcile_recheck_s * 1000 - LOOK_JITTER_MS);
  if (step.at - since < apart) return;
  const mismatches = looks.mismatches + 1;
  looks.mismatches = mismatches;
  looks.mismatchSince = since;
  looks.nextAt = later(step.at, mismatches < QUICK_LOOKS ? runtime.reconcile_recheck_s * 1000 : SLOW_LOOK_MS);
  block(step, { reason: "reconcile", until: null });
  if (mismatches % EXECUTIONS_EVERY === 1) askExecutions(step, isUncovered(step.bot));
  if (mismatches >= runtime.reconcile_mismatch_confirm && explains(step.bot, of)) {
    const key = String(of.row.openAt ?? of.row.updatedAt ?? step.at);
    return override(step, { net: of.net, price: of.row.avgPrice, seq: of.row.seq, key });
  }
  judgeLasting(step, { since, mismatches });
}

/**
 * More exposure needs no explanation but a row that is not of the past: a lagging read of a position just closed is
 * not a position (F-4.2). Less needs a row newer than the last execution (F-4.3).
 */
function explains(bot: Bot, of: { readonly row: PositionRow; readonly net: number }): boolean {
  return lowers(bot, of.net) ? isNewerPosition(bot, of.row) : !isOlder(bot, of.row);
}

function lowers({ ledger }: Bot, net: number): boolean {
  return ledger.net !== 0 && Math.sign(net) !== -Math.sign(ledger.net) && Math.abs(net) < Math.abs(ledger.net);
}

/** A row of after the last execution applied: it explains that less is held (F-4.3). */
function isNewerPosition({ ledger }: Bot, row: PositionRow): boolean {
  return row.seq !== null && (ledger.lastSeq === null || row.seq > ledger.lastSeq);
}

function override(step: Step, of: Parameters<typeof overrideQuantity>[1]): void {
  const { net } = of;
  const before = step.bot.ledger.net;
  const raises = Math.abs(net) > Math.abs(before) || Math.sign(net) === -Math.sign(before);
  takeOver(step, of);
  const looks = changeLooks(step);
  looks.mismatches = 0;
  looks.mismatchSince = null;
  looks.pausedUntil = later(step.at, step.bot.config.runtime.reconcile_override_pause_s * 1000);
  unblock(step, "reconcile");
  const detail = `the venue holds ${net}, the ledger held ${before}`;
  if (!raises) return;
  halt(step, { reason: before === 0 ? "unexpected_fill" : "foreign_activity", detail });
}

/**
 * A reduce-only order was refused as nothing is open: the venue's own matching, which lags nothing. Beside looks that
 * showed zero for ten seconds and nothing else, it explains that less is held: an execution told by the stream was none
 * (F-4.3). A look that shows a position again takes it over and protects it at once.
 */
export function takeNothingToReduce(step: Step): void {
  takeZero(step, NOTHING_MS);
}

/** A person who looked accepts what the venue shows for as long as F-4.3 halts for: nothing is open. True when it was taken. */
export function acceptZero(step: Step): boolean {
  return takeZero(step, DISAGREEMENT_MS);
}

function takeZero(step: Step, lastingMs: number): boolean {
  const { ledger, reconcile, config } = step.bot;
  const { zeroSeenAt, positionAnsweredAt, mismatches, mismatchSince } = reconcile;
  if (ledger.net === 0 || mismatches < config.runtime.reconcile_mismatch_confirm || mismatchSince === null) {
    return false;
  }
  if (step.at - mismatchSince < lastingMs || zeroSeenAt === null || zeroSeenAt !== positionAnsweredAt) return false;
  if (step.at - zeroSeenAt > NOTHING_MS) return false;
  override(step, { net: 0, price: null, seq: null, key: `nothing-${step.at}` });
  return true;
}

/** REST's position becomes the truth; a trade that waits for its record is not mixed up with what follows (F-4.3, P-1). */
export function takeOver(step: Step, of: Parameters<typeof overrideQuantity>[1]): void {
  writeTrade(step);
  overrideQuantity(step, of);
}

/**
 * F-4.3: kept for 30 s without explanation ⇒ HALT; position and stop stay. Only a look that disagrees can say so: time in
 * which the venue was not asked, or did not answer, is no disagreement.
 */
function judgeLasting(step: Step, of: { readonly since: EpochMs; readonly mismatches: number }): void {
  const lasted = step.at - of.since;
  if (lasted < DISAGREEMENT_MS || of.mismatches < step.bot.config.runtime.reconcile_mismatch_confirm) return;
  halt(step, {
    reason: "position_disagreement",
    detail: `the venue disagrees with ${step.bot.ledger.net} contracts for ${lasted} ms`,
  });
}

/** The venue's open orders: every row is folded; own ones it does not show are looked up, never concluded (F-10.4). */
export function takeOpenOrders(step: Step, event: EventOf<"OpenOrdersAnswer">): void {
  if (event.result.kind === "failed") return;
  const looks = changeLooks(step);
  looks.answeredAt = step.at;
  looks.ordersAnsweredAt = event.askedAt;
  looks.gapAt = null;
  const { orders, unread = [] } = event.result;
  for (const row of orders) takeListed(step, plausibleOrder(row), event.askedAt);
  if (step.bot.boot.stage === "idle" || step.bot.boot.stage === "venue") {
    step.bot.boot = { ...step.bot.boot, ordersSeen: true };
  }
  for (const order of step.bot.orders) {
    if (!isOpen(order) || order.sentAt >= event.askedAt) continue;
    if (isAmong(orders, order.id) || unread.includes(order.id)) continue;
    if (order.rowAt !== null && order.rowAt >= event.askedAt - REST_LAG_MS) {
      lookSoon(step);
      continue;
    }
    // A row without a readable name may be this order: that is no absence.
    if (unread.includes(null)) lookUp(step, order.id);
    else takeMissing(step, order, event.askedAt);
  }
  if (orders.length + unread.length === 0) looks.noOrdersSeenAt = event.askedAt;
}

function takeListed(step: Step, row: OrderRow, askedAt: EpochMs): void {
  if (questionListed(step, row, askedAt)) return;
  takeOrderRow(step, row);
  clearMisses(step, row, askedAt);
}

function isAmong(rows: readonly OrderRow[], id: string): boolean {
  for (const row of rows) if (row.orderLinkId === id) return true;
  return false;
}

export function takeExecutionsAnswer(step: Step, event: EventOf<"ExecutionsAnswer">): void {
  if (event.result.kind === "failed") return;
  const looks = changeLooks(step);
  looks.answeredAt = step.at;
  looks.executionsAnsweredAt = event.askedAt;
  looks.executionsSince = epochMs(Math.max(looks.executionsSince, event.askedAt));
  if (step.bot.boot.stage === "idle" || step.bot.boot.stage === "venue") {
    step.bot.boot = { ...step.bot.boot, executionsSeen: true };
  }
}

/** Period of the looks for the phase (F-4.5). Milliseconds. */
export function reconcilePeriodMs(bot: Bot): number {
  const { runtime } = bot.config;
  const busy = bot.phase.kind !== "flat" || bot.orders.length > 0;
  if (bot.degradedSince !== null && busy) return runtime.reconcile_degraded_s * 1000;
  if (bot.reconcile.mismatches > 0) {
    return bot.reconcile.mismatches < QUICK_LOOKS ? runtime.reconcile_recheck_s * 1000 : SLOW_LOOK_MS;
  }
  switch (bot.phase.kind) {
    case "entry":
    case "exit":
      return runtime.reconcile_pending_s * 1000;
    case "position":
      return runtime.reconcile_position_s * 1000;
    case "flat":
      return isBlocked(bot, "order_cleanup") ? cleanupPeriodMs(bot) : runtime.reconcile_flat_s * 1000;
    default: {
      const never: never = bot.phase;
      return never;
    }
  }
}

/** When the next look is due: a shorter period of a new phase counts from the last look, not from the plan (F-4.5). */
export function reconcileDueAt(bot: Bot): number {
  return Math.min(bot.reconcile.nextAt, routineDueAt(bot));
}

function routineDueAt(bot: Bot): EpochMs {
  const { positionAskedAt, ordersAskedAt } = bot.reconcile;
  return nextReadAt(epochMs(Math.max(positionAskedAt ?? 0, ordersAskedAt ?? 0)), reconcilePeriodMs(bot));
}

/** The look that is due; one call a second while degraded, alternating (F-4.5). */
export function runReconcile(step: Step): void {
  const { reconcile } = step.bot;
  const period = reconcilePeriodMs(step.bot);
  const routineAt = routineDueAt(step.bot);
  if (step.at < reconcile.nextAt && !readIsDue(routineAt, { at: step.at, period })) return;
  const degraded = step.bot.degradedSince !== null && step.bot.phase.kind !== "flat";
  const protective = isUncovered(step.bot);
  if (!degraded || !reconcile.ordersNext) askPosition(step, protective);
  if (!degraded && reconcile.mismatches === 0 || degraded && reconcile.ordersNext) askOrders(step, protective);
  const looks = changeLooks(step);
  // A look planned for a reason of its own is not replaced by a routine one that comes before what it waits for shows.
  const planned = isRoutine(period) && reconcile.nextAt !== routineAt && reconcile.nextAt > step.at;
  const next = nextReadAt(step.at, period);
  looks.nextAt = planned && reconcile.nextAt < next ? reconcile.nextAt : next;
  looks.ordersNext = !looks.ordersNext;
}
