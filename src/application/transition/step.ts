import type { AlertCode, AlertSeverity } from "../../domain/alert_codes.ts";
import type { Event, EventKind, Refusal } from "../../domain/events.ts";
import type { Intent } from "../../domain/intent.ts";
import { type BlockReason, type HaltReason, newBlock, withBlock, withoutBlock } from "../../domain/halts_and_blocks.ts";
import type { Bot, OwnOrder, Position, TradeBook } from "../../domain/state.ts";
import { type EpochMs, epochMs } from "../../domain/units.ts";

/** The bot while one step builds its successor: a shallow copy, so that what did not change stays shared. */
export type Draft = { -readonly [Key in keyof Bot]: Bot[Key] };

/** What the fold found out and the lifecycle answers, in order. Lives for one step. */
export type News =
  | { readonly kind: "ended"; readonly order: OwnOrder; readonly refusal: Refusal | null }
  | { readonly kind: "filled"; readonly order: OwnOrder | null }
  | { readonly kind: "shown"; readonly order: OwnOrder }
  | { readonly kind: "resendRefused"; readonly order: OwnOrder; readonly refusal: Refusal }
  /** `refusal` null = acknowledged, then shown unchanged. */
  | { readonly kind: "amendRefused"; readonly order: OwnOrder; readonly refusal: Refusal | null };

/** One step in the making (F-3). */
export type Step = {
  /** The bot as it was. */
  readonly before: Bot;
  readonly bot: Draft;
  readonly event: Event;
  /** The kind of the event, read once: there are more kinds than an engine remembers the shapes of (hot path). */
  readonly kind: EventKind;
  readonly at: EpochMs;
  readonly out: Intent[];
  readonly news: News[];
  /** Causes of changes of word, phase, halt or block, for the change record (F-1.5). */
  readonly causes: string[];
};

/** Opens a step on a copy of the bot. */
export function openStep(bot: Bot, event: Event): Step {
  const at = event.at > bot.now ? event.at : bot.now;
  return { before: bot, bot: { ...bot, now: at }, event, kind: event.kind, at, out: [], news: [], causes: [] };
}

export function emit(step: Step, intent: Intent): void {
  step.out.push(intent);
}

export function alert(
  step: Step,
  of: { readonly severity: AlertSeverity; readonly code: AlertCode; readonly text: string },
): void {
  step.out.push({ kind: "Alert", ...of });
}

/** HALT. The first reason stays; a later one is alerted and noted once, in the detail and as a cause (F-1.2). */
export function halt(step: Step, of: { readonly reason: HaltReason; readonly detail: string }): void {
  const standing = step.bot.halt;
  if (standing === null) {
    step.bot.halt = { reason: of.reason, since: step.at, detail: of.detail };
  } else {
    // A condition that holds comes by at every step: what the detail tells already is no news.
    const words = `; also ${of.reason}: `;
    if (standing.reason === of.reason || standing.detail.includes(words)) return;
    step.bot.halt = { ...standing, detail: `${standing.detail}${words}${of.detail}` };
  }
  step.causes.push(of.reason);
  alert(step, { severity: "critical", code: `halt:${of.reason}`, text: of.detail });
}

/** Adds a block until `until`, or until its condition ends (null). */
export function block(step: Step, of: { readonly reason: BlockReason; readonly until: EpochMs | null }): void {
  const blocks = withBlock(step.bot.blocks, newBlock(of.reason, { since: step.at, until: of.until }));
  if (blocks === step.bot.blocks) return;
  step.bot.blocks = blocks;
  step.causes.push(of.reason);
}

export function unblock(step: Step, reason: BlockReason): void {
  const blocks = withoutBlock(step.bot.blocks, reason);
  if (blocks === step.bot.blocks) return;
  step.bot.blocks = blocks;
  step.causes.push(`${reason} over`);
}

export function isBlocked(bot: Bot, reason: BlockReason): boolean {
  for (const one of bot.blocks) if (one.reason === reason) return true;
  return false;
}

/** The open position, in whichever phase holds it; null when flat or entering. */
export function positionOf(bot: Bot): Position | null {
  return bot.phase.kind === "position" || bot.phase.kind === "exit" ? bot.phase.position : null;
}

/** Changes the open position; no effect without one. */
export function setPosition(step: Step, change: Partial<Position>): void {
  const phase = step.bot.phase;
  if (phase.kind !== "position" && phase.kind !== "exit") return;
  step.bot.phase = { ...phase, position: { ...phase.position, ...change } };
}

/** The book that money and late fills belong to: the open trade, else the one that waits for its record. */
export function bookOf(bot: Bot): TradeBook | null {
  return bot.trade ?? bot.closedTrade;
}

/** Puts a changed `bookOf` back in its place; no effect without one. */
export function setBook(step: Step, book: TradeBook): void {
  if (step.bot.trade !== null) step.bot.trade = book;
  else if (step.bot.closedTrade !== null) step.bot.closedTrade = book;
}

/** `at` plus a span. */
export function later(at: EpochMs, ms: number): EpochMs {
  return epochMs(at + ms);
}

/** `retry_delays_s`, the last one repeated, for the n-th failure counted from 1 (F-5.6, F-10.8). Milliseconds. */
export function retryDelayMs(bot: Bot, failure: number): number {
  const delays = bot.config.runtime.retry_delays_s;
  return (delays[Math.min(failure, delays.length) - 1] ?? 1) * 1000;
}
