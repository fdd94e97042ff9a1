import { type EpochMs, epochMs } from "./units.ts";

/** Class of a block: COOLDOWN shows as the public word, BLOCK only refuses entries (F-1.6). */
export type BlockClass = "COOLDOWN" | "BLOCK";

/** COOLDOWN from price moves; lifts after 30 min and 5 stable minutes (F-7.1, F-7.2, F-7.23, F-7.20). */
export type PriceBlockReason = "price_drop_1m" | "price_drop_5m" | "price_surge_1m" | "price_surge_5m";
/** Session risk (F-8.1 … F-8.6 class COOLDOWN, F-8.7 class BLOCK). */
export type SessionBlockReason =
  | "daily_loss" // F-8.1
  | "weekly_loss" // F-8.2
  | "loss_streak_day" // F-8.3
  | "loss_streak" // F-8.4
  | "fee_spike" // F-8.5
  | "slippage" // F-8.6
  | "reconnect_loop"; // F-8.7
export type BlockReason =
  | PriceBlockReason
  | SessionBlockReason
  | "starting" // boot (F-1.6)
  | "rejections" // F-9 transient
  | "order_cleanup" // F-6.8
  | "latency" // F-7.5, the flag emergencyBlock
  | "degraded" // F-7.7, the flag degradedMode
  | "market_data_stale" // F-7.12
  | "ip_banned" // F-7.14
  | "instrument" // F-7.17 maintenance, status or filters
  | "ws_recovery" // F-7.21, five minutes after degraded
  | "taker_failed" // F-10.6
  | "stage_flap" // P-3
  | "reconcile" // F-4.3 override pause or unexplained disagreement
  | "journal_lag" // P-14, durability later than 2 s
  | "key_expiry" // F-12.6, less than two days left
  | "shutdown"; // F-13.3

/**
 * Why entries are refused for a while. `until` null = lifted by its own condition, by whoever judges that condition.
 * `stableSince` is the start of the running calm of a price block (F-7.20), null for every other reason or while not
 * calm.
 */
export type Block = {
  readonly reason: BlockReason;
  readonly class: BlockClass;
  readonly since: EpochMs;
  readonly until: EpochMs | null;
  readonly stableSince: EpochMs | null;
};

/** Why a person is needed. Only an operator reset clears it (F-1.2). */
export type HaltReason =
  | "liquidation" // F-1.24, F-7.6
  | "adl" // F-1.25
  | "unexpected_fill" // F-1.26
  | "second_instance" // F-1.26, F-10.5, F-11.4
  | "invalid_fill_quantity" // F-1.27
  | "foreign_activity" // F-1.27, F-1.28, F-6.7
  | "unprotected" // F-2.1
  | "position_disagreement" // F-4.3
  | "stop_loss_unrecoverable" // F-5.6, F-2.2
  | "stop_side_disagreement" // F-5.8
  | "exit_unrecoverable" // F-6.5
  | "entry_unrecoverable" // F-6.6
  | "balance_anomaly" // F-7.3, F-7.16
  | "equity_below_floor" // F-7.4
  | "degraded_mode_timeout" // F-7.8
  | "network_failure" // F-7.9
  | "network_failure_with_position" // F-7.9
  | "hedge_mode_detected" // F-7.11
  | "liquidation_too_close" // F-7.13
  | "ip_banned" // F-7.14
  | "credentials" // F-7.15
  | "instrument" // F-7.17
  | "venue_maintenance" // F-13.8
  | "journal_behind_venue" // F-10.5, F-11.6
  | "unknown_position" // F-11.5
  | "upgraded_mid_position" // F-11.7
  | "core_fault" // F-11.8
  | "journal_unavailable" // F-11.9
  | "kill_switch" // F-13.1
  | "order_rate_runaway" // F-13.1
  | "winrate_hard" // P-9
  | "goal_reached" // P-2
  | "goal_missed" // P-2
  | `persistent_rejection:${string}` // F-9
  | `startup_check:${string}` // F-12.6
  | `invariant_violation:${string}`; // F-2.4

/** The halt of the bot; `detail` is one line for people. */
export type Halt = { readonly reason: HaltReason; readonly since: EpochMs; readonly detail: string };

/** What a policy asks for; the caller folds it with `withBlock`. */
export type NewBlock = Block;
/** What a policy asks for; the caller keeps the first halt (F-1.2). */
export type NewHalt = { readonly reason: HaltReason; readonly detail: string };

/** Class of each reason (F-1.6). */
export function blockClass(reason: BlockReason): BlockClass {
  switch (reason) {
    case "price_drop_1m":
    case "price_drop_5m":
    case "price_surge_1m":
    case "price_surge_5m":
    case "daily_loss":
    case "weekly_loss":
    case "loss_streak_day":
    case "loss_streak":
    case "fee_spike":
    case "slippage":
    case "starting":
    case "rejections":
      return "COOLDOWN";
    case "reconnect_loop":
    case "order_cleanup":
    case "latency":
    case "degraded":
    case "market_data_stale":
    case "ip_banned":
    case "instrument":
    case "ws_recovery":
    case "taker_failed":
    case "stage_flap":
    case "reconcile":
    case "journal_lag":
    case "key_expiry":
    case "shutdown":
      return "BLOCK";
    default: {
      const never: never = reason;
      return never;
    }
  }
}

/** True for the four price reasons. */
export function isPriceReason(reason: BlockReason): reason is PriceBlockReason {
  return reason === "price_drop_1m" || reason === "price_drop_5m" || reason === "price_surge_1m" ||
    reason === "price_surge_5m";
}

/** True for the reasons of F-8. */
export function isSessionReason(reason: BlockReason): reason is SessionBlockReason {
  return reason === "daily_loss" || reason === "weekly_loss" || reason === "loss_streak_day" ||
    reason === "loss_streak" || reason === "fee_spike" || reason === "slippage" || reason === "reconnect_loop";
}

/** A block with its class filled in; `until` null = by condition (F-1.6). */
export function newBlock(
  reason: BlockReason,
  span: { readonly since: EpochMs; readonly until: EpochMs | null },
): Block {
  return { reason, class: blockClass(reason), since: span.since, until: span.until, stableSince: null };
}

/**
 * Adds a block; one of the same reason keeps its `since` and ends at the latest `until`, a condition outlasting any
 * time (F-8.12). A price block is replaced as it is, because its clocks restart (F-7.20).
 */
export function withBlock(blocks: readonly Block[], added: Block): readonly Block[] {
  const old = blocks.find((block) => block.reason === added.reason);
  if (old === undefined) return [...blocks, added];
  if (isPriceReason(added.reason)) return blocks.map((block) => (block === old ? added : block));
  const until = old.until === null || added.until === null ? null : epochMs(Math.max(old.until, added.until));
  if (until === old.until) return blocks;
  return blocks.map((block) => (block === old ? { ...old, until } : block));
}

/** Removes the block of a reason; returns the same list when there is none. */
export function withoutBlock(blocks: readonly Block[], reason: BlockReason): readonly Block[] {
  for (const block of blocks) if (block.reason === reason) return blocks.filter((one) => one.reason !== reason);
  return blocks;
}

/** Drops timed blocks that are over (`until` ≤ now); price blocks are judged by `foldPriceBlocks` (F-7.20). */
export function withoutEndedBlocks(blocks: readonly Block[], now: EpochMs): readonly Block[] {
  const ended = (block: Block) => block.until !== null && block.until <= now && !isPriceReason(block.reason);
  return blocks.some(ended) ? blocks.filter((block) => !ended(block)) : blocks;
}
