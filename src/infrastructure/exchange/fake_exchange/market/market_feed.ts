/**
 * Walks a recording and derives what the recording does not hold. The rules:
 *   last     the path inside the bar (market_path.ts), or the trades.
 *   mark     last smoothed over half a second, never more than 0.05 % from it: a mark price follows the index of
 *            several markets, which follow each other within seconds. A thin market prints away from it, see there.
 *   funding  decided eight hours before it settles, from the return of the eight hours before that:
 *            premium P = 2 % of the return within ±0.5 %; rate = P + clamp(0.01 % − P, ±0.05 %), within ±0.5 %.
 *   index    mark without the funding still to come: mark ÷ (1 + rate × time left ÷ 8 h).
 *   book     one tick wide around last: after a rise last stands on the ask, after a fall on the bid; the best level
 *            holds a thirtieth of the minute's volume × 0.3 … 2, at least 2,000 USD × the same.
 *   volume   of the bar, dealt out over its steps at random.
 * A thin market replaces last, volume and book (thin_market.ts); mark and index still follow the recording.
 */
import { candleStore } from "./candle_store.ts";
import { MINUTE_MS, type MinuteBars, type Recording } from "../../../market_data/recording.ts";
import { bookLevelUsd, keyedPoint } from "./keyed_point.ts";
import { emptyPath, pathSource, unitAt } from "./market_path.ts";
import type { MarketFeed, MarketPoint } from "./market_point.ts";
import { nextUnit, type RandomState, randomStream } from "../../../../common/random.ts";
import { type ThinMarket, thinMarket } from "./thin_market.ts";

export type FeedOptions = {
  readonly recording: Recording;
  readonly seed: number;
  readonly market: "normal" | "thin";
  /** `keyed`: what is drawn is drawn by (seed, time) instead of from one stream (keyed_point.ts); a thin market is not. */
  readonly draws?: "stream" | "keyed";
  /** Days at the beginning that are served as klines only. A recording that is not longer is played from its start. */
  readonly historyDays?: number;
  /** Plays from here instead; everything before is history. UTC ms. */
  readonly from?: number;
  /** Plays up to here. UTC ms. */
  readonly to?: number;
};

const DAY_MS = 86_400_000;
const EIGHT_HOURS_MS = 28_800_000;
const MARK_SMOOTHING_MS = 500;
const MARK_BOUND = 0.0005;
const LEAST_BOOK_USD = 2_000;
const HISTORY_DAYS = 17;
/** So long before the first step of a minute the close before it stood, where draws are keyed. */
export const FIRST_STEP_MS = 10_000;

/** A market feed over a recording. Throws RangeError when `from` and `to` leave nothing to play. */
export function createMarketFeed(options: FeedOptions): MarketFeed {
  const { recording } = options;
  const { bars } = recording;
  const window = playedWindow(options);
  const source = pathSource(recording, options.seed);
  const thin = options.market === "thin" ? thinMarket(options.seed, recording.tickCents) : null;
  const firstPlayed = (window.startAt - bars.firstAt) / MINUTE_MS;
  const store = candleStore(bars, { firstPlayed, rewritten: thin !== null });
  const derive = options.draws === "keyed" && thin === null ? keyedDeriver(options) : pointDeriver(options, thin);
  const path = emptyPath();
  let minute = firstPlayed - 1;
  let step = 0;
  let pending: MarketPoint | null = null;
  let pendingMinute = minute;

  function commit(): void {
    if (pending !== null) store.add(pendingMinute, { price: pending.last, volumeUsd: pending.volumeUsd });
    pending = null;
  }
  /** The same moment of the market once its empty side is offered again, unless the next step comes first. */
  function refilledPoint(): MarketPoint | null {
    const again = thin?.refilled ?? null;
    if (pending === null || again === null || pending.bid !== null && pending.ask !== null) return null;
    const at = pending.at + again.afterMs;
    const nextAt = step < path.count ? path.at[step] ?? 0 : bars.firstAt + (minute + 1) * MINUTE_MS;
    return at < nextAt ? { ...pending, at, bid: again.bid, ask: again.ask, volumeUsd: 0 } : null;
  }
  return {
    startAt: window.startAt,
    endAt: window.endAt,
    next() {
      const again = refilledPoint();
      commit();
      if (again !== null) return pending = again;
      while (step >= path.count) {
        minute++;
        if (minute >= bars.count || bars.firstAt + minute * MINUTE_MS >= window.endAt) return null;
        source.fill(minute, path);
        step = 0;
      }
      pendingMinute = minute;
      pending = derive({
        at: path.at[step] ?? 0,
        price: path.price[step] ?? 0,
        volumeUsd: path.volumeUsd[step] ?? 0,
        minute,
        step,
      });
      step++;
      return pending;
    },
    candles(asked) {
      if (pending !== null && pending.at <= asked.now) commit();
      return store.candles(asked);
    },
    fundingRateE8: (at) => fundingRateE8(bars, at),
  };
}

function playedWindow(options: FeedOptions): { readonly startAt: number; readonly endAt: number } {
  const { bars } = options.recording;
  const lastAt = bars.firstAt + bars.count * MINUTE_MS;
  const history = (options.historyDays ?? HISTORY_DAYS) * DAY_MS;
  const usual = bars.firstAt + history < lastAt ? bars.firstAt + history : bars.firstAt;
  const startAt = options.from === undefined ? usual : Math.floor(options.from / MINUTE_MS) * MINUTE_MS;
  const endAt = Math.min(lastAt, options.to ?? lastAt);
  if (startAt < bars.firstAt || startAt >= endAt) {
    throw new RangeError(
      `Cannot play ${options.recording.file} from ${isoOf(startAt)} to ${isoOf(endAt)}: it holds ${
        isoOf(bars.firstAt)
      } to ${isoOf(lastAt)}`,
    );
  }
  return { startAt, endAt };
}

function isoOf(at: number): string {
  return Number.isFinite(at) && Math.abs(at) < 8.64e15 ? new Date(at).toISOString().slice(0, 16) + "Z" : String(at);
}

type RawStep = {
  readonly at: number;
  readonly price: number;
  readonly volumeUsd: number;
  readonly minute: number;
  readonly step: number;
};

/** Turns steps into points by the rules above; holds the smoothed mark and the side of the book. */
function pointDeriver(options: FeedOptions, thin: ThinMarket | null): (raw: RawStep) => MarketPoint {
  const { bars, tickCents } = options.recording;
  const random: RandomState = randomStream(options.seed, "book");
  let previous: RawStep | null = null;
  let smooth = 0;
  let onAsk = unitAt(options.seed, { at: 0, salt: 3 }) < 0.5;
  let slot = -1;
  let rate = 0;

  function markOf(raw: RawStep): number {
    const passed = previous === null ? 0 : raw.at - previous.at;
    smooth = previous === null ? raw.price : smooth + (raw.price - smooth) * passed / (passed + MARK_SMOOTHING_MS);
    const bound = raw.price * MARK_BOUND;
    smooth = Math.min(Math.max(smooth, raw.price - bound), raw.price + bound);
    return Math.round(smooth);
  }
  function indexOf(mark: number, at: number): number {
    const now = Math.floor(at / EIGHT_HOURS_MS);
    if (now !== slot) {
      slot = now;
      rate = fundingRateE8(bars, (now + 1) * EIGHT_HOURS_MS) / 1e8;
    }
    return Math.round(mark / (1 + rate * ((slot + 1) * EIGHT_HOURS_MS - at) / EIGHT_HOURS_MS));
  }
  return (raw) => {
    const mark = markOf(raw);
    const index = indexOf(mark, raw.at);
    const before = previous === null ? raw.price : previous.price;
    previous = raw;
    if (thin !== null) return { at: raw.at, mark, index, ...thin.shape(raw) };
    if (raw.price !== before) onAsk = raw.price > before;
    else if (nextUnit(random) < 0.3) onAsk = !onAsk;
    const level = Math.max(LEAST_BOOK_USD, (bars.volumeUsd[raw.minute] ?? 0) / 30);
    return {
      at: raw.at,
      last: raw.price,
      mark,
      index,
      bid: onAsk && raw.price > tickCents ? raw.price - tickCents : raw.price,
      bidSize: Math.floor(level * (0.3 + 1.7 * nextUnit(random))),
      ask: onAsk && raw.price > tickCents ? raw.price : raw.price + tickCents,
      askSize: Math.floor(level * (0.3 + 1.7 * nextUnit(random))),
      volumeUsd: raw.volumeUsd,
    };
  };
}

/** The same by values alone; the step before the first of a minute is the close before it, ten seconds ago. */
function keyedDeriver(options: FeedOptions): (raw: RawStep) => MarketPoint {
  const { bars, tickCents } = options.recording;
  let beforeAt = 0;
  let beforePrice = 0;
  return (raw) => {
    if (raw.step === 0) {
      beforeAt = raw.at - FIRST_STEP_MS;
      beforePrice = bars.close[raw.minute - 1] ?? raw.price;
    }
    const fundingAt = (Math.floor(raw.at / EIGHT_HOURS_MS) + 1) * EIGHT_HOURS_MS;
    const point = keyedPoint({ at: raw.at, price: raw.price, volumeUsd: raw.volumeUsd, beforeAt, beforePrice }, {
      seed: options.seed,
      tickCents,
      levelUsd: bookLevelUsd(bars.volumeUsd[raw.minute] ?? 0),
      fundingRate: fundingRateE8(bars, fundingAt) / 1e8,
      fundingAt,
    });
    beforeAt = raw.at;
    beforePrice = raw.price;
    return point;
  };
}

function closeAt(bars: MinuteBars, at: number): number | null {
  const minute = Math.floor((at - bars.firstAt) / MINUTE_MS) - 1;
  return minute < 0 || minute >= bars.count ? null : bars.close[minute] ?? null;
}

/** Funding × 10⁸ that settles at `at`, from prices that were known eight hours before; 0.01 % without history. */
export function fundingRateE8(bars: MinuteBars, at: number): number {
  const settles = Math.ceil(at / EIGHT_HOURS_MS) * EIGHT_HOURS_MS;
  const from = closeAt(bars, settles - 2 * EIGHT_HOURS_MS);
  const to = closeAt(bars, settles - EIGHT_HOURS_MS);
  const premium = from === null || to === null ? 0 : clamp(0.02 * (to / from - 1), 0.005);
  return Math.round(clamp(premium + clamp(0.0001 - premium, 0.0005), 0.005) * 1e8);
}

function clamp(value: number, bound: number): number {
  return Math.min(Math.max(value, -bound), bound);
}
