import type { ClockSeam, RandomSeam, Socket, SocketSeam, TimerId } from "../../../application/engine/ports.ts";
import type { Event, LinkStatus } from "../../../domain/events.ts";
import type { Config } from "../../../domain/limits.ts";
import type { EpochMs } from "../../../domain/units.ts";
import { PING, Session, type SessionOptions, type SessionOutput } from "./bybit_ws_client.ts";
import type { WireLog } from "./wire_log.ts";

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
export class StreamLink {
  readonly #options: StreamLinkOptions;
  readonly #clock: ClockSeam;
  readonly #pingMs: number;
  readonly #silenceMs: number;
  #socket: Socket | null = null;
  #session: Session | null = null;
  #reported: LinkStatus | null = null;
  #attempts = 0;
  #readySince = 0;
  #heardAt = 0;
  #frameAt: EpochMs | null = null;
  #marketAt: EpochMs | null = null;
  #ignored = 0;
  #timer: TimerId | null = null;
  #stopped = false;

  constructor(options: StreamLinkOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#pingMs = options.runtime.ws_ping_s * 1000;
    this.#silenceMs = options.runtime.ws_heartbeat_timeout_s * 1000;
  }

  start(): void {
    this.#open("start");
  }
  /** Abandons a ready socket and opens a new one; one that is being opened already is the answer. */
  reopen(cause: string): void {
    if (this.#session?.status() === "ready") this.#lose(cause);
  }
  lastFrameAt(): EpochMs | null {
    return this.#frameAt;
  }
  lastMarketAt(): EpochMs | null {
    return this.#marketAt;
  }
  ignored(): number {
    return this.#ignored + (this.#session?.ignored() ?? 0);
  }
  stop(): void {
    this.#stopped = true;
    this.#schedule(null);
    this.#drop();
  }

  #report(status: LinkStatus, cause: string): void {
    this.#reported = status;
    const { emit, now, stream } = this.#options;
    emit({ kind: "Link", at: now(), stream, status, cause });
  }
  #schedule(next: { readonly delayMs: number; readonly run: () => void } | null): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = next === null ? null : this.#clock.after(next.delayMs, () => {
      this.#timer = null;
      next.run();
    });
  }
  #drop(): void {
    this.#ignored += this.#session?.ignored() ?? 0;
    this.#session = null;
    this.#socket?.abandon();
    this.#socket = null;
  }
  #open(cause: string): void {
    if (this.#stopped) return;
    const session = new Session(this.#options);
    this.#options.market.reset();
    this.#session = session;
    this.#heardAt = this.#clock.monotonicNow();
    const mine = () => this.#session === session;
    this.#socket = this.#options.sockets.open(this.#options.url, {
      onOpen: () => mine() && this.#opened(session),
      onText: (text) => {
        if (mine()) this.#heard(session, text);
      },
      onClose: (reason) => mine() && this.#lose(reason === "" ? "closed by the venue" : reason),
    });
    // The whole way to `ready` has one deadline; a handshake that hangs is a dead socket.
    const delayMs = this.#silenceMs;
    this.#schedule({ delayMs, run: () => this.#lose(`not ready after ${delayMs / 1000} s: ${session.status()}`) });
    this.#report("connecting", cause);
  }
  #opened(session: Session): void {
    const { auth } = this.#options;
    if (auth === null) return this.#perform(session.onOpen(null), session);
    auth((frame) => {
      if (this.#session === session) this.#perform(session.onOpen(frame), session);
    });
  }
  #heard(session: Session, text: string): void {
    const { now, onLost, stream, wire } = this.#options;
    const at = now();
    this.#heardAt = this.#clock.monotonicNow();
    this.#frameAt = at;
    wire.frame(stream, { direction: "in", text });
    const lostBefore = session.lost();
    const output = session.onText(text, at);
    this.#marketAt = session.lastMarketAt() ?? this.#marketAt;
    if (session.lost() > lostBefore) onLost();
    this.#perform(output, session);
  }
  #perform(output: SessionOutput, session: Session): void {
    for (const text of output.send) this.#send(text);
    for (const event of output.events) this.#options.emit(event);
    if (session !== this.#session) return;
    const status = session.status();
    if (status === "failed") this.#fail(session);
    else if (status === "ready" && this.#reported !== "ready") this.#ready();
  }
  #ready(): void {
    this.#readySince = this.#clock.monotonicNow();
    this.#watch();
    this.#report("ready", "");
  }
  #fail(session: Session): void {
    const { cause, auth } = session.failure();
    if (auth) this.#report("auth_refused", cause);
    this.#lose(cause);
  }
  #send(text: string): void {
    this.#options.wire.frame(this.#options.stream, { direction: "out", text });
    this.#socket?.send(text);
  }
  /** Waits for the earlier of: the ping that is due, the moment the silence becomes too long (F-7.22). */
  #watch(): void {
    const silentIn = this.#heardAt + this.#silenceMs - this.#clock.monotonicNow();
    const run = () => {
      if (this.#clock.monotonicNow() - this.#heardAt >= this.#silenceMs) {
        return this.#lose(`silent for ${this.#silenceMs / 1000} s`);
      }
      this.#send(PING);
      this.#watch();
      this.#options.onPing();
    };
    this.#schedule({ delayMs: Math.max(0, Math.min(this.#pingMs, silentIn)), run });
  }
  #lose(cause: string): void {
    const { random, runtime } = this.#options;
    this.#drop();
    const held = this.#reported === "ready";
    if (held && this.#clock.monotonicNow() - this.#readySince >= STABLE_MS) this.#attempts = 0;
    const grown = runtime.ws_reconnect_backoff_min_s * 2 ** Math.min(this.#attempts++, 10);
    const ceilingMs = Math.min(runtime.ws_reconnect_backoff_max_s, grown) * 1000;
    this.#schedule({ delayMs: Math.floor(random.next() * ceilingMs), run: () => this.#open(`after: ${cause}`) });
    if (held) this.#report("lost", cause);
  }
}
