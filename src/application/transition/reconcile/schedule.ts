import type { Bot, OwnOrder } from "../../../domain/state.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import { unexplainedSince } from "../../policy/money/capital.ts";
import { feeRatesDue } from "../../policy/entry/fee_verification.ts";
import { forgetOwed } from "../ledger/execution_ledger.ts";
import { OWED_AT_MOST_MS } from "../ledger/owed_executions.ts";
import { emit, isBlocked, later, type Step } from "../step.ts";
import { nextReadAt, readIsDue } from "./read_times.ts";
import { reconcileDueAt, runReconcile } from "./reconcile.ts";
import { askExecutions } from "../asking.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A closed hourly candle missing this long after its end is read by REST (F-4.8, P-1). */
const BAR_GRACE_MS = 90_000;

/** Executions that `cumExecQty` or REST ran ahead of are read when the stream has not brought them by then, and not for ever. */
const OWED_AFTER_MS = 2_000;
const OWED_EVERY_MS = 5_000;
/** A wallet that moved for no known reason: the execution or the funding behind it may be lost on the stream. */
const UNEXPLAINED_AFTER_MS = 5_000;
const UNEXPLAINED_EVERY_MS = 20_000;

/** Price and fee of a fill, and funding, come with an execution only: one lost on the stream is fetched (F-4.1, P-1). */
function fetchOwedExecutions(step: Step): void {
  const { bot, at } = step;
  const { executionsAskedAt } = bot.reconcile;
  const since = unexplainedSince(bot.capital);
  const sinceAsked = executionsAskedAt === null ? Infinity : at - executionsAskedAt;
  if (since !== null && at - since >= UNEXPLAINED_AFTER_MS && sinceAsked >= UNEXPLAINED_EVERY_MS) {
    return askExecutions(step, false);
  }
  if (sinceAsked < OWED_EVERY_MS) return;
  const { owed } = bot.ledger;
  if (owed !== null && isDue(at - owed.since) || anyOwed(bot.orders, at) || anyOwed(bot.past, at)) {
    askExecutions(step, false);
  }
}
/** When the executions that an override waits for are asked for next; Infinity = not by a deadline of their own. */
function owedDueAt({ ledger: { owed }, reconcile: { executionsAskedAt } }: Bot): number {
  if (owed === null) return Infinity;
  const due = Math.max(owed.since + OWED_AFTER_MS, (executionsAskedAt ?? 0) + OWED_EVERY_MS);
  return isDue(due - owed.since) ? due : Infinity;
}
/** Newest first: what ended too long ago to be owed anything has only such before it. */
function anyOwed(orders: readonly OwnOrder[], at: EpochMs): boolean {
  for (let index = orders.length - 1; index >= 0; index -= 1) {
    const order = orders[index];
    if (order === undefined || order.endedAt !== null && at - order.endedAt > OWED_AT_MOST_MS) return false;
    if (isOwed(order, at)) return true;
  }
  return false;
}
function isOwed(order: OwnOrder, at: EpochMs): boolean {
  if (order.aheadContracts <= 0) return false;
  return isDue(at - (order.endedAt ?? order.rowAt ?? order.sentAt));
}
function isDue(waiting: number): boolean {
  return waiting >= OWED_AFTER_MS && waiting <= OWED_AT_MOST_MS;
}

/** Periodic reads (F-4.5, P-10, F-12.6): on ticks only, and none while the address is banned (F-7.14). */
export function runSchedule(step: Step): void {
  if (step.kind !== "Tick" || step.bot.boot.stage === "idle") return;
  if (isBlocked(step.bot, "ip_banned")) return;
  if (step.bot.boot.stage === "venue") return;
  runReconcile(step);
  forgetOwed(step);
  fetchOwedExecutions(step);
  const { bot, at } = step;
  const walletPeriod = bot.config.runtime.wallet_period_s * 1000;
  if (readIsDue(bot.schedule.walletAt, { at, period: walletPeriod })) {
    emit(step, { kind: "QueryWallet" });
    bot.schedule = { ...bot.schedule, walletAt: nextReadAt(at, walletPeriod) };
  }
  if (at >= bot.schedule.feeRatesAt && feeRatesDue(bot.fees, at, bot.config.fees)) {
    emit(step, { kind: "QueryFeeRates" });
    bot.schedule = { ...bot.schedule, feeRatesAt: later(at, MINUTE_MS) };
  }
  if (at >= bot.schedule.maintenanceAt) {
    emit(step, { kind: "QueryMaintenance" });
    emit(step, { kind: "QueryInstrument" });
    bot.schedule = { ...bot.schedule, maintenanceAt: later(at, HOUR_MS) };
  }
  if (at >= bot.schedule.dailyAt) {
    emit(step, { kind: "QueryRiskTier" });
    emit(step, { kind: "QueryKey" });
    bot.schedule = { ...bot.schedule, dailyAt: later(at, DAY_MS) };
  }
  if (at >= bot.schedule.barsAt) {
    if (barsMissing(bot, { series: "hours", length: HOUR_MS })) {
      emit(step, { kind: "QueryBars", interval: "1h", count: 200 });
    }
    if (barsMissing(bot, { series: "days", length: DAY_MS })) {
      emit(step, { kind: "QueryBars", interval: "1d", count: 30 });
    }
    // Without a tier entries are smaller or refused (P-7.7); the start asks by itself.
    if (bot.account.riskTier === null && bot.boot.stage === "done") emit(step, { kind: "QueryRiskTier" });
    bot.schedule = { ...bot.schedule, barsAt: later(at, MINUTE_MS) };
  }
}

/** True when the newest closed candle should be there and is not. */
function barsMissing(bot: Bot, of: { readonly series: "hours" | "days"; readonly length: number }): boolean {
  const newest = bot[of.series].bars.at(-1);
  if (newest === undefined) return true;
  return bot.now >= newest.startAt + 2 * of.length + BAR_GRACE_MS;
}

/** When the next periodic read is due; null before the start and while the address is banned (F-7.14). */
export function scheduleDueAt(bot: Bot): number | null {
  if (bot.boot.stage === "idle" || bot.boot.stage === "venue" || isBlocked(bot, "ip_banned")) return null;
  const { schedule } = bot;
  let due = Math.min(reconcileDueAt(bot), schedule.walletAt, schedule.maintenanceAt, schedule.dailyAt);
  if (bot.fees.readAt !== null) {
    due = Math.min(
      due,
      Math.max(schedule.feeRatesAt, bot.fees.readAt + bot.config.fees.fee_rate_cache_min * MINUTE_MS),
    );
  }
  due = Math.min(due, owedDueAt(bot));
  const newest = bot.hours.bars.at(-1);
  if (newest !== undefined) due = Math.min(due, Math.max(schedule.barsAt, newest.startAt + 2 * HOUR_MS + BAR_GRACE_MS));
  return due;
}

/** Periods start anew at boot: what the start reads is not read twice. */
export function freshSchedule(at: number): Bot["schedule"] {
  return {
    walletAt: epochMs(at + 15_000),
    feeRatesAt: epochMs(at + MINUTE_MS),
    leverageAt: epochMs(at),
    maintenanceAt: epochMs(at + HOUR_MS),
    dailyAt: epochMs(at + DAY_MS),
    tickerAt: epochMs(at),
    barsAt: epochMs(at + MINUTE_MS),
  };
}
