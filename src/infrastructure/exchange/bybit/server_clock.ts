import type { ClockSeam, TimerId } from "../../../application/engine/ports.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";

/** Local time may leave the monotonic clock by this much before the offset is measured again (F-3.5). */
const JUMP_MS = 1_000;
/** A reply's own time this far outside its round trip means the offset is wrong. */
const DISAGREE_MS = 1_000;
const RESYNC_MS = 600_000;
/** A forward correction larger than this is a suspended machine, not a bad estimate (F-3.5). */
const GAP_MS = 10_000;
/** Waits after measurements that failed in a row: a dead venue is not asked for its time every second (F-7.10). */
const RETRY_MS = [1_000, 2_000, 5_000] as const;
/** Signed requests wait no longer than this for a measurement: a stop must not hang on a lost reply (F-2.1). */
const PATIENCE_MS = 1_000;

export type ServerClockOptions = {
  readonly clock: ClockSeam;
  /** Asks the venue for its time; answers with it or null. `urgent` = signed requests wait for it. */
  readonly ask: (done: (serverMs: number | null) => void, urgent: boolean) => void;
  /** Waiting requests may go: a measurement ended, well or not, or takes too long. */
  readonly onRelease: () => void;
  /** A measurement ended, well or not. */
  readonly onSettled: () => void;
  readonly onGap: (gapMs: number) => void;
};

/** The venue's time, measured by one round trip at a time and carried on by the monotonic clock (F-3.5). */
export class ServerClock {
  readonly #options: ServerClockOptions;
  readonly #clock: ClockSeam;
  #offset: number;
  #drift: number;
  #halfTrip: number | null = null;
  #skew: number | null = null;
  #need: "none" | "wanted" | "failed" = "wanted";
  #asking = false;
  #failures = 0;
  #stopped = false;
  #timer: TimerId | null = null;
  #patience: TimerId | null = null;

  constructor(options: ServerClockOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#drift = this.#offset = this.#clock.wallNow() - this.#clock.monotonicNow();
  }

  /** Server time now; a jump of local time moves nothing. */
  now(): EpochMs {
    return epochMs(this.#read());
  }
  /**
   * Time to put on a signed request: late rather than early, since the venue refuses 1 s ahead at any window. Half the
   * trip would never be early; after a long trip it may be early by up to 500 ms instead of late by seconds.
   */
  signingNow(): EpochMs {
    const half = this.#halfTrip ?? 0;
    return epochMs(Math.max(0, this.#read() - Math.ceil(Math.max(Math.min(half, 500), half - 500))));
  }
  /** Local minus server clock at the last sync; null = never synced. */
  skewMs(): number | null {
    return this.#skew;
  }
  /** Half the round trip of the last sync: how far `now` may be off. */
  uncertaintyMs(): number | null {
    return this.#halfTrip;
  }
  /** False while a measurement is due that signed requests wait for. */
  ready(): boolean {
    return this.#need !== "wanted";
  }
  /** Looks for a jump of local time; asks for a sync when there was one. */
  check(): void {
    const drift = this.#clock.wallNow() - this.#clock.monotonicNow();
    if (Math.abs(drift - this.#drift) <= JUMP_MS) return;
    this.#drift = drift;
    this.distrust();
  }
  /** The venue refused our time (10002), or a reply's time disagrees: measure again. */
  distrust(): void {
    if (this.#need === "none") this.#need = "wanted";
    this.sync();
  }
  /** Compares the time a reply carries with the round trip it belongs to. */
  compare(serverTime: number, sentAt: number): void {
    if (this.#halfTrip === null || this.#asking) return;
    if (serverTime < sentAt - DISAGREE_MS || serverTime > this.#read() + DISAGREE_MS) this.distrust();
  }
  sync(): void {
    if (this.#asking || this.#stopped) return;
    this.#asking = true;
    const left = this.#clock.monotonicNow();
    this.#bePatient();
    this.#options.ask((serverMs) => {
      this.#asking = false;
      if (this.#stopped) return;
      this.#endPatience();
      if (serverMs !== null) this.#take(serverMs, left);
      else if (this.#need === "wanted") this.#need = "failed";
      this.#failures = serverMs === null ? this.#failures + 1 : 0;
      this.#later(serverMs === null ? RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 0 : RESYNC_MS);
      this.#options.onRelease();
      this.#options.onSettled();
    }, this.#need === "wanted");
  }
  stop(): void {
    this.#stopped = true;
    this.#endPatience();
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #bePatient(): void {
    this.#patience ??= this.#clock.after(PATIENCE_MS, () => {
      this.#patience = null;
      if (this.#need !== "wanted") return;
      this.#need = "failed";
      this.#options.onRelease();
    });
  }
  #endPatience(): void {
    if (this.#patience !== null) this.#clock.cancel(this.#patience);
    this.#patience = null;
  }
  #read(): number {
    return Math.max(0, Math.floor(this.#clock.monotonicNow() + this.#offset));
  }
  #later(delayMs: number): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = null;
      this.sync();
    });
  }
  #take(serverMs: number, left: number): void {
    const back = this.#clock.monotonicNow();
    const half = (back - left) / 2;
    const measured = serverMs + half - back;
    const step = measured - this.#offset;
    const first = this.#halfTrip === null;
    this.#offset = measured;
    this.#halfTrip = half;
    this.#skew = Math.round(this.#clock.wallNow() - this.#read());
    this.#drift = this.#clock.wallNow() - back;
    this.#need = "none";
    if (!first && step > GAP_MS) this.#options.onGap(Math.round(step));
  }
}
