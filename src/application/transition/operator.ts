import { acceptZero } from "./reconcile/reconcile.ts";
import type { EventOf } from "../../domain/events.ts";
import type { Bot } from "../../domain/state.ts";
import type { MicroUsd } from "../../domain/units.ts";
import { floorEquity, floorUsd } from "../policy/risk/goal.ts";
import { emptyEquityWatch } from "../policy/risk/emergency.ts";
import { startClosing } from "./protection/exit_manager.ts";
import { freshWinrate, winratePct } from "../policy/risk/metrics_tracker.ts";
import { isCovered } from "./protection/stop_manager.ts";
import { emit, halt, later, positionOf, type Step } from "./step.ts";
import { block } from "./step.ts";
import { equityOf } from "./ledger/money.ts";

/** An agreement with the venue older than this is not "reconcile shows" (F-13.2). */
const AGREED_WITHIN_MS = 60_000;
const MICRO = 1_000_000;

/** The file `KILL`: HALT within one tick; closes only if configured (F-13.1). */
export function takeKillSwitch(step: Step, present: boolean): void {
  step.bot.operator = { ...step.bot.operator, killPresent: present };
  if (!present) return;
  halt(step, { reason: "kill_switch", detail: "the file KILL is present" });
  if (step.bot.config.safety.kill_switch_flatten) startClosing(step, "kill_switch");
}

/** `halt`, `reset`, `close` (F-13.2, F-13.6): each is answered in the same step. */
export function takeCommand(step: Step, event: EventOf<"OperatorCommand">): void {
  switch (event.command) {
    case "halt":
      halt(step, { reason: "kill_switch", detail: `operator: ${event.reason}` });
      if (step.bot.config.safety.kill_switch_flatten) startClosing(step, "kill_switch");
      return answer(step, event, { ok: true, text: `halted: ${event.reason}` });
    case "close": {
      const position = positionOf(step.bot);
      if (position === null) return answer(step, event, { ok: false, text: "nothing is open" });
      startClosing(step, "manual");
      return answer(step, event, { ok: true, text: `closing ${position.contracts} contracts` });
    }
    case "reset":
      return reset(step, event);
    default: {
      const never: never = event.command;
      return never;
    }
  }
}

function answer(
  step: Step,
  event: EventOf<"OperatorCommand">,
  of: { readonly ok: boolean; readonly text: string },
): void {
  emit(step, { kind: "Answer", id: event.id, ok: of.ok, text: of.text });
}

/** Lifts a HALT when the account is consistent and protected or flat; clears no block, counter or streak (F-13.2). */
function reset(step: Step, event: EventOf<"OperatorCommand">): void {
  const { bot } = step;
  if (bot.halt === null) return answer(step, event, { ok: false, text: "not halted" });
  if (event.accept && acceptZero(step)) {
    const text = "took over what the venue shows: nothing is open. Reset again when both agree";
    return answer(step, event, { ok: false, text });
  }
  const refusal = resetRefusal(bot) ?? heldRefusal(bot, event.accept);
  if (refusal !== null) return answer(step, event, { ok: false, text: refusal });
  const cause = bot.halt.reason;
  if (event.accept) acceptCause(step);
  bot.halt = null;
  step.causes.push(`reset of ${cause}: ${event.reason}`);
  answer(step, event, { ok: true, text: `reset ${cause}` });
}

/**
 * A reset whose step ended halted is told as refused: a cause that still holds keeps its HALT and is named with its
 * number, another one is a HALT of its own (F-13.2, F-13.4).
 */
export function confirmReset(step: Step): void {
  const { before, event, bot, out, causes } = step;
  if (event.kind !== "OperatorCommand" || event.command !== "reset") return;
  const old = before.halt;
  const now = bot.halt;
  if (old === null || now === null || now === old) return;
  const same = now.reason === old.reason;
  const text = same
    ? `${now.reason} still holds: ${now.detail}`
    : `reset ${old.reason}, but halted again by ${now.reason}: ${now.detail}`;
  out[out.findIndex((one) => one.kind === "Answer")] = { kind: "Answer", id: event.id, ok: false, text };
  if (!same) return;
  bot.halt = old;
  const left = causes.filter((cause) => cause !== now.reason && !cause.startsWith("reset of "));
  causes.splice(0, causes.length, ...left);
}

function resetRefusal(bot: Bot): string | null {
  if (bot.operator.killPresent) return "the file KILL is still there";
  if (bot.reconcile.mismatches > 0) return "the venue and the ledger disagree";
  const { agreedAt } = bot.reconcile;
  if (agreedAt === null || bot.now - agreedAt > AGREED_WITHIN_MS) return "no agreement with the venue yet, try again";
  const position = positionOf(bot);
  if (position !== null && !isCovered(bot, position)) return `${position.contracts} contracts are not covered`;
  if (position?.closing) return "an exit is under way";
  if (bot.orders.some((order) => order.state === "unknown")) return "an own order is of unknown outcome";
  return null;
}

/** Equity as the floor measures it (ADR 0020). */
function measured(bot: Bot): MicroUsd | null {
  return floorEquity({ ...equityOf(bot), base: bot.capital.base }, bot.config.goal);
}

function floorRefusal(bot: Bot): string | null {
  const equity = measured(bot);
  const floor = floorUsd(bot.goal, bot.config.goal);
  if (equity === null || equity / MICRO >= floor) return null;
  const what = bot.config.goal.floor_basis === "trading" ? "what trading left is" : "equity is";
  return `${what} ${equity / MICRO} USD, the floor ${floor}; --accept sets a new floor`;
}

/** Causes that still hold need `--accept` and are named with their number (F-13.2). */
function heldRefusal(bot: Bot, accept: boolean): string | null {
  if (accept || bot.halt === null) return null;
  const { usd } = equityOf(bot);
  switch (bot.halt.reason) {
    case "equity_below_floor":
      return floorRefusal(bot);
    case "winrate_hard":
      return `winrate is ${winratePct(bot.metrics)} %; --accept starts a fresh window`;
    case "goal_reached":
    case "goal_missed":
      return `equity is ${usd === null ? "unknown" : usd / MICRO} USD; --accept sets a new goal`;
    default:
      return null;
  }
}

function acceptFloor({ bot }: Step): void {
  const equity = measured(bot);
  if (equity !== null) bot.goal = { ...bot.goal, floorUsd: Math.floor((equity / MICRO) * 0.8) };
}

/** Floor → new floor, winrate → fresh window, goal → new goal: all in the bot, so in the journal (F-13.2). */
function acceptCause(step: Step): void {
  const { bot } = step;
  const { usd } = equityOf(bot);
  switch (bot.halt?.reason) {
    case "equity_below_floor":
      acceptFloor(step);
      bot.equityWatch = emptyEquityWatch;
      return;
    case "winrate_hard":
      bot.metrics = freshWinrate(bot.metrics);
      return;
    case "goal_reached":
      if (usd !== null) bot.goal = { ...bot.goal, goalUsd: Math.ceil((usd / MICRO) * 2) };
      return;
    case "goal_missed":
      bot.goal = { ...bot.goal, startedAt: step.at };
      return;
    default:
      return;
  }
}

/** SIGINT or SIGTERM: no new entry, the working one goes; protection runs on to the end (F-13.3). */
export function takeShutdown(step: Step): void {
  step.bot.operator = { ...step.bot.operator, shutdownAt: step.at };
  block(step, { reason: "shutdown", until: null });
}

/** May the process end: entry known final, every contract covered by a shown stop (F-13.3). */
export function safeToStop(bot: Bot): { readonly safe: boolean; readonly open: readonly string[] } {
  const open: string[] = [];
  for (const order of bot.orders) {
    if (order.role === "entry") open.push(`entry ${order.id} is ${order.state}`);
    else if (order.role === "exit") open.push(`exit ${order.id} is ${order.state}`);
  }
  const position = positionOf(bot);
  if (position !== null && !isCovered(bot, position)) open.push(`${position.contracts} contracts without a shown stop`);
  else if (position !== null && position.entryWorking) open.push("the entry still works");
  return { safe: open.length === 0, open };
}

/** HALTs named in `halt_auto_release` lift after 5 min of agreement, at most 3 times a day (F-13.8). */
export function runAutoRelease(step: Step): void {
  const { bot } = step;
  if (bot.halt === null || step.kind !== "Tick") return;
  const allowed = bot.config.runtime.halt_auto_release.some((reason) => reason === bot.halt?.reason);
  if (!allowed || bot.degradedSince !== null || bot.reconcile.agreedAt === null) return;
  if (bot.reconcile.mismatches > 0 || step.at - bot.halt.since < 300_000) return;
  const day = bot.operator.autoReleases.filter((time) => step.at - time < 86_400_000);
  if (day.length >= 3 || resetRefusal(bot) !== null) return;
  step.causes.push(`auto release of ${bot.halt.reason}`);
  bot.halt = null;
  bot.operator = { ...bot.operator, autoReleases: [...day, step.at] };
}

/** When an auto release could happen; null = none is configured or due. */
export function autoReleaseDueAt(bot: Bot): number | null {
  if (bot.halt === null || bot.config.runtime.halt_auto_release.length === 0) return null;
  return later(bot.halt.since, 300_000);
}
