import { hmacSha256 } from "../../../infrastructure/exchange/fake_exchange/wire/signature.ts";
import {
  createVenue,
  type FaultName,
  type MarketFeed,
  type Venue,
  type VenueClock,
} from "../../../infrastructure/exchange/fake_exchange/mod.ts";
import { nextInt, nextUnit, pick, type RandomState, randomStream } from "../../../common/random.ts";
import type { Recorded, WireMessage } from "./recordings.ts";

const KEY = "conform-key";
const SECRET = "conform-secret";
/** Shortly before a funding, so that every run settles one. */
const START = Date.UTC(2021, 0, 4, 7, 45);
const MINUTE = 60_000;
const LENGTH_MS = 40 * MINUTE;
const STEP_MS = 3_000;
const PRICE = 3_000_000;
const MARKET = "category=inverse&symbol=BTCUSD";

/** Reads the fake venue serves, with parameters it takes. */
const READS: Readonly<Record<string, string>> = {
  "/v5/market/time": "",
  "/v5/system/status": "",
  "/v5/market/instruments-info": MARKET,
  "/v5/market/tickers": MARKET,
  "/v5/market/kline": `${MARKET}&interval=60&limit=5`,
  "/v5/market/orderbook": MARKET,
  "/v5/market/funding/history": MARKET,
  "/v5/market/recent-trade": MARKET,
  "/v5/market/risk-limit": MARKET,
  "/v5/market/price-limit": MARKET,
  "/v5/order/realtime": MARKET,
  "/v5/order/history": MARKET,
  "/v5/execution/list": MARKET,
  "/v5/position/list": MARKET,
  "/v5/position/closed-pnl": MARKET,
  "/v5/account/info": "",
  "/v5/account/wallet-balance": "accountType=UNIFIED&coin=BTC",
  "/v5/account/fee-rate": MARKET,
  "/v5/account/transaction-log": "accountType=UNIFIED",
  "/v5/account/user-setting-config": "",
  "/v5/user/query-api": "",
};
const ORDERS = ["create", "amend", "cancel", "cancel-all"].map((word) => `/v5/order/${word}`);
const SETTINGS = [
  "/v5/position/set-leverage",
  "/v5/position/trading-stop",
  "/v5/account/set-margin-mode",
  "/v5/account/set-limit-px-action",
];
/** Calls the fake venue serves, as wire logs name them. */
export const SERVED: readonly string[] = [
  ...Object.keys(READS).map((path) => `GET ${path}`),
  ...[...ORDERS, ...SETTINGS].map((path) => `POST ${path}`),
];

/** Faults whose messages are the venue's own; damaged frames are not. */
const FAULTS: readonly [FaultName, ...FaultName[]] = [
  "http_5xx",
  "http_html",
  "ret_10002",
  "ret_10006",
  "ret_10016",
  "ret_110001",
  "ret_110007",
  "ret_110079",
  "order_rejected",
  "stop_refused",
  "stop_cancelled",
  "stop_partial",
  "post_only_crossed",
  "auth_refused",
  "adl",
  "liquidation",
  "person_trades",
  "person_flips",
  "second_bot",
  "person_leverage",
  "deposit",
  "withdrawal",
];

/** What one seed of the fake venue says in an hour to a client that tries everything. Same seed, same messages. */
export function referenceRun(seed: number): Recorded {
  return new Reference(seed).run();
}

class StepClock implements VenueClock {
  #now = START;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  now(): number {
    return this.#now;
  }
  at(at: number, run: () => void): () => void {
    const timer = { at, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }
  to(until: number): void {
    for (;;) {
      let due: { readonly at: number; readonly run: () => void } | null = null;
      for (const timer of this.#timers) if (timer.at <= until && (due === null || timer.at < due.at)) due = timer;
      if (due === null) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
  }
}

class Reference {
  readonly #clock = new StepClock();
  readonly #messages: WireMessage[] = [];
  readonly #random: RandomState;
  readonly #seed: number;
  readonly #venue: Venue;
  readonly #sign = hmacSha256(SECRET);
  readonly #links: string[] = [];
  #last = PRICE;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = randomStream(seed, "conform");
    const account = { key: KEY, secret: SECRET, uid: "1", walletBtc: "0.5" };
    this.#venue = createVenue({
      signer: hmacSha256,
      seed,
      clock: this.#clock,
      feed: this.#feed(),
      account,
      onLog: () => undefined,
    });
  }

  run(): Recorded {
    this.#venue.start();
    this.#connect();
    this.#reads();
    for (let at = START + STEP_MS; at <= START + LENGTH_MS; at += STEP_MS) {
      this.#clock.to(at);
      this.#act();
      if ((at - START) % (10 * MINUTE) === 0) this.#connect();
      if (at % (2 * MINUTE) === 0) this.#reads();
    }
    this.#refuseEverything();
    return { messages: this.#messages, inOrder: true };
  }

  /** A market that wanders, with thin moments. */
  #feed(): MarketFeed {
    const random = randomStream(this.#seed, "conform market");
    let at = START - 1_000;
    return {
      startAt: START,
      endAt: START + LENGTH_MS,
      next: () => {
        at += 1_000;
        this.#last = Math.round(this.#last * (1 + (nextUnit(random) - 0.5) / 1_000) / 50) * 50;
        const { bid, ask } = { bid: this.#last - 50, ask: this.#last + 50 };
        const size = nextInt(random, { from: 1, to: 800 });
        const empty = nextUnit(random) < 0.02;
        return {
          at,
          last: this.#last,
          mark: this.#last,
          index: this.#last,
          bid: empty ? null : bid,
          bidSize: empty ? 0 : size,
          ask: empty ? null : ask,
          askSize: empty ? 0 : size,
          volumeUsd: nextInt(random, { from: 10, to: 2_000 }),
        };
      },
      candles: ({ minutes, from, to, now }) => {
        const length = minutes * MINUTE;
        const rows = [];
        for (let startAt = Math.ceil(from / length) * length; startAt < to && startAt <= now; startAt += length) {
          rows.push({ startAt, open: PRICE, high: PRICE + 100, low: PRICE - 100, close: PRICE, volumeUsd: 3e6 });
        }
        return rows;
      },
      fundingRateE8: () => this.#seed % 2 === 0 ? 10_000 : -10_000,
    };
  }

  #connect(): void {
    const expires = this.#clock.now() + 5_000;
    const auth = (key: string) =>
      JSON.stringify({ op: "auth", args: [key, expires, this.#sign(`GET/realtime${expires}`)] });
    const subscribe = (args: readonly string[]) => JSON.stringify({ op: "subscribe", req_id: "s1", args });
    const category = this.#seed % 2 === 0 ? ".inverse" : "";
    const own = [`order${category}`, `execution${category}`, `position${category}`, "wallet"];
    const open = ["tickers.BTCUSD", "kline.1.BTCUSD", "kline.60.BTCUSD", "orderbook.1.BTCUSD", "publicTrade.BTCUSD"];
    const ping = '{"op":"ping"}';
    this.#line("private", { path: "/v5/private", say: [auth(KEY), subscribe(own), ping] });
    this.#line("public", { path: "/v5/public/inverse", say: [subscribe(open), ping, subscribe(["nothing"])] });
    this.#line("trade", { path: "/v5/trade", say: [auth(KEY), ping, ...this.#tradeCalls()] });
    this.#line("refused", { path: "/v5/private", say: [subscribe(own), auth("nobody")] });
    this.#line("status", { path: "/v5/public/misc/status", say: [subscribe(["system.status"])] });
  }
  #tradeCalls(): readonly string[] {
    const link = this.#link();
    const call = (op: string, args: unknown) =>
      JSON.stringify({ reqId: link, header: { "X-BAPI-TIMESTAMP": String(this.#clock.now()) }, op, args: [args] });
    const names = { category: "inverse", symbol: "BTCUSD", orderLinkId: link };
    const limit = { ...names, side: "Buy", orderType: "Limit", qty: "10", price: this.#price(-0.005) };
    return [
      call("order.create", limit),
      call("order.amend", { ...names, qty: "12" }),
      call("order.cancel", names),
      call("order.cancel", names),
    ];
  }
  #line(stream: string, how: { readonly path: string; readonly say: readonly string[] }): void {
    const place = "fake venue";
    const line = this.#venue.connect(how.path, {
      send: (text) => void this.#messages.push({ kind: "received", place, stream, text }),
      close: () => undefined,
    });
    for (const text of how.say) {
      this.#messages.push({ kind: "sent", place, stream, text });
      line.receive(text);
    }
    // The next connection takes over; two of one stream would show every frame twice.
    this.#clock.at(this.#clock.now() + 10 * MINUTE - 1, () => line.closed());
  }

  #reads(): void {
    for (const [path, query] of Object.entries(READS)) this.#call("GET", { path, payload: query });
    this.#call("GET", { path: "/v5/order/realtime", payload: `${MARKET}&openOnly=1` });
  }
  #act(): void {
    const random = this.#random;
    const side = pick(random, ["Buy", "Sell"]);
    const away = (side === "Buy" ? -1 : 1) * pick(random, [0, 0, 0.0002, 0.001, 0.01, -0.001, -0.0003, 0.5, -0.3]);
    const qty = String(nextInt(random, { from: 10, to: 3_000 }));
    const reduceOnly = nextUnit(random) < 0.4;
    const base = { side, qty, reduceOnly, orderLinkId: this.#link() };
    const limit = { ...base, orderType: "Limit", price: this.#price(away) };
    const { known, state } = { known: this.#known(), state: this.#venue.control.state() };
    switch (nextInt(random, { from: 0, to: 15 })) {
      case 0:
      case 1:
        return this.#order("create", { ...limit, timeInForce: pick(random, ["GTC", "PostOnly", "IOC", "FOK"]) });
      case 2:
      case 3:
        return this.#order("create", { ...limit, timeInForce: "PostOnly" });
      case 4:
        return this.#order("create", { ...base, orderType: "Market" });
      case 5:
      case 6:
        return this.#conditional({ ...base, reduceOnly: true, closeOnTrigger: true });
      case 7:
        return this.#conditional({ ...base, qty: pick(random, ["0", qty]), price: this.#price(away) });
      case 8:
        return this.#order("amend", { ...known, price: this.#price(away) });
      case 9:
        return this.#order("amend", { ...known, qty });
      case 10:
        return this.#order("amend", { ...known, triggerPrice: this.#price(away) });
      case 11:
      case 12:
        return this.#order("cancel", known);
      case 13:
        return this.#setting();
      case 14:
        if (state.orders.length > 12) return this.#order("cancel-all", {});
        return this.#venue.control.setPrice(Math.round(PRICE * (1 + (nextUnit(random) - 0.5) / 50) / 50) * 50);
      default:
        return this.#venue.control.injectFault(pick(random, FAULTS));
    }
  }
  /** Half of them on the wrong side of the price now and then; most can be triggered by the next moves. */
  #conditional(base: { readonly side: string } & Readonly<Record<string, unknown>>): void {
    const rising = base.side === "Buy";
    const wrong = nextUnit(this.#random) < 0.1;
    const distance = pick(this.#random, [0.0005, 0.001, 0.004]) * (rising !== wrong ? 1 : -1);
    this.#order("create", {
      ...base,
      orderType: base.price === undefined ? "Market" : pick(this.#random, ["Limit", "Market"]),
      triggerPrice: this.#price(distance),
      triggerDirection: rising ? 1 : 2,
      triggerBy: pick(this.#random, ["MarkPrice", "LastPrice"]),
    });
  }
  #setting(): void {
    const leverage = pick(this.#random, ["3", "5", "10", "200"]);
    const both = { buyLeverage: leverage, sellLeverage: leverage };
    for (const path of SETTINGS) {
      this.#post(path, { ...both, modifyEnable: false, setMarginMode: "ISOLATED_MARGIN" });
    }
  }
  /** Refusals that no usual course of things brings. */
  #refuseEverything(): void {
    const order = { side: "Buy", orderType: "Limit", qty: "10", price: this.#price(-0.001), orderLinkId: this.#link() };
    this.#order("create", order);
    this.#order("create", order);
    this.#order("create", { ...order, orderLinkId: this.#link(), takeProfit: "1" });
    this.#order("create", { ...order, orderLinkId: this.#link(), qty: "1.5" });
    this.#order("create", { ...order, orderLinkId: this.#link(), qty: "900000" });
    this.#order("create", { ...order, orderLinkId: this.#link(), qty: "1" });
    this.#call("GET", { path: "/v5/nothing", payload: "" });
    const path = "/v5/order/realtime";
    this.#call("GET", { path, payload: MARKET, key: "nobody" });
    this.#call("GET", { path, payload: MARKET, key: "" });
    this.#call("GET", { path, payload: MARKET, signed: "something else" });
    this.#call("GET", { path, payload: MARKET, late: 20_000 });
    const far = { side: "Sell", qty: "10", orderType: "Market", triggerDirection: 2, triggerBy: "MarkPrice" };
    for (let left = 12; left > 0; left--) {
      this.#clock.to(this.#clock.now() + 200);
      this.#order("create", { ...far, triggerPrice: this.#price(-0.2), orderLinkId: this.#link() });
    }
    this.#venue.control.injectFault("http_403");
    this.#call("GET", { path, payload: MARKET });
  }

  #order(action: string, fields: Readonly<Record<string, unknown>>): void {
    this.#post(`/v5/order/${action}`, fields);
  }
  #post(path: string, fields: Readonly<Record<string, unknown>>): void {
    this.#call("POST", { path, payload: JSON.stringify({ category: "inverse", symbol: "BTCUSD", ...fields }) });
  }
  #call(
    method: "GET" | "POST",
    how: {
      readonly path: string;
      readonly payload: string;
      readonly key?: string;
      readonly signed?: string;
      readonly late?: number;
    },
  ): void {
    const { path, payload, key = KEY, late = 0 } = how;
    const stamp = String(this.#clock.now() - late);
    const reply = this.#venue.rest({
      method,
      path,
      query: method === "GET" ? payload : "",
      body: method === "GET" ? "" : payload,
      headers: {
        "X-BAPI-API-KEY": key,
        "X-BAPI-TIMESTAMP": stamp,
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": this.#sign(`${stamp}${key}5000${how.signed ?? payload}`),
      },
    });
    const { status, body } = reply;
    this.#messages.push({ kind: "reply", place: "fake venue", call: `${method} ${path}`, status, body });
  }

  #link(): string {
    const link = `c${this.#seed}-${this.#links.length}`;
    this.#links.push(link);
    return link;
  }
  /** An order the venue may still have; now and then one that ended long ago. */
  #known(): { readonly orderLinkId: string } {
    const resting = this.#venue.control.state().orders.map((order) => order.orderLinkId).filter((link) => link !== "");
    const old = this.#links[nextInt(this.#random, { from: 0, to: this.#links.length - 1 })] ?? "none";
    const live = resting[nextInt(this.#random, { from: 0, to: Math.max(0, resting.length - 1) })];
    return { orderLinkId: live === undefined || nextUnit(this.#random) < 0.1 ? old : live };
  }
  #price(away: number): string {
    const cents = Math.round(this.#venue.control.state().last * (1 + away) / 50) * 50;
    return (cents / 100).toFixed(1);
  }
}

/** Seeds that together have drawn every switch both ways. */
export const REFERENCE_SEEDS = 12;
