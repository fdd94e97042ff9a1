import type { Pace } from "./channels/types.ts";

/** A token bucket below a service's limit (N-3.3). Times in milliseconds of any one clock. */
export class Bucket {
  readonly #pace: Pace;
  #tokens: number;
  #at: number;

  constructor(pace: Pace, now: number) {
    this.#pace = pace;
    this.#tokens = pace.burst;
    this.#at = now;
  }

  /** Takes a token, or says how long to wait for one. */
  take(now: number): number {
    // A clock that was set back refills nothing.
    const passed = Math.max(0, now - this.#at);
    this.#tokens = Math.min(this.#pace.burst, this.#tokens + passed / this.#pace.everyMs);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * this.#pace.everyMs);
    this.#tokens -= 1;
    return 0;
  }
}
