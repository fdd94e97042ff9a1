import { isEntry, isLive } from "./protection.ts";
import type { Violation } from "../types.ts";
import type { LogOrder, LogRequest } from "../../infrastructure/exchange/fake_exchange/venue_log.ts";

/** P-8 `rest_budget_per_min`: non-protective calls stop at 70 of 90 (F-7.10). */
const OTHER_CALLS_PER_MIN = 70;
/** P-8 `rest_budget_per_min`: with look-ups and orders in it, nothing but what protects leaves beyond it (F-7.10). */
const ALL_CALLS_PER_MIN = 90;
/** A minute, less what two requests may differ on their way (40–250 ms each): the bot counts when they leave. */
const MINUTE_MS = 59_500;
/** A request held up arrives this much later at most; the bot forgets one that takes longer (P-8 `rest_timeout_s`). */
const LATEST_MS = 12_000;
/** Times that have left the minute are let go so many at once. */
const MOST_GONE = 500;
/** A foreign fill this recent cannot have been known when the entry left (stream, tick, request). */
const UNKNOWABLE_MS = 1_500;
/** The bot calls itself unprotected until it was shown the stop: one frame and one tick after the venue. */
const SHOWN_MS = 3_000;

/** Reads that are protective only while the position is not covered (F-7.10). */
const GUARDED_READS = new Set(["/v5/position/list", "/v5/order/realtime", "/v5/order/history", "/v5/execution/list"]);

/** True for a call that no budget may refuse (F-7.10). */
export function isProtectiveCall(request: LogRequest, unprotected: boolean): boolean {
  if (request.method === "POST") {
    if (/\/order\/(cancel|amend)$/.test(request.path)) return true;
    return request.path.endsWith("/order/create") && request.order !== null && request.order.reduceOnly;
  }
  if (request.query.includes("order") && /(^|&)(orderLinkId|orderId)=/.test(request.query)) return true;
  return unprotected && GUARDED_READS.has(request.path);
}

/** Counts what happened within the last minute. */
class LastMinute {
  /** Those within the minute, oldest first, from `#first` on. */
  readonly #times: number[] = [];
  #first = 0;
  readonly #minuteMs: number;

  constructor(lagMs: number) {
    this.#minuteMs = MINUTE_MS - lagMs;
  }

  /** Adds one and tells how many there are with it. */
  count(at: number): number {
    const times = this.#times;
    times.push(at);
    while ((times[this.#first] ?? at) <= at - this.#minuteMs) this.#first++;
    if (this.#first > MOST_GONE) {
      times.splice(0, this.#first);
      this.#first = 0;
    }
    return times.length - this.#first;
  }
  /** How many there are without a new one. */
  now(at: number): number {
    return this.#times.filter((time) => time > at - MINUTE_MS - LATEST_MS).length;
  }
  clear(): void {
    this.#times.length = 0;
    this.#first = 0;
  }
}

/** Entries, identifiers and the pace of calls, as the venue counts them. */
export class RequestWatch {
  ordersSent = 0;
  callsPerMinuteMax = 0;
  readonly #say: (violation: Violation) => void;
  readonly #links = new Map<string, string>();
  readonly #lagMs: number;
  readonly #others: LastMinute;
  readonly #calls: LastMinute;
  /** Of this process alone: what a dead one called, the next cannot know (F-7.10). */
  readonly #ofProcess: LastMinute;
  /** Requests held up on their way: the bot counted them when they left. */
  readonly #delayed: LastMinute;
  #overSaidAt = -Infinity;
  #unprotectedAt = -Infinity;
  #foreignAt = -Infinity;
  #blind = false;

  /** `lagMs`: what a request may take longer on its way than usual. */
  constructor(say: (violation: Violation) => void, lagMs = 0) {
    this.#say = say;
    this.#lagMs = lagMs;
    this.#others = new LastMinute(lagMs);
    this.#calls = new LastMinute(lagMs);
    this.#ofProcess = new LastMinute(lagMs);
    this.#delayed = new LastMinute(lagMs);
  }

  /** After a fault of the core the guardian may know nothing until the venue answers: its reads protect (F-11.8). */
  coreFault(): void {
    this.#blind = true;
  }

  /** A request was held up on its way (seconds): it arrives among later ones. */
  heldUp(at: number): void {
    this.#delayed.count(at);
  }

  foreignChange(at: number): void {
    this.#foreignAt = at;
  }

  /** The pace is kept by the process: what a dead one called, the next cannot know (F-7.10). */
  processEnded(): void {
    this.#others.clear();
    this.#ofProcess.clear();
  }

  onRequest(request: LogRequest, unprotected: boolean): void {
    if (unprotected) this.#unprotectedAt = request.at;
    if (request.method === "POST" && request.path.endsWith("/order/create")) this.ordersSent++;
    const all = this.#calls.count(request.at);
    this.callsPerMinuteMax = Math.max(this.callsPerMinuteMax, all);
    const own = this.#ofProcess.count(request.at);
    const unknown = this.#blind;
    if (request.path === "/v5/position/list" && request.httpStatus === 200) this.#blind = false;
    if (isProtectiveCall(request, unknown || request.at - this.#unprotectedAt <= SHOWN_MS + this.#lagMs)) return;
    const others = this.#others.count(request.at);
    // The clock is counted, and goes before the budget: without it no signed call is taken.
    if (request.path.endsWith("/market/time")) return;
    const late = this.#delayed.now(request.at);
    const beyond = own > ALL_CALLS_PER_MIN + late;
    if (others <= OTHER_CALLS_PER_MIN + late && !beyond || request.at - this.#overSaidAt < MINUTE_MS) return;
    this.#overSaidAt = request.at;
    const counted = others > OTHER_CALLS_PER_MIN ? `${others} non-protective calls` : `${own} calls`;
    this.#say({
      check: "rest_calls",
      rule: "F-7.10",
      at: request.at,
      detail: `${counted} within 60 s, the last one ${request.path}`,
    });
  }

  /** `live` holds the orders alive before this one. */
  onCreated(order: LogOrder, world: { readonly live: Iterable<LogOrder>; readonly size: number }): void {
    if (order.owner !== "bot" || order.cause !== "created" || !isLive(order)) return;
    this.#linkId(order);
    if (!isEntry(order)) return;
    for (const other of world.live) {
      if (other.orderId === order.orderId || !isEntry(other)) continue;
      const detail = `${order.orderLinkId} accepted while ${other.orderLinkId} is ${other.status}`;
      this.#say({ check: "two_entries", rule: "F-1.3", at: order.at, detail });
    }
    if (world.size > 0 && order.at - this.#foreignAt > UNKNOWABLE_MS + this.#lagMs) {
      const detail = `${order.orderLinkId} accepted while ${world.size} contracts are open`;
      this.#say({ check: "entry_on_position", rule: "F-1.3", at: order.at, detail });
    }
  }

  #linkId(order: LogOrder): void {
    if (order.orderLinkId === "") return;
    const before = this.#links.get(order.orderLinkId);
    this.#links.set(order.orderLinkId, order.orderId);
    if (before === undefined || before === order.orderId) return;
    const detail = `${order.orderLinkId} accepted as ${before} and again as ${order.orderId}`;
    this.#say({ check: "link_id_twice", rule: "F-10.3", at: order.at, detail });
  }
}
