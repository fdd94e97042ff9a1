import type { ClockSeam, TimerId } from "../../src/application/engine/ports.ts";

type Timer = { readonly id: TimerId; readonly dueAt: number; readonly run: () => void };

/** A clock that a test turns by hand. */
export class ManualClock implements ClockSeam {
  #now: number;
  #next = 1;
  #timers: Timer[] = [];

  constructor(startAt = Date.UTC(2026, 0, 5)) {
    this.#now = startAt;
  }
  wallNow(): number {
    return this.#now;
  }
  monotonicNow(): number {
    return this.#now;
  }
  after(delayMs: number, run: () => void): TimerId {
    const id = this.#next++;
    this.#timers.push({ id, dueAt: this.#now + delayMs, run });
    return id;
  }
  cancel(timer: TimerId): void {
    this.#timers = this.#timers.filter((other) => other.id !== timer);
  }
  /** Timers that wait. */
  pending(): number {
    return this.#timers.length;
  }
  /** Lets time pass; timers run in order, at their own moment. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueAt <= end).sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.dueAt);
      next.run();
    }
    this.#now = end;
  }
}
