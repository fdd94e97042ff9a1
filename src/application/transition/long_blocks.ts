import type { BlockReason } from "../../domain/halts_and_blocks.ts";
import { alert, type Step } from "./step.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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
    const patience = PATIENCE[one.reason];
    const due = times(step.at - since - patience.ms);
    if (due === 0 || due === times(before.now - since - patience.ms)) continue;
    const minutes = Math.round((step.at - since) / MINUTE_MS);
    const text = `No entries for ${minutes} min (${one.reason}): still waiting for ${patience.waits}.`;
    alert(step, { severity: "warning", code: `long_block:${one.reason}`, text });
  }
}

/** How often a block that is over its time by so much should have been told. */
function times(overMs: number): number {
  return overMs < 0 ? 0 : 1 + Math.floor(overMs / HOUR_MS);
}
