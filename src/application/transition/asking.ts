import { backfillSince } from "./ledger/execution_ledger.ts";
import { emit, later, positionOf, type Step } from "./step.ts";
import type { Bot, Reconcile } from "../../domain/state.ts";

/** Lists of orders show a change this long after it, at the latest. */
export const SIGN_MS = 3_000;

/** Only then a read of the position is protective (F-7.10). */
export function isUncovered(bot: Bot): boolean {
  const position = positionOf(bot);
  return position !== null && position.uncoveredSince !== null;
}

/**
 * The looks, to be written: a copy of this step's own, made once however many changes follow (hot path), so that the bot
 * before keeps what it had.
 */
export function changeLooks(step: Step): { -readonly [Key in keyof Reconcile]: Reconcile[Key] } {
  const { bot, before } = step;
  if (bot.reconcile === before.reconcile) bot.reconcile = { ...bot.reconcile };
  return bot.reconcile;
}

/** Asks for position and own orders now, whatever the period (F-1.27, F-1.28, F-4.6). */
export function lookNow(step: Step, of: { readonly protective: boolean }): void {
  askPosition(step, of.protective);
  askOrders(step, of.protective);
}

export function askPosition(step: Step, protective: boolean): void {
  const asked = step.bot.reconcile.positionAskedAt;
  if (asked === step.at) return;
  emit(step, { kind: "QueryPosition", protective });
  changeLooks(step).positionAskedAt = step.at;
}

export function askOrders(step: Step, protective: boolean): void {
  if (step.bot.reconcile.ordersAskedAt === step.at) return;
  emit(step, { kind: "QueryOpenOrders", protective });
  changeLooks(step).ordersAskedAt = step.at;
}

export function askExecutions(step: Step, protective: boolean): void {
  if (step.bot.reconcile.executionsAskedAt === step.at) return;
  emit(step, { kind: "QueryExecutions", since: backfillSince(step.bot), protective });
  changeLooks(step).executionsAskedAt = step.at;
}

/** The next look comes within a second. */
export function lookSoon(step: Step): void {
  lookWithin(step, step.bot.config.runtime.reconcile_recheck_s * 1000);
}

export function lookWithin(step: Step, ms: number): void {
  const soon = later(step.at, ms);
  if (step.bot.reconcile.nextAt > soon) changeLooks(step).nextAt = soon;
}

/** What came while the private stream was gone is lost (F-4.6): looked for when lists that lag show it. */
export function lookAfterReconnect(step: Step): void {
  if (step.bot.boot.stage === "done" && positionOf(step.bot) !== null) lookWithin(step, SIGN_MS);
}
