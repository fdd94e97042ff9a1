import type { Config } from "../../../domain/limits.ts";
import type { Endpoint } from "./venue_words.ts";

/** Lane of a request: `protective` is never refused by the budget, only paced (F-7.10). */
export type Lane = "protective" | "other";
export type Permission =
  | { readonly kind: "now" }
  | { readonly kind: "at"; readonly at: number }
  | { readonly kind: "refused"; readonly reason: string };

/** A minute as the venue counts it: arrivals, which a slow way may push together (F-7.10). */
const MINUTE_MS = 62_000;
const BAN_MS = 600_000;
/** Pause after a 10006 without a reset header, plus jitter (TRAPS 52). */
const THROTTLED_MS = 1_000;
const SYSTEM_MIN_MS = 1_000;
const SYSTEM_MAX_MS = 30_000;
/** A reset header further away than this is not believed. */
const RESET_MAX_MS = 10_000;

export type ReplySeen = {
  readonly now: number;
  /** Server clock at the reply, to turn a reset time into a wait. */
  readonly serverNow: number;
  readonly status: number;
  readonly code: number | null;
  readonly headers: Readonly<Record<string, string>>;
  /** [0, 1) for jitter. */
  readonly random: number;
};

/** The pace of the process before this one, as far as its journal tells. */
export type CallsBefore = {
  /** Calls of its last minute, counted so long ago. */
  readonly calls: number;
  /** The protective ones among them. */
  readonly protective: number;
  readonly agoMs: number;
  /** What is left of a ban of the address; 0 = none. */
  readonly bannedForMs: number;
};

type Bucket = { limit: number; readonly sent: number[]; pausedUntil: number };

/**
 * Budget of the running minute, one window per endpoint and rolling second corrected by the venue's headers, and the
 * three escalations: 10006 pauses the endpoint, 429 everything for growing times, 403 everything for ten minutes.
 * Times are monotonic ms.
 */
export class RateLimiter {
  readonly #runtime: Config["runtime"];
  readonly #buckets = new Map<Endpoint, Bucket>();
  readonly #all: number[] = [];
  readonly #protective: number[] = [];
  readonly #ofOrders: number[] = [];
  #lastProtective = -Infinity;
  #systemPause = 0;
  #systemUntil = -Infinity;
  #banned: number | null = null;

  constructor(runtime: Config["runtime"]) {
    this.#runtime = runtime;
  }

  /** What an earlier process called and was forbidden counts on: the venue knows the address, not the process (F-7.10, F-7.14). */
  goOn(before: CallsBefore, now: number): void {
    const at = now - Math.max(0, before.agoMs);
    if (at > now - MINUTE_MS) { for (let call = 0; call < before.calls; call += 1) this.#all.push(at); }
    if (before.bannedForMs > 0) this.#banned = now + Math.min(BAN_MS, before.bannedForMs);
  }

  /** May this request leave at `now`? */
  ask(endpoint: Endpoint, how: { readonly lane: Lane; readonly now: number }): Permission {
    const { lane, now } = how;
    if (this.#banned !== null && now < this.#banned) return { kind: "refused", reason: "ip_banned" };
    this.#prune(now);
    if (lane === "other" && this.#othersAreOut()) return { kind: "refused", reason: "rest_budget_exhausted" };
    const bucket = this.#bucketOf(endpoint);
    forget(bucket.sent, now - 1_000);
    let at = Math.max(bucket.pausedUntil, this.#systemUntil);
    if (bucket.sent.length >= bucket.limit) at = Math.max(at, (bucket.sent[0] ?? now) + 1_000);
    if (lane === "protective" && this.#all.length >= this.#runtime.rest_budget_per_min) {
      at = Math.max(at, this.#lastProtective + this.#runtime.rest_protective_gap_ms);
    }
    return at > now ? { kind: "at", at } : NOW;
  }
  /**
   * Others stop at their own number, and when the whole budget is used up (F-7.10, P-8). Reads that only may protect and
   * the clock go before them, but count among them.
   */
  #othersAreOut(): boolean {
    const { rest_budget_other_per_min, rest_budget_per_min } = this.#runtime;
    const all = this.#all.length;
    return all - this.#ofOrders.length >= rest_budget_other_per_min || all >= rest_budget_per_min;
  }
  /** A request leaves; `ofOrder` = it places, changes, cancels or looks up an own order. */
  left(
    endpoint: Endpoint,
    { lane, now, ofOrder }: { readonly lane: Lane; readonly now: number; readonly ofOrder: boolean },
  ): void {
    this.#bucketOf(endpoint).sent.push(now);
    this.#all.push(now);
    if (lane === "protective") {
      this.#protective.push(now);
      if (ofOrder) this.#ofOrders.push(now);
      this.#lastProtective = now;
    }
  }
  /** Learns from a reply; returns true when it begins an IP ban. */
  reply(endpoint: Endpoint, seen: ReplySeen): boolean {
    const { now } = seen;
    if (seen.status === 403) {
      const begins = this.#banned === null || now >= this.#banned;
      this.#banned = now + BAN_MS;
      return begins;
    }
    const bucket = this.#bucketOf(endpoint);
    const allowance = Number(seen.headers["x-bapi-limit"]);
    if (Number.isInteger(allowance) && allowance > 0) bucket.limit = Math.min(bucket.limit, allowance);
    const wait = resetWait(seen);
    if (isThrottled(seen.code)) {
      bucket.pausedUntil = Math.max(bucket.pausedUntil, now + (wait ?? THROTTLED_MS * (1 + seen.random)));
    } else if (seen.headers["x-bapi-limit-status"] === "0" && wait !== null) {
      bucket.pausedUntil = Math.max(bucket.pausedUntil, now + wait);
    }
    if (seen.status === 429 || seen.code === 429) {
      this.#systemPause = Math.min(SYSTEM_MAX_MS, Math.max(SYSTEM_MIN_MS, this.#systemPause * 2));
      this.#systemUntil = now + this.#systemPause * (1 + seen.random * 0.5);
    } else if (seen.status === 200) this.#systemPause = 0;
    return false;
  }
  /** Calls of the last minute, by lane (F-7.10). */
  calls(now: number): { readonly all: number; readonly protective: number } {
    this.#prune(now);
    return { all: this.#all.length, protective: this.#protective.length };
  }
  bannedUntil(): number | null {
    return this.#banned;
  }

  #bucketOf(endpoint: Endpoint): Bucket {
    const known = this.#buckets.get(endpoint);
    if (known !== undefined) return known;
    const limit = limitOf(endpoint, this.#runtime.rate_limits_per_s);
    const bucket: Bucket = { limit, sent: [], pausedUntil: -Infinity };
    this.#buckets.set(endpoint, bucket);
    return bucket;
  }
  #prune(now: number): void {
    forget(this.#all, now - MINUTE_MS);
    forget(this.#protective, now - MINUTE_MS);
    forget(this.#ofOrders, now - MINUTE_MS);
  }
}

const NOW: Permission = { kind: "now" };
function forget(times: number[], until: number): void {
  while (times.length > 0 && (times[0] ?? Infinity) <= until) times.shift();
}
/** 10006 and its relatives on other doors (PROTOCOL §5, class R). */
function isThrottled(code: number | null): boolean {
  return code === 10006 || code === 10018 || code === 10403 || code === 10429 || code === 20003;
}
/** Wait until the venue's reset time; null when it gave none that can be believed (pybit fb34fca, TRAPS 52). */
function resetWait(seen: ReplySeen): number | null {
  const reset = Number(seen.headers["x-bapi-limit-reset-timestamp"]);
  if (!Number.isFinite(reset) || reset <= 0) return null;
  const wait = reset - seen.serverNow;
  return wait > 0 && wait <= RESET_MAX_MS ? wait : null;
}
/** The venue's table, lowered (never raised) by configuration; its keys are paths. */
function limitOf(endpoint: Endpoint, configured: Readonly<Record<string, number>>): number {
  const own = configured[endpoint.path];
  return own === undefined ? endpoint.perSecond : Math.max(1, Math.min(own, endpoint.perSecond));
}
