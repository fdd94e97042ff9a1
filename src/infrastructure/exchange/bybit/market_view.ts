import { emptyObservation, type MarketObservation } from "../../../domain/market.ts";
import type { PriceCents } from "../../../domain/units.ts";
import type { Level, TickerPart } from "./parse_ws.ts";

type Values = { -readonly [K in keyof MarketObservation]: MarketObservation[K] };

/** The market as folded from ticker and book frames, conflated between two looks (F-4.6). */
export class MarketView {
  readonly #onPending: () => void;
  #values: Values = { ...emptyObservation };
  #snapshotSeen = false;
  #lastCs = -1;
  #pending = false;

  /** `onPending` is called when something new waits for `take` and nothing did before. */
  constructor(onPending: () => void) {
    this.#onPending = onPending;
  }

  /** A new subscription: nothing is known until its snapshot (TRAPS 64). */
  reset(): void {
    this.#values = { ...emptyObservation };
    this.#snapshotSeen = false;
    this.#lastCs = -1;
    this.#pending = false;
  }
  /** Returns false when the frame was older than one applied, or a delta before any snapshot. */
  ticker(frame: { readonly snapshot: boolean; readonly cs: number | null; readonly part: TickerPart }): boolean {
    const { snapshot, cs } = frame;
    // `cs` jumps by thousands: only good for refusing older frames (TRAPS 65). A snapshot starts anew.
    if (!snapshot && (!this.#snapshotSeen || (cs !== null && cs < this.#lastCs))) return false;
    this.#snapshotSeen = true;
    if (cs !== null) this.#lastCs = cs;
    this.quote(frame.part);
    return true;
  }
  /** A ticker read by REST: folded in, but no snapshot of the stream. */
  quote(part: TickerPart): void {
    const values = this.#values;
    const { last, mark } = part;
    Object.assign(values, part);
    if (last !== undefined) {
      values.lastMin = least(values.lastMin, last);
      values.lastMax = most(values.lastMax, last);
    }
    if (mark !== undefined) {
      values.markMin = least(values.markMin, mark);
      values.markMax = most(values.markMax, mark);
    }
    this.#changed();
  }
  /** The book repeats unchanged every 3 s (TRAPS 66): only a change is news. */
  book({ bid, ask }: { readonly bid: Level | null | "same"; readonly ask: Level | null | "same" }): void {
    const values = this.#values;
    const { bid: oldBid, bidSize, ask: oldAsk, askSize } = values;
    if (bid !== "same") {
      values.bid = bid?.price ?? null;
      values.bidSize = bid?.size ?? null;
    }
    if (ask !== "same") {
      values.ask = ask?.price ?? null;
      values.askSize = ask?.size ?? null;
    }
    const same = values.bid === oldBid && values.bidSize === bidSize && values.ask === oldAsk &&
      values.askSize === askSize;
    if (!same) this.#changed();
  }
  take(): MarketObservation | null {
    if (!this.#pending) return null;
    this.#pending = false;
    const values = this.#values;
    const { last, lastMin, lastMax, mark, markMin, markMax } = values;
    values.lastMin =
      values.lastMax =
      values.markMin =
      values.markMax =
        null;
    return {
      ...values,
      lastMin: lastMin ?? last,
      lastMax: lastMax ?? last,
      markMin: markMin ?? mark,
      markMax: markMax ?? mark,
    };
  }

  #changed(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#onPending();
  }
}

function least(a: PriceCents | null, b: PriceCents): PriceCents {
  return a === null || b < a ? b : a;
}
function most(a: PriceCents | null, b: PriceCents): PriceCents {
  return a === null || b > a ? b : a;
}
