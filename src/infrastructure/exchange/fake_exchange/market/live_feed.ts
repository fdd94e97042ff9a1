import type { Candle, MarketFeed, MarketPoint } from "./market_point.ts";
import { nextUnit, type RandomState, randomStream } from "../../../../common/random.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const HISTORY_DAYS = 20;

/** Puts candles of one minute together to longer ones; `rows` ascending. */
export function aggregate(rows: readonly Candle[], minutes: number): Candle[] {
  const length = minutes * MINUTE;
  const out: { startAt: number; open: number; high: number; low: number; close: number; volumeUsd: number }[] = [];
  for (const row of rows) {
    const startAt = Math.floor(row.startAt / length) * length;
    const last = out.at(-1);
    if (last === undefined || last.startAt !== startAt) {
      out.push({ ...row, startAt });
      continue;
    }
    last.high = Math.max(last.high, row.high);
    last.low = Math.min(last.low, row.low);
    last.close = row.close;
    last.volumeUsd += row.volumeUsd;
  }
  return out;
}

/**
 * A recording played now: its first moment falls on `startAt`, its moves come `speed` times as fast, its history keeps
 * its own pace. Candles from `startAt` on are built from what was played, so that they agree with it at any speed.
 */
export function liveFeed(feed: MarketFeed, how: { readonly startAt: number; readonly speed: number }): MarketFeed {
  const startMinute = Math.floor(how.startAt / MINUTE) * MINUTE;
  const shift = startMinute - Math.floor(feed.startAt / MINUTE) * MINUTE;
  const played: Candle[] = [];
  const mapped = (at: number) => how.startAt + (at - feed.startAt) / how.speed;
  let pending: MarketPoint | null = null;
  const commit = () => {
    if (pending !== null) addTo(played, pending);
  };
  return {
    startAt: how.startAt,
    endAt: mapped(feed.endAt),
    next() {
      commit();
      const point = feed.next();
      pending = point === null ? null : { ...point, at: Math.round(mapped(point.at)) };
      return pending;
    },
    candles({ minutes, from, to, now }) {
      const length = minutes * MINUTE;
      const first = Math.ceil(from / length) * length;
      const old = feed.candles({
        minutes: 1,
        from: first - shift,
        to: Math.min(to - 1 + length, startMinute) - shift,
        now: feed.startAt,
      });
      const rows = old.map((row) => ({ ...row, startAt: row.startAt + shift }));
      for (const row of played) if (row.startAt >= first && row.startAt < to - 1 + length) rows.push(row);
      return aggregate(rows, minutes).filter((row) => row.startAt >= from && row.startAt < to && row.startAt <= now);
    },
    fundingRateE8: (at) => feed.fundingRateE8(Math.floor((at - shift) / 28_800_000) * 28_800_000),
  };
}

function addTo(rows: Candle[], point: MarketPoint): void {
  const startAt = Math.floor(point.at / MINUTE) * MINUTE;
  const last = rows.at(-1);
  const { last: price, volumeUsd } = point;
  if (last === undefined || last.startAt !== startAt) {
    rows.push({ startAt, open: price, high: price, low: price, close: price, volumeUsd });
    return;
  }
  rows[rows.length - 1] = {
    ...last,
    high: Math.max(last.high, price),
    low: Math.min(last.low, price),
    close: price,
    volumeUsd: last.volumeUsd + volumeUsd,
  };
}

/** A market without a recording: a seeded walk around 30,000 USD, a step a second, with twenty days of history. */
export function walkFeed(seed: number, startAt: number): MarketFeed {
  const random = randomStream(seed, "walk");
  const minute = Math.floor(startAt / MINUTE) * MINUTE;
  const history: Candle[] = [];
  let price = 3_000_000;
  for (let at = minute - HISTORY_DAYS * DAY; at < minute; at += MINUTE) {
    const open = price;
    price = walk(random, { price, scale: 0.0006 });
    const reach = Math.round(nextUnit(random) * 100) * 10;
    history.push({
      startAt: at,
      open,
      high: Math.max(open, price) + reach,
      low: Math.min(open, price) - reach,
      close: price,
      volumeUsd: 500_000,
    });
  }
  let at = startAt - 1_000;
  return {
    startAt,
    endAt: Infinity,
    next() {
      at += 1_000;
      price = walk(random, { price, scale: 0.00008 });
      return {
        at,
        last: price,
        mark: price,
        index: price,
        bid: price - 10,
        bidSize: 20_000,
        ask: price + 10,
        askSize: 20_000,
        volumeUsd: Math.floor(nextUnit(random) * 20_000),
      };
    },
    candles: ({ minutes, from, to, now }) =>
      aggregate(history, minutes).filter((row) => row.startAt >= from && row.startAt < to && row.startAt <= now),
    fundingRateE8: () => 10_000,
  };
}

function walk(random: RandomState, step: { readonly price: number; readonly scale: number }): number {
  const pull = (3_000_000 - step.price) / 3_000_000 * 0.0005 * step.scale;
  const move = (nextUnit(random) + nextUnit(random) - 1) * step.scale + pull;
  return Math.max(100_000, Math.round(step.price * (1 + move) / 10) * 10);
}
