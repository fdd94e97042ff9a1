import type { MarketObservation } from "../../../domain/market.ts";
import type { PriceCents } from "../../../domain/units.ts";
import type { Level, TickerPart } from "./parse_ws.ts";

/** The market as folded from ticker and book frames, conflated between two looks (F-4.6). */
export type MarketView = {
  /** A new subscription: nothing is known until its snapshot (TRAPS 64). */
  reset(): void;
  /** Returns false when the frame was older than one applied, or a delta before any snapshot. */
  ticker(frame: { readonly snapshot: boolean; readonly cs: number | null; readonly part: TickerPart }): boolean;
  book(frame: { readonly bid: Level | null | "same"; readonly ask: Level | null | "same" }): void;
  /** A ticker read by REST: folded in, but no snapshot of the stream. */
  quote(part: TickerPart): void;
  take(): MarketObservation | null;
};

type Values = { -readonly [K in keyof MarketObservation]: MarketObservation[K] };
const UNKNOWN: MarketObservation = {
  last: null,
  lastMin: null,
  lastMax: null,
  mark: null,
  markMin: null,
  markMax: null,
  index: null,
  bid: null,
  bidSize: null,
  ask: null,
  askSize: null,
  fundingRate: null,
  nextFundingAt: null,
};

/** `onPending` is called when something new waits for `take` and nothing did before. */
export function createMarketView(onPending: () => void): MarketView {
  let values: Values = { ...UNKNOWN };
  let snapshotSeen = false;
  let lastCs = -1;
  let pending = false;

  function changed(): void {
    if (pending) return;
    pending = true;
    onPending();
  }
  function apply(part: TickerPart): void {
    const { last, mark, ...rest } = part;
    Object.assign(values, rest);
    if (last !== undefined) {
      values.last = last;
      values.lastMin = least(values.lastMin, last);
      values.lastMax = most(values.lastMax, last);
    }
    if (mark !== undefined) {
      values.mark = mark;
      values.markMin = least(values.markMin, mark);
      values.markMax = most(values.markMax, mark);
    }
  }

  return {
    reset() {
      values = { ...UNKNOWN };
      snapshotSeen = false;
      lastCs = -1;
      pending = false;
    },
    ticker({ snapshot, cs, part }) {
      // `cs` jumps by thousands: only good for refusing older frames (TRAPS 65). A snapshot starts anew.
      if (!snapshot && (!snapshotSeen || (cs !== null && cs < lastCs))) return false;
      snapshotSeen = true;
      if (cs !== null) lastCs = cs;
      apply(part);
      changed();
      return true;
    },
    book({ bid, ask }) {
      // The book repeats unchanged every 3 s (TRAPS 66): that is no news.
      const before = [values.bid, values.bidSize, values.ask, values.askSize];
      if (bid !== "same") {
        values.bid = bid?.price ?? null;
        values.bidSize = bid?.size ?? null;
      }
      if (ask !== "same") {
        values.ask = ask?.price ?? null;
        values.askSize = ask?.size ?? null;
      }
      const after = [values.bid, values.bidSize, values.ask, values.askSize];
      if (before.some((value, index) => value !== after[index])) changed();
    },
    quote(part) {
      apply(part);
      changed();
    },
    take() {
      if (!pending) return null;
      pending = false;
      const { last, mark } = values;
      const seen: MarketObservation = {
        ...values,
        lastMin: values.lastMin ?? last,
        lastMax: values.lastMax ?? last,
        markMin: values.markMin ?? mark,
        markMax: values.markMax ?? mark,
      };
      values.lastMin = null;
      values.lastMax = null;
      values.markMin = null;
      values.markMax = null;
      return seen;
    },
  };
}

function least(a: PriceCents | null, b: PriceCents): PriceCents {
  return a === null || b < a ? b : a;
}
function most(a: PriceCents | null, b: PriceCents): PriceCents {
  return a === null || b > a ? b : a;
}
