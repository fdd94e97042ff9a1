import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { readRecording, type Recording } from "../../src/infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../src/infrastructure/exchange/fake_exchange/market/market_feed.ts";
import type { MarketFeed, MarketPoint } from "../../src/infrastructure/exchange/fake_exchange/market/market_point.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = 1_599_955_200_000;

/** A market that wanders, with quiet, empty and violent minutes. */
function wandering(minutes: number, seed: number): Recording {
  const rows = ["start_ms,open,high,low,close,volume_usd"];
  let state = seed;
  const draw = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  let price = 20_000;
  for (let minute = 0; minute < minutes; minute++) {
    const dead = draw() < 0.05;
    const span = dead ? 0 : draw() < 0.03 ? 600 : 20;
    const half = (value: number): number => Math.max(0.5, Math.round(value * 2) / 2);
    const open = half(price);
    const close = half(open + (draw() - 0.5) * span);
    const high = half(Math.max(open, close) + draw() * span);
    const low = half(Math.min(open, close) - draw() * span);
    rows.push(`${T0 + minute * MINUTE},${open},${high},${low},${close},${dead ? 0 : Math.floor(draw() * 1e6)}`);
    price = close;
  }
  return readRecording("wandering", new TextEncoder().encode(rows.join("\n")));
}

function tradesOf(count: number): Recording {
  const rows = ["ts_ms,side,price,size_usd"];
  let at = T0 + 1_234;
  for (let index = 0; index < count; index++) {
    at += (index * 7_919) % 4_001 * (index % 50 === 0 ? 15 : 1);
    rows.push(`${at},${index % 3 ? "Buy" : "Sell"},${8_000 + (index * 104_729) % 41 / 2},${1 + index % 500}`);
  }
  return readRecording("trades", new TextEncoder().encode(rows.join("\n")));
}

function play(feed: MarketFeed): MarketPoint[] {
  const points: MarketPoint[] = [];
  for (let point = feed.next(); point !== null; point = feed.next()) points.push(point);
  return points;
}

Deno.test("[feed] every bar's path starts at its open, ends at its close, touches its high and low and trades its volume", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const recording = wandering(120, seed);
      const points = play(createMarketFeed({ recording, seed, market: "normal" }));
      const { bars } = recording;
      for (let minute = 0; minute < bars.count; minute++) {
        const from = bars.firstAt + minute * MINUTE;
        const inside = points.filter((point) => point.at >= from && point.at < from + MINUTE);
        const prices = inside.map((point) => point.last);
        deepEqual(
          [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1)],
          [bars.open[minute], bars.high[minute], bars.low[minute], bars.close[minute]],
        );
        equal(inside.reduce((sum, point) => sum + point.volumeUsd, 0), bars.volumeUsd[minute]);
        ok(prices.every((price) => price % 50 === 0), "on the grid");
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("[feed] time goes up, no step is later than 10 s, mark stays within 0.05 % of last, the book is one tick wide", () => {
  for (const recording of [wandering(300, 5), tradesOf(3_000)]) {
    const points = play(createMarketFeed({ recording, seed: 3, market: "normal" }));
    for (let index = 1; index < points.length; index++) {
      const [before, point] = [points[index - 1], points[index]];
      ok(before !== undefined && point !== undefined);
      ok(point.at > before.at && point.at - before.at <= 10_000, `step of ${point.at - before.at} ms`);
      ok(Math.abs(point.mark - point.last) <= point.last * 0.0005 + 1);
      ok(point.bid !== null && point.ask !== null && point.ask - point.bid === recording.tickCents);
      ok(point.bid === point.last || point.ask === point.last);
      ok(point.bidSize >= 600 && point.askSize >= 600);
    }
  }
});

Deno.test("[feed] trades keep their extremes and their volume", () => {
  const recording = tradesOf(2_000);
  const { trades } = recording;
  ok(trades !== null);
  const points = play(createMarketFeed({ recording, seed: 1, market: "normal" }));
  const prices = points.map((point) => point.last);
  equal(Math.max(...prices), Math.max(...trades.price.subarray(0, trades.count)));
  equal(Math.min(...prices), Math.min(...trades.price.subarray(0, trades.count)));
  equal(points.reduce((sum, point) => sum + point.volumeUsd, 0), trades.sizeUsd.reduce((sum, size) => sum + size, 0));
  ok(points.length < trades.count * 3, "folded");
});

Deno.test("[feed] one seed gives one market, another seed another", () => {
  const recording = wandering(200, 9);
  for (const market of ["normal", "thin"] as const) {
    const first = play(createMarketFeed({ recording, seed: 4, market }));
    deepEqual(play(createMarketFeed({ recording, seed: 4, market })), first);
    ok(JSON.stringify(play(createMarketFeed({ recording, seed: 5, market }))) !== JSON.stringify(first));
  }
});

Deno.test("[feed] the first 17 days are history, --from moves the start, a short recording has no history", () => {
  const long = wandering(20 * 1_440, 2);
  const feed = createMarketFeed({ recording: long, seed: 1, market: "normal" });
  equal(feed.startAt, T0 + 17 * DAY);
  equal(feed.endAt, T0 + 20 * DAY);
  equal(feed.candles({ minutes: 1_440, from: 0, to: Infinity, now: feed.startAt }).length, 18);
  equal(feed.candles({ minutes: 60, from: T0, to: feed.startAt, now: feed.startAt }).length, 17 * 24);
  const from = T0 + 3 * DAY + 5 * HOUR;
  const later = createMarketFeed({ recording: long, seed: 1, market: "normal", from, to: from + HOUR });
  equal(later.startAt, from);
  ok(play(later).every((point) => point.at >= from && point.at < from + HOUR));
  equal(createMarketFeed({ recording: wandering(600, 2), seed: 1, market: "normal" }).startAt, T0);
  throws(() => createMarketFeed({ recording: long, seed: 1, market: "normal", from: T0 + 21 * DAY }), /Cannot play/);
  throws(() => createMarketFeed({ recording: long, seed: 1, market: "normal", from, to: from }), /Cannot play/);
});

Deno.test("[feed] candles show what was played and nothing of the future, the open one included", () => {
  for (const market of ["normal", "thin"] as const) {
    const recording = wandering(3 * 1_440, 7);
    const feed = createMarketFeed({ recording, seed: 2, market, historyDays: 1 });
    const seen: MarketPoint[] = [];
    let checked = 0;
    for (let point = feed.next(); point !== null; point = feed.next()) {
      if (seen.length % 97 === 0 && seen.length > 0) {
        const now = point.at - 1;
        for (const minutes of [1, 60, 1_440]) {
          const length = minutes * MINUTE;
          const startAt = Math.floor(now / length) * length;
          const open = feed.candles({ minutes, from: startAt, to: startAt + length, now })[0];
          const inside = seen.filter((old) => old.at >= startAt && old.at <= now).map((old) => old.last);
          ok(open !== undefined && open.startAt === startAt);
          if (inside.length === 0) continue;
          equal(open.close, inside.at(-1));
          equal(open.high, Math.max(...inside), `${market} ${minutes}`);
          equal(open.low, Math.min(...inside));
          checked++;
        }
      }
      seen.push(point);
    }
    ok(checked > 100);
    const hour = Math.floor((feed.startAt + 30 * HOUR) / HOUR) * HOUR;
    const closed = feed.candles({ minutes: 60, from: hour, to: hour + 1, now: feed.endAt })[0];
    const inside = seen.filter((old) => old.at >= hour && old.at < hour + HOUR);
    deepEqual(closed, {
      startAt: hour,
      open: inside[0]?.last,
      high: Math.max(...inside.map((old) => old.last)),
      low: Math.min(...inside.map((old) => old.last)),
      close: inside.at(-1)?.last,
      volumeUsd: inside.reduce((sum, old) => sum + old.volumeUsd, 0),
    });
  }
});

Deno.test("[feed] hours and days of a recording that starts inside one are left out, not half served", () => {
  const feed = createMarketFeed({ recording: tradesOf(3_000), seed: 1, market: "normal" });
  const [first] = feed.candles({ minutes: 60, from: 0, to: Infinity, now: feed.endAt });
  ok(first !== undefined && first.startAt >= feed.startAt && first.startAt % HOUR === 0);
});

Deno.test("[feed] funding is 0.01 % in a calm market, follows the return before, stays within 0.5 %, is known 8 h ahead", () => {
  const calm = createMarketFeed({ recording: wandering(10, 1), seed: 1, market: "normal" });
  equal(calm.fundingRateE8(T0 + 8 * HOUR), 10_000);
  const rows = ["start_ms,open,high,low,close,volume_usd"];
  for (let minute = 0; minute < 3 * 1_440; minute++) {
    const price = minute < 1_440 ? 10_000 : 15_000;
    rows.push(`${T0 + minute * MINUTE},${price},${price},${price},${price},1`);
  }
  const recording = readRecording("jump", new TextEncoder().encode(rows.join("\n")));
  const feed = createMarketFeed({ recording, seed: 1, market: "normal", historyDays: 0 });
  const start = Math.ceil((T0 + DAY) / (8 * HOUR)) * 8 * HOUR;
  const rates = [0, 1, 2, 3].map((slot) => feed.fundingRateE8(start + slot * 8 * HOUR));
  deepEqual(rates.filter((rate) => rate !== 10_000), [450_000]);
  ok(rates.every((rate) => Math.abs(rate) <= 500_000));
});

Deno.test("[feed] a thin market has wide spreads, empty sides, shallow levels, frozen prices and far prints", () => {
  const recording = wandering(5 * 1_440, 3);
  const points = play(createMarketFeed({ recording, seed: 1, market: "thin", historyDays: 0 }));
  const spreads = points.flatMap(({ bid, ask }) => bid === null || ask === null ? [] : [(ask - bid) / bid]);
  ok(Math.max(...spreads) > 0.02 && Math.max(...spreads) <= 0.051, `widest ${Math.max(...spreads)}`);
  ok(Math.min(...spreads) >= 0.001);
  ok(points.some((point) => point.bid === null) && points.some((point) => point.ask === null));
  ok(points.some((point) => point.bidSize < 40));
  const empty = points.flatMap((point, index) => point.bid === null || point.ask === null ? [index] : []);
  const waits = empty.map((index) => (points[index + 1]?.at ?? 0) - (points[index]?.at ?? 0));
  ok(empty.length > points.length / 20, `${empty.length} steps of ${points.length} with an empty side`);
  ok(Math.max(...waits.slice(0, -1)) < 1_000, "offered again within a second");
  ok(empty.every((index) => points[index + 1]?.bid !== null && points[index + 1]?.ask !== null));
  const far = points.filter((point) => Math.abs(point.last / point.mark - 1) > 0.25);
  ok(far.length >= 3 && far.length <= 25, `${far.length} far prints`);
  let frozenMs = 0;
  let longest = 0;
  for (let index = 1; index < points.length; index++) {
    const [before, point] = [points[index - 1], points[index]];
    ok(before !== undefined && point !== undefined);
    frozenMs = point.last === before.last && point.mark !== before.mark ? frozenMs + point.at - before.at : 0;
    longest = Math.max(longest, frozenMs);
  }
  ok(longest >= 200_000, `mark moved for ${longest} ms while last stood`);
});
