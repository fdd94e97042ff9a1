/** What the benches of the venue link share: a server in its own thread, our adapter, bare fetch and `bybit-api`. */
import { RestClientV5 } from "bybit-api";
import type { Event } from "../../src/domain/events.ts";
import { createBybitAdapter } from "../../src/infrastructure/exchange/bybit/bybit_adapter.ts";
import { createBody } from "../../src/infrastructure/exchange/bybit/render.ts";
import { livePlatform } from "../../src/infrastructure/platform/live/mod.ts";
import { configOf, KEY, SECRET, ticket } from "../unit/bybit_kit.ts";

export type Contender = { readonly name: string; readonly send: () => Promise<void> };

/** Starts the server and returns the ways to send one order to it. */
export async function contenders(): Promise<{ readonly list: readonly Contender[]; readonly stop: () => void }> {
  const worker = new Worker(new URL("./link_bench_server.ts", import.meta.url), { type: "module" });
  const port = await new Promise<number>((done) => worker.onmessage = (event) => done(event.data));
  const base = `http://127.0.0.1:${port}`;
  const live = livePlatform();
  let answered: (event: Event) => void = () => {};
  // A clock on which each look is a while later: the venue's limit of ten orders a second is not what is measured.
  let monotonic = 0;
  const adapter = createBybitAdapter({
    platform: {
      ...live,
      clock: { ...live.clock, monotonicNow: () => monotonic += 60, wallNow: () => 1_790_369_126_000 + monotonic },
      http: {
        request: (request, done) =>
          live.http.request({ ...request, url: request.url.replace("https://api-testnet.bybit.com", base) }, done),
      },
      sockets: { open: () => ({ send() {}, abandon() {} }) },
    },
    key: KEY,
    secret: SECRET,
    restUrl: "https://api-testnet.bybit.com",
    wsUrl: "wss://stream-testnet.bybit.com",
    config: configOf("1h", { rest_budget_per_min: 1e9 }),
    emit: (event) => answered(event),
    recheckEntry: () => null,
  });
  await new Promise<void>((done) => adapter.connect(done));
  const client = new RestClientV5({ key: KEY, secret: SECRET, baseUrl: base });
  const order = ticket("grid_a3f8d2e1c4_l_Buy");
  const request = {
    method: "POST",
    body: createBody(order),
    headers: {
      "Content-Type": "application/json",
      "X-BAPI-API-KEY": KEY,
      "X-BAPI-TIMESTAMP": "1790369126000",
      "X-BAPI-RECV-WINDOW": "5000",
      "X-BAPI-SIGN": "0".repeat(64),
    },
  };
  const url = `${base}/v5/order/create`;
  let number = 0;
  const list: Contender[] = [
    { name: "bare fetch (floor)", send: async () => void (await (await fetch(url, request)).text()) },
    {
      name: "bare fetch, body sent once",
      send: async () => void (await (await fetch(url, { ...request, body: new Blob([request.body]) })).text()),
    },
    {
      name: "abot: sign, send, parse, answer",
      // `async` matters: the bench runner does not wait for a plain function that returns a promise.
      send: async () => {
        const outcome = await new Promise<string>((done) => {
          answered = (event) => event.kind === "PlaceAnswer" && done(event.outcome.kind);
          adapter.send({ kind: "PlaceStop", ticket: { ...order, orderLinkId: `bench_${number++}` } });
        });
        if (outcome !== "ok") throw new Error(`Cannot measure an order that ended ${outcome}`);
      },
    },
    {
      name: "bybit-api submitOrder",
      send: async () => {
        await client.submitOrder({
          category: "inverse",
          symbol: "BTCUSD",
          side: "Buy",
          orderType: "Limit",
          qty: "100",
          price: "80000.5",
          timeInForce: "PostOnly",
          positionIdx: 0,
          orderLinkId: `bench_${number++}`,
        });
      },
    },
  ];
  return {
    list,
    stop() {
      adapter.close();
      worker.terminate();
    },
  };
}
