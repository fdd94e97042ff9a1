import type { Platform, VenueLink } from "../../../application/engine/ports.ts";
import type { Event, Outcome } from "../../../domain/events.ts";
import { type Intent, type IntentOf, isProtective } from "../../../domain/intent.ts";
import type { Config } from "../../../domain/limits.ts";
import type { BarInterval } from "../../../domain/market.ts";
import { durationMs, type EpochMs } from "../../../domain/units.ts";
import { answerRead, type ReadIntent } from "./answer_reads.ts";
import { createBarGaps } from "./bar_gaps.ts";
import { createRestClient, type RestReply } from "./bybit_rest_client.ts";
import { authFrame, authSigningText } from "./bybit_ws_client.ts";
import { createMarketView } from "./market_view.ts";
import { parseBars, parseOrderId } from "./parse_rest.ts";
import type { Lane } from "./rate_limiter.ts";
import {
  amendBody,
  cancelBody,
  createBody,
  isLinkId,
  isPlace,
  klineQuery,
  leverageBody,
  type PlaceIntent,
  priceAdjustBody,
} from "./render.ts";
import { createStreamLink } from "./stream_link.ts";
import { createVenueReads } from "./venue_reads.ts";
import {
  BAR_MS,
  BAR_WORDS,
  ENDPOINTS,
  PRIVATE_PATH,
  PRIVATE_TOPICS,
  PUBLIC_PATH,
  REST_URL,
  SYMBOL,
  WS_URL,
} from "./venue_words.ts";
import { createWireLog } from "./wire_log.ts";

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
  /** Something new waits in `takeMarket`, and nothing did before. */
  readonly onMarket?: () => void;
  /** Every frame and reply, redacted (issue: --wire-log). */
  readonly wireLog?: (line: string) => void;
};

/** An entry older than this at the moment of sending is not sent (F-10.9). */
const ENTRY_MAX_AGE_MS = 2_000;
const AUTH_AHEAD_MS = 10_000;
const DROP_WINDOW_MS = 60_000;

/** The venue. Throws RangeError at construction for any host that is not the testnet's (F-12.1). */
export function createBybitAdapter(options: AdapterOptions): VenueLink & {
  connect(done?: () => void): void;
  /** Rows about other markets and frames nobody asked for (TRAPS 33). */
  ignored(): number;
} {
  assertTestnet(options);
  const { platform, config, emit, key } = options;
  const { clock, random, sockets } = platform;
  const { runtime } = config;
  const signer = platform.signer(options.secret);
  const wire = createWireLog({ write: options.wireLog, now: () => now(), key, secret: options.secret });
  const market = createMarketView(() => options.onMarket?.());
  const drops: number[] = [];
  let onConnected: (() => void) | undefined;

  const rest = createRestClient({
    platform,
    signer,
    key,
    restUrl: options.restUrl,
    runtime,
    wire,
    onBan: (until) => emit({ kind: "IpBanned", at: now(), until }),
    onTimeGap: (gap) => emit({ kind: "TimeGap", at: now(), gap: durationMs(gap) }),
    onFirstSync() {
      privateLink.start();
      publicLink.start();
      onConnected?.();
    },
  });
  const now = (): EpochMs => rest.serverClock.now();
  const reads = createVenueReads({ rest, emit, now });

  // One-minute candles only where they are the signal bar; the hour and the day always (P-1).
  const intervals: readonly BarInterval[] = config.strategy.signal_bar === "1m" ? ["1m", "1h", "1d"] : ["1h", "1d"];
  const gaps = createBarGaps(intervals);
  const shared = {
    market,
    clock,
    random,
    sockets,
    runtime,
    wire,
    now,
    emit,
    onBars: gaps.seen,
    onLost: () => drops.push(clock.monotonicNow()),
  };
  const privateLink = createStreamLink({
    ...shared,
    market: createMarketView(() => {}),
    stream: "private",
    url: options.wsUrl + PRIVATE_PATH,
    topics: PRIVATE_TOPICS,
    onPing() {},
    auth(done) {
      const expires = rest.serverClock.now() + AUTH_AHEAD_MS;
      signer.sign(authSigningText(expires), (signature) => done(authFrame({ key, expires, signature })));
    },
  });
  const publicLink = createStreamLink({
    ...shared,
    stream: "public",
    url: options.wsUrl + PUBLIC_PATH,
    topics: [
      `tickers.${SYMBOL}`,
      ...intervals.map((interval) => `kline.${BAR_WORDS[interval]}.${SYMBOL}`),
      `orderbook.1.${SYMBOL}`,
    ],
    onPing: fillGaps,
    auth: null,
  });

  function fillGaps(): void {
    for (const { interval, from } of gaps.due(now())) {
      queryBars({ kind: "QueryBars", interval, count: Math.ceil((now() - from) / BAR_MS[interval]) });
    }
  }
  function queryBars(intent: IntentOf<"QueryBars">): void {
    const { interval } = intent;
    const limit = Math.min(1000, intent.count + 1);
    reads.one({ endpoint: ENDPOINTS.kline, payload: klineQuery(BAR_WORDS[interval], { limit }), lane: "other" }, {
      parse: (result) => parseBars(result, { interval, now: now() }),
      done(read) {
        if (read.kind !== "read" || read.value.length === 0) return;
        gaps.seen(interval, read.value.map((bar) => bar.startAt));
        emit({ kind: "Bars", at: now(), interval, bars: read.value, source: "history" });
      },
    });
  }

  function place(intent: PlaceIntent): void {
    const { ticket } = intent;
    const { orderLinkId } = ticket;
    const answer = (reply: RestReply) =>
      emit({
        kind: "PlaceAnswer",
        at: now(),
        orderLinkId,
        askedAt: reply.askedAt,
        orderId: parseOrderId(reply.result),
        outcome: reply.outcome,
      });
    if (!isLinkId(orderLinkId)) return answer(notSent("invalid_order_link_id"));
    const since = clock.monotonicNow();
    const entry = intent.kind === "PlaceEntry";
    rest.call({
      endpoint: ENDPOINTS.create,
      payload: createBody(ticket),
      lane: laneOf(intent),
      order: { orderLinkId, act: "create" },
      spaced: entry,
      ...(entry ? { recheck: () => tooOld(since) ?? options.recheckEntry(intent) } : {}),
      done: answer,
    });
  }
  function tooOld(since: number): string | null {
    return clock.monotonicNow() - since >= ENTRY_MAX_AGE_MS ? "entry_too_old" : null;
  }
  function notSent(reason: string): RestReply {
    return { askedAt: now(), outcome: { kind: "notSent", reason }, result: null };
  }
  function amend(intent: IntentOf<"AmendStop">): void {
    const { orderLinkId } = intent;
    const answer = (reply: RestReply) =>
      emit({ kind: "AmendAnswer", at: now(), orderLinkId, askedAt: reply.askedAt, outcome: reply.outcome });
    if (!isLinkId(orderLinkId)) return answer(notSent("invalid_order_link_id"));
    rest.call({
      endpoint: ENDPOINTS.amend,
      payload: amendBody(intent),
      lane: laneOf(intent),
      order: { orderLinkId, act: "change" },
      done: answer,
    });
  }
  function cancel(intent: IntentOf<"CancelOrder">): void {
    const { orderLinkId } = intent;
    const answer = (reply: RestReply) =>
      emit({ kind: "CancelAnswer", at: now(), orderLinkId, askedAt: reply.askedAt, outcome: reply.outcome });
    if (!isLinkId(orderLinkId)) return answer(notSent("invalid_order_link_id"));
    // F-10.9: a create that has not left is taken out instead of being cancelled at the venue.
    if (rest.withdraw(orderLinkId, "cancelled_before_sending")) return answer(notSent("create_never_left"));
    rest.call({
      endpoint: ENDPOINTS.cancel,
      payload: cancelBody(orderLinkId),
      lane: laneOf(intent),
      order: { orderLinkId, act: "change" },
      done: answer,
    });
  }
  function setLeverage(leverageE2: number): void {
    rest.call({
      endpoint: ENDPOINTS.leverage,
      payload: leverageBody(leverageE2),
      lane: "other",
      done: (reply) => emit({ kind: "LeverageAnswer", at: now(), leverageE2, outcome: settled(reply.outcome) }),
    });
  }
  function turnOffPriceAdjust(): void {
    rest.call({
      endpoint: ENDPOINTS.priceAdjust,
      payload: priceAdjustBody(),
      lane: "other",
      done: (reply) => emit({ kind: "PriceAdjustAnswer", at: now(), outcome: settled(reply.outcome) }),
    });
  }

  function send(intent: Intent): void {
    if (isPlace(intent)) return place(intent);
    switch (intent.kind) {
      case "AmendStop":
        return amend(intent);
      case "CancelOrder":
        return cancel(intent);
      case "SetLeverage":
        return setLeverage(intent.leverageE2);
      case "TurnOffPriceAdjust":
        return turnOffPriceAdjust();
      case "QueryBars":
        return queryBars(intent);
      case "ReopenStream":
        return intent.stream === "private" ? privateLink.reopen(intent.cause) : publicLink.reopen(intent.cause);
      case "Alert":
      case "Answer":
      case "Record":
      case "RefuseStart":
      case "ReportCheck":
        return;
      default:
        return answerRead(intent satisfies ReadIntent, { reads, emit, now, market, lane: laneOf(intent) });
    }
  }

  return {
    send,
    connect(done) {
      onConnected = done;
      rest.serverClock.start();
    },
    vitals() {
      const health = rest.health();
      const until = clock.monotonicNow() - DROP_WINDOW_MS;
      while (drops.length > 0 && (drops[0] ?? 0) <= until) drops.shift();
      return {
        privateFrameAt: privateLink.lastFrameAt(),
        publicFrameAt: publicLink.lastFrameAt(),
        marketFrameAt: publicLink.lastMarketAt(),
        drops60s: drops.length,
        restP95: health.p95 === null ? null : durationMs(Math.round(health.p95)),
        restTimeoutsInRow: health.timeoutsInRow,
        restCalls60s: health.calls.all,
        restProtectiveCalls60s: health.calls.protective,
        clockSkewMs: rest.serverClock.skewMs(),
        // The journal's own figure; the driving side puts it in.
        journalLagMs: 0,
      };
    },
    takeMarket: () => market.take(),
    serverNow: now,
    ignored: () => reads.skipped() + privateLink.ignored() + publicLink.ignored(),
    close() {
      privateLink.stop();
      publicLink.stop();
      rest.close();
    },
  };
}

function laneOf(intent: Intent): Lane {
  return isProtective(intent) ? "protective" : "other";
}
/** 110043 and its kin mean the setting already is as wanted (F-12.8, TRAPS 39). */
function settled(outcome: Outcome): Outcome {
  return outcome.kind === "refused" && outcome.refusal.cause === "not_modified" ? { kind: "ok" } : outcome;
}
function assertTestnet(options: { readonly restUrl: string; readonly wsUrl: string }): void {
  for (const [actual, wanted] of [[options.restUrl, REST_URL], [options.wsUrl, WS_URL]] as const) {
    if (actual !== wanted) {
      throw new RangeError(`Cannot use this host as the bot is locked to ${wanted}: current value is ${actual}`);
    }
  }
}
