import { createHmac } from "node:crypto";
import type {
  FileSeam,
  HttpOutcome,
  HttpRequest,
  Platform,
  SocketHandlers,
} from "../../src/application/engine/ports.ts";
import type { Event, EventKind, EventOf } from "../../src/domain/events.ts";
import type { Config } from "../../src/domain/limits.ts";
import type { IntentOf } from "../../src/domain/intent.ts";
import type { Approved, OrderTicket } from "../../src/domain/orders.ts";
import { type AdapterOptions, createBybitAdapter } from "../../src/infrastructure/exchange/bybit/bybit_adapter.ts";
import { epochMs, priceCents, usdContracts } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";

/** Start of virtual time: 2026-09-25T20:45:26Z, near the recorded frames. */
export const START = 1_790_369_126_000;
export const KEY = "bYbItTeStKey00000x";
export const SECRET = "0123456789abcdefghijklmnopqrstuvwxyzAB";

export const RUNTIME: Config["runtime"] = { ...defaultTestConfig().runtime, rate_limits_per_s: {} };
export function configOf(signalBar: "1m" | "1h" = "1h", runtime: Partial<Config["runtime"]> = {}): Config {
  return defaultTestConfig((config) => {
    config.strategy.signal_bar = signalBar;
    config.runtime = { ...RUNTIME, ...runtime };
  });
}

/** Virtual time: timers run in order when time is moved. */
export class ManualClock {
  wall = START;
  mono = 0;
  #next = 1;
  #timers = new Map<number, { at: number; run: () => void }>();
  wallNow = (): number => this.wall;
  monotonicNow = (): number => this.mono;
  after = (delayMs: number, run: () => void): number => {
    const id = this.#next++;
    this.#timers.set(id, { at: this.mono + delayMs, run });
    return id;
  };
  cancel = (id: number): void => void this.#timers.delete(id);
  /** Timers not yet run. */
  pending = (): number => this.#timers.size;
  move(ms: number): void {
    const until = this.mono + ms;
    for (;;) {
      let first: [number, { at: number; run: () => void }] | null = null;
      for (const entry of this.#timers) if (first === null || entry[1].at < first[1].at) first = entry;
      if (first === null || first[1].at > until) break;
      this.#timers.delete(first[0]);
      this.#set(first[1].at);
      first[1].run();
    }
    this.#set(until);
  }
  #set(mono: number): void {
    if (mono <= this.mono) return;
    this.wall += mono - this.mono;
    this.mono = mono;
  }
}

export type Sent = {
  readonly at: number;
  readonly request: HttpRequest;
  readonly answer: (outcome: HttpOutcome) => void;
};
export type OpenSocket = {
  readonly url: string;
  readonly handlers: SocketHandlers;
  readonly out: string[];
  abandoned: boolean;
};

export function ok(result: unknown, extra: { headers?: Record<string, string>; time?: number } = {}): HttpOutcome {
  const body = JSON.stringify({ retCode: 0, retMsg: "OK", result, retExtInfo: {}, time: extra.time });
  return { kind: "reply", status: 200, headers: extra.headers ?? {}, body };
}
export function code(retCode: number, headers: Record<string, string> = {}): HttpOutcome {
  const body = JSON.stringify({ retCode, retMsg: `text of ${retCode}`, result: {}, retExtInfo: {} });
  return { kind: "reply", status: 200, headers, body };
}
export function status(http: number, body = "<html>no</html>"): HttpOutcome {
  return { kind: "reply", status: http, headers: {}, body };
}

function sign(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("hex");
}

/** One adapter on virtual seams: tests answer requests and push frames by hand. */
export class Bench {
  readonly clock = new ManualClock();
  readonly requests: Sent[] = [];
  readonly sockets: OpenSocket[] = [];
  readonly events: Event[] = [];
  readonly wire: string[] = [];
  /** Venue time minus local monotonic time; what market/time answers is START + skew + monotonic. */
  skew = 0;
  random = 0.5;
  recheck: (intent: IntentOf<"PlaceEntry">) => string | null = () => null;
  markets = 0;
  readonly adapter: ReturnType<typeof createBybitAdapter>;
  /** Held back signatures when `slowSigner`; run them by hand. */
  readonly signatures: (() => void)[] = [];
  slowSigner = false;
  readonly platform: Platform;

  constructor(options: Partial<AdapterOptions> = {}) {
    this.platform = {
      clock: this.clock,
      http: {
        request: (request, answer) => {
          this.requests.push({ at: this.clock.mono, request, answer });
        },
      },
      sockets: {
        open: (url, handlers) => {
          const socket: OpenSocket = { url, handlers, out: [], abandoned: false };
          this.sockets.push(socket);
          return { send: (text) => socket.out.push(text), abandon: () => void (socket.abandoned = true) };
        },
      },
      files: {} as FileSeam,
      random: { next: () => this.random },
      signer: (secret) => ({
        sign: (text, done) => {
          if (this.slowSigner) this.signatures.push(() => done(sign(secret, text)));
          else done(sign(secret, text));
        },
      }),
    };
    this.adapter = createBybitAdapter({
      platform: this.platform,
      key: KEY,
      secret: SECRET,
      restUrl: "https://api-testnet.bybit.com",
      wsUrl: "wss://stream-testnet.bybit.com",
      config: configOf(),
      emit: (event) => this.events.push(event),
      recheckEntry: (intent) => this.recheck(intent),
      onMarket: () => this.markets++,
      wireLog: (line) => this.wire.push(line),
      ...options,
    });
  }

  /** Requests to a path that were not answered with `take` before. */
  take(path: string): Sent {
    const index = this.requests.findIndex((sent) => new URL(sent.request.url).pathname === path);
    const [sent] = index < 0 ? [] : this.requests.splice(index, 1);
    if (sent === undefined) {
      throw new Error(`No request to ${path}; there are ${this.requests.map((each) => each.request.url).join(", ")}`);
    }
    return sent;
  }
  paths(): string[] {
    return this.requests.map((sent) => new URL(sent.request.url).pathname);
  }
  answerTime(roundTripMs = 0): void {
    const sent = this.take("/v5/market/time");
    const half = roundTripMs / 2;
    this.clock.move(half);
    const server = START + this.skew + this.clock.mono;
    this.clock.move(half);
    const nano = `${Math.floor(server)}000000`;
    sent.answer(ok({ timeSecond: String(Math.floor(server / 1000)), timeNano: nano }));
  }
  /** Connects, answers the clock, makes both streams ready. */
  ready(): this {
    this.adapter.connect();
    this.answerTime();
    this.readyPrivate();
    this.readyPublic();
    return this;
  }
  socket(path: string): OpenSocket {
    const found = this.sockets.findLast((each) => each.url.includes(path));
    if (found === undefined) throw new Error(`No socket ${path}`);
    return found;
  }
  private(): OpenSocket {
    return this.socket("/v5/private");
  }
  public(): OpenSocket {
    return this.socket("/v5/public");
  }
  readyPrivate(): void {
    const socket = this.private();
    socket.handlers.onOpen();
    socket.handlers.onText('{"success":true,"ret_msg":"","op":"auth","conn_id":"c"}');
    socket.handlers.onText('{"success":true,"ret_msg":"","op":"subscribe","req_id":"s1","conn_id":"c"}');
  }
  readyPublic(): void {
    const socket = this.public();
    socket.handlers.onOpen();
    socket.handlers.onText('{"success":true,"ret_msg":"","op":"subscribe","req_id":"s1","conn_id":"c"}');
    socket.handlers.onText(SNAPSHOT);
  }
  of<K extends EventKind>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }
  links(stream: "private" | "public"): string[] {
    return this.of("Link").filter((event) => event.stream === stream).map((event) => event.status);
  }
  /** Moves time, answering pings on both sockets as the venue does. */
  alive(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.move(Math.min(1000, left));
      for (const socket of this.sockets) {
        if (socket.abandoned) continue;
        for (const text of socket.out.splice(0)) if (text === '{"op":"ping"}') socket.handlers.onText(PONG);
      }
    }
  }
}

export const PONG = '{"req_id":"","op":"pong","args":["1675418560633"],"conn_id":"c"}';
export const SNAPSHOT = JSON.stringify({
  topic: "tickers.BTCUSD",
  type: "snapshot",
  data: {
    symbol: "BTCUSD",
    lastPrice: "83807.60",
    markPrice: "83822.10",
    indexPrice: "83876.10",
    nextFundingTime: "1790380800000",
    fundingRate: "-0.0000392",
    bid1Price: "83819.30",
    bid1Size: "5949",
    ask1Price: "83819.40",
    ask1Size: "46909",
  },
  cs: 1000,
  ts: START,
});

export function ticket(orderLinkId: string, over: Partial<OrderTicket> = {}): OrderTicket {
  return {
    orderLinkId,
    side: "Buy",
    contracts: usdContracts(100),
    orderType: "Limit",
    price: priceCents(8_000_050),
    timeInForce: "PostOnly",
    trigger: null,
    reduceOnly: false,
    closeOnTrigger: false,
    ...over,
  };
}
export function entry(orderLinkId = "grid_a3f8d2e1c4_l_Buy"): IntentOf<"PlaceEntry"> {
  return { kind: "PlaceEntry", ticket: ticket(orderLinkId) as Approved<OrderTicket> };
}
export function stop(orderLinkId = "grid_a3f8d2e1c4_l_stop_Sell"): IntentOf<"PlaceStop"> {
  return {
    kind: "PlaceStop",
    ticket: ticket(orderLinkId, {
      side: "Sell",
      orderType: "Market",
      price: null,
      timeInForce: "IOC",
      trigger: { price: priceCents(7_600_000), direction: 2, by: "MarkPrice" },
      reduceOnly: true,
      closeOnTrigger: true,
    }),
  };
}
export const SINCE = epochMs(START - 60_000);
