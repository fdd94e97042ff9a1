import type { EventOf, Vitals } from "../../domain/events.ts";
import type { Bot } from "../../domain/state.ts";
import { withoutEndedBlocks } from "../../domain/halts_and_blocks.ts";
import type { MicroUsd } from "../../domain/units.ts";
import { fixBase } from "../policy/money/capital.ts";
import { dryRunStartFault } from "../policy/entry/dry_run.ts";
import { startClosing } from "./protection/exit_manager.ts";
import {
  foldEquity,
  foldPriceBlocks,
  inMaintenance,
  judgeInstrument,
  latencyBlocks,
  liquidationNear,
  marketDataStale,
} from "../policy/risk/emergency.ts";
import { floorEquity, floorUsd, judgeGoal } from "../policy/risk/goal.ts";
import { changesAt, type PriceChanges } from "../policy/risk/price_ring.ts";
import { reconnectLoop, rollSession } from "../policy/risk/session_risk.ts";
import { stopDistanceOf } from "../policy/risk/stop_price.ts";
import { alert, block, emit, halt, isBlocked, later, positionOf, type Step, unblock } from "./step.ts";
import { isCovered } from "./protection/stop_manager.ts";
import { degradedLimitMs, reopen, reopenSilent, startDegraded, unhealthyReason } from "./ws_health.ts";
import { equityOf, takeHalt, takeRisk } from "./ledger/money.ts";
import { askExecutions, askOrders, askPosition, isUncovered } from "./asking.ts";

/** Restoring the leverage gets this long to move the liquidation price away (F-7.13). */
const LEVERAGE_RESTORE_MS = 5_000;
/** Durability later than this blocks entries (P-14). */
const JOURNAL_LAG_MS = 2_000;

/** Step 2 of F-3: emergency and session risk, before the lifecycle of the same call. */
export function runEmergency(step: Step): void {
  const changes = changesOf(step);
  if (changes !== null) judgePrices(step, changes);
  if (step.kind === "Tick" || step.kind === "PositionAnswer" || step.kind === "PositionSeen") watchLiquidation(step);
  if (step.event.kind !== "Tick" || changes === null) return;
  step.bot.blocks = withoutEndedBlocks(step.bot.blocks, step.at);
  judgeVitals(step, { vitals: step.event.vitals, changes });
  judgeHealth(step);
  judgeEquity(step);
  judgeVenue(step);
}

/** Changes by extremes on a market event; on ticks the reference moves on; null on other events (F-7.20). */
function changesOf({ bot, kind, at }: Step): PriceChanges | null {
  if (kind === "Market") return bot.prices.changes;
  return kind === "Tick" ? changesAt(bot.prices, at) : null;
}

/** Price blocks (F-7.1, F-7.2, F-7.20, F-7.23). */
function judgePrices(step: Step, changes: PriceChanges): void {
  const { bot } = step;
  const blocks = foldPriceBlocks(bot.blocks, { changes, now: step.at }, bot.config.safety);
  if (blocks === bot.blocks) return;
  for (const one of blocks) if (!bot.blocks.some((old) => old.reason === one.reason)) step.causes.push(one.reason);
  bot.blocks = blocks;
}

function hold(step: Step, of: { readonly reason: Parameters<typeof unblock>[1]; readonly wanted: boolean }): void {
  if (of.wanted) block(step, { reason: of.reason, until: null });
  else unblock(step, of.reason);
}

/** Latency, stale market data, journal lag, the operator's file (F-7.5, F-7.12, P-14). */
function judgeVitals(step: Step, seen: { readonly vitals: Vitals; readonly changes: PriceChanges }): void {
  const { bot } = step;
  const { vitals, changes } = seen;
  hold(step, { reason: "latency", wanted: latencyBlocks(vitals, bot.config.safety) });
  hold(step, { reason: "journal_lag", wanted: vitals.journalLagMs > JOURNAL_LAG_MS });
  hold(step, { reason: "reconnect_loop", wanted: reconnectLoop(bot.risk, step.at, bot.config.runtime) });
  const stale = marketDataStale({ marketFrameAt: vitals.marketFrameAt, changes, now: step.at }, bot.config.runtime);
  hold(step, { reason: "market_data_stale", wanted: stale });
  if (!stale || bot.boot.stage === "idle") return;
  const silent = vitals.marketFrameAt === null ||
    step.at - vitals.marketFrameAt >= bot.config.runtime.market_data_max_age_s * 1000;
  if (!silent) return;
  if (step.at >= bot.schedule.tickerAt) {
    bot.schedule = { ...bot.schedule, tickerAt: later(step.at, 5_000) };
    emit(step, { kind: "QueryTicker" });
  }
  if (bot.publicStream.status === "ready") reopen(step, { stream: "public", cause: "market_data_stale" });
}

/** Degraded: entries refused, looks every second, HALT after 60 s; cleared only by a full re-read (F-7.7 … F-7.9, F-7.21). */
function judgeHealth(step: Step): void {
  const { bot } = step;
  if (bot.boot.stage === "idle") return;
  const reason = unhealthyReason(bot);
  if (reason !== null) {
    reopenSilent(step);
    if (!isConnecting(step.bot)) startDegraded(step, reason);
  }
  if (bot.degradedSince === null) return;
  judgeNetwork(step);
  if (step.at - bot.degradedSince >= degradedLimitMs(bot) && !isConnecting(bot)) {
    halt(step, {
      reason: "degraded_mode_timeout",
      detail: `degraded for ${step.at - bot.degradedSince} ms: ${reason ?? "the streams are back, the reads are not"}`,
    });
  }
  if (reason === null) tryRecovery(step);
}

/** A start may take its time to connect: with something open only as long as a running stream may be silent (F-7.7). */
function isConnecting(bot: Bot): boolean {
  if (!isBlocked(bot, "starting")) return false;
  const open = positionOf(bot) !== null || bot.orders.length > 0;
  const { startedAt } = bot.boot;
  return !open || startedAt === null || bot.now - startedAt < bot.config.runtime.ws_heartbeat_timeout_s * 1000;
}

function judgeNetwork(step: Step): void {
  const { bot } = step;
  const timeouts = bot.vitals?.restTimeoutsInRow ?? 0;
  if (timeouts < bot.config.runtime.network_failure_timeouts) return;
  const open = positionOf(bot) !== null;
  halt(step, {
    reason: open ? "network_failure_with_position" : "network_failure",
    detail: `${timeouts} REST timeouts in a row while degraded`,
  });
}

/** Streams are back: position, orders and executions since the last applied one first, then five minutes (F-7.21). */
function tryRecovery(step: Step): void {
  const { bot } = step;
  if (bot.healthySince === null) {
    bot.healthySince = step.at;
    askPosition(step, isUncovered(step.bot));
    askOrders(step, isUncovered(step.bot));
    askExecutions(step, isUncovered(step.bot));
    return;
  }
  const since = bot.healthySince;
  const { positionAnsweredAt, ordersAnsweredAt, executionsAnsweredAt, executionsAskedAt } = bot.reconcile;
  const fresh = (at: number | null) => at !== null && at >= since;
  if (fresh(positionAnsweredAt) && fresh(ordersAnsweredAt) && fresh(executionsAnsweredAt)) {
    bot.degradedSince = null;
    bot.healthySince = null;
    unblock(step, "degraded");
    block(step, { reason: "ws_recovery", until: later(step.at, bot.config.runtime.ws_recovery_cooldown_s * 1000) });
    return;
  }
  if (executionsAskedAt !== null && step.at - executionsAskedAt < 2_000) return;
  if (!fresh(positionAnsweredAt)) askPosition(step, isUncovered(step.bot));
  if (!fresh(ordersAnsweredAt)) askOrders(step, isUncovered(step.bot));
  if (!fresh(executionsAnsweredAt)) askExecutions(step, isUncovered(step.bot));
}

/** Equity floor, day and week, goal and time (F-7.3, F-7.4, F-8, P-2). */
function judgeEquity(step: Step): void {
  const { bot } = step;
  if (bot.capital.base === null) {
    const seen = { mark: bot.market.seen.mark, wallet: bot.capital.wallet };
    bot.capital = fixBase(bot.capital, seen, bot.config.goal);
  }
  const { btc, usd } = equityOf(bot);
  takeRisk(step, rollSession(bot.risk, { now: step.at, equity: usd }, bot.config.safety));
  if (usd === null) return;
  const floor = floorUsd(bot.goal, bot.config.goal);
  const measured = floorEquity({ btc, usd, base: bot.capital.base }, bot.config.goal) ?? usd;
  const judged = foldEquity(bot.equityWatch, { equity: measured, now: step.at, floorUsd: floor });
  bot.equityWatch = judged.watch;
  takeHalt(step, judged.halt);
  if (bot.goal.startedAt === null) return firstStart(step, usd);
  if (bot.phase.kind !== "flat") return;
  const goal = judgeGoal(bot.goal, { equity: usd, now: step.at }, bot.config.goal);
  takeHalt(step, goal.halt);
  if (goal.reviewRequired === bot.goal.reviewRequired) return;
  bot.goal = { ...bot.goal, reviewRequired: goal.reviewRequired };
  if (!goal.reviewRequired) return;
  const text = `equity ${usd / 1e6} USD after ${bot.config.goal.review_after_months} months: review the strategy (P-2)`;
  alert(step, { severity: "warning", code: "strategy_review_required", text });
}

/** The first equity ever known starts the goal's clock, unless a dry run may not start with it (P-2, P-12). */
function firstStart(step: Step, usd: MicroUsd): void {
  const { bot } = step;
  const fault = bot.phase.kind === "flat" ? dryRunStartFault(usd, bot.config.dry_run) : null;
  if (fault === null) bot.goal = { ...bot.goal, startedAt: step.at };
  else emit(step, { kind: "RefuseStart", check: "wallet", line: fault });
}

/** Maintenance, instrument status, key life (F-7.17, F-12.6). */
function judgeVenue(step: Step): void {
  const { bot } = step;
  const { instrument, maintenance, keyDaysLeft, filtersChanged } = bot.account;
  const judged = instrument === null
    ? { blocked: false, halt: null }
    : judgeInstrument({ at: instrument, before: null, hasPosition: positionOf(bot) !== null });
  takeHalt(step, judged.halt);
  hold(step, {
    reason: "instrument",
    wanted: judged.blocked || filtersChanged || inMaintenance(maintenance, step.at),
  });
  hold(step, { reason: "key_expiry", wanted: keyDaysLeft !== null && keyDaysLeft < 2 });
}

/** Liquidation too near: alert, put the leverage back if it was moved, else out (F-7.13). */
function watchLiquidation(step: Step): void {
  const { bot } = step;
  const position = positionOf(bot);
  if (position === null || position.closing !== null) return;
  const distance = stopDistanceOf(bot, position);
  const { account } = bot;
  if (!liquidationNear({ entry: position.entryPrice, liqPrice: account.liqPrice, distance })) {
    if (account.leverageRestoredAt !== null) bot.account = { ...account, leverageRestoredAt: null };
    return;
  }
  if (account.leverageRestoredAt === null) {
    alert(step, { severity: "critical", code: "liquidation_too_close", text: `liquidation at ${account.liqPrice}` });
    const planned = position.plan?.leverageE2 ?? null;
    if (planned !== null && account.leverageE2 !== null && account.leverageE2 > planned) {
      bot.account = { ...account, leverageRestoredAt: step.at, leverageSetAt: step.at };
      return emit(step, { kind: "SetLeverage", leverageE2: planned });
    }
  } else if (step.at - account.leverageRestoredAt < LEVERAGE_RESTORE_MS) return;
  halt(step, {
    reason: "liquidation_too_close",
    detail: `liquidation at ${account.liqPrice} of ${position.entryPrice}`,
  });
  startClosing(step, "liquidation_too_close");
}

/** An IP ban: no REST, entries blocked; unprotected is a halt (F-7.14). */
export function takeIpBan(step: Step, until: EventOf<"IpBanned">["until"]): void {
  block(step, { reason: "ip_banned", until });
  const position = positionOf(step.bot);
  if (position === null || isCovered(step.bot, position)) return;
  halt(step, { reason: "ip_banned", detail: "this address is banned and the position is not covered" });
}

/** Deadlines of this step: ends of blocks, degraded limit. */
export function emergencyDueAt(bot: Bot): number | null {
  let due = Infinity;
  for (const one of bot.blocks) if (one.until !== null && one.until > bot.now && one.until < due) due = one.until;
  if (bot.degradedSince !== null && bot.halt === null) {
    due = Math.min(due, bot.degradedSince + degradedLimitMs(bot));
  }
  return due === Infinity ? null : due;
}
