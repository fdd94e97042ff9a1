import type { Event, StreamName } from "../../../domain/events.ts";
import type { BarInterval } from "../../../domain/market.ts";
import type { EpochMs } from "../../../domain/units.ts";
import type { MarketView } from "./market_view.ts";
import { type Frame, parseFrame } from "./parse_ws.ts";

/** Where a session stands; `ready` = authenticated, acknowledged, first data seen (F-4.7). */
export type SessionStatus = "opening" | "authenticating" | "subscribing" | "awaiting_data" | "ready" | "failed";

export type SessionOutput = {
  readonly send: readonly string[];
  readonly events: readonly Event[];
};
const NOTHING: readonly never[] = [];
const QUIET: SessionOutput = { send: NOTHING, events: NOTHING };

export type SessionOptions = {
  readonly stream: StreamName;
  readonly topics: readonly string[];
  readonly market: MarketView;
  /** Closed candles seen, for gap control. */
  readonly onBars: (interval: BarInterval, startAt: readonly EpochMs[]) => void;
};

export const PING = '{"op":"ping"}';
const SUBSCRIPTION = "s1";

/** Auth frame of the private stream (PROTOCOL §1.2). `signature` signs `authSigningText(expires)`. */
export function authFrame(
  made: { readonly key: string; readonly expires: number; readonly signature: string },
): string {
  return JSON.stringify({ op: "auth", args: [made.key, made.expires, made.signature] });
}
export function authSigningText(expires: number): string {
  return `GET/realtime${expires}`;
}

/** One connection's conversation without sockets or timers: text in, text and events out. */
export class Session {
  readonly #options: SessionOptions;
  #status: SessionStatus = "opening";
  #cause = "";
  #authRefused = false;
  #ignored = 0;
  #lost = 0;
  #lastMarketAt: EpochMs | null = null;
  #tickerSeen = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  status(): SessionStatus {
    return this.#status;
  }
  /** Why the session failed. */
  failure(): { readonly cause: string; readonly auth: boolean } {
    return { cause: this.#cause, auth: this.#authRefused };
  }
  /** Rows about other markets and frames nobody asked for, since the session began. */
  ignored(): number {
    return this.#ignored;
  }
  /** Frames lost to parse faults that no later frame makes good (F-4.6). */
  lost(): number {
    return this.#lost;
  }
  lastMarketAt(): EpochMs | null {
    return this.#lastMarketAt;
  }

  /** The socket is open. `auth` is the signed auth frame of the private stream, null for the public one. */
  onOpen(auth: string | null): SessionOutput {
    if (auth === null) return this.#subscribe();
    this.#status = "authenticating";
    return { send: [auth], events: NOTHING };
  }
  /** One inbound frame. Never throws. */
  onText(text: string, at: EpochMs): SessionOutput {
    const frame = parseFrame(text, at);
    switch (frame.kind) {
      case "pong":
        return QUIET;
      case "ticker":
        return this.#onTicker(frame, at);
      case "book":
        this.#lastMarketAt = at;
        this.#options.market.book(frame);
        return QUIET;
      case "bars":
        return this.#onBars(frame, at);
      case "private":
        return this.#onPrivate(frame, at);
      case "auth":
        return this.#onAuth(frame);
      case "ack":
        return this.#onAck(frame);
      case "other":
        this.#ignored++;
        return QUIET;
      case "fault":
        return { send: NOTHING, events: [this.#fault(frame.topic, { at, detail: frame.detail })] };
      default:
        return frame satisfies never;
    }
  }

  /** One request for all topics: a topic that fails, fails it whole (PROTOCOL §1.4). */
  #subscribe(): SessionOutput {
    this.#status = "subscribing";
    const request = { req_id: SUBSCRIPTION, op: "subscribe", args: this.#options.topics };
    return { send: [JSON.stringify(request)], events: NOTHING };
  }
  #failed(cause: string): SessionOutput {
    this.#status = "failed";
    this.#cause = cause;
    return QUIET;
  }
  #fault(source: string, how: { readonly at: EpochMs; readonly detail: string }): Event {
    const { stream } = this.#options;
    // A ticker or book frame has a successor; a private row or a closed candle has none (F-4.6).
    if (stream === "private" || source.startsWith("kline")) this.#lost++;
    return { kind: "ParseFault", at: how.at, source: `${stream}:${source}`, detail: how.detail };
  }
  #onAuth(frame: Extract<Frame, { kind: "auth" }>): SessionOutput {
    if (this.#status !== "authenticating") return QUIET;
    if (frame.ok) return this.#subscribe();
    this.#authRefused = true;
    return this.#failed(`auth refused, ${frame.detail}`);
  }
  #onAck(frame: Extract<Frame, { kind: "ack" }>): SessionOutput {
    if (frame.reqId !== null && frame.reqId !== SUBSCRIPTION) return QUIET;
    if (!frame.ok) return this.#failed(`subscription refused: ${frame.detail}`);
    if (this.#status === "subscribing") {
      this.#status = this.#options.stream === "private" || this.#tickerSeen ? "ready" : "awaiting_data";
    }
    return QUIET;
  }
  #onTicker(frame: Extract<Frame, { kind: "ticker" }>, at: EpochMs): SessionOutput {
    this.#lastMarketAt = at;
    if (!this.#options.market.ticker(frame)) this.#ignored++;
    else if (frame.snapshot) {
      this.#tickerSeen = true;
      if (this.#status === "awaiting_data") this.#status = "ready";
    }
    return QUIET;
  }
  #onBars(frame: Extract<Frame, { kind: "bars" }>, at: EpochMs): SessionOutput {
    this.#lastMarketAt = at;
    if (frame.closed.length === 0) return QUIET;
    this.#options.onBars(frame.interval, frame.closed.map((bar) => bar.startAt));
    const bars: Event = { kind: "Bars", at, interval: frame.interval, bars: frame.closed, source: "stream" };
    return { send: NOTHING, events: [bars] };
  }
  #onPrivate(frame: Extract<Frame, { kind: "private" }>, at: EpochMs): SessionOutput {
    this.#ignored += frame.skipped;
    if (frame.fault === null) return { send: NOTHING, events: frame.events };
    return { send: NOTHING, events: [...frame.events, this.#fault(frame.topic, { at, detail: frame.fault })] };
  }
}
