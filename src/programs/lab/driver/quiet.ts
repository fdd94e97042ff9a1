import { type QuietBand, quietBand } from "../../../application/transition/mod.ts";
import type { Config } from "../../../domain/limits.ts";
import type { Bot } from "../../../domain/state.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import type { Candidate, LabCandles } from "./types.ts";

/** Price changes are judged over five minutes against prices up to seven minutes old (P-1). */
const JUDGED_MINUTES = 8;

/** Tells which candles may be passed over: nothing can be decided inside them (L-1.2, L-2.4). */
export class Quiet {
  readonly #candles: LabCandles;
  readonly #wild: Uint8Array | null;
  /** First minute of the window. */
  readonly #from: number;
  #bot: Bot | null = null;
  #band: QuietBand | null = null;

  constructor(of: Candidate) {
    this.#candles = of.candles;
    this.#from = (of.from - of.candles.firstAt) / MINUTE_MS;
    this.#wild = of.options.skipQuiet ? wildMinutes(of, smallestMovePct(of.config.safety)) : null;
  }

  /** True when the whole candle lies in the band, in price and in time, and is not too wild for price blocks. */
  covers(bot: Bot, minute: number): boolean {
    if (this.#wild === null || this.#wild[minute - this.#from] !== 0) return false;
    if (bot !== this.#bot) {
      this.#bot = bot;
      this.#band = quietBand(bot);
    }
    const band = this.#band;
    if (band === null) return false;
    const { low, high, close, firstAt } = this.#candles;
    if (firstAt + (minute + 1) * MINUTE_MS > band.until) return false;
    const before = close[minute - 1] ?? 0;
    return (low[minute] ?? 0) > band.low && (high[minute] ?? 0) < band.high && before > band.low && before < band.high;
  }
}

/** The smallest change in percent that a price block reacts to (F-7.1, F-7.2, F-7.23). */
function smallestMovePct(safety: Config["safety"]): number {
  const { drop_1m_pct, drop_5m_pct, surge_1m_pct, surge_5m_pct } = safety;
  return Math.min(Math.abs(drop_1m_pct), Math.abs(drop_5m_pct), surge_1m_pct, surge_5m_pct);
}

/** Minutes whose last eight moved as far as a price block reacts to, from lowest to highest price. */
function wildMinutes({ candles, from, to }: Candidate, limitPct: number): Uint8Array {
  const { low, high, firstAt } = candles;
  const first = (from - firstAt) / MINUTE_MS;
  const last = (to - firstAt) / MINUTE_MS;
  const wild = new Uint8Array(last - first);
  for (let minute = first; minute < last; minute++) {
    let bottom = Infinity;
    let top = 0;
    for (let past = Math.max(0, minute - JUDGED_MINUTES); past <= minute; past++) {
      bottom = Math.min(bottom, low[past] ?? 0);
      top = Math.max(top, high[past] ?? 0);
    }
    if ((top - bottom) * 100 >= limitPct * bottom) wild[minute - first] = 1;
  }
  return wild;
}
