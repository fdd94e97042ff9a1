/** A venue in a process of its own that floods its public stream; prints its port first. Run by link_streams_test. */
import { textOf } from "../unit/bybit_samples.ts";
import { LoopbackVenue, timeNow } from "./link_kit.ts";

/** The first 20,000 warm the reader up. */
const FRAMES = 220_000;
const FILLS = 220;
const venue = new LoopbackVenue();
venue.on = () => timeNow();
venue.onSocket = (socket) => {
  socket.behave();
  const both = () => venue.sockets.length === 2 && venue.sockets.every((each) => each.texts.some(isSubscription));
  const usual = socket.onText;
  socket.onText = (text) => {
    usual(text);
    if (isSubscription(text) && both()) flood();
  };
};
function isSubscription(text: string): boolean {
  return text.includes('"subscribe"');
}

async function flood(): Promise<void> {
  const open = venue.sockets.find((socket) => !socket.isPrivate);
  const own = venue.sockets.find((socket) => socket.isPrivate);
  const ticker = JSON.stringify({
    topic: "tickers.BTCUSD",
    type: "delta",
    data: { symbol: "BTCUSD", lastPrice: "84000.10", markPrice: "84000.20", bid1Price: "84000.00" },
    cs: 5000,
    ts: 1,
  });
  const fill = JSON.parse(textOf("synthetic/ws_execution_inverse-partial.json"));
  for (let batch = 0; batch < FILLS; batch++) {
    for (let i = 0; i < FRAMES / FILLS; i++) open?.send(ticker);
    own?.send(JSON.stringify({ ...fill, data: [{ ...fill.data[0], execId: `exec-${batch}` }] }));
    await Promise.all([open?.flushed(), own?.flushed()]);
  }
  open?.send('{"topic":"kline.60.BTCUSD","data":"the end"}');
}
console.log(venue.port);
