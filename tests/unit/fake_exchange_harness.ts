/** A venue with a hand-driven clock and market, and a client that signs; for tests of the fake venue only. */
import { hmacSha256 } from "../../src/infrastructure/exchange/fake_exchange/wire/signature.ts";
import { createHmac } from "node:crypto";
import {
  createVenue,
  type MarketFeed,
  type MarketPoint,
  SAMPLE_SWITCHES,
  type Venue,
  type VenueLogEntry,
  type VenueOptions,
} from "../../src/infrastructure/exchange/fake_exchange/mod.ts";

export const START = 1_609_459_200_000;

export type Frame = { readonly topic: string; readonly data: readonly Record<string, unknown>[] };

export function point(cents: number, more: Partial<MarketPoint> = {}): MarketPoint {
  return {
    at: START,
    last: cents,
    mark: cents,
    index: cents,
    bid: cents - 10,
    bidSize: 10_000,
    ask: cents + 10,
    askSize: 10_000,
    volumeUsd: 100_000,
    ...more,
  };
}

class HandClock {
  #now = START;
  #timers: { at: number; run: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  at(at: number, run: () => void): () => void {
    const timer = { at, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  to(at: number): void {
    for (;;) {
      const due = this.#timers.filter((timer) => timer.at <= at).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = at;
  }
}

export class Bench {
  readonly clock = new HandClock();
  readonly venue: Venue;
  readonly log: VenueLogEntry[] = [];
  readonly frames: Frame[] = [];
  readonly #key = "test-key";
  readonly #secret = "test-secret";

  constructor(points: readonly MarketPoint[], more: Partial<VenueOptions> = {}) {
    let index = 0;
    const feed: MarketFeed = {
      startAt: START,
      endAt: START + 86_400_000,
      next: () => points[index++] ?? null,
      candles: ({ minutes, from, to, now }) => {
        const length = minutes * 60_000;
        const out = [];
        for (let at = Math.ceil(from / length) * length; at < to && at <= now; at += length) {
          out.push({
            startAt: at,
            open: 3_000_000,
            high: 3_000_100,
            low: 2_999_900,
            close: 3_000_000,
            volumeUsd: 1000,
          });
        }
        return out;
      },
      fundingRateE8: () => 10_000,
    };
    this.venue = createVenue({
      signer: hmacSha256,
      seed: 7,
      clock: this.clock,
      feed,
      account: { key: this.#key, secret: this.#secret, uid: "1", walletBtc: "1", leverageE2: 1000 },
      onLog: (entry) => this.log.push(entry),
      ...more,
      switches: { ...SAMPLE_SWITCHES, ...more.switches },
    });
    this.venue.start();
  }

  /** Logs in and subscribes to the four private topics. */
  listen(): void {
    const line = this.venue.connect("/v5/private", {
      send: (text) => {
        const frame = parsed(text);
        if (isFrame(frame)) this.frames.push(frame);
      },
      close: () => {},
    });
    const expires = this.clock.now() + 5_000;
    const sign = createHmac("sha256", this.#secret).update(`GET/realtime${expires}`).digest("hex");
    line.receive(JSON.stringify({ op: "auth", args: [this.#key, expires, sign] }));
    line.receive(JSON.stringify({ op: "subscribe", args: ["order", "execution", "position", "wallet"] }));
  }

  rows(topic: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.topic === topic).flatMap((frame) => frame.data);
  }

  get(path: string, query = "category=inverse&symbol=BTCUSD"): Reply {
    return this.#call({ method: "GET", path, query, body: "" });
  }
  post(path: string, fields: Record<string, unknown>): Reply {
    const body = JSON.stringify({ category: "inverse", symbol: "BTCUSD", ...fields });
    return this.#call({ method: "POST", path, query: "", body });
  }

  #call(request: { method: string; path: string; query: string; body: string }): Reply {
    const stamp = String(this.clock.now());
    const payload = request.method === "GET" ? request.query : request.body;
    const sign = createHmac("sha256", this.#secret).update(`${stamp}${this.#key}5000${payload}`).digest("hex");
    const reply = this.venue.rest({
      ...request,
      headers: {
        "X-BAPI-API-KEY": this.#key,
        "X-BAPI-TIMESTAMP": stamp,
        "X-BAPI-RECV-WINDOW": "5000",
        "X-BAPI-SIGN": sign,
      },
    });
    if (reply.status !== 200 || !reply.body.startsWith("{")) {
      return { status: reply.status, retCode: null, result: {}, headers: reply.headers };
    }
    const parsed: { retCode: number; result: Record<string, unknown> } = JSON.parse(reply.body);
    return { status: 200, retCode: parsed.retCode, result: parsed.result, headers: reply.headers };
  }

  /** Rows of a list endpoint. */
  list(path: string, query?: string): Record<string, unknown>[] {
    const list = this.get(path, query).result["list"];
    return Array.isArray(list) ? list : [];
  }
}

export type Reply = {
  readonly status: number;
  readonly retCode: number | null;
  readonly result: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
};

/** null for text that is no JSON: a fault the venue can be told to make. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isFrame(value: unknown): value is Frame {
  return typeof value === "object" && value !== null && "topic" in value && "data" in value &&
    Array.isArray(value.data);
}

export function stop(link: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    side: "Sell",
    orderType: "Market",
    qty: "1000",
    triggerPrice: "29000",
    triggerDirection: 2,
    triggerBy: "MarkPrice",
    reduceOnly: true,
    closeOnTrigger: true,
    orderLinkId: link,
    ...more,
  };
}
