/** What the best of many settings without an edge looks like (L-3.2). */

/**
 * Expected largest of `count` independent standard normal values: Blom's approximation, good to a few thousandths, for a
 * line of progress; the judging commands use exact quantiles.
 */
export function expectedBest(count: number): number {
  if (count < 2) return 0;
  return upperQuantile((1 - 0.375) / (count + 0.25));
}

/** Standard normal value that is exceeded with probability `p` ≤ 0.5 (Abramowitz and Stegun 26.2.23, error < 4.5e-4). */
function upperQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  return t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3);
}

export type Standing = {
  readonly index: number;
  readonly meanR: number;
  readonly trades: number;
  /** Mean R that the best of so many tries would show by luck alone, at the spread and number of trades of this one. */
  readonly luckR: number;
};

/** The best candidate so far, beside luck; null before one with two trades. */
export class Best {
  #found: { readonly index: number; readonly meanR: number; readonly trades: number; readonly sdR: number } | null =
    null;

  see(
    one: {
      readonly index: number;
      readonly meanR: number | null;
      readonly trades: number;
      readonly sdR: number | null;
    },
  ): void {
    const { index, meanR, trades, sdR } = one;
    if (meanR === null || sdR === null) return;
    const better = this.#found === null || meanR > this.#found.meanR ||
      meanR === this.#found.meanR && index < this.#found.index;
    if (better) this.#found = { index, meanR, trades, sdR };
  }

  /** `tries` = settings ever tried on this data. */
  standing(tries: number): Standing | null {
    if (this.#found === null) return null;
    const { index, meanR, trades, sdR } = this.#found;
    return { index, meanR, trades, luckR: expectedBest(tries) * sdR / Math.sqrt(trades) };
  }
}
