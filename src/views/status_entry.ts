/** What `status.json` says about the next entry and the orders at the venue (M-1.2). */
import { z } from "zod";
import { atrGrid } from "../application/policy/entry/atr.ts";
import { gridSpacing } from "../application/policy/entry/signal_generator.ts";
import { entryConfig } from "../application/transition/experiment.ts";
import { entryNow } from "../application/transition/phases/flat.ts";
import type { Bot, OwnOrder } from "../domain/state.ts";

const price = z.number();

export const entrySchema = z.strictObject({
  /** Code that would refuse an entry now; null = an entry would be sent. */
  refusal: z.string().nullable(),
  /** The gate of that code; null when no gate but price or size refuses. */
  gate: z.int().nullable(),
  inputs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
});
export const gridSchema = z.strictObject({
  anchor_usd: price,
  spacing_usd: price,
  buy_at_usd: price,
  sell_at_usd: price,
  /** When the next bar begins: each side is traded at most once a bar, at any moment of it. */
  next_bar_at_ms: z.int(),
});
export const orderSchema = z.strictObject({
  id: z.string(),
  role: z.string(),
  state: z.string(),
  sent_at_ms: z.int(),
  side: z.string(),
  /** `limit`, `post-only`, `immediate`, `market` or `stop`. */
  kind: z.string(),
  /** 0 = everything that is open. */
  contracts: z.int(),
  /** The limit, or the trigger of a stop; null for a market order. */
  price_usd: price.nullable(),
});

/** The gate that would refuse an entry now, with what it judged by. */
export function entryStatus(bot: Bot): z.infer<typeof entrySchema> {
  const { refusal, gates } = entryNow(bot);
  const gate = gates.find((one) => one.code !== null) ?? null;
  return { refusal, gate: gate?.gate ?? null, inputs: { ...gate?.inputs } };
}

/** The lines of the grid; null while there is no anchor or no ATR. */
export function gridStatus(bot: Bot): z.infer<typeof gridSchema> | null {
  const { config, signal } = bot;
  const spacing = gridSpacing(atrGrid(bot.hours), entryConfig(bot).strategy);
  if (spacing === null || signal.anchor === null) return null;
  const bar = config.strategy.signal_bar === "1h" ? 3_600_000 : 60_000;
  const anchor = signal.anchor.price;
  return {
    anchor_usd: anchor / 100,
    spacing_usd: spacing / 100,
    buy_at_usd: Math.max(0, anchor - spacing) / 100,
    sell_at_usd: (anchor + spacing) / 100,
    next_bar_at_ms: (Math.floor(bot.now / bar) + 1) * bar,
  };
}

function kindOf({ ticket }: OwnOrder): string {
  if (ticket.trigger !== null) return "stop";
  if (ticket.orderType === "Market") return "market";
  if (ticket.timeInForce === "PostOnly") return "post-only";
  return ticket.timeInForce === "IOC" || ticket.timeInForce === "FOK" ? "immediate" : "limit";
}

/** One own order; price and size as the venue shows them, before that as they were sent. */
export function orderStatus(order: OwnOrder): z.infer<typeof orderSchema> {
  const { ticket, row } = order;
  const trigger = row?.triggerPrice ?? ticket.trigger?.price ?? null;
  const limit = row?.price ?? ticket.price;
  const cents = ticket.trigger === null ? limit : trigger;
  return {
    id: order.id,
    role: order.role,
    state: order.state,
    sent_at_ms: order.sentAt,
    side: ticket.side,
    kind: kindOf(order),
    contracts: row?.contracts ?? ticket.contracts,
    price_usd: cents === null ? null : cents / 100,
  };
}

/** Looks that began within this of the newest row may not show what it showed. */
const READ_LAG_MS = 5_000;

/**
 * When the venue last showed an order: its newest row, or the newest read of all open orders that did not leave it out.
 * null = never.
 */
export function shownAt(bot: Bot, order: OwnOrder | null): number | null {
  if (order === null || order.rowAt === null) return null;
  const readAt = bot.reconcile.ordersAnsweredAt;
  const inRead = order.state === "live" && order.look === null && readAt !== null && readAt > order.rowAt + READ_LAG_MS;
  return inRead ? readAt : order.rowAt;
}
