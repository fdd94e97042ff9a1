/** What the wild wire does to replies and frames: each fault changes the text in its own way, and only in its time. */
import { strict as assert } from "node:assert";
import { WildWire } from "../../src/bot/simulated/wild_wire.ts";
import type { WireVenue } from "../../src/infrastructure/platform/virtual/mod.ts";

const T0 = Date.UTC(2021, 0, 4);
const ROW =
  '{"orderId":"1","symbol":"BTCUSD","side":"Buy","orderStatus":"Deactivated","price":"30000","extraFees":[{"a":"]"}]}';
const LIST = `{"retCode":0,"retMsg":"OK","result":{"list":[${ROW},${ROW}],"nextPageCursor":""},"time":1}`;
const CANDLE = '{"topic":"kline.1.BTCUSD","data":[{"close":"30000.00","confirm":true}]}';

/** A wire in its time or out of it; `opportunities` replies of the list, and every frame that passed. */
function wire(of: { readonly share: number; readonly at?: number }) {
  let now = T0 + (of.at ?? 1_000);
  const timers: (() => void)[] = [];
  let send: (text: string, channel: string) => void = () => undefined;
  const venue: WireVenue = {
    rest: () => ({ status: 200, headers: {}, body: LIST }),
    connect: (_, peer) => {
      send = (text, channel) => peer.send(text, channel);
      return { receive: () => undefined, closed: () => undefined };
    },
  };
  const told: string[] = [];
  const wild = new WildWire({
    venue,
    clock: { now: () => now, at: (_, run) => (timers.push(run), () => undefined) },
    seed: 7,
    share: of.share,
    fromMs: T0,
    untilMs: T0 + 3_600_000,
    onFault: ({ name }) => void told.push(name),
  });
  const frames: string[] = [];
  const ask = (path: string): string => {
    now += 10;
    return wild.rest({ method: "GET", path, query: "", headers: {}, body: "" }).body;
  };
  const listen = (path: string): void =>
    void wild.connect(path, { send: (text) => void frames.push(text), close: () => undefined });
  const later = (): void => timers.splice(0).forEach((run) => run());
  return { ask, listen, later, frames, told, send: (text: string, channel: string) => send(text, channel), wild };
}
/** The rows of a reply as the bot reads it. */
function rowsOf(body: string): readonly Record<string, unknown>[] {
  const parsed: { readonly result: { readonly list: Record<string, unknown>[] } } = JSON.parse(body);
  return parsed.result.list;
}

Deno.test("[sim] wild wire: every fault of a list comes, each reply can be read as JSON, and what fired was told", () => {
  // So often that each comes among a few hundred replies; not the reply of 10 MB at every one.
  const { ask, wild, told } = wire({ share: 20 });
  const seen = { empty: 0, odd: 0, beyond: 0, twice: 0, unknown: 0, deep: 0 };
  for (let i = 0; i < 600; i++) {
    const body = ask("/v5/order/realtime");
    const rows = rowsOf(body);
    if (rows.length === 0) seen.empty++;
    if (rows.some((row) => row.side === "None")) seen.odd++;
    if (rows.some((row) => row.price === "1e400")) seen.beyond++;
    if (rows.some((row) => row.orderStatus === "Expired")) seen.unknown++;
    if (body.includes('"side":"Sell","side":"Buy"')) seen.twice++;
    if (body.includes("[[[[[[[[")) seen.deep++;
  }
  assert.ok(Object.values(seen).every((count) => count > 0), JSON.stringify(seen));
  const fired = new Map<string, number>();
  for (const name of told) fired.set(name, (fired.get(name) ?? 0) + 1);
  assert.deepEqual(Object.fromEntries(fired), { ...wild.counts });
});

Deno.test("[sim] wild wire: 10 MB in one reply", () => {
  const { ask } = wire({ share: 2_000 });
  assert.ok(Array.from({ length: 60 }, () => ask("/v5/market/time").length).some((length) => length > 10_000_000));
});

Deno.test("[sim] wild wire: a position list keeps its rows, other calls are not lists", () => {
  const { ask } = wire({ share: 30 });
  for (let i = 0; i < 200; i++) assert.ok(rowsOf(ask("/v5/position/list")).length >= 2);
  for (let i = 0; i < 200; i++) assert.equal(rowsOf(ask("/v5/market/tickers")).length, 2);
});

Deno.test("[sim] wild wire: a closed candle comes again with another close, a frame of the account never", () => {
  const { listen, send, later, frames } = wire({ share: 100 });
  listen("/v5/public/inverse");
  send(CANDLE, "kline");
  later();
  assert.equal(frames.length, 2);
  assert.notEqual(frames[1], CANDLE);
  assert.match(frames[1] ?? "", /"close":"[\d.]+","confirm":true/);
  listen("/v5/private");
  send(CANDLE, "order");
  later();
  assert.equal(frames.length, 3);
});

Deno.test("[sim] wild wire: before and after its time, and at no share, nothing changes", () => {
  for (const each of [{ share: 100, at: -1_000_000 }, { share: 100, at: 3_600_000 }, { share: 0 }]) {
    const { ask, told } = wire(each);
    for (let i = 0; i < 100; i++) assert.equal(ask("/v5/order/realtime"), LIST);
    assert.deepEqual(told, []);
  }
});
