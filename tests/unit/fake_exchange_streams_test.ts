import assert from "node:assert/strict";
import type { Candle } from "../../src/infrastructure/exchange/fake_exchange/market/market_point.ts";
import { aggregate, liveFeed, walkFeed } from "../../src/infrastructure/exchange/fake_exchange/market/live_feed.ts";
import { Overlay } from "../../src/infrastructure/exchange/fake_exchange/market/overlay.ts";
import { volumeText } from "../../src/infrastructure/exchange/fake_exchange/wire/public_streams.ts";
import { Bench, point, START } from "./fake_exchange_harness.ts";

type Ticker = { readonly type: string; readonly ts: number; readonly data: Record<string, string> };

function tickers(bench: Bench): Ticker[] {
  const frames: Ticker[] = [];
  const line = bench.venue.connect("/v5/public/inverse", {
    send: (text, channel) => {
      if (channel === "tickers") frames.push(JSON.parse(text));
    },
    close: () => {},
  });
  line.receive('{"op":"subscribe","args":["tickers.BTCUSD"]}');
  return frames;
}

Deno.test("[F-4.6] venue: a ticker is one snapshot, then deltas of changed keys, one per 5 s when quiet", () => {
  const points = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((i) =>
    point(3_000_000 + i * 10, { at: START + i * 1_000 })
  );
  const bench = new Bench(points);
  const frames = tickers(bench);
  bench.clock.to(START + 11_000);
  assert.deepEqual(frames.map((frame) => [frame.type, frame.ts - START]), [["snapshot", 0], ["delta", 5_000], [
    "delta",
    10_000,
  ]]);
  const keys = ["ask1Price", "ask1Size", "bid1Price", "bid1Size", "indexPrice", "lastPrice", "markPrice", "symbol"];
  assert.deepEqual(Object.keys(frames[1]?.data ?? {}).sort(), keys);
  assert.equal(frames[2]?.data["lastPrice"], "30001.00");
});

Deno.test("[F-4.6] venue: a jump is told at once, a silent market at least every 10 s", () => {
  const bench = new Bench([
    point(3_000_000),
    point(3_100_000, { at: START + 1_000 }),
    point(3_100_000, { at: START + 60_000 }),
  ]);
  const frames = tickers(bench);
  bench.clock.to(START + 50_000);
  assert.equal(frames[1]?.ts, START + 1_000);
  const gaps = frames.slice(1).map((frame, i) => frame.ts - (frames[i]?.ts ?? 0));
  assert.ok(Math.max(...gaps) <= 11_000, `a gap of ${Math.max(...gaps)} ms`);
  assert.ok(frames.length >= 5);
});

Deno.test("[F-7.12] venue: a frozen ticker sends nothing public while pongs go on", () => {
  const points = Array.from({ length: 60 }, (_, i) => point(3_000_000 + i * 500, { at: START + i * 1_000 }));
  const bench = new Bench(points);
  const frames = tickers(bench);
  bench.venue.control.injectFault("frozen_ticker", { forMs: 20_000 });
  bench.clock.to(START + 19_999);
  assert.equal(frames.length, 1);
  bench.clock.to(START + 25_000);
  assert.ok(frames.length > 1);
});

Deno.test("[F-4.8] venue: volumes are plain, or scientific as testnet has sent them", () => {
  assert.equal(volumeText(1_500_000.7, "plain"), "1500000");
  assert.equal(volumeText(1_500_000, "scientific"), "1.5e+06");
  assert.equal(volumeText(1_000_000, "scientific"), "1e+06");
  assert.equal(volumeText(999_999, "scientific"), "999999");
});

Deno.test("[F-7.1] venue: a flash crash drops at once and comes back, a spike moves the last price alone", () => {
  const crash = new Overlay(10);
  crash.gap(START, { factor: 0.8, backMs: 100_000 });
  assert.equal(crash.apply(point(3_000_000, { at: START })).mark, 2_400_000);
  assert.equal(crash.apply(point(3_000_000, { at: START + 50_000 })).mark, 2_700_000);
  assert.equal(crash.apply(point(3_000_000, { at: START + 100_000 })).last, 3_000_000);
  const spike = new Overlay(10);
  spike.spike(START, { factor: 1.3, forMs: 5_000 });
  const spiked = spike.apply(point(3_000_000, { at: START }));
  assert.deepEqual([spiked.last, spiked.mark, spiked.bid], [3_900_000, 3_000_000, 2_999_990]);
});

function candle(startAt: number, close: number): Candle {
  return { startAt, open: close - 10, high: close + 50, low: close - 60, close, volumeUsd: 5 };
}

Deno.test("[F-4.7] venue: longer candles are made of minutes", () => {
  const rows = [0, 1, 2, 3].map((i) => candle(i * 60_000, 1_000 + i * 100));
  assert.deepEqual(aggregate(rows, 3), [
    { startAt: 0, open: 990, high: 1_250, low: 940, close: 1_200, volumeUsd: 15 },
    { startAt: 180_000, open: 1_290, high: 1_350, low: 1_240, close: 1_300, volumeUsd: 5 },
  ]);
});

Deno.test("[F-4.7] venue: a recording played now starts now, its candles join history and what was played", () => {
  const now = START + 1_000_000_000;
  const feed = liveFeed(walkFeed(3, START), { startAt: now, speed: 10 });
  const first = feed.next();
  const second = feed.next();
  assert.equal(first?.at, now);
  assert.equal(second?.at, now + 100);
  for (let i = 0; i < 1_300; i++) feed.next();
  const rows = feed.candles({ minutes: 1, from: now - 300_000, to: now + 120_000, now: now + 120_000 });
  const starts = rows.map((row) => row.startAt);
  assert.deepEqual(starts, [...new Set(starts)].sort((a, b) => a - b));
  assert.ok(rows.some((row) => row.startAt >= now - 60_000) && rows.some((row) => row.startAt < now - 120_000));
  const day = feed.candles({ minutes: 1_440, from: now - 5 * 86_400_000, to: now, now });
  assert.equal(day.length, 5);
});
