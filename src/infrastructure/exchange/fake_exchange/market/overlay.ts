import type { MarketPoint } from "./market_point.ts";

type Move = {
  readonly from: number;
  readonly until: number;
  /** Factor at `from` and at `until`; between them linear. */
  readonly start: number;
  readonly end: number;
  /** Only the last price moves, mark and index sleep on (a single print). */
  readonly lastOnly: boolean;
};

/** Price moves laid over the recording: gap, flash crash, spike, or a price set by hand. Candles keep the recording. */
export class Overlay {
  #moves: Move[] = [];
  #tick: number;

  constructor(tickCents: number) {
    this.#tick = tickCents;
  }

  /** Factor from now on, for good. */
  shift(factor: number): void {
    this.#moves.push({ from: -Infinity, until: Infinity, start: factor, end: factor, lastOnly: false });
  }
  /** Jumps to `factor` now and drifts back to the recording. */
  gap(at: number, gap: { readonly factor: number; readonly backMs: number }): void {
    this.#moves.push({ from: at, until: at + gap.backMs, start: gap.factor, end: 1, lastOnly: false });
  }
  /** One print far away. */
  spike(at: number, spike: { readonly factor: number; readonly forMs: number }): void {
    const { factor, forMs } = spike;
    this.#moves.push({ from: at, until: at + forMs, start: factor, end: factor, lastOnly: true });
  }

  get idle(): boolean {
    return this.#moves.length === 0;
  }

  /** The point as it is traded. */
  apply(point: MarketPoint): MarketPoint {
    if (this.#moves.length === 0) return point;
    this.#moves = this.#moves.filter((move) => move.until > point.at);
    let all = 1;
    let last = 1;
    for (const move of this.#moves) {
      const share = move.until === Infinity ? 0 : (point.at - move.from) / (move.until - move.from);
      const factor = move.start + (move.end - move.start) * Math.max(0, share);
      if (move.lastOnly) last *= factor;
      else all *= factor;
    }
    return {
      ...point,
      last: this.#round(point.last * all * last),
      mark: Math.max(1, Math.round(point.mark * all)),
      index: Math.max(1, Math.round(point.index * all)),
      bid: point.bid === null ? null : this.#round(point.bid * all),
      ask: point.ask === null ? null : this.#round(point.ask * all),
    };
  }

  #round(cents: number): number {
    return Math.max(this.#tick, Math.round(cents / this.#tick) * this.#tick);
  }
}
