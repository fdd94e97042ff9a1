import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import { createMarketFeed } from "../../src/infrastructure/exchange/fake_exchange/market/market_feed.ts";
import { createVirtualPlatform } from "../../src/infrastructure/platform/virtual/mod.ts";

const MINUTE = 60_000;
const T0 = 1_600_000_020_000;

/** A day of made-up minute candles. */
function day(): Uint8Array {
  const rows = ["start_ms,open,high,low,close,volume_usd"];
  for (let minute = 0; minute < 1_440; minute++) {
    const price = 20_000 + (minute * 7_919) % 400;
    rows.push(
      `${T0 + minute * MINUTE},${price},${price + 30},${price - 20},${price + 10},${(minute * 104_729) % 999_983}`,
    );
  }
  return new TextEncoder().encode(rows.join("\n"));
}
const recording = readRecording("day", day());

Deno.bench("market feed: one day of minutes", () => {
  const feed = createMarketFeed({ recording, seed: 1, market: "normal", historyDays: 0 });
  let sum = 0;
  for (let point = feed.next(); point !== null; point = feed.next()) sum += point.last;
  if (sum === 0) throw new Error("nothing played");
});

/** One frame per market step, a ping a socket every 5 s, a request every 10 s, a tick every 2 s: a day of a quiet bot. */
Deno.bench("queue and network: one day of frames, pings, requests and ticks", () => {
  const feed = createMarketFeed({ recording, seed: 1, market: "normal", historyDays: 0 });
  const platform = createVirtualPlatform({
    seed: 1,
    startAt: T0,
    connectVenue: (clock) => ({
      rest: () => ({ status: 200, headers: {}, body: "{}" }),
      connect: (path, peer) => {
        const walk = (): void => {
          const point = feed.next();
          if (point === null) return;
          clock.at(point.at, () => {
            peer.send("tick", "tickers");
            walk();
          });
        };
        if (path.includes("public")) walk();
        return { receive: () => peer.send("pong", "control"), closed: () => undefined };
      },
    }),
  });
  const { clock, http, sockets } = platform.newProcess();
  let heard = 0;
  const hear = (): void => void heard++;
  for (const path of ["public", "private"]) {
    const socket = sockets.open(`wss://venue.test/${path}`, {
      onOpen: () => ping(),
      onText: hear,
      onClose: hear,
    });
    const ping = (): void => {
      socket.send("ping");
      clock.after(5_000, ping);
    };
  }
  const ask = (): void => {
    http.request({ method: "GET", url: "https://venue.test/x?a=1", headers: {}, body: null, timeoutMs: 5_000 }, hear);
    clock.after(10_000, ask);
  };
  const tick = (): void => void clock.after(2_000, tick);
  ask();
  tick();
  platform.run(T0 + 1_440 * MINUTE);
  if (heard < 20_000) throw new Error(`heard ${heard}`);
});
