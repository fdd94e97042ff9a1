import type { HttpOutcome, Platform, SignerSeam } from "../../../application/engine/ports.ts";
import type { Outcome } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import { classify, type Verdict } from "./classify.ts";
import { createLatency } from "./latency.ts";
import { createRateLimiter, type Lane } from "./rate_limiter.ts";
import { createRequestQueue, type OrderPart, type QueuedCall } from "./request_queue.ts";
import { createServerClock, type ServerClock } from "./server_clock.ts";
import { parseServerTime } from "./parse_rest.ts";
import { ParseFailure } from "./parse_decimal.ts";
import { type Endpoint, ENDPOINTS } from "./venue_words.ts";
import type { WireLog } from "./wire_log.ts";

export type RestReply = { readonly askedAt: EpochMs; readonly outcome: Outcome; readonly result: unknown };
export type RestCall = {
  readonly endpoint: Endpoint;
  /** Query string without "?" for GET, body for POST: exactly what is signed and sent. */
  readonly payload: string;
  readonly lane: Lane;
  readonly order?: OrderPart;
  /** Risk-increasing: min_order_interval applies. */
  readonly spaced?: boolean;
  /** Asked when everything else is ready; a reason keeps the request back (F-10.9). */
  readonly recheck?: () => string | null;
  readonly done: (reply: RestReply) => void;
};

export type RestClient = {
  call(call: RestCall): void;
  /** Answers everything unsent of this order with `notSent`; false when its create has left or never was here. */
  withdraw(orderLinkId: string, reason: string): boolean;
  readonly serverClock: ServerClock;
  health(): RestHealth;
  close(): void;
};
export type RestHealth = {
  readonly p95: number | null;
  readonly timeoutsInRow: number;
  readonly calls: { readonly all: number; readonly protective: number };
};

export type RestClientOptions = {
  readonly platform: Platform;
  readonly signer: SignerSeam;
  readonly key: string;
  readonly restUrl: string;
  readonly runtime: Config["runtime"];
  readonly wire: WireLog;
  readonly onBan: (until: EpochMs) => void;
  readonly onTimeGap: (gapMs: number) => void;
  /** First measurement of the clock ended, well or not. */
  readonly onFirstSync: () => void;
};

/** What is signed for REST: timestamp, key, window, then the payload as sent (PROTOCOL §1.1). */
export function restSigningText(parts: { timestamp: number; key: string; window: number; payload: string }): string {
  return `${parts.timestamp}${parts.key}${parts.window}${parts.payload}`;
}

/** Signs, paces, sends and classifies. Never retries by itself: a second try is a decision of the core. */
export function createRestClient(options: RestClientOptions): RestClient {
  const { clock, http, random } = options.platform;
  const { runtime, wire } = options;
  const timeoutMs = runtime.rest_timeout_s * 1000;
  const window = runtime.recv_window_ms;
  const limiter = createRateLimiter(runtime);
  const latency = createLatency();
  let timeoutsInRow = 0;
  let settledOnce = false;
  let closed = false;

  const serverClock = createServerClock({
    clock,
    ask: (done) => call({ endpoint: ENDPOINTS.time, payload: "", lane: "protective", done: (r) => done(timeOf(r)) }),
    onSettled() {
      queue.pump();
      if (!settledOnce) {
        settledOnce = true;
        options.onFirstSync();
      }
    },
    onGap: options.onTimeGap,
  });
  const queue = createRequestQueue({
    clock,
    limiter,
    minOrderIntervalMs: runtime.min_order_interval_ms,
    maySign() {
      serverClock.check();
      return serverClock.ready();
    },
  });

  function call(asked: RestCall): void {
    const queued: QueuedCall = {
      endpoint: asked.endpoint,
      lane: asked.lane,
      order: asked.order ?? null,
      spaced: asked.spaced ?? false,
      leave: () => sign(asked, queued),
      refuse: (reason) =>
        asked.done({ askedAt: serverClock.now(), outcome: { kind: "notSent", reason }, result: null }),
    };
    queue.add(queued);
  }
  function sign(asked: RestCall, queued: QueuedCall): void {
    if (!asked.endpoint.signed) return transmit(asked, { queued, headers: {} });
    const timestamp = serverClock.signingNow();
    const text = restSigningText({ timestamp, key: options.key, window, payload: asked.payload });
    options.signer.sign(text, (signature) => {
      transmit(asked, { queued, headers: signedHeaders({ timestamp, signature }) });
    });
  }
  function signedHeaders(made: { readonly timestamp: number; readonly signature: string }): Record<string, string> {
    return {
      "X-BAPI-API-KEY": options.key,
      "X-BAPI-TIMESTAMP": String(made.timestamp),
      "X-BAPI-RECV-WINDOW": String(window),
      "X-BAPI-SIGN": made.signature,
    };
  }
  function transmit(asked: RestCall, how: { readonly queued: QueuedCall; headers: Record<string, string> }): void {
    if (closed) return;
    const reason = asked.recheck?.() ?? null;
    if (reason !== null) {
      queue.settled(how.queued);
      return how.queued.refuse(reason);
    }
    const { endpoint, payload } = asked;
    const get = endpoint.method === "GET";
    const url = options.restUrl + endpoint.path + (get && payload !== "" ? `?${payload}` : "");
    if (!get) how.headers["Content-Type"] = "application/json";
    const askedAt = serverClock.now();
    const left = clock.monotonicNow();
    wire.request(endpoint, payload);
    http.request(
      { method: endpoint.method, url, headers: how.headers, body: get ? null : payload, timeoutMs },
      (reply) => {
        if (closed) return;
        const verdict = learn(endpoint, { reply, left, askedAt });
        queue.settled(how.queued);
        asked.done({ askedAt, outcome: verdict.outcome, result: verdict.result });
      },
    );
  }
  function learn(
    endpoint: Endpoint,
    seen: { readonly reply: HttpOutcome; readonly left: number; readonly askedAt: EpochMs },
  ): Verdict {
    const { reply } = seen;
    const now = clock.monotonicNow();
    const verdict = classify(reply, endpoint);
    wire.reply(endpoint, { reply, code: verdict.code });
    if (endpoint.core) {
      const timedOut = reply.kind === "failed" && reply.cause === "timeout";
      latency.add({ at: now, ms: timedOut ? timeoutMs : now - seen.left });
    }
    timeoutsInRow = reply.kind === "failed" ? timeoutsInRow + 1 : 0;
    const status = reply.kind === "reply" ? reply.status : 0;
    const headers = reply.kind === "reply" ? reply.headers : {};
    const begins = limiter.reply(endpoint, {
      now,
      serverNow: serverClock.now(),
      status,
      code: verdict.code,
      headers,
      random: random.next(),
    });
    if (begins) options.onBan(epochMs(serverClock.now() + Math.round((limiter.bannedUntil() ?? now) - now)));
    if (verdict.outcome.kind === "refused" && verdict.outcome.refusal.cause === "clock") serverClock.distrust();
    else if (verdict.serverTime !== null) serverClock.compare(verdict.serverTime, seen.askedAt);
    return verdict;
  }

  return {
    call,
    withdraw(orderLinkId, reason) {
      const unsent = queue.withdraw(orderLinkId);
      for (const each of unsent) each.refuse(reason);
      return unsent.length > 0;
    },
    serverClock,
    health() {
      const now = clock.monotonicNow();
      return { p95: latency.p95(now), timeoutsInRow, calls: limiter.calls(now) };
    },
    close() {
      closed = true;
      serverClock.stop();
      queue.clear();
    },
  };
}

function timeOf(reply: RestReply): number | null {
  if (reply.outcome.kind !== "ok") return null;
  try {
    return parseServerTime(reply.result);
  } catch (error) {
    if (error instanceof ParseFailure) return null;
    throw error;
  }
}
