/** Why entries wait, and until when, in words (F-1.6). One wording for terminal, page and phone. */
import type { BlockReason } from "../domain/halts_and_blocks.ts";
import { momentText, sentenceOf } from "./numbers.ts";

type BlockWords = {
  /** What is the case, without a full stop. */
  readonly cause: string;
  /** What ends it when no time does. */
  readonly until: string;
};

const CALM = "the price has been calm for five minutes";

const BLOCKS: Readonly<Record<BlockReason, BlockWords>> = {
  price_drop_1m: { cause: "the price fell fast within a minute", until: CALM },
  price_drop_5m: { cause: "the price fell fast within five minutes", until: CALM },
  price_surge_1m: { cause: "the price rose fast within a minute", until: CALM },
  price_surge_5m: { cause: "the price rose fast within five minutes", until: CALM },
  daily_loss: { cause: "today's loss limit is reached", until: "the day ends" },
  weekly_loss: { cause: "this week's loss limit is reached", until: "its days are over" },
  loss_streak_day: { cause: "several trades in a row lost", until: "the day ends" },
  loss_streak: { cause: "many trades in a row lost", until: "its hours are over" },
  fee_spike: { cause: "fees were higher than expected several times", until: "its minutes are over" },
  slippage: { cause: "fills were worse than expected several times", until: "its minutes are over" },
  reconnect_loop: { cause: "the connection broke again and again", until: "it holds" },
  starting: { cause: "the bot is starting", until: "every start check has passed" },
  rejections: { cause: "the venue refused several entries in a row", until: "its minutes are over" },
  order_cleanup: { cause: "old orders are being cleared away at the venue", until: "the venue shows none of them" },
  latency: { cause: "the venue answers slowly", until: "it answers fast again" },
  degraded: { cause: "a connection to the venue is unhealthy", until: "both connections work again" },
  market_data_stale: { cause: "no fresh prices arrive", until: "prices arrive again" },
  ip_banned: { cause: "the venue refuses this machine's address", until: "it answers again" },
  instrument: { cause: "BTCUSD is not trading normally at the venue", until: "it trades normally again" },
  ws_recovery: { cause: "the connection has only just come back", until: "it has held for five minutes" },
  taker_failed: { cause: "an entry at market failed", until: "its minutes are over" },
  stage_flap: { cause: "the account keeps crossing the border between two stages", until: "its minutes are over" },
  reconcile: { cause: "venue and bot do not agree yet about what is open", until: "they agree" },
  journal_lag: { cause: "the disk writes too slowly", until: "it keeps up again" },
  key_expiry: { cause: "the API key expires in less than two days", until: "a new key is set" },
  shutdown: { cause: "the bot was told to stop", until: "it is started again" },
};

export type BlockFacts = {
  readonly reason: string;
  /** UTC ms; null = ends by its own condition. */
  readonly until_ms: number | null;
};

function wordsOf(reason: string): BlockWords {
  const found = Object.entries(BLOCKS).find(([name]) => name === reason)?.[1];
  return found ?? { cause: reason.replaceAll("_", " "), until: "its cause has passed" };
}

/** What is the case, as a clause: `today's loss limit is reached`. */
export function blockClause(reason: string): string {
  return wordsOf(reason).cause;
}

/** Until when: `until 00:00 UTC tomorrow`, `until both connections work again`. */
export function blockEnd(block: BlockFacts, now: number): string {
  const { until_ms: until, reason } = block;
  const words = wordsOf(reason);
  if (until === null || until <= now) return `until ${words.until}`;
  return words.until === CALM
    ? `until ${momentText(until, now)} at the earliest, then until ${CALM}`
    : `until ${momentText(until, now)}`;
}

/** `Today's loss limit is reached: no entry until 00:00 UTC tomorrow.` */
export function blockSentence(block: BlockFacts, now: number): string {
  return sentenceOf(`${blockClause(block.reason)}: no entry ${blockEnd(block, now)}`);
}
