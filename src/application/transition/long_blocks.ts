import type { BlockReason } from "../../domain/halts_and_blocks.ts";
import { alert, positionOf, type Step } from "./step.ts";
import type { BootRead, Bot } from "../../domain/state.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A start while something is open is told of after this. */
const OPEN_START_MS = 15_000;

/** How long a condition may keep entries blocked before a person is told, and what it waits for (F-1.6). */
const PATIENCE: { readonly [Reason in BlockReason]: { readonly ms: number; readonly waits: string } } = {
  starting: { ms: MINUTE_MS, waits: "the start's checks and both connections" },
  order_cleanup: { ms: MINUTE_MS, waits: "a read without own orders" },
  reconcile: { ms: MINUTE_MS, waits: "the venue's position to agree with the own books" },
  degraded: { ms: 2 * MINUTE_MS, waits: "both connections, and a full read after that" },
  market_data_stale: { ms: 2 * MINUTE_MS, waits: "market data" },
  journal_lag: { ms: 2 * MINUTE_MS, waits: "the disk" },
  shutdown: { ms: 2 * MINUTE_MS, waits: "everything open to be known and covered" },
  latency: { ms: 10 * MINUTE_MS, waits: "faster answers of the venue" },
  reconnect_loop: { ms: 15 * MINUTE_MS, waits: "a steady connection" },
  instrument: { ms: HOUR_MS, waits: "the venue to trade as it did at the start" },
  price_drop_1m: { ms: 4 * HOUR_MS, waits: "five calm minutes" },
  price_drop_5m: { ms: 4 * HOUR_MS, waits: "five calm minutes" },
  price_surge_1m: { ms: 4 * HOUR_MS, waits: "five calm minutes" },
  price_surge_5m: { ms: 4 * HOUR_MS, waits: "five calm minutes" },
  key_expiry: { ms: 24 * HOUR_MS, waits: "a key that lives longer" },
  // These end at a time of their own; each is told when it begins.
  daily_loss: { ms: MINUTE_MS, waits: "its end" },
  weekly_loss: { ms: MINUTE_MS, waits: "its end" },
  loss_streak_day: { ms: MINUTE_MS, waits: "its end" },
  loss_streak: { ms: MINUTE_MS, waits: "its end" },
  fee_spike: { ms: MINUTE_MS, waits: "its end" },
  slippage: { ms: MINUTE_MS, waits: "its end" },
  rejections: { ms: MINUTE_MS, waits: "its end" },
  ip_banned: { ms: MINUTE_MS, waits: "its end" },
  ws_recovery: { ms: MINUTE_MS, waits: "its end" },
  taker_failed: { ms: MINUTE_MS, waits: "its end" },
  stage_flap: { ms: MINUTE_MS, waits: "its end" },
};

/** A block that holds longer than its rule's time is told, then once an hour (F-1.6). Stateless: by the step's own span. */
export function tellLongBlocks(step: Step): void {
  const { before, bot } = step;
  for (const one of bot.blocks) {
    // Time in which the process was down is no waiting.
    const since = Math.max(one.since, one.until ?? 0, bot.boot.startedAt ?? 0);
    const patienceMs = patienceOf(bot, one.reason);
    const due = times(step.at - since - patienceMs);
    if (due === 0 || due === times(before.now - since - patienceMs)) continue;
    const waits = one.reason === "starting" ? startWaits(bot) : PATIENCE[one.reason].waits;
    const text = `No entries for ${lasting(step.at - since)} (${one.reason}): still waiting for ${waits}.`;
    alert(step, { severity: "warning", code: `long_block:${one.reason}`, text });
  }
}

/** A start with something open is told of sooner. */
function patienceOf(bot: Bot, reason: BlockReason): number {
  const open = positionOf(bot) !== null || bot.orders.length > 0;
  return reason === "starting" && open ? OPEN_START_MS : PATIENCE[reason].ms;
}

function lasting(ms: number): string {
  return ms < MINUTE_MS ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / MINUTE_MS)} min`;
}

/** How often a block that is over its time by so much should have been told. */
function times(overMs: number): number {
  return overMs < 0 ? 0 : 1 + Math.floor(overMs / HOUR_MS);
}

const READ_NAMES: { readonly [Read in BootRead]: string } = {
  account: "the account",
  key: "the key's rights",
  instrument: "the instrument",
  tier: "the risk tier",
  fees: "the fees",
  wallet: "the wallet",
  price_adjust: "the price adjustment",
  bars_1h: "hourly candles",
  bars_1d: "daily candles",
  bars_1m: "minute candles",
  maintenance: "the venue's state",
  ticker: "the ticker",
};

/** What an unfinished start waits for, in words for people (F-12.6). */
function startWaits(bot: Bot): string {
  const { boot } = bot;
  const waits: string[] = [];
  if (boot.stage === "venue") {
    if (!boot.positionSeen) waits.push("the position");
    if (!boot.ordersSeen) waits.push("the open orders");
    if (!boot.executionsSeen) waits.push("the executions");
  } else for (const read of boot.pending) waits.push(READ_NAMES[read]);
  if (bot.privateStream.status !== "ready") waits.push("the private stream");
  if (bot.publicStream.status !== "ready") waits.push("the public stream");
  const unresolved = bot.orders.filter((order) => order.state === "unknown").length;
  if (unresolved > 0) waits.push(`word of ${unresolved} own order${unresolved === 1 ? "" : "s"}`);
  if (bot.reconcile.mismatches > 0) waits.push("the venue's position to agree with the own books");
  if (!boot.clockJudged) waits.push("the venue's time");
  if (bot.market.seen.mark === null) waits.push("a price");
  return waits.length === 0 ? "the next look" : waits.join(", ");
}
