import type { Event, Vitals } from "../../domain/events.ts";
import type { Intent, IntentOf } from "../../domain/intent.ts";
import type { MarketObservation } from "../../domain/market.ts";
import type { JournalRecord } from "../../domain/records.ts";
import type { EpochMs } from "../../domain/units.ts";

// ---- what the engine asks of the world -------------------------------------------------------------------------

/** The venue, as the engine sees it. Returns nothing: every answer comes back as an Event (law 3). */
export interface ExchangePort {
  send(intent: Intent): void;
}

/**
 * Memory. `append` writes one record at once; `state` is the state after the step, for snapshots and state hashes
 * (F-11.2). `whenDurable` runs `act` when everything up to `seq` is on disk, or after `atMostMs` if given (F-10.7;
 * protective intents pass 250). Order of `act` calls is the order of asking; false = not durable.
 */
export interface JournalPort {
  append(
    event: Event,
    intents: readonly Intent[],
    options: { readonly state: unknown },
  ): { readonly seq: number };
  whenDurable(seq: number, options: { readonly atMostMs: number | null }, act: (durable: boolean) => void): void;
}

// ---- the seams: everything that is not deterministic enters through these ---------------------------------------
// They take callbacks, not promises, so that a virtual event never waits for a real event loop (architecture.md).

export type TimerId = number;

/** Wall clock, monotonic clock and timers. Milliseconds. */
export interface ClockSeam {
  /** Local wall clock, UTC ms; may jump. */
  wallNow(): number;
  /** Monotonic ms since an arbitrary start; stands still while suspended on some systems. */
  monotonicNow(): number;
  after(delayMs: number, run: () => void): TimerId;
  cancel(timer: TimerId): void;
}

export type HttpRequest = {
  readonly method: "GET" | "POST";
  /** Absolute URL, exactly the bytes that were signed; never re-encoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
};
export type HttpOutcome =
  | {
    readonly kind: "reply";
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  /** `refused` = certainly not sent (DNS, connection refused, permission); the others may have been executed. */
  | { readonly kind: "failed"; readonly cause: "timeout" | "lost" | "redirect" | "refused"; readonly message: string };

/** HTTP. Header names of replies are lower case. `done` is called exactly once, never inside `request`. */
export interface HttpSeam {
  request(request: HttpRequest, done: (outcome: HttpOutcome) => void): void;
}

export interface SocketHandlers {
  onOpen(): void;
  onText(text: string): void;
  /** Called at most once; never after `abandon`. */
  onClose(reason: string): void;
}
export interface Socket {
  send(text: string): void;
  /** Drops the socket without waiting for a close handshake; no handler is called afterwards. */
  abandon(): void;
}
/** WebSocket client connections. Handlers are called synchronously per frame, never inside `open`. */
export interface SocketSeam {
  open(url: string, handlers: SocketHandlers): Socket;
}

/** An append-only file kept open. All methods but `sync` are synchronous and throw on failure. */
export interface AppendFile {
  /** One write call (O_APPEND). */
  write(text: string): void;
  /** fsync off the main thread; error null = durable. */
  sync(done: (error: Error | null) => void): void;
  /** fsync on the main thread (rotation, shutdown). */
  syncNow(): void;
  close(): void;
  size(): number;
  /** False when the path it was opened by now names another file, or none: somebody renamed or deleted it. */
  isAtItsPath(): boolean;
}
/** Files below the data directory. Paths are relative or absolute as given; synchronous; throw on failure. */
export interface FileSeam {
  makeDirectory(path: string): void;
  list(path: string): readonly string[];
  exists(path: string): boolean;
  readText(path: string): string;
  readBytes(path: string): Uint8Array;
  openAppend(path: string): AppendFile;
  /**
   * Temporary file, fsync, rename, fsync of the directory: old or new content, never half (0600). `durable` false leaves
   * both fsyncs out: for what is written every second and worth nothing after a loss of power.
   */
  writeAtomic(path: string, content: string | Uint8Array, options?: { readonly durable: boolean }): void;
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Exclusive lock held until released or process end. */
  lock(
    path: string,
    holder: string,
  ): { readonly kind: "locked"; release(): void } | { readonly kind: "held"; readonly holder: string };
  /** What the holder of a lock wrote there; null = nobody holds it. Looks by taking it shared for a moment. */
  lockHolder(path: string): string | null;
  /** Number of the user a file belongs to; null where there are none. */
  owner(path: string): number | null;
  /** Gives a file the owner of another one. Only root can give; with the same owner there is nothing to do. */
  shareOwner(path: string, like: string): void;
}

/** Randomness: backoff jitter only. [0, 1). */
export interface RandomSeam {
  next(): number;
}

/** HMAC-SHA256 of `text`, lower-case hex, with a key given at construction. Live answers later, virtual at once. */
export interface SignerSeam {
  sign(text: string, done: (hex: string) => void): void;
}

/** The whole outside world of one process. */
export interface Platform {
  readonly clock: ClockSeam;
  readonly http: HttpSeam;
  readonly sockets: SocketSeam;
  readonly files: FileSeam;
  readonly random: RandomSeam;
  signer(secret: string): SignerSeam;
}

// ---- the venue link as the orchestrator sees it ------------------------------------------------------------------

/** The venue link: requests out by `send`, everything else in through the inbox given at construction. */
export interface VenueLink extends ExchangePort {
  /** Time sync, then `done`, then both streams; keeps trying; reports by Link events. */
  connect(done: () => void): void;
  vitals(): Vitals;
  /** What the market showed since the last call, conflated with extremes (F-4.6); null when nothing new. */
  takeMarket(): MarketObservation | null;
  /** Server-corrected wall clock (F-3.5). */
  serverNow(): EpochMs;
  /** Abandons both sockets and drops what has not been sent. */
  close(): void;
}

/** Where things for people go. None of them may block or throw into the engine. */
export interface Sinks {
  alert(intent: IntentOf<"Alert">, at: EpochMs): void;
  record(record: JournalRecord, seq: number): void;
  answer(intent: IntentOf<"Answer">): void;
  check(intent: IntentOf<"ReportCheck">): void;
  refuseStart(intent: IntentOf<"RefuseStart">): void;
  /** An order that observe mode kept back (F-13.7). */
  observed(intent: Intent): void;
}
