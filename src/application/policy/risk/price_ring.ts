import type { EpochMs, PriceCents } from "../../../domain/units.ts";
import type { MarketObservation } from "../../../domain/market.ts";
import type { PriceChanges, PriceRing, PriceRun } from "../../../domain/slices.ts";

/**
 * History of the last traded price for the 1- and 5-minute changes (P-1). A run is one price seen without change at
 * observations from `from` to `to`; a run never bridges more than 60 s, so the newest observation ≥ 60 s (300 s) old is
 * found exactly and its age limit of 120 s (420 s) is judged exactly. Runs lie in chunks, so that adding one copies
 * little and the state stays a plain immutable value.
 */
export type { PriceChanges, PriceRing, PriceRun } from "../../../domain/slices.ts";

const CHUNK = 32;
/** Shorter runs than this are overwritten, which bounds the ring to ~2,000 runs whatever the venue sends. */
const SHORTEST_RUN_MS = 250;
const LONGEST_BRIDGE_MS = 60_000;
const KEEP_MS = 421_000;
const UNKNOWN: PriceChanges = { low1m: null, high1m: null, low5m: null, high5m: null };
/** Window and oldest useful reference of each change (P-1). */
const ONE_MINUTE = { age: 60_000, oldest: 120_000 };
const FIVE_MINUTES = { age: 300_000, oldest: 420_000 };

/** A ring that has seen nothing. */
export const emptyPriceRing: PriceRing = { chunks: [], tail: [], changes: UNKNOWN };

/** Newest run with an observation at or before `limit`, or null: the newest chunk that begins by then holds it. */
function newestRunBefore(ring: PriceRing, limit: number): PriceRun | null {
  if (beginsBy(ring.tail, limit)) return newestIn(ring.tail, limit);
  for (let i = ring.chunks.length - 1; i >= 0; i -= 1) {
    const chunk = ring.chunks[i];
    if (chunk !== undefined && beginsBy(chunk, limit)) return newestIn(chunk, limit);
  }
  return null;
}

function beginsBy(runs: readonly PriceRun[], limit: number): boolean {
  const first = runs[0];
  return first !== undefined && first.from <= limit;
}

/** By halves: runs lie in order, and the first begins by `limit`. */
function newestIn(runs: readonly PriceRun[], limit: number): PriceRun | null {
  let found = runs[0] ?? null;
  let from = 1;
  let to = runs.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const run = runs[middle];
    if (run === undefined || run.from > limit) to = middle;
    else {
      found = run;
      from = middle + 1;
    }
  }
  return found;
}

type Window = { readonly age: number; readonly oldest: number };

/** Price of the newest observation at least `age` old, unless older than `oldest` (P-1). */
function referencePrice(ring: PriceRing, now: EpochMs, window: Window): PriceCents | null {
  const limit = now - window.age;
  const run = newestRunBefore(ring, limit);
  if (run === null) return null;
  return now - Math.min(run.to, limit) > window.oldest ? null : run.price;
}

/** Changes in percent of a price range against the references 1 and 5 minutes ago (P-1). */
export function priceChanges(
  ring: PriceRing,
  seen: { readonly now: EpochMs; readonly low: PriceCents; readonly high: PriceCents },
): PriceChanges {
  const one = referencePrice(ring, seen.now, ONE_MINUTE);
  const five = referencePrice(ring, seen.now, FIVE_MINUTES);
  return {
    low1m: percentChange(seen.low, one),
    high1m: percentChange(seen.high, one),
    low5m: percentChange(seen.low, five),
    high5m: percentChange(seen.high, five),
  };
}

function percentChange(price: PriceCents, reference: PriceCents | null): number | null {
  return reference === null || reference <= 0 ? null : ((price - reference) / reference) * 100;
}

/** The last price seen, or null. */
export function lastPrice(ring: PriceRing): PriceCents | null {
  return ring.tail[ring.tail.length - 1]?.price ?? null;
}

/** Changes as of `now` with no new observation: the reference moves, the price is the last one (P-1, F-7.20). */
export function changesAt(ring: PriceRing, now: EpochMs): PriceChanges {
  const price = lastPrice(ring);
  return price === null ? UNKNOWN : priceChanges(ring, { now, low: price, high: price });
}

/** The ring with one more observation; changes are the caller's, so that no object is built twice (hot path). */
function append(ring: PriceRing, run: PriceRun, changes: PriceChanges): PriceRing {
  const { chunks, tail } = ring;
  const newest = tail[tail.length - 1];
  if (newest === undefined) return { chunks, tail: [run], changes };
  const still = newest.price === run.price && run.from - newest.to <= LONGEST_BRIDGE_MS;
  const short = run.from - newest.from < SHORTEST_RUN_MS;
  if (still || short) {
    const longer = { price: run.price, from: newest.from, to: run.to };
    return { chunks, tail: tail.with(tail.length - 1, longer), changes };
  }
  if (tail.length < CHUNK) return { chunks, tail: [...tail, run], changes };
  const oldest = run.from - KEEP_MS;
  const kept = chunks.filter((chunk) => (chunk[chunk.length - 1]?.to ?? 0) >= oldest);
  return { chunks: [...kept, tail], tail: [run], changes };
}

/** Folds one market observation, never older than the last (F-3.5); one without a last price changes nothing (P-1, F-4.6). */
export function foldPrice(ring: PriceRing, seen: MarketObservation, now: EpochMs): PriceRing {
  if (seen.last === null || seen.last <= 0) return ring;
  const low = lower(seen.last, seen.lastMin);
  const high = higher(seen.last, seen.lastMax);
  const changes = priceChanges(ring, { now, low, high });
  return append(ring, { price: seen.last, from: now, to: now }, changes);
}

/** A minute's closing price and when the minute ended. */
export type PastPrice = { readonly at: EpochMs; readonly price: PriceCents };

/**
 * The ring with past prices where it has none of its own, so that a start knows its references at once (P-1): a price
 * stands only where no observation is from the 60 s before it. What was observed stays as it is.
 */
export function fillPast(ring: PriceRing, past: readonly PastPrice[], now: EpochMs): PriceRing {
  const known = [...ring.chunks.flat(), ...ring.tail];
  const isKnown = (at: EpochMs) => known.some((run) => run.from <= at && at - run.to < LONGEST_BRIDGE_MS);
  const added = past.filter(({ at }) => at < now && at >= now - KEEP_MS && !isKnown(at));
  if (added.length === 0) return ring;
  const points = added.map(({ at, price }) => ({ price, from: at, to: at }));
  const runs = [...known, ...points].toSorted((a, b) => a.from - b.from);
  const chunks: PriceRun[][] = [];
  for (let i = 0; i < runs.length; i += CHUNK) chunks.push(runs.slice(i, i + CHUNK));
  const tail = chunks.pop() ?? [];
  const filled = { chunks, tail, changes: UNKNOWN };
  return { ...filled, changes: changesAt(filled, now) };
}

function lower(price: PriceCents, least: PriceCents | null): PriceCents {
  return least !== null && least > 0 && least < price ? least : price;
}
function higher(price: PriceCents, most: PriceCents | null): PriceCents {
  return most !== null && most > price ? most : price;
}
