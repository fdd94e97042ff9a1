import { backfillSince } from "./ledger/execution_ledger.ts";
import { emit, isBlocked, later, positionOf, type Step } from "./step.ts";
import type { Bot, Reconcile } from "../../domain/state.ts";

/** Lists of orders show a change this long after it, at the latest. */
export const SIGN_MS = 3_000;

/** While orders are being cleaned up the venue is asked this often (F-6.8), and less often when it lasts (F-7.10). */
const CLEANUP_MS = 1_000;
const LONG_CLEANUP_MS = 5_000;
const CLEANUP_PATIENCE_MS = 30_000;

/** Between two looks of a clean-up. Milliseconds. */
export function cleanupPeriodMs({ blocks, now }: Bot): number {
  const since = blocks.find((one) => one.reason === "order_cleanup")?.since ?? now;
  return now - since < CLEANUP_PATIENCE_MS ? CLEANUP_MS : LONG_CLEANUP_MS;
}

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

/**
 * A private message was lost (F-4.6, F-4.8): a look at once, and one when lists that lag show what it told. Looks so
 * caused come a second apart at the closest, so that a stream of broken frames does not eat the budget (F-7.10).
 */
export function lookTwice(step: Step): void {
  const { positionAskedAt, ordersAskedAt } = step.bot.reconcile;
  const last = Math.max(positionAskedAt ?? 0, ordersAskedAt ?? 0);
  const spent = step.at - last < step.bot.config.runtime.reconcile_recheck_s * 1000 || isBlocked(step.bot, "ip_banned");
  if (!spent) lookNow(step, { protective: false });
  // While the venue disagrees looks come every second or five anyway.
  if (step.bot.reconcile.mismatches === 0) changeLooks(step).nextAt = later(step.at, SIGN_MS);
}

/** What came while the private stream was gone is lost (F-4.6): looked for when lists that lag show it. */
export function lookAfterReconnect(step: Step): void {
  if (step.bot.boot.stage === "done" && positionOf(step.bot) !== null) lookWithin(step, SIGN_MS);
}
