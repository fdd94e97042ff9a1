import type { Vitals } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import {
  type Block,
  isPriceReason,
  newBlock,
  type NewHalt,
  type PriceBlockReason,
} from "../../../domain/halts_and_blocks.ts";
import type { Instrument } from "../../../domain/market.ts";
import type { PositionRow, WalletRow } from "../../../domain/orders.ts";
import { type EpochMs, epochMs, type MicroUsd, type PriceCents, type RateE8 } from "../../../domain/units.ts";
import { mulDiv, ONE_E8 } from "../../../domain/inverse.ts";
import type { PriceChanges } from "./price_ring.ts";
import type { EquityWatch, WalletWatch } from "../../../domain/slices.ts";

export type { EquityWatch, WalletWatch } from "../../../domain/slices.ts";

const MICRO = 1_000_000;

// ---- price moves (F-7.1, F-7.2, F-7.23, F-7.20) ------------------------------------------------------------------

function atOrBelow(change: number | null, limit: number): boolean {
  return change !== null && change <= limit;
}
function atOrAbove(change: number | null, limit: number): boolean {
  return change !== null && change >= limit;
}

/** Price triggers that hold for these changes; unknown triggers nothing (F-7.1, F-7.2, F-7.23, P-1). */
export function priceTriggers(changes: PriceChanges, safety: Config["safety"]): readonly PriceBlockReason[] {
  const found: PriceBlockReason[] = [];
  if (atOrBelow(changes.low1m, safety.drop_1m_pct)) found.push("price_drop_1m");
  if (atOrBelow(changes.low5m, safety.drop_5m_pct)) found.push("price_drop_5m");
  if (!safety.surge_enabled) return found;
  if (atOrAbove(changes.high1m, safety.surge_1m_pct)) found.push("price_surge_1m");
  if (atOrAbove(changes.high5m, safety.surge_5m_pct)) found.push("price_surge_5m");
  return found;
}

/** Calm for a block of this reason: both windows inside the recovery limits; unknown is not calm (F-7.20). */
export function isCalm(reason: PriceBlockReason, changes: PriceChanges, safety: Config["safety"]): boolean {
  const { low1m, low5m, high1m, high5m } = changes;
  switch (reason) {
    case "price_drop_1m":
    case "price_drop_5m":
      return low1m !== null && low5m !== null && low1m > safety.recovery_1m_pct && low5m > safety.recovery_5m_pct;
    case "price_surge_1m":
    case "price_surge_5m":
      return high1m !== null && high5m !== null && high1m < -safety.recovery_1m_pct &&
        high5m < -safety.recovery_5m_pct;
    default: {
      const never: never = reason;
      return never;
    }
  }
}

function withCalm(block: Block, calm: boolean, now: EpochMs): Block {
  if (!calm) return block.stableSince === null ? block : { ...block, stableSince: null };
  return block.stableSince === null ? { ...block, stableSince: now } : block;
}

function isOver(block: Block, now: EpochMs, safety: Config["safety"]): boolean {
  return block.until !== null && block.until <= now && block.stableSince !== null &&
    now - block.stableSince >= safety.recovery_stable_min * 60_000;
}

/**
 * Sets, restarts and lifts the price blocks: lifted when 30 min passed since the trigger and 5 calm minutes in a row;
 * a new trigger restarts both clocks, a relapse only the calm one (F-7.20). Returns the same list when nothing changed.
 */
export function foldPriceBlocks(
  blocks: readonly Block[],
  seen: { readonly changes: PriceChanges; readonly now: EpochMs },
  safety: Config["safety"],
): readonly Block[] {
  const { changes, now } = seen;
  const triggers = priceTriggers(changes, safety);
  if (triggers.length === 0 && !blocks.some((block) => isPriceReason(block.reason))) return blocks;
  const until = epochMs(now + safety.cooldown_min * 60_000);
  const next: Block[] = [];
  for (const block of blocks) {
    if (!isPriceReason(block.reason)) next.push(block);
    else if (!triggers.includes(block.reason)) {
      const judged = withCalm(block, isCalm(block.reason, changes, safety), now);
      if (!isOver(judged, now, safety)) next.push(judged);
    }
  }
  for (const reason of triggers) next.push(newBlock(reason, { since: now, until }));
  const same = next.length === blocks.length && next.every((block, i) => block === blocks[i]);
  return same ? blocks : next;
}

/** Next moment at which a price block can lift by time alone, or null (F-7.20); the caller wakes then. */
export function priceBlockDueAt(block: Block, safety: Config["safety"]): EpochMs | null {
  if (block.until === null || block.stableSince === null || !isPriceReason(block.reason)) return null;
  return epochMs(Math.max(block.until, block.stableSince + safety.recovery_stable_min * 60_000));
}

// ---- market data, latency (F-7.5, F-7.12) -------------------------------------------------------------------------

/** `emergencyBlock`: p95 of REST round trips at or above `latency_block_s`; no sample = no block (F-7.5). */
export function latencyBlocks(vitals: Pick<Vitals, "restP95">, safety: Config["safety"]): boolean {
  return vitals.restP95 !== null && vitals.restP95 >= safety.latency_block_s * 1000;
}

/** No market frame for `market_data_max_age_s`, or a change without usable reference (F-7.12, P-1). */
export function marketDataStale(
  seen: { readonly marketFrameAt: EpochMs | null; readonly changes: PriceChanges; readonly now: EpochMs },
  runtime: Config["runtime"],
): boolean {
  if (seen.marketFrameAt === null || seen.now - seen.marketFrameAt >= runtime.market_data_max_age_s * 1000) return true;
  return seen.changes.low1m === null || seen.changes.low5m === null;
}

// ---- equity and wallet (F-7.3, F-7.4) -----------------------------------------------------------------------------

export const emptyEquityWatch: EquityWatch = { below: 0, countedAt: null };
const FLOOR_UPDATES = 3;
const FLOOR_GAP_MS = 1_000;

/** Judges one equity update: ≤ 0 halts at once, below the floor at the third update ≥ 1 s apart (F-7.3, F-7.4). */
export function foldEquity(
  watch: EquityWatch,
  seen: { readonly equity: MicroUsd; readonly now: EpochMs; readonly floorUsd: number },
): { readonly watch: EquityWatch; readonly halt: NewHalt | null } {
  const usd = seen.equity / MICRO;
  if (usd <= 0) {
    return { watch, halt: { reason: "balance_anomaly", detail: `equity is ${usd} USD (F-7.3)` } };
  }
  if (usd >= seen.floorUsd) return { watch: watch.below === 0 ? watch : emptyEquityWatch, halt: null };
  if (watch.countedAt !== null && seen.now - watch.countedAt < FLOOR_GAP_MS) return { watch, halt: null };
  const next = { below: Math.min(watch.below + 1, FLOOR_UPDATES), countedAt: seen.now };
  if (next.below < FLOOR_UPDATES) return { watch: next, halt: null };
  const detail = `equity ${usd} USD is below the floor of ${seen.floorUsd} USD (F-7.4)`;
  return { watch: next, halt: { reason: "equity_below_floor", detail } };
}

export const emptyWalletWatch: WalletWatch = { okAt: null, failures: 0, failedAt: null };
const WALLET_FAILURES = 3;
/** Reads that failed closer to each other than this count once (F-7.3). */
export const WALLET_GAP_MS = 5_000;

/** A wallet row that can be used: its balance is there; "" of other fields is "not available" (F-7.3, F-4.8). */
export function walletReadable(wallet: WalletRow): boolean {
  return wallet.walletBalance !== null;
}

/**
 * Folds one wallet read or push. `unreadable` = answered but not by schema, `failed` = not answered; a call refused
 * locally for budget is no read (F-7.10) and must not be folded. Halts after three failures ≥ 5 s apart while other
 * calls succeed, when unreadable or older than `balance_stale_s` (F-7.3).
 */
export function foldWalletRead(
  watch: WalletWatch,
  seen: {
    readonly result: "ok" | "unreadable" | "failed";
    readonly now: EpochMs;
    readonly otherCallsSucceed: boolean;
  },
  safety: Config["safety"],
): { readonly watch: WalletWatch; readonly halt: NewHalt | null } {
  if (seen.result === "ok") return { watch: { okAt: seen.now, failures: 0, failedAt: null }, halt: null };
  const tooSoon = watch.failedAt !== null && seen.now - watch.failedAt < WALLET_GAP_MS;
  const next = tooSoon
    ? watch
    : { ...watch, failures: Math.min(watch.failures + 1, WALLET_FAILURES), failedAt: seen.now };
  const stale = watch.okAt === null || seen.now - watch.okAt > safety.balance_stale_s * 1000;
  if (next.failures < WALLET_FAILURES || !seen.otherCallsSucceed || !(stale || seen.result === "unreadable")) {
    return { watch: next, halt: null };
  }
  const age = watch.okAt === null ? "never read" : `last read ${(seen.now - watch.okAt) / 1000} s ago`;
  return { watch: next, halt: { reason: "balance_anomaly", detail: `wallet ${seen.result}, ${age} (F-7.3)` } };
}

// ---- rows of the venue (F-7.6, F-7.11, F-7.13) ------------------------------------------------------------------------

/** HALT a position row demands: hedge mode, liquidation warning (F-7.6, F-7.11); null = none. */
export function judgePositionRow(row: Pick<PositionRow, "positionIdx" | "status">): NewHalt | null {
  if (row.positionIdx !== 0) {
    return { reason: "hedge_mode_detected", detail: `positionIdx is ${row.positionIdx} (F-7.11)` };
  }
  if (row.status === "Liq") return { reason: "liquidation", detail: "the venue warns of liquidation (F-7.6)" };
  return null;
}

/** True when |entry − liqPrice| ÷ entry < 1.5 × d; d as RateE8 (F-7.13). */
export function liquidationNear(
  position: { readonly entry: PriceCents; readonly liqPrice: PriceCents | null; readonly distance: RateE8 },
): boolean {
  if (position.liqPrice === null || position.entry <= 0) return false;
  const gap = mulDiv(Math.abs(position.entry - position.liqPrice), ONE_E8 * 2, {
    by: position.entry,
    rounding: "down",
  });
  return gap < position.distance * 3;
}

// ---- key, instrument (F-7.15, F-7.17) ---------------------------------------------------------------------

/** Signed calls refused for the key since the last accepted one (F-7.15). */
export function foldCredentials(
  refusals: number,
  refused: boolean,
): { readonly refusals: number; readonly halt: NewHalt | null } {
  if (!refused) return { refusals: 0, halt: null };
  if (refusals + 1 < 2) return { refusals: refusals + 1, halt: null };
  return {
    refusals: 2,
    halt: { reason: "credentials", detail: "a signed call was refused twice for the key (F-7.15)" },
  };
}

const BEFORE_MAINTENANCE_MS = 600_000;

/** True while entries are blocked: from 10 min before announced maintenance to its end (F-7.17). */
export function inMaintenance(
  window: { readonly from: EpochMs; readonly to: EpochMs } | null,
  now: EpochMs,
): boolean {
  return window !== null && now >= window.from - BEFORE_MAINTENANCE_MS && now < window.to;
}

/** What F-7.17 says about the instrument: block entries, and halt when not trading with a position open. */
export function judgeInstrument(
  seen: { readonly at: Instrument; readonly before: Instrument | null; readonly hasPosition: boolean },
): { readonly blocked: boolean; readonly halt: NewHalt | null } {
  const trading = seen.at.status === "Trading";
  const changed = seen.before !== null && filtersDiffer(seen.before, seen.at);
  const halt: NewHalt | null = !trading && seen.hasPosition
    ? { reason: "instrument", detail: `instrument status is ${seen.at.status} with a position open (F-7.17)` }
    : null;
  return { blocked: !trading || changed, halt };
}

function filtersDiffer(a: Instrument, b: Instrument): boolean {
  return a.tickCents !== b.tickCents || a.qtyStep !== b.qtyStep || a.minOrderQty !== b.minOrderQty ||
    a.maxOrderQty !== b.maxOrderQty || a.maxMarketOrderQty !== b.maxMarketOrderQty || a.minNotional !== b.minNotional;
}
