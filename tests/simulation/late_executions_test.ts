/** Fills that the venue's position shows long before any order row or execution does: REST becomes the truth (F-4.3). */
import { deepEqual, equal, ok } from "node:assert/strict";
import { recordFault } from "../../src/infrastructure/storage/trades/trade_schema.ts";
import { WholeBot } from "../support/whole_bot.ts";

/** A venue whose executions and order rows stand still while `hidden`; its positions do not. */
class LateVenue {
  hidden = false;

  readonly frame = (text: string): string | null =>
    this.hidden && /"topic":"(execution|order)/.test(text) ? null : text;

  readonly reply = ({ path }: { readonly path: string }, body: string): string => {
    if (!this.hidden || !/\/(execution\/list|order\/realtime|order\/history)$/.test(path)) return body;
    const answer = JSON.parse(body);
    if (path.endsWith("/execution/list")) answer.result.list = [];
    else answer.result.list = answer.result.list.map(unfilled);
    return JSON.stringify(answer);
  };
}

/** An order's row of before its first fill. */
function unfilled(row: Record<string, string>): Record<string, string> {
  if (row["cumExecQty"] === "0") return row;
  const nothing = { cumExecQty: "0", cumExecValue: "0", cumExecFee: "0", avgPrice: "0" };
  return { ...row, ...nothing, orderStatus: "New", leavesQty: row["qty"] ?? "" };
}

const net = (bot: WholeBot) => bot.state?.bot.ledger.net;
const owed = (bot: WholeBot) => bot.state?.bot.ledger.owed ?? null;

/** The bot with its first entry at the venue, not filled. */
function entering(): { readonly bot: WholeBot; readonly venue: LateVenue } {
  const venue = new LateVenue();
  const bot = new WholeBot({ reply: venue.reply, frame: venue.frame });
  bot.until("an entry", () => bot.venue.control.state().orders.length > 0);
  bot.run(2_000);
  return { bot, venue };
}

/** Flat, nothing owed, and the wallet changed by what the records say, to the satoshi; each fits the trade log. */
function balances(bot: WholeBot, before: number): void {
  deepEqual([net(bot), owed(bot)], [0, null]);
  bot.run(11_000);
  let recorded = 0;
  let trades = 0;
  for (const intent of bot.journaled.flatMap(({ intents }) => intents)) {
    if (intent.kind !== "Record") continue;
    const { record } = intent;
    if (record.type === "cash_flow") recorded += record.amountPico / 1e4;
    if (record.type === "adjustment") recorded += record.gross_pnl_sats - record.fees_sats - record.funding_sats;
    if (record.type === "trade") recorded += record.net_pnl_sats;
    if (record.type === "trade" || record.type === "adjustment") equal(recordFault(record), null);
    if (record.type === "trade") trades += 1;
  }
  deepEqual([trades, recorded], [1, bot.venue.control.state().walletSat - before]);
}

Deno.test("[F-4.3 F-2.1 F-7.16] an entry that only the position shows is taken over and protected; its execution moves nothing again", () => {
  const { bot, venue } = entering();
  const { walletSat } = bot.venue.control.state();
  venue.hidden = true;
  bot.until("the fill", () => bot.venue.control.state().size > 0);
  const { size } = bot.venue.control.state();
  bot.run(6_000);
  equal(net(bot), size);
  equal(bot.halt, "unexpected_fill");
  ok(bot.venue.control.state().orders.some((order) => order.triggerPrice > 0), "no stop");
  ok(owed(bot) !== null);
  venue.hidden = false;
  bot.run(10_000);
  equal(net(bot), size);
  equal(owed(bot), null);
  bot.close();
  bot.until("flat", () => bot.venue.control.state().size === 0);
  bot.run(10_000);
  balances(bot, walletSat);
});

Deno.test("[F-4.3 F-7.16] a close that only the position shows ends the trade; its execution opens nothing", () => {
  const { bot, venue } = entering();
  const { walletSat } = bot.venue.control.state();
  bot.until("a protected position", () => bot.phase === "position" && bot.venue.control.state().orders.length > 1);
  bot.run(5_000);
  venue.hidden = true;
  const target = bot.venue.control.state().orders.find((order) => order.triggerPrice === 0);
  ok(target !== undefined);
  bot.venue.control.setPrice(target.price + (target.side === "Sell" ? 100 : -100));
  bot.until("the close", () => bot.venue.control.state().size === 0);
  bot.until("flat", () => bot.phase === "flat", 30_000);
  bot.run(12_000);
  ok(owed(bot) !== null);
  venue.hidden = false;
  // Looks for what the rows hide have used up the minute's calls.
  bot.until("the executions", () => owed(bot) === null, 60_000);
  equal(bot.halt, null);
  balances(bot, walletSat);
});
