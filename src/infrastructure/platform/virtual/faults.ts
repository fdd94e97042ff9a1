import { chance, type RandomState, randomStream } from "../../../common/random.ts";

/**
 * What can go wrong around a process, by name. `request` faults get their chance at every REST request, `frame` faults
 * at every private data frame (and a fiftieth of it at every public one), `hour` = expected number an hour.
 */
export const PLATFORM_FAULTS = {
  request_lost: "request",
  reply_lost: "request",
  rest_delay: "request",
  slow_reply: "request",
  frame_duplicated: "frame",
  frame_reordered: "frame",
  frame_dropped: "frame",
  disconnect: "hour",
  half_open: "hour",
  network_outage: "hour",
  clock_step: "hour",
  clock_drift: "hour",
  suspend: "hour",
  process_kill: "hour",
  power_loss: "hour",
  disk_full: "hour",
  fsync_slow: "hour",
  core_throw: "hour",
} as const;
export type PlatformFaultName = keyof typeof PLATFORM_FAULTS;
export const PLATFORM_FAULT_NAMES: readonly PlatformFaultName[] = Object.keys(PLATFORM_FAULTS).filter(isPlatformFault);

export function isPlatformFault(name: string): name is PlatformFaultName {
  return Object.hasOwn(PLATFORM_FAULTS, name);
}

export type PlatformFaultPlan = {
  /** Probability per opportunity; for `hour` faults the expected number an hour. */
  readonly rates: Readonly<Partial<Record<PlatformFaultName, number>>>;
  /** Faults fire only in [fromMs, untilMs), true time. */
  readonly fromMs?: number;
  readonly untilMs?: number;
};

/** One that fired. `untilMs` is set for faults that last. */
export type FiredFault = {
  readonly at: number;
  readonly name: PlatformFaultName;
  readonly detail: string;
  readonly untilMs: number | null;
};

const PUBLIC_SHARE = 0.02;

/** Decides which fault fires when, from its own stream of the seed, and counts. */
export class PlatformFaults {
  readonly counts: Partial<Record<PlatformFaultName, number>> = {};
  readonly random: RandomState;
  /** False = no request or frame fault can fire: the fast way. */
  requests = false;
  frames = false;
  readonly #plan: PlatformFaultPlan;
  readonly #armed = new Map<PlatformFaultName, number>();
  readonly #now: () => number;
  readonly #onFired: (fault: FiredFault) => void;

  constructor(options: {
    readonly seed: number;
    readonly plan: PlatformFaultPlan;
    readonly now: () => number;
    readonly onFired: (fault: FiredFault) => void;
  }) {
    this.random = randomStream(options.seed, "platform faults");
    this.#plan = options.plan;
    this.#now = options.now;
    this.#onFired = options.onFired;
    this.#rearm();
  }

  /** The next `count` opportunities are hit, whatever rate and window say. */
  arm(name: PlatformFaultName, count: number): void {
    this.#armed.set(name, (this.#armed.get(name) ?? 0) + count);
    this.#rearm();
  }
  disarm(): void {
    this.#armed.clear();
    this.#rearm();
  }

  /** True when a `request` fault hits this request. */
  hitsRequest(name: PlatformFaultName, url: string): boolean {
    if (!this.requests || !this.#hits(name, 1)) return false;
    this.fired(name, { detail: url, untilMs: null });
    return true;
  }
  /** True when a `frame` fault hits this frame. */
  hitsFrame(name: PlatformFaultName, frame: { readonly isPrivate: boolean; readonly channel: string }): boolean {
    if (frame.isPrivate && frame.channel === "control") return false;
    if (!this.#hits(name, frame.isPrivate ? 1 : PUBLIC_SHARE)) return false;
    this.fired(name, { detail: `${frame.isPrivate ? "private" : "public"} ${frame.channel}`, untilMs: null });
    return true;
  }
  /** How many of an `hour` fault are due in this minute: 0 or 1. */
  hitsMinute(name: PlatformFaultName): boolean {
    const rate = this.#plan.rates[name] ?? 0;
    return rate > 0 && this.#open() && chance(this.random, rate / 60);
  }
  fired(name: PlatformFaultName, what: { readonly detail: string; readonly untilMs: number | null }): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.#onFired({ at: this.#now(), name, ...what });
  }

  /** `share` of the rate counts; what is armed hits only where all of it does. */
  #hits(name: PlatformFaultName, share: number): boolean {
    const armed = this.#armed.get(name) ?? 0;
    if (armed > 0 && share === 1) {
      this.#armed.set(name, armed - 1);
      this.#rearm();
      return true;
    }
    const rate = (this.#plan.rates[name] ?? 0) * share;
    return rate > 0 && this.#open() && chance(this.random, rate);
  }
  #open(): boolean {
    const now = this.#now();
    return now >= (this.#plan.fromMs ?? 0) && now < (this.#plan.untilMs ?? Infinity);
  }
  #rearm(): void {
    const wanted = (kind: "request" | "frame"): boolean =>
      PLATFORM_FAULT_NAMES.some((name) =>
        PLATFORM_FAULTS[name] === kind && ((this.#plan.rates[name] ?? 0) > 0 || (this.#armed.get(name) ?? 0) > 0)
      );
    this.requests = wanted("request");
    this.frames = wanted("frame");
  }
}
