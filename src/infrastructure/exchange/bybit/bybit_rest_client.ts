import type { ClockSeam, HttpOutcome, Platform, SignerSeam } from "../../../application/engine/ports.ts";
import type { Outcome } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import { classify, type Verdict } from "./classify.ts";
import { createLatency } from "./latency.ts";
import { type CallsBefore, type Lane, RateLimiter } from "./rate_limiter.ts";
import { type OrderPart, type QueuedCall, RequestQueue } from "./request_queue.ts";
import { ServerClock } from "./server_clock.ts";
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
  readonly before?: CallsBefore;
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
export class RestClient {
  readonly serverClock: ServerClock;
  readonly #options: RestClientOptions;
  readonly #clock: ClockSeam;
  readonly #limiter: RateLimiter;
  readonly #queue: RequestQueue;
  readonly #latency = createLatency();
  #timeoutsInRow = 0;
  /** When the last counted timeout ended, monotonic ms. */
  #timedOutAt = -Infinity;
  #settledOnce = false;
  #closed = false;

  constructor(options: RestClientOptions) {
    const { runtime } = options;
    this.#options = options;
    this.#clock = options.platform.clock;
    this.#limiter = new RateLimiter(runtime);
    if (options.before !== undefined) this.#limiter.goOn(options.before, this.#clock.monotonicNow());
    this.serverClock = new ServerClock({
      clock: this.#clock,
      // Nothing signed is of use without the time: the budget refuses only a measurement that nothing waits for.
      ask: (done, urgent) => {
        const lane = urgent ? "protective" : "other";
        this.call({ endpoint: ENDPOINTS.time, payload: "", lane, done: (reply) => done(timeOf(reply)) });
      },
      onRelease: () => this.#queue.pump(),
      onSettled: () => this.#onClock(),
      onGap: options.onTimeGap,
    });
    this.#queue = new RequestQueue({
      clock: this.#clock,
      limiter: this.#limiter,
      minOrderIntervalMs: runtime.min_order_interval_ms,
      maySign: () => {
        this.serverClock.check();
        return this.serverClock.ready();
      },
    });
  }

  call(asked: RestCall): void {
    const queued: QueuedCall = {
      endpoint: asked.endpoint,
      lane: asked.lane,
      order: asked.order ?? null,
      spaced: asked.spaced ?? false,
      leave: () => this.#sign(asked, queued),
      refuse: (reason) => asked.done(this.notSent(reason)),
    };
    this.#queue.add(queued);
  }
  /** Answers everything unsent of this order with `notSent`; false when its create has left or never was here. */
  withdraw(orderLinkId: string, reason: string): boolean {
    const unsent = this.#queue.withdraw(orderLinkId);
    for (const each of unsent) each.refuse(reason);
    return unsent.length > 0;
  }
  notSent(reason: string): RestReply {
    return { askedAt: this.serverClock.now(), outcome: { kind: "notSent", reason }, result: null };
  }
  health(): RestHealth {
    const now = this.#clock.monotonicNow();
    return {
      p95: this.#latency.p95(now),
      timeoutsInRow: this.#timeoutsInRow,
      calls: this.#limiter.calls(now),
    };
  }
  close(): void {
    this.#closed = true;
    this.serverClock.stop();
    this.#queue.clear();
  }

  #onClock(): void {
    if (this.#settledOnce) return;
    this.#settledOnce = true;
    this.#options.onFirstSync();
  }
  #sign(asked: RestCall, queued: QueuedCall): void {
    if (!asked.endpoint.signed) return this.#transmit(asked, { queued, headers: {} });
    const { key, signer, runtime } = this.#options;
    const timestamp = this.serverClock.signingNow();
    const window = runtime.recv_window_ms;
    signer.sign(restSigningText({ timestamp, key, window, payload: asked.payload }), (signature) => {
      const headers = {
        "X-BAPI-API-KEY": key,
        "X-BAPI-TIMESTAMP": String(timestamp),
        "X-BAPI-RECV-WINDOW": String(window),
        "X-BAPI-SIGN": signature,
      };
      this.#transmit(asked, { queued, headers });
    });
  }
  #transmit(asked: RestCall, how: { readonly queued: QueuedCall; readonly headers: Record<string, string> }): void {
    if (this.#closed) return;
    const { queued, headers } = how;
    const reason = asked.recheck?.() ?? null;
    if (reason !== null) {
      this.#queue.settled(queued);
      return queued.refuse(reason);
    }
    const { endpoint, payload } = asked;
    const { method, path } = endpoint;
    const get = method === "GET";
    const url = this.#options.restUrl + path + (get && payload !== "" ? `?${payload}` : "");
    if (!get) headers["Content-Type"] = "application/json";
    const askedAt = this.serverClock.now();
    const left = this.#clock.monotonicNow();
    const timeoutMs = this.#options.runtime.rest_timeout_s * 1000;
    this.#options.wire.request(endpoint, payload);
    this.#options.platform.http.request({ method, url, headers, body: get ? null : payload, timeoutMs }, (reply) => {
      if (this.#closed) return;
      const { outcome, result } = this.#learn(endpoint, { reply, left, askedAt });
      this.#queue.settled(queued);
      asked.done({ askedAt, outcome, result });
    });
  }
  /** Everything a reply tells beside its result: latency, limits, bans, clock. */
  #learn(
    endpoint: Endpoint,
    seen: { readonly reply: HttpOutcome; readonly left: number; readonly askedAt: EpochMs },
  ): Verdict {
    const { reply } = seen;
    const now = this.#clock.monotonicNow();
    const verdict = classify(reply, endpoint);
    this.#options.wire.reply(endpoint, { reply, code: verdict.code });
    if (endpoint.core) this.#latency.add({ at: now, ms: this.#sample(reply, now - seen.left) });
    if (reply.kind === "reply") this.#timeoutsInRow = 0;
    else if (reply.cause === "timeout") this.#countTimeout(seen.left, now);
    const begins = this.#limiter.reply(endpoint, {
      now,
      serverNow: this.serverClock.now(),
      status: reply.kind === "reply" ? reply.status : 0,
      code: verdict.code,
      headers: reply.kind === "reply" ? reply.headers : {},
      random: this.#options.platform.random.next(),
    });
    if (begins) {
      const wait = Math.round((this.#limiter.bannedUntil() ?? now) - now);
      this.#options.onBan(epochMs(this.serverClock.now() + wait));
    }
    const { outcome } = verdict;
    if (outcome.kind === "refused" && outcome.refusal.cause === "clock") this.serverClock.distrust();
    else if (verdict.serverTime !== null) this.serverClock.compare(verdict.serverTime, seen.askedAt);
    return verdict;
  }
  /**
   * A blip must not look like a dead network (F-7.9): "in a row" is one after another, so calls that were under way
   * beside a counted one say nothing new, and a connection refused or cut at once is no timeout.
   */
  #countTimeout(left: number, now: number): void {
    if (left < this.#timedOutAt) return;
    this.#timeoutsInRow += 1;
    this.#timedOutAt = now;
  }
  /** A call that timed out counts as the full timeout (P-1). */
  #sample(reply: HttpOutcome, tripMs: number): number {
    const timedOut = reply.kind === "failed" && reply.cause === "timeout";
    return timedOut ? this.#options.runtime.rest_timeout_s * 1000 : tripMs;
  }
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
