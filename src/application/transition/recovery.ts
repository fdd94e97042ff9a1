import type { Intent } from "../../domain/intent.ts";
import { parseOwnLinkId } from "../../domain/ids.ts";
import type { OrderTicket } from "../../domain/orders.ts";
import type { Bot } from "../../domain/state.ts";
import type { EpochMs } from "../../domain/units.ts";
import { findOrder, newOrder } from "./orders/order_table.ts";

/**
 * Recorded intents are facts (F-11.7): an order that was sent and that the re-run did not decide is registered from the
 * record, as unknown, so that boot looks it up and no look shows it as somebody else's.
 */
export function adoptRecordedIntents(
  bot: Bot,
  recorded: { readonly at: EpochMs; readonly intents: readonly Intent[] },
): Bot {
  let orders = bot.orders;
  for (const intent of recorded.intents) {
    const ticket = ticketOf(intent);
    if (ticket === null || findOrder({ ...bot, orders }, ticket.orderLinkId) !== null) continue;
    const own = parseOwnLinkId(ticket.orderLinkId, bot.config.strategy_name);
    if (own === null) continue;
    const order = newOrder({
      ticket,
      role: own.role,
      trade: own.signalId,
      generation: own.generation,
      at: recorded.at,
    });
    orders = [...orders, { ...order, state: "unknown" }];
  }
  return orders === bot.orders ? bot : { ...bot, orders };
}

function ticketOf(intent: Intent): OrderTicket | null {
  switch (intent.kind) {
    case "PlaceEntry":
    case "PlaceStop":
    case "PlaceTarget":
    case "PlaceExit":
      return intent.ticket;
    default:
      return null;
  }
}
