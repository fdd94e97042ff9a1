import type { Violation } from "../types.ts";
import type {
  LogExecution,
  LogOrder,
  LogPosition,
  LogRequest,
  SideWord,
  VenueLogEntry,
} from "../../infrastructure/exchange/fake_exchange/venue_log.ts";

/** F-2.1: unprotected longer than this needs an exit in flight, or a halt with attempts going on. */
const UNPROTECTED_MS = 10_000;
/** What the bot cannot know sooner: a frame (≤ 200 ms), a tick (≤ 1 s), a request (≤ 250 ms). */
const KNOWING_MS = 1_500;
/**
 * A stop whose end was told by a message that was lost is found by the next read of the orders: every 10 s at a round
 * moment (F-4.5), of a list that lags 3 s at most.
 */
const READ_MS = 14_500;
/** F-5.10: the longest wait between two attempts is 5 s; one tick and one request on top. */
const ATTEMPT_EVERY_MS = 7_500;
/** F-2.1: while the entry works, a stop above quantity / 1.2 covers. */
const WORKING_COVER = 1.2;
/** F-6.7: 1.1 × sizing. */
const OVERSIZE_RATIO = 1.1;
/** F-6.7 is acted upon in the step that sees it; a lost answer is found within one reconcile (F-4.5: 10 s). */
const OVERSIZE_MS = 15_000;

/** A stop's cancel that left this soon after somebody else's trade could not know of it (stream, tick, request). */
const UNKNOWABLE_MS = 1_500;
/** F-7.13, P-7: the liquidation price is at least so many stop distances away. */
const LIQUIDATION_MULTIPLE = 1.5;
/** F-7.13 answers a hand at the leverage by putting it back, or by closing. */
const LEVERAGE_HAND_MS = 60_000;

/** An execution is logged in the same step as its order: few are enough. */
const RECENT_ORDERS = 50;

const FINAL = new Set(["Filled", "Cancelled", "Rejected", "Deactivated", "PartiallyFilledCanceled"]);

/** True while an order can still execute. */
export function isLive(order: LogOrder): boolean {
  return !FINAL.has(order.status);
}
/** An own order that adds risk (not reduce-only, not conditional). */
export function isEntry(order: LogOrder): boolean {
  return order.owner === "bot" && !order.reduceOnly && !order.closeOnTrigger && order.triggerPrice === 0;
}
function isStop(order: LogOrder): boolean {
  return order.owner === "bot" && order.reduceOnly && order.triggerPrice > 0 && order.status === "Untriggered";
}

/** The position and what protects it, as the venue knows them. */
export class ProtectionWatch {
  size = 0;
  side: "" | SideWord = "";
  halted = false;
  nakedMsMax = 0;
  nakedMsTotal = 0;
  positionMsTotal = 0;
  uncoveredMsMax = 0;
  /** Set when an uncovered stretch ends covered: the moment for a counterfactual probe. */
  justCovered = false;
  /** Longest uncovered stretch of the running trade. */
  tradeUncoveredMs = 0;
  /** The same of the trade that ended last. */
  closedUncoveredMs = 0;
  readonly live = new Map<string, LogOrder>();
  readonly #say: (violation: Violation) => void;
  readonly #lagMs: number;
  #at = 0;
  #nakedMs = 0;
  #uncoveredMs = 0;
  /** Of the uncovered time, what the bot could have used. */
  #ableMs = 0;
  #sinceAttemptMs = Infinity;
  #exitTried = false;
  #said = false;
  /** The message about the stop's end was lost: what the bot knew until its next read was a live stop. */
  #untold = false;
  #cutOffUntil = 0;
  #down = false;
  #sizing = 0;
  #overMs = 0;
  #overReduced = false;
  #overSaid = false;
  #foreignAt = -Infinity;
  #leverageHandAt = -Infinity;
  #entryPrice = 0;
  #liqPrice = 0;
  readonly #recent = new Map<string, LogOrder>();
  /** What the live orders amount to: counted when an order or the position changed, asked at every entry. */
  #covered = 0;
  #stopShown = false;
  #entryWorking = false;

  /** `lagMs`: what a frame and a request may take longer than usual. */
  constructor(say: (violation: Violation) => void, lagMs = 0) {
    this.#say = say;
    this.#lagMs = lagMs;
  }

  /** No request reached the venue before this moment (outage, ban). */
  get reachableSince(): number {
    return this.#cutOffUntil;
  }
  /** The bot cannot reach the venue from `at` until then; what passed before counts as it was. */
  cutOff(at: number, untilMs: number): void {
    this.#advance(at);
    if (untilMs > this.#cutOffUntil) this.#cutOffUntil = untilMs;
  }
  /** A frame about an order never arrived. */
  orderMessageLost(): void {
    if (this.size > 0 && !this.isCovered() && this.#uncoveredMs === 0) this.#untold = true;
  }
  /** `at` on the venue's clock; without it, the moment of the last entry. */
  process(state: "down" | "up", at = this.#at): void {
    this.#advance(at);
    this.#down = state === "down";
  }

  /** Largest quantity one live stop of the right side closes. */
  covered(): number {
    return this.#covered;
  }
  isCovered(): boolean {
    return this.#covered >= this.size || (this.#entryWorking && this.#covered * WORKING_COVER > this.size);
  }
  entryWorking(): boolean {
    return this.#entryWorking;
  }
  get uncovered(): boolean {
    return this.#uncoveredMs > 0 || (this.size > 0 && !this.isCovered());
  }

  on(entry: VenueLogEntry): void {
    this.#advance(entry.at);
    if (entry.kind === "order") this.#order(entry);
    else if (entry.kind === "position") this.#position(entry);
    else if (entry.kind === "execution") this.#execution(entry);
    else if (entry.kind === "request") this.#request(entry);
    else if (entry.kind === "fault" && entry.name === "person_leverage") this.#leverageHandAt = entry.at;
    else if (entry.kind === "fault" && (entry.name === "outage" || entry.name === "maintenance")) {
      this.cutOff(entry.at, entry.untilMs ?? entry.at);
    } else if (entry.kind === "fault" && entry.name === "http_403") {
      this.cutOff(entry.at, entry.untilMs ?? entry.at + 600_000);
    }
  }

  #order(order: LogOrder): void {
    const covered = this.isCovered();
    if (order.triggerPrice > 0 && order.status !== "Untriggered") this.#forgetOldId(order);
    if (isLive(order)) this.live.set(order.orderId, order);
    else this.live.delete(order.orderId);
    this.#recent.delete(order.orderId);
    this.#recent.set(order.orderId, order);
    if (this.#recent.size > RECENT_ORDERS) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
    this.#countLive();
    if (covered && this.size > 0) this.#bareCancel(order);
    if (isStop(order) && order.side !== this.side) this.#liquidation(order);
  }

  /** F-5.4, F-10.10: the bot takes the old stop away only when a new one is shown, or the position is zero. */
  #bareCancel(order: LogOrder): void {
    if (order.owner !== "bot" || order.triggerPrice === 0 || order.cancelType !== "CancelByUser") return;
    if (order.cause !== "cancelled" || order.side === this.side || this.isCovered()) return;
    if (order.at - this.#foreignAt <= UNKNOWABLE_MS + this.#lagMs) return;
    const detail = `${order.orderLinkId} was cancelled while ${this.size} contracts have no other stop`;
    this.#say({ check: "bare_cancel", rule: "F-5.4", at: order.at, detail });
  }

  /** F-7.13: the stop goes off long before the position is liquidated. */
  #liquidation(stop: LogOrder): void {
    if (this.size === 0 || this.#liqPrice === 0 || this.#entryPrice === 0) return;
    if (stop.at - this.#leverageHandAt <= LEVERAGE_HAND_MS || stop.at - this.#foreignAt <= LEVERAGE_HAND_MS) return;
    const away = Math.abs(this.#liqPrice - this.#entryPrice);
    const needed = LIQUIDATION_MULTIPLE * Math.abs(stop.triggerPrice - this.#entryPrice);
    if (away >= needed) return;
    const detail = `liquidation is ${Math.round(away)} cents from the entry, the stop asks for ${Math.round(needed)}`;
    this.#say({ check: "liquidation_distance", rule: "F-7.13", at: stop.at, detail });
  }

  #countLive(): void {
    this.#covered = 0;
    this.#stopShown = false;
    this.#entryWorking = false;
    for (const order of this.live.values()) {
      if (isEntry(order)) this.#entryWorking = true;
      if (!isStop(order) || order.side === this.side) continue;
      this.#stopShown = true;
      this.#covered = Math.max(this.#covered, order.closesAll ? this.size : order.qty - order.cumQty);
    }
  }

  /** A stop that triggered may go on under a new id (PROTOCOL §4.5): under the old one it covers nothing any more. */
  #forgetOldId(order: LogOrder): void {
    if (order.orderLinkId === "") return;
    for (const [id, other] of this.live) if (other.orderLinkId === order.orderLinkId) this.live.delete(id);
  }

  #position(position: LogPosition): void {
    const turned = this.side !== "" && position.side !== "" && position.side !== this.side;
    this.size = position.size;
    this.side = position.side;
    this.#entryPrice = position.entryPrice;
    this.#liqPrice = position.liqPrice;
    this.#countLive();
    if (position.size === 0 || turned) {
      this.#sizing = 0;
      this.#overMs = 0;
      this.closedUncoveredMs = this.tradeUncoveredMs;
      this.tradeUncoveredMs = 0;
      this.#endStretch();
    }
  }

  /** The own entry behind the position says how much was meant. */
  #execution(execution: LogExecution): void {
    if (execution.owner !== "bot" && execution.execType !== "Funding") this.#foreignAt = execution.at;
    const order = this.#recent.get(execution.orderId);
    if (order !== undefined && isEntry(order) && this.#sizing === 0) this.#sizing = order.qty;
  }

  #request(request: LogRequest): void {
    if (request.method !== "POST" || !request.path.endsWith("/order/create")) return;
    // A body that a fault swallowed before it was read counts as an attempt: the bot did send.
    if (request.order !== null && !request.order.reduceOnly) return;
    this.#sinceAttemptMs = 0;
    if (request.order === null || !request.order.conditional) {
      this.#exitTried = true;
      this.#overReduced = true;
    }
  }

  #advance(at: number): void {
    const from = this.#at;
    const passed = Math.max(0, at - from);
    this.#at = Math.max(from, at);
    if (passed === 0) return;
    if (this.size === 0) return;
    // The venue's log may be silent for ten seconds: what a start or the end of an outage cuts is counted in part.
    const able = this.#down ? 0 : Math.max(0, at - Math.max(from, this.#cutOffUntil));
    this.positionMsTotal += passed;
    this.#naked(passed);
    if (this.isCovered()) this.#endStretch();
    else this.#uncovered(at, { passed, able });
    this.#oversize(at, able);
  }

  #naked(passed: number): void {
    if (this.#stopShown) {
      this.#nakedMs = 0;
      return;
    }
    this.#nakedMs += passed;
    this.nakedMsTotal += passed;
    this.nakedMsMax = Math.max(this.nakedMsMax, this.#nakedMs);
  }

  #uncovered(at: number, time: { readonly passed: number; readonly able: number }): void {
    this.#uncoveredMs += time.passed;
    this.uncoveredMsMax = Math.max(this.uncoveredMsMax, this.#uncoveredMs);
    this.tradeUncoveredMs = Math.max(this.tradeUncoveredMs, this.#uncoveredMs);
    if (time.able === 0) return;
    this.#ableMs += time.able;
    this.#sinceAttemptMs += time.able;
    if (this.#said || this.#ableMs <= (this.#untold ? READ_MS : UNPROTECTED_MS) + KNOWING_MS + this.#lagMs) return;
    const trying = this.#sinceAttemptMs <= ATTEMPT_EVERY_MS + this.#lagMs || this.#exitResting();
    if (trying && (this.#exitTried || this.halted)) return;
    this.#said = true;
    const why = trying ? "neither an exit nor a HALT" : `no attempt for ${Math.round(this.#sinceAttemptMs)} ms`;
    this.#say({
      check: "unprotected",
      rule: "F-2.1",
      at,
      detail: `${this.side} ${this.size} uncovered for ${this.#uncoveredMs} ms (covered ${this.covered()}): ${why}`,
    });
  }

  #exitResting(): boolean {
    for (const order of this.live.values()) {
      if (order.owner === "bot" && order.reduceOnly && order.status !== "Untriggered") return true;
    }
    return false;
  }

  #oversize(at: number, able: number): void {
    if (this.#sizing === 0 || this.size <= this.#sizing * OVERSIZE_RATIO) {
      this.#overMs = 0;
      this.#overReduced = false;
      this.#overSaid = false;
      return;
    }
    if (able === 0) return;
    if (this.#overMs === 0) this.#overReduced = this.#exitResting();
    this.#overMs += able;
    if (this.#overSaid || this.#overReduced || this.halted || this.#overMs <= OVERSIZE_MS + this.#lagMs) return;
    this.#overSaid = true;
    this.#say({
      check: "oversize",
      rule: "F-6.7",
      at,
      detail: `${this.size} contracts against ${this.#sizing} sized, not being reduced for ${this.#overMs} ms`,
    });
  }

  #endStretch(): void {
    if (this.#uncoveredMs > 0 && this.size > 0) this.justCovered = true;
    this.#uncoveredMs = 0;
    this.#ableMs = 0;
    this.#nakedMs = 0;
    this.#sinceAttemptMs = Infinity;
    this.#exitTried = false;
    this.#said = false;
    this.#untold = false;
  }
}
