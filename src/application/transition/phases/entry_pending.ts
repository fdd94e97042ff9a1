import type { Refusal } from "../../../domain/events.ts";
import type { OrderTicket } from "../../../domain/orders.ts";
import type { Bot, OwnOrder } from "../../../domain/state.ts";
import type { Plan } from "../../../domain/plan.ts";
import type { EpochMs } from "../../../domain/units.ts";
import { foldMakerTimeout, takerFailedBlock } from "../../policy/entry/maker_timeout.ts";
import { cancelOrder, filledOf, findOrder, isOpen, openOrderOf } from "../orders/order_table.ts";
import { foldEntryResting, foldRejection } from "../../policy/risk/rejection_breaker.ts";
import { foldTradeOpened } from "../../policy/risk/session_risk.ts";
import { foldEntryFilled, signalLives } from "../../policy/entry/signal_generator.ts";
import { entryConfig } from "../experiment.ts";
import { halt, later, positionOf, type Step } from "../step.ts";
import { takeBlocks, takeHalt } from "../ledger/money.ts";

/** An entry older than this at the moment of sending is not sent (F-10.9). */
const ENTRY_FRESH_MS = 2_000;
/** Attempts to cancel an entry, 5 s each at least, before a person is called (F-6.6). */
const RECOVERIES = 3;
const POST_ONLY_REASON = "EC_PostOnlyWillTakeLiquidity";

/** The working entry: cancelled at its timeout, when its signal died, under any halt or block (F-1.4, F-6.6, F-2). */
export function manageEntry(step: Step): void {
  for (const order of step.bot.orders) if (order.role === "entry") manageOne(step, order);
}

function manageOne(step: Step, entry: OwnOrder): void {
  if (entry.cancel !== null) {
    if (entry.cancel.attempts > RECOVERIES) {
      halt(step, { reason: "entry_unrecoverable", detail: `entry ${entry.id} does not end after its cancel` });
    }
    return;
  }
  if (cancelReason(step, entry) !== null) cancelOrder(step, entry.id);
}

function cancelReason(step: Step, entry: OwnOrder): string | null {
  const { bot, at } = step;
  if (bot.halt !== null) return "halt";
  if (bot.blocks.length > 0) return "block";
  if (bot.degradedSince !== null) return "degraded";
  if (bot.operator.killPresent || bot.operator.shutdownAt !== null) return "operator";
  const plan = planFor(bot, entry);
  if (plan === null) return "no plan";
  if (positionOf(bot)?.closing) return "closing";
  if (at - entry.decidedAt >= entryConfig(bot).entry.entry_timeout_s * 1000) return "timeout";
  if (filledOf(entry) > 0) return null;
  const signal = { side: plan.side, endsAt: plan.signalEndsAt, gridLine: plan.gridLine };
  return signalLives(signal, { now: at, last: bot.market.seen.last }) ? null : "signal over";
}

/** The plan the entry works for; null when what is held or planned is not its own. */
function planFor(bot: Bot, entry: OwnOrder): Plan | null {
  const position = positionOf(bot);
  const wanted = bot.phase.kind === "entry" ? bot.phase.plan : position?.plan ?? null;
  return wanted !== null && wanted.entryId === entry.id ? wanted : null;
}

/** The entry is over: rejections, maker timeouts and failed takers are counted (F-1.12, F-9, F-10.6). */
export function onEntryEnded(step: Step, order: OwnOrder, refusal: Refusal | null): void {
  const { bot } = step;
  const { plan } = order;
  if (refusal !== null || order.end === "Rejected" && !isPostOnlyRefusal(order)) {
    const cause = refusal?.cause ?? "other";
    const judged = foldRejection(bot.rejections, { cause, now: step.at }, bot.config.runtime);
    bot.rejections = judged.rejections;
    takeBlocks(step, [judged.block]);
    takeHalt(step, judged.halt);
  }
  if (plan === null || filledOf(order) > 0) return;
  if (plan.fallback) return takeBlocks(step, [takerFailedBlock(step.at, bot.config.entry)]);
  if (!plan.taker && isMakerTimeout(bot, order)) bot.maker = foldMakerTimeout(bot.maker, plan.signalId);
}

/** PostOnly refusal by its reason, whatever the status word (F-10.6). */
function isPostOnlyRefusal(order: OwnOrder): boolean {
  return order.row?.rejectReason === POST_ONLY_REASON;
}

function isMakerTimeout(bot: Bot, order: OwnOrder): boolean {
  if (isPostOnlyRefusal(order)) return true;
  const timedOut = order.cancel !== null &&
    order.cancel.sentAt - order.decidedAt >= entryConfig(bot).entry.entry_timeout_s * 1000;
  return (order.end === "Cancelled" || order.end === "Gone") && timedOut;
}

/** The first fill of an entry: the signal is used, the trade counted (P-3, P-5). */
export function onEntryFilled(step: Step, order: OwnOrder): void {
  const { bot } = step;
  const used = bot.signal[order.ticket.side === "Buy" ? "buy" : "sell"];
  if (used?.filled === true) return;
  bot.signal = foldEntryFilled(bot.signal, order.ticket.side);
  bot.risk = foldTradeOpened(bot.risk);
  bot.rejections = foldEntryResting(bot.rejections);
  if (bot.trade === null) return;
  bot.trade = {
    ...bot.trade,
    latency: {
      ackMs: order.ackedAt === null ? null : order.ackedAt - order.decidedAt,
      fillMs: step.at - order.decidedAt,
    },
  };
}

/** A resting acknowledged entry resets the rejection count (F-9). */
export function onEntryShown(step: Step, order: OwnOrder): void {
  if (order.row?.status === "New" || order.row?.status === "PartiallyFilled") {
    step.bot.rejections = foldEntryResting(step.bot.rejections);
  }
}

/** Re-check at the moment of sending: null = may leave, else why not (F-10.9). */
export function entryStillValid(
  bot: Bot,
  entry: { readonly ticket: OrderTicket; readonly now: EpochMs },
): string | null {
  if (bot.halt !== null) return `halt:${bot.halt.reason}`;
  const blocked = bot.blocks[0];
  if (blocked !== undefined) return `block:${blocked.reason}`;
  if (bot.degradedSince !== null) return "degraded_mode";
  if (bot.phase.kind !== "entry" || bot.phase.plan.entryId !== entry.ticket.orderLinkId) return "plan_changed";
  const order = findOrder(bot, entry.ticket.orderLinkId);
  if (!isOpen(order) || order.cancel !== null) return "cancelled";
  return entry.now - order.decidedAt >= ENTRY_FRESH_MS ? "stale" : null;
}

/** When the working entry wants a step without input; null = there is none. */
export function entryDeadline(bot: Bot): EpochMs | null {
  const entry = openOrderOf(bot, "entry");
  if (entry === null) return null;
  if (entry.cancel !== null) return entry.cancel.nextAt;
  const plan = planFor(bot, entry);
  const timeout = later(entry.decidedAt, entryConfig(bot).entry.entry_timeout_s * 1000);
  return plan !== null && plan.signalEndsAt < timeout && filledOf(entry) === 0 ? plan.signalEndsAt : timeout;
}
