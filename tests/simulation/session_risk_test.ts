/**
 * The rules of session risk through the whole bot: orchestrator, real link, fake venue, virtual time. The market is put
 * where the next trade should begin or end; what follows is the bot's own doing.
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { positionOf } from "../../src/application/transition/step.ts";
import { gridSpacing } from "../../src/application/policy/entry/signal_generator.ts";
import { isCovered } from "../../src/application/transition/protection/stop_manager.ts";
import { atrGrid } from "../../src/application/policy/entry/atr.ts";
import type { Config } from "../../src/domain/limits.ts";
import type { BlockReason } from "../../src/domain/halts_and_blocks.ts";
import { denseGrid, START, WholeBot } from "../support/whole_bot.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** START is 20:00 on a Friday: the next midnight is exactly the four hours away that F-8 asks for at least. */
const MIDNIGHT = START + 4 * HOUR;

/** The shipped rules but for what would stop the trading before the rule under test does. */
function tuned(safety: Partial<Config["safety"]>): (config: Config) => Config {
  return (config) => {
    // The market is only ever pushed down here, and the account with it.
    const goal = { ...config.goal, equity_floor_usd: 20 };
    return denseGrid({ ...config, goal, safety: { ...config.safety, ...safety } });
  };
}

/** Moves the market below the grid and to the resting entry until a covered position is open. */
function enter(bot: WholeBot): void {
  const { control } = bot.venue;
  bot.until("a covered position", () => {
    const state = bot.state?.bot;
    const entry = control.state().orders.find((order) => !order.reduceOnly && order.status === "New");
    if (entry !== undefined) control.setPrice(Math.round(entry.price * 0.9995));
    else if (state !== undefined && control.state().size === 0 && state.signal.anchor !== null) {
      const spacing = gridSpacing(atrGrid(state.hours), state.config.strategy) ?? 0;
      const line = state.signal.anchor.price - spacing;
      if (control.state().last > line) control.setPrice(Math.round(line * 0.9995));
    }
    const position = state === undefined ? null : positionOf(state);
    return state !== undefined && position !== null && !position.entryWorking && isCovered(state, position);
  });
}
function finish(bot: WholeBot, trades: number): void {
  bot.until("FLAT without an order", () => bot.phase === "flat" && bot.state?.bot.orders.length === 0);
  bot.until("the trade's record", () => tradesOf(bot).length === trades, 5 * MINUTE);
}
function tradesOf(bot: WholeBot) {
  return bot.journaled.flatMap((line) => line.intents).flatMap((intent) =>
    intent.kind === "Record" && intent.record.type === "trade" ? [intent.record] : []
  );
}
function stopOut(bot: WholeBot, trades: number): void {
  enter(bot);
  const stop = bot.venue.control.state().orders.find((order) => order.triggerPrice > 0);
  ok(stop !== undefined);
  bot.venue.control.setPrice(Math.round(stop.triggerPrice * 0.9995));
  finish(bot, trades);
}
function closeByHand(bot: WholeBot, trades: number): void {
  enter(bot);
  bot.close();
  finish(bot, trades);
}
function blockOf(bot: WholeBot, reason: BlockReason) {
  return bot.state?.bot.blocks.find((block) => block.reason === reason) ?? null;
}
function entriesSent(bot: WholeBot): number {
  return bot.journaled.flatMap((line) => line.intents).filter((intent) => intent.kind === "PlaceEntry").length;
}
function isNear(actual: number | null | undefined, wanted: number): void {
  ok(typeof actual === "number" && Math.abs(actual - wanted) < 2 * MINUTE, `${actual} is not near ${wanted}`);
}

/** The block shows as COOLDOWN, refuses a signal that stands, and is there again after a kill and after a reset (F-8.11). */
function holds(bot: WholeBot, reason: BlockReason): void {
  const block = blockOf(bot, reason);
  ok(block !== null, `no block ${reason}: ${bot.state?.bot.blocks.map((one) => one.reason)}`);
  equal(bot.word, "COOLDOWN");
  const sent = entriesSent(bot);
  bot.kill();
  bot.boot();
  bot.until("the end of the start", () => bot.state?.bot.boot.stage === "done");
  bot.reset();
  const { control } = bot.venue;
  control.setPrice(Math.round(control.state().last * 0.97));
  bot.run(5 * MINUTE);
  deepEqual({ ...blockOf(bot, reason) }, { ...block });
  equal(bot.word, "COOLDOWN");
  equal(entriesSent(bot), sent);
  equal(bot.halt, null);
}

Deno.test("[F-8.1 F-8.11 F-3.4] two stop-outs of a day reach the daily cap: no entry before 00:00 UTC, then again", () => {
  const bot = new WholeBot({ tune: tuned({}), hours: 8 });
  stopOut(bot, 1);
  equal(blockOf(bot, "daily_loss"), null);
  stopOut(bot, 2);
  isNear(blockOf(bot, "daily_loss")?.until, bot.now + 4 * HOUR);
  holds(bot, "daily_loss");
  bot.until("the end of the block", () => blockOf(bot, "daily_loss") === null, 5 * HOUR);
  ok(bot.now >= MIDNIGHT);
  // The signal that stood all the time is acted on at last.
  bot.until("an entry", () => bot.phase !== "flat");
});

Deno.test("[F-8.2 F-8.11 F-3.4] stop-outs that reach the weekly cap block for seven days", () => {
  const bot = new WholeBot({ tune: tuned({ daily_loss_cap_pct: 50, loss_streak_day: 90, loss_streak_cooldown: 99 }) });
  let trades = 0;
  while (blockOf(bot, "weekly_loss") === null) {
    trades += 1;
    ok(trades < 8, "eight stop-outs and no weekly cap");
    stopOut(bot, trades);
  }
  const equity = bot.state?.bot.risk.week?.equity ?? 0;
  ok((bot.state?.bot.risk.week?.realised ?? 0) <= -0.125 * equity);
  isNear(blockOf(bot, "weekly_loss")?.until, bot.now + 7 * DAY);
  holds(bot, "weekly_loss");
});

Deno.test("[F-8.3 F-8.10 F-8.11 F-3.4] the third loss in a row ends the day", () => {
  const bot = new WholeBot({ tune: tuned({}) });
  closeByHand(bot, 1);
  closeByHand(bot, 2);
  equal(blockOf(bot, "loss_streak_day"), null);
  closeByHand(bot, 3);
  const block = blockOf(bot, "loss_streak_day");
  equal(block?.until, Math.max(MIDNIGHT, (block?.since ?? 0) + 4 * HOUR));
  equal(bot.state?.bot.risk.lossStreak, 3);
  holds(bot, "loss_streak_day");
});

Deno.test("[F-8.4 F-8.11 F-3.4] the fifth loss in a row blocks for 72 hours", () => {
  const bot = new WholeBot({ tune: tuned({ loss_streak_day: 5 }) });
  for (let trade = 1; trade <= 4; trade += 1) closeByHand(bot, trade);
  equal(blockOf(bot, "loss_streak"), null);
  closeByHand(bot, 5);
  equal(blockOf(bot, "loss_streak")?.until, (blockOf(bot, "loss_streak")?.since ?? 0) + 72 * HOUR);
  holds(bot, "loss_streak");
});

Deno.test("[F-8.5 F-8.11 F-3.4] two trades in a row charged twice the rate the venue told block for 30 minutes", () => {
  const told = '{"list":[{"symbol":"BTCUSD","takerFeeRate":"0.000275","makerFeeRate":"0.0001"}]}';
  const bot = new WholeBot({
    tune: tuned({}),
    reply: ({ path }, body) =>
      path.endsWith("/fee-rate") ? body.replace(/"result":\{.*?\]\}/, `"result":${told}`) : body,
  });
  closeByHand(bot, 1);
  equal(blockOf(bot, "fee_spike"), null);
  ok((tradesOf(bot)[0]?.fee_ratio ?? 0) > 1.9);
  closeByHand(bot, 2);
  equal(blockOf(bot, "fee_spike")?.until, (blockOf(bot, "fee_spike")?.since ?? 0) + 30 * MINUTE);
  holds(bot, "fee_spike");
  bot.until("the end of the block", () => blockOf(bot, "fee_spike") === null, 30 * MINUTE);
});

Deno.test("[F-8.6 F-8.11 F-3.4] three exits filled more than $2 away within ten minutes block for an hour", () => {
  const bot = new WholeBot({ tune: tuned({ daily_loss_cap_pct: 50, weekly_loss_cap_pct: 50, loss_streak_day: 90 }) });
  for (let trade = 1; trade <= 3; trade += 1) {
    equal(blockOf(bot, "slippage"), null);
    enter(bot);
    const { orders, last } = bot.venue.control.state();
    const stop = orders.find((order) => order.triggerPrice > 0);
    ok(stop !== undefined);
    // Below the trigger at once: the market order that the stop becomes finds buyers only there.
    const away = 2.6 / stop.qty;
    bot.venue.control.setPrice(Math.round(Math.min(last, stop.triggerPrice) * (1 - away)));
    finish(bot, trade);
    ok((tradesOf(bot)[trade - 1]?.slippage_usd ?? 0) > 2);
  }
  equal(blockOf(bot, "slippage")?.until, (blockOf(bot, "slippage")?.since ?? 0) + 60 * MINUTE);
  holds(bot, "slippage");
  bot.until("the end of the block", () => blockOf(bot, "slippage") === null, 60 * MINUTE);
});
