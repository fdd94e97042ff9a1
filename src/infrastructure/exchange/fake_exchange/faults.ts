import { chance, nextInt, pick, type RandomState, randomStream } from "../../../common/random.ts";

/**
 * What can go wrong at the venue, by name. `per` says when a fault gets its chance:
 * request = every signed REST request, order = every order request, amend_cancel, entry_ack (before an entry is taken), entry
 * (after its ack), stop = that kind of order request, post_only = a PostOnly order
 * that would have rested, auth = a WS login, frame = a private frame, trigger = a stop going off, stop_minute = every minute with a resting stop,
 * hour = expected firings an hour.
 */
export const FAULTS = {
  http_5xx: "request",
  http_html: "request",
  http_403: "request",
  ret_10002: "request",
  ret_10006: "request",
  ret_10016: "request",
  ret_110001: "amend_cancel",
  ret_110007: "entry_ack",
  ret_110079: "order",
  order_rejected: "entry",
  stop_refused: "stop",
  stop_cancelled: "stop_minute",
  stop_partial: "trigger",
  post_only_crossed: "post_only",
  auth_refused: "auth",
  unknown_enum: "frame",
  missing_field: "frame",
  broken_json: "frame",
  adl: "hour",
  liquidation: "hour",
  person_trades: "hour",
  person_flips: "hour",
  person_leverage: "hour",
  deposit: "hour",
  withdrawal: "hour",
  second_bot: "hour",
  price_gap: "hour",
  flash_crash: "hour",
  price_spike: "hour",
  frozen_ticker: "hour",
  outage: "hour",
  maintenance: "hour",
} as const;

export type FaultName = keyof typeof FAULTS;
export type FaultOpportunity = (typeof FAULTS)[FaultName];

export const FAULT_NAMES: readonly FaultName[] = Object.freeze(Object.keys(FAULTS).filter(isFaultName));

export function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(FAULTS, name);
}

export type FaultPlan = {
  /** Probability per opportunity; for `hour` faults the expected number an hour. */
  readonly rates: Readonly<Partial<Record<FaultName, number>>>;
  /** Faults fire only in [fromMs, untilMs). */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Fired by the clock, whatever the window says. */
  readonly scheduled?: readonly { readonly atMs: number; readonly name: FaultName }[];
};

/** Decides which fault fires when, from its own stream of the seed, and counts. */
export class FaultDealer {
  readonly counts: Record<string, number> = {};
  readonly random: RandomState;
  readonly #plan: FaultPlan;
  readonly #armed = new Map<FaultName, number>();
  readonly #groups = new Map<FaultOpportunity, readonly [FaultName, number][]>();

  constructor(seed: number, plan: FaultPlan = { rates: {} }) {
    this.random = randomStream(seed, "faults");
    this.#plan = plan;
    for (const name of FAULT_NAMES) {
      const rate = plan.rates[name] ?? 0;
      if (rate > 0) this.#groups.set(FAULTS[name], [...(this.#groups.get(FAULTS[name]) ?? []), [name, rate]]);
    }
  }

  get scheduled(): readonly { readonly atMs: number; readonly name: FaultName }[] {
    return this.#plan.scheduled ?? [];
  }

  /** Makes the fault fire at its next opportunity. */
  arm(name: FaultName): void {
    this.#armed.set(name, (this.#armed.get(name) ?? 0) + 1);
  }

  /** The fault that fires at this opportunity, if any; at most one. */
  draw(opportunity: FaultOpportunity, at: number): FaultName | null {
    if (this.#armed.size > 0) {
      const name = this.#drawArmed(opportunity);
      if (name !== null) return name;
    }
    const group = this.#groups.get(opportunity);
    if (group === undefined || !this.#open(at)) return null;
    for (const [name, rate] of group) if (chance(this.random, rate)) return name;
    return null;
  }

  #drawArmed(opportunity: FaultOpportunity): FaultName | null {
    for (const [name, times] of this.#armed) {
      if (FAULTS[name] !== opportunity) continue;
      if (times === 1) this.#armed.delete(name);
      else this.#armed.set(name, times - 1);
      return name;
    }
    return null;
  }

  /** The `hour` faults that fire in this minute. */
  drawMinute(at: number): readonly FaultName[] {
    const group = this.#groups.get("hour");
    if (group === undefined || !this.#open(at)) return NONE;
    let fired: FaultName[] | null = null;
    for (const [name, rate] of group) if (chance(this.random, rate / 60)) (fired ??= []).push(name);
    return fired ?? NONE;
  }

  count(name: FaultName): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return pick(this.random, choices);
  }
  between(from: number, to: number): number {
    return nextInt(this.random, { from, to });
  }
  half(): boolean {
    return chance(this.random, 0.5);
  }

  #open(at: number): boolean {
    return at >= (this.#plan.fromMs ?? 0) && at < (this.#plan.untilMs ?? Infinity);
  }
}
const NONE: readonly FaultName[] = [];
