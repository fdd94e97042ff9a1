import type { Platform, VenueLink } from "../../../application/engine/ports.ts";
import type { Event, Vitals } from "../../../domain/events.ts";
import type { Intent, IntentOf } from "../../../domain/intent.ts";
import type { Config } from "../../../domain/limits.ts";
import type { BarInterval, MarketObservation } from "../../../domain/market.ts";
import { durationMs, type EpochMs } from "../../../domain/units.ts";
import { answerRead, type ReadIntent } from "./answer_reads.ts";
import { type BarReads, createBarReads } from "./bar_reads.ts";
import { RestClient } from "./bybit_rest_client.ts";
import { authFrame, authSigningText } from "./bybit_ws_client.ts";
import { MarketView } from "./market_view.ts";
import { laneOf, OrderCalls } from "./order_calls.ts";
import type { CallsBefore } from "./rate_limiter.ts";
import { isPlace } from "./render.ts";
import { StreamLink } from "./stream_link.ts";
import { VenueReads } from "./venue_reads.ts";
import { BAR_WORDS, PRIVATE_PATH, PRIVATE_TOPICS, PUBLIC_PATH, REST_URL, SYMBOL, WS_URL } from "./venue_words.ts";
import { createWireLog, type WireLog } from "./wire_log.ts";

export type AdapterOptions = {
  readonly platform: Platform;
  readonly key: string;
  readonly secret: string;
  /** Anything but the two testnet hosts throws (F-12.1). */
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly config: Config;
  /** The inbox. `at` is server-corrected; the router keeps it from decreasing. */
  readonly emit: (event: Event) => void;
  /** Asked at the moment of sending; a reason keeps the entry back (F-10.9). */
  readonly recheckEntry: (intent: IntentOf<"PlaceEntry">) => string | null;
  /** What the process before this one called (F-7.10). */
  readonly before?: CallsBefore;
  /** Something new waits in `takeMarket`, and nothing did before. */
  readonly onMarket?: () => void;
  /** Every frame and reply, redacted (issue: --wire-log). */
  readonly wireLog?: (line: string) => void;
};

const AUTH_AHEAD_MS = 10_000;
const DROP_WINDOW_MS = 60_000;

/** The venue. Throws RangeError at construction for any host that is not the testnet's (F-12.1). */
export function createBybitAdapter(options: AdapterOptions): BybitAdapter {
  return new BybitAdapter(options);
}

/** Intents out as requests, everything the venue says back as events. Answers never come as return values (law 3). */
export class BybitAdapter implements VenueLink {
  readonly #options: AdapterOptions;
  readonly #market: MarketView;
  readonly #rest: RestClient;
  readonly #reads: VenueReads;
  readonly #orders: OrderCalls;
  readonly #bars: BarReads;
  readonly #private: StreamLink;
  readonly #public: StreamLink;
  /** Monotonic times of private events and candles lost to parse faults (F-4.6). */
  readonly #drops: number[] = [];
  #onConnected: (() => void) | undefined;

  constructor(options: AdapterOptions) {
    assertTestnet(options);
    const { platform, config, emit, key, secret } = options;
    const { clock } = platform;
    const now = () => this.serverNow();
    const signer = platform.signer(secret);
    const wire = createWireLog({ write: options.wireLog, now, key, secret });
    // One-minute candles only where they are the signal bar; the hour and the day always (P-1).
    const intervals: readonly BarInterval[] = config.strategy.signal_bar === "1m" ? ["1m", "1h", "1d"] : ["1h", "1d"];
    this.#options = options;
    this.#market = new MarketView(() => options.onMarket?.());
    this.#rest = new RestClient({
      platform,
      signer,
      key,
      restUrl: options.restUrl,
      runtime: config.runtime,
      wire,
      ...(options.before === undefined ? {} : { before: options.before }),
      onBan: (until) => emit({ kind: "IpBanned", at: now(), until }),
      onTimeGap: (gap) => emit({ kind: "TimeGap", at: now(), gap: durationMs(gap) }),
      onFirstSync: () => this.#openStreams(),
    });
    this.#reads = new VenueReads({ rest: this.#rest, emit });
    this.#orders = new OrderCalls({ rest: this.#rest, clock, emit, recheckEntry: options.recheckEntry });
    this.#bars = createBarReads({ reads: this.#reads, emit, now, intervals });
    const sign = (text: string, done: (signature: string) => void) => signer.sign(text, done);
    this.#private = this.#privateLink(wire, sign);
    this.#public = this.#publicLink(wire, intervals);
  }

  /** Time sync, then both streams; `done` when the streams are being opened. */
  connect(done?: () => void): void {
    this.#onConnected = done;
    this.#rest.serverClock.sync();
  }
  send(intent: Intent): void {
    if (isPlace(intent)) return this.#orders.place(intent);
    switch (intent.kind) {
      case "AmendStop":
        return this.#orders.amend(intent);
      case "CancelOrder":
        return this.#orders.cancel(intent);
      case "SetLeverage":
        return this.#orders.setLeverage(intent);
      case "TurnOffPriceAdjust":
        return this.#orders.turnOffPriceAdjust();
      case "QueryBars":
        return this.#bars.query(intent);
      case "ReopenStream":
        return this.#link(intent).reopen(intent.cause);
      // Intents about people and memory never reach a venue (order_executor).
      case "Alert":
      case "Answer":
      case "Record":
      case "RefuseStart":
      case "ReportCheck":
        return;
      default:
        return this.#read(intent);
    }
  }
  vitals(): Vitals {
    const { p95, timeoutsInRow, calls } = this.#rest.health();
    const until = this.#options.platform.clock.monotonicNow() - DROP_WINDOW_MS;
    while (this.#drops.length > 0 && (this.#drops[0] ?? 0) <= until) this.#drops.shift();
    return {
      privateFrameAt: this.#private.lastFrameAt(),
      publicFrameAt: this.#public.lastFrameAt(),
      marketFrameAt: this.#public.lastMarketAt(),
      drops60s: this.#drops.length,
      restP95: p95 === null ? null : durationMs(Math.round(p95)),
      restTimeoutsInRow: timeoutsInRow,
      restCalls60s: calls.all,
      restProtectiveCalls60s: calls.protective,
      clockSkewMs: this.#rest.serverClock.skewMs(),
      // The journal's own figure; the driving side puts it in.
      journalLagMs: 0,
    };
  }
  takeMarket(): MarketObservation | null {
    return this.#market.take();
  }
  serverNow(): EpochMs {
    return this.#rest.serverClock.now();
  }
  /** Half the round trip of the last clock sync: how far `serverNow` may be off; null = never synced. */
  clockUncertaintyMs(): number | null {
    return this.#rest.serverClock.uncertaintyMs();
  }
  /** Rows about other markets and frames nobody asked for (TRAPS 33). */
  ignored(): number {
    return this.#reads.skipped() + this.#private.ignored() + this.#public.ignored();
  }
  close(): void {
    this.#private.stop();
    this.#public.stop();
    this.#rest.close();
  }

  #openStreams(): void {
    this.#private.start();
    this.#public.start();
    this.#onConnected?.();
  }
  #link(intent: IntentOf<"ReopenStream">): StreamLink {
    return intent.stream === "private" ? this.#private : this.#public;
  }
  #read(intent: ReadIntent): void {
    const lane = laneOf(intent);
    const { emit } = this.#options;
    answerRead(intent, { reads: this.#reads, emit, now: () => this.serverNow(), market: this.#market, lane });
  }
  #shared(wire: WireLog) {
    const { platform, config, emit } = this.#options;
    const { clock, random, sockets } = platform;
    return {
      clock,
      random,
      sockets,
      runtime: config.runtime,
      wire,
      emit,
      now: () => this.serverNow(),
      onBars: this.#bars.seen,
      onLost: () => void this.#drops.push(clock.monotonicNow()),
    };
  }
  #privateLink(wire: WireLog, sign: (text: string, done: (signature: string) => void) => void): StreamLink {
    const { key, wsUrl } = this.#options;
    return new StreamLink({
      ...this.#shared(wire),
      stream: "private",
      url: wsUrl + PRIVATE_PATH,
      topics: PRIVATE_TOPICS,
      // Nothing of the private stream touches the market.
      market: new MarketView(() => {}),
      onPing: () => this.#rest.serverClock.check(),
      auth: (done) => {
        const expires = this.serverNow() + AUTH_AHEAD_MS;
        sign(authSigningText(expires), (signature) => done(authFrame({ key, expires, signature })));
      },
    });
  }
  #publicLink(wire: WireLog, intervals: readonly BarInterval[]): StreamLink {
    const klines = intervals.map((interval) => `kline.${BAR_WORDS[interval]}.${SYMBOL}`);
    return new StreamLink({
      ...this.#shared(wire),
      stream: "public",
      url: this.#options.wsUrl + PUBLIC_PATH,
      topics: [`tickers.${SYMBOL}`, ...klines, `orderbook.1.${SYMBOL}`],
      market: this.#market,
      onPing: () => this.#bars.fillGaps(),
      auth: null,
    });
  }
}

function assertTestnet(options: { readonly restUrl: string; readonly wsUrl: string }): void {
  for (const [actual, wanted] of [[options.restUrl, REST_URL], [options.wsUrl, WS_URL]] as const) {
    if (actual !== wanted) {
      throw new RangeError(`Cannot use this host as the bot is locked to ${wanted}: current value is ${actual}`);
    }
  }
}
