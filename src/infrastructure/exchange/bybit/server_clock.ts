import type { ClockSeam } from "../../../application/engine/ports.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";

/** Local time may leave the monotonic clock by this much before the offset is measured again (F-3.5). */
const JUMP_MS = 1_000;
/** A reply's own time this far outside its round trip means the offset is wrong. */
const DISAGREE_MS = 1_000;
const RESYNC_MS = 600_000;
/** A forward correction larger than this is a suspended machine, not a bad estimate (F-3.5). */
const GAP_MS = 10_000;
const RETRY_MS = 1_000;

export type ServerClock = {
  /** Server time now, from the monotonic clock, so that a jump of local time moves nothing (F-3.5). */
  now(): EpochMs;
  /** Time to put on a signed request: late rather than early, since the venue refuses 1 s ahead at any window. */
  signingNow(): EpochMs;
  /** Local minus server clock at the last sync; null = never synced. */
  skewMs(): number | null;
  /** Half the round trip of the last sync: how far `now` may be off. */
  uncertaintyMs(): number | null;
  /** False while a measurement is due that signed requests wait for. */
  ready(): boolean;
  /** Looks for a jump of local time; asks for a sync when there was one. */
  check(): void;
  /** The venue refused our time (10002), or a reply's time disagrees: measure again. */
  distrust(): void;
  /** Compares the time a reply carries with the round trip it belongs to. */
  compare(serverTime: number, sentAt: number): void;
  start(): void;
  stop(): void;
};

export type ServerClockOptions = {
  readonly clock: ClockSeam;
  /** Asks the venue for its time; answers with it or null. */
  readonly ask: (done: (serverMs: number | null) => void) => void;
  /** Called after each measurement, also a failed one: waiting requests may go. */
  readonly onSettled: () => void;
  readonly onGap: (gapMs: number) => void;
};

export function createServerClock(options: ServerClockOptions): ServerClock {
  const { clock } = options;
  let offset = clock.wallNow() - clock.monotonicNow();
  let drift = offset;
  let halfTrip: number | null = null;
  let skew: number | null = null;
  let need: "none" | "wanted" | "failed" = "wanted";
  let asking = false;
  let stopped = false;
  let timer: number | null = null;

  function read(): number {
    return Math.max(0, Math.floor(clock.monotonicNow() + offset));
  }
  function later(delayMs: number): void {
    if (timer !== null) clock.cancel(timer);
    timer = stopped ? null : clock.after(delayMs, () => {
      timer = null;
      sync();
    });
  }
  function sync(): void {
    if (asking || stopped) return;
    asking = true;
    const left = clock.monotonicNow();
    options.ask((serverMs) => {
      asking = false;
      if (stopped) return;
      if (serverMs === null) need = need === "none" ? "none" : "failed";
      else take(serverMs, left);
      later(serverMs === null ? RETRY_MS : RESYNC_MS);
      options.onSettled();
    });
  }
  function take(serverMs: number, left: number): void {
    const back = clock.monotonicNow();
    const half = (back - left) / 2;
    const measured = serverMs + half - back;
    const step = measured - offset;
    const first = halfTrip === null;
    offset = measured;
    halfTrip = half;
    skew = Math.round(clock.wallNow() - read());
    drift = clock.wallNow() - back;
    need = "none";
    if (!first && step > GAP_MS) options.onGap(Math.round(step));
  }
  function want(): void {
    if (need === "none") need = "wanted";
    sync();
  }

  return {
    now: () => epochMs(read()),
    signingNow() {
      const half = halfTrip ?? 0;
      // Half the trip would never be early; a long trip may be early by up to 500 ms instead of late by seconds.
      return epochMs(Math.max(0, read() - Math.ceil(Math.max(Math.min(half, 500), half - 500))));
    },
    skewMs: () => skew,
    uncertaintyMs: () => halfTrip,
    ready: () => need !== "wanted",
    check() {
      const moved = clock.wallNow() - clock.monotonicNow();
      if (Math.abs(moved - drift) <= JUMP_MS) return;
      drift = moved;
      want();
    },
    distrust: want,
    compare(serverTime, sentAt) {
      if (halfTrip === null || asking) return;
      if (serverTime < sentAt - DISAGREE_MS || serverTime > read() + DISAGREE_MS) want();
    },
    start: sync,
    stop() {
      stopped = true;
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}
