import type { Event } from "../../domain/events.ts";
import type { Intent } from "../../domain/intent.ts";
import type { Bot } from "../../domain/state.ts";
import { type EpochMs, epochMs } from "../../domain/units.ts";
import { tellLongBlocks } from "./long_blocks.ts";
import { checkInvariants } from "./invariants.ts";
import { halt, openStep, positionOf, type Step } from "./step.ts";
import { healthDueAt } from "./ws_health.ts";
import { runBoot } from "./boot.ts";
import { runEmergency } from "./emergency_step.ts";
import { evaluate } from "./phases/flat.ts";
import { runPosition } from "./phases/in_position.ts";
import { runLifecycle } from "./phases/lifecycle.ts";
import { tradeRecordDueAt, writeTrade } from "./ledger/money.ts";
import { observe } from "./observe.ts";
import { confirmReset, runAutoRelease } from "./operator.ts";
import { runExperiment } from "./experiment.ts";
import { decisionDeadline, wantedAt } from "./quiet.ts";
import { noteRecent, report } from "./reporting.ts";
import { runSchedule, scheduleDueAt } from "./reconcile/schedule.ts";

export { initialBot } from "./initial.ts";
export { adoptRecordedIntents } from "./recovery.ts";
export { entryStillValid } from "./phases/entry_pending.ts";
export { decisionDeadline, foldQuiet, type QuietBand, quietBand } from "./quiet.ts";
export { safeToStop } from "./operator.ts";
export { publicWord } from "./reporting.ts";

/**
 * The one door (F-1.1): every change of the bot is this function on an event. Order inside, never varied (F-3):
 * snapshot → emergency → events → position → entry. Pure; throws only on a broken constructor (F-11.8).
 */
export function transition(bot: Bot, event: Event): { readonly bot: Bot; readonly intents: readonly Intent[] } {
  const step = openStep(bot, event);
  observe(step);
  runEmergency(step);
  runBoot(step);
  runLifecycle(step);
  runPosition(step);
  runSchedule(step);
  runAutoRelease(step);
  const due = tradeRecordDueAt(step.bot);
  if (due !== null && step.at >= due) writeTrade(step);
  runExperiment(step);
  evaluate(step);
  assertInvariants(step);
  confirmReset(step);
  tellLongBlocks(step);
  noteRecent(step);
  report(step);
  return { bot: step.bot, intents: step.out };
}

/** A broken invariant is a HALT with a snapshot; protection goes on (F-2.4). */
function assertInvariants(step: Step): void {
  for (const { name, detail } of checkInvariants(step.bot)) {
    halt(step, { reason: `invariant_violation:${name}`, detail });
  }
}

/** When the core wants a Tick even without input; null = never. Cheap: called after every step. */
export function nextDeadline(bot: Bot): EpochMs | null {
  const due = Math.min(
    decisionDeadline(bot) ?? Infinity,
    wantedAt(bot.now, scheduleDueAt(bot)),
    wantedAt(bot.now, healthDueAt(bot)),
  );
  return due === Infinity ? null : epochMs(due);
}

/** While the start checks run a tick follows news this soon, so that the boot takes no longer than the venue's answers. */
const BOOT_TICK_MS = 100;

/** 2 s; 1 s while uncovered or an own order is unknown; up to 3 s near the REST budget (F-3.2). */
export function tickPeriodMs(bot: Bot): number {
  const { tick_min_s, tick_s, tick_max_s, rest_slow_down_pct, rest_budget_other_per_min } = bot.config.runtime;
  if (bot.boot.stage === "venue" || bot.boot.stage === "checks") return BOOT_TICK_MS;
  if (positionOf(bot)?.uncoveredSince) return tick_min_s * 1000;
  for (const order of bot.orders) if (order.state === "unknown") return tick_min_s * 1000;
  const calls = bot.vitals === null ? 0 : bot.vitals.restCalls60s - bot.vitals.restProtectiveCalls60s;
  return (calls * 100 >= rest_budget_other_per_min * rest_slow_down_pct ? tick_max_s : tick_s) * 1000;
}
