import type { ClockSeam, RandomSeam, Socket, SocketSeam } from "../../../application/engine/ports.ts";
import type { Event, LinkStatus } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import type { EpochMs } from "../../../domain/units.ts";
import { createSession, PING, type Session, type SessionOptions, type SessionOutput } from "./bybit_ws_client.ts";
import type { WireLog } from "./wire_log.ts";

export type StreamLink = {
  start(): void;
  /** Abandons the socket and opens a new one; nothing when one is being opened already. */
  reopen(cause: string): void;
  lastFrameAt(): EpochMs | null;
  lastMarketAt(): EpochMs | null;
  ignored(): number;
  stop(): void;
};

export type StreamLinkOptions = SessionOptions & {
  readonly url: string;
  readonly clock: ClockSeam;
  readonly random: RandomSeam;
  readonly sockets: SocketSeam;
  readonly runtime: Config["runtime"];
  readonly wire: WireLog;
  readonly now: () => EpochMs;
  /** Signs the auth frame; null for the public stream. */
  readonly auth: ((done: (frame: string) => void) => void) | null;
  readonly emit: (event: Event) => void;
  /** A frame of this stream was lost to a parse fault (F-4.6). */
  readonly onLost: () => void;
  /** Runs with every ping of a ready session. */
  readonly onPing: () => void;
};

/** A session that held this long starts its backoff anew. */
const STABLE_MS = 30_000;

/**
 * One stream's connection: opens, pings, notices silence by its own deadline and abandons the socket (a half-open one
 * never reports, and closing it hangs), then opens the next after a full-jitter wait.
 */
export function createStreamLink(options: StreamLinkOptions): StreamLink {
  const { clock, runtime, stream, wire } = options;
  const pingMs = runtime.ws_ping_s * 1000;
  const silenceMs = runtime.ws_heartbeat_timeout_s * 1000;
  let socket: Socket | null = null;
  let session: Session | null = null;
  let generation = 0;
  let reported: LinkStatus | null = null;
  let attempts = 0;
  let readySince = 0;
  let heardAt = 0;
  let frameAt: EpochMs | null = null;
  let marketAt: EpochMs | null = null;
  let ignored = 0;
  let timer: number | null = null;
  let stopped = false;

  function report(status: LinkStatus, cause: string): void {
    reported = status;
    options.emit({ kind: "Link", at: options.now(), stream, status, cause });
  }
  function schedule(delayMs: number, run: () => void): void {
    if (timer !== null) clock.cancel(timer);
    timer = clock.after(delayMs, () => {
      timer = null;
      run();
    });
  }
  function open(cause: string): void {
    if (stopped) return;
    const mine = ++generation;
    options.market.reset();
    const fresh = createSession(options);
    session = fresh;
    heardAt = clock.monotonicNow();
    report("connecting", cause);
    const current = () => mine === generation && !stopped;
    socket = options.sockets.open(options.url, {
      onOpen: () => current() && opened(fresh, current),
      onText: (text) => {
        if (current()) heard(fresh, text);
      },
      onClose: (reason) => current() && lose(reason === "" ? "closed by the venue" : reason),
    });
    // The whole way to `ready` has one deadline; a handshake that hangs is a dead socket.
    schedule(silenceMs, () => lose(`not ready after ${runtime.ws_heartbeat_timeout_s} s: ${fresh.status()}`));
  }
  function opened(fresh: Session, current: () => boolean): void {
    if (options.auth === null) return perform(fresh.onOpen(null), fresh);
    options.auth((frame) => {
      if (current()) perform(fresh.onOpen(frame), fresh);
    });
  }
  function heard(fresh: Session, text: string): void {
    heardAt = clock.monotonicNow();
    frameAt = options.now();
    wire.frame(stream, { direction: "in", text });
    const lostBefore = fresh.lost();
    const output = fresh.onText(text, frameAt);
    marketAt = fresh.lastMarketAt() ?? marketAt;
    if (fresh.lost() > lostBefore) options.onLost();
    perform(output, fresh);
  }
  function perform(output: SessionOutput, fresh: Session): void {
    for (const text of output.send) send(text);
    for (const event of output.events) options.emit(event);
    if (fresh !== session) return;
    const status = fresh.status();
    if (status === "failed") fail(fresh);
    else if (status === "ready" && reported !== "ready") becomeReady();
  }
  function becomeReady(): void {
    readySince = clock.monotonicNow();
    watch();
    report("ready", "");
  }
  function fail(fresh: Session): void {
    const { cause, auth } = fresh.failure();
    if (auth) report("auth_refused", cause);
    lose(cause);
  }
  function send(text: string): void {
    wire.frame(stream, { direction: "out", text });
    socket?.send(text);
  }
  /** Next of: the ping that is due, the moment the silence becomes too long. */
  function watch(): void {
    const silentAt = heardAt + silenceMs;
    const now = clock.monotonicNow();
    schedule(Math.max(0, Math.min(pingMs, silentAt - now)), () => {
      if (clock.monotonicNow() - heardAt >= silenceMs) return lose(`silent for ${runtime.ws_heartbeat_timeout_s} s`);
      send(PING);
      watch();
      options.onPing();
    });
  }
  function lose(cause: string): void {
    ignored += session?.ignored() ?? 0;
    generation++;
    socket?.abandon();
    socket = null;
    session = null;
    const held = reported === "ready";
    if (held && clock.monotonicNow() - readySince >= STABLE_MS) attempts = 0;
    const ceiling = Math.min(
      runtime.ws_reconnect_backoff_max_s * 1000,
      runtime.ws_reconnect_backoff_min_s * 1000 * 2 ** Math.min(attempts++, 10),
    );
    schedule(Math.floor(options.random.next() * ceiling), () => open(`after: ${cause}`));
    if (held) report("lost", cause);
  }

  return {
    start: () => open("start"),
    reopen(cause) {
      // A socket younger than its own deadline is already the answer to the question.
      if (stopped || session === null || session.status() !== "ready") return;
      lose(cause);
    },
    lastFrameAt: () => frameAt,
    lastMarketAt: () => marketAt,
    ignored: () => ignored + (session?.ignored() ?? 0),
    stop() {
      stopped = true;
      generation++;
      if (timer !== null) clock.cancel(timer);
      timer = null;
      socket?.abandon();
      socket = null;
      session = null;
    },
  };
}
