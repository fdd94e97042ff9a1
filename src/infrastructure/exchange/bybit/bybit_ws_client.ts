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

export type Session = {
  /** The socket is open. `auth` is the signed auth frame of the private stream, null for the public one. */
  onOpen(auth: string | null): SessionOutput;
  /** One inbound frame. Never throws. */
  onText(text: string, at: EpochMs): SessionOutput;
  status(): SessionStatus;
  /** Why the session failed. */
  failure(): { readonly cause: string; readonly auth: boolean };
  /** Rows about other markets and frames nobody asked for, since the session began. */
  ignored(): number;
  /** Frames lost to parse faults that no later frame makes good (F-4.6). */
  lost(): number;
  lastMarketAt(): EpochMs | null;
};

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
export function createSession(options: SessionOptions): Session {
  const { stream, market } = options;
  let status: SessionStatus = "opening";
  let cause = "";
  let authRefused = false;
  let ignored = 0;
  let lost = 0;
  let lastMarketAt: EpochMs | null = null;
  let tickerSeen = false;

  function subscribe(): SessionOutput {
    status = "subscribing";
    return {
      send: [JSON.stringify({ req_id: SUBSCRIPTION, op: "subscribe", args: options.topics })],
      events: NOTHING,
    };
  }
  function failed(reason: string): SessionOutput {
    status = "failed";
    cause = reason;
    return QUIET;
  }
  function fault(source: string, how: { readonly at: EpochMs; readonly detail: string }): Event {
    // A ticker or book frame has a successor; a private row or a closed candle has none (F-4.6).
    if (stream === "private" || source.startsWith("kline")) lost++;
    return { kind: "ParseFault", at: how.at, source: `${stream}:${source}`, detail: how.detail };
  }
  function onAuth(frame: Extract<Frame, { kind: "auth" }>): SessionOutput {
    if (status !== "authenticating") return QUIET;
    if (frame.ok) return subscribe();
    authRefused = true;
    return failed(`auth refused, ${frame.detail}`);
  }
  function onAck(frame: Extract<Frame, { kind: "ack" }>): SessionOutput {
    if (frame.reqId !== null && frame.reqId !== SUBSCRIPTION) return QUIET;
    if (!frame.ok) return failed(`subscription refused: ${frame.detail}`);
    if (status === "subscribing") status = stream === "private" || tickerSeen ? "ready" : "awaiting_data";
    return QUIET;
  }
  function onTicker(frame: Extract<Frame, { kind: "ticker" }>, at: EpochMs): SessionOutput {
    lastMarketAt = at;
    if (!market.ticker(frame)) ignored++;
    else if (frame.snapshot) {
      tickerSeen = true;
      if (status === "awaiting_data") status = "ready";
    }
    return QUIET;
  }
  function onBars(frame: Extract<Frame, { kind: "bars" }>, at: EpochMs): SessionOutput {
    lastMarketAt = at;
    if (frame.closed.length === 0) return QUIET;
    options.onBars(frame.interval, frame.closed.map((bar) => bar.startAt));
    const bars: Event = { kind: "Bars", at, interval: frame.interval, bars: frame.closed, source: "stream" };
    return { send: NOTHING, events: [bars] };
  }
  function onPrivate(frame: Extract<Frame, { kind: "private" }>, at: EpochMs): SessionOutput {
    ignored += frame.skipped;
    if (frame.fault === null) return { send: NOTHING, events: frame.events };
    return { send: NOTHING, events: [...frame.events, fault(frame.topic, { at, detail: frame.fault })] };
  }

  return {
    onOpen(auth) {
      if (auth === null) return subscribe();
      status = "authenticating";
      return { send: [auth], events: NOTHING };
    },
    onText(text, at) {
      const frame = parseFrame(text, at);
      switch (frame.kind) {
        case "pong":
          return QUIET;
        case "ticker":
          return onTicker(frame, at);
        case "book":
          lastMarketAt = at;
          market.book(frame);
          return QUIET;
        case "bars":
          return onBars(frame, at);
        case "private":
          return onPrivate(frame, at);
        case "auth":
          return onAuth(frame);
        case "ack":
          return onAck(frame);
        case "other":
          ignored++;
          return QUIET;
        case "fault":
          return { send: NOTHING, events: [fault(frame.topic, { at, detail: frame.detail })] };
        default:
          return frame satisfies never;
      }
    },
    status: () => status,
    failure: () => ({ cause, auth: authRefused }),
    ignored: () => ignored,
    lost: () => lost,
    lastMarketAt: () => lastMarketAt,
  };
}
