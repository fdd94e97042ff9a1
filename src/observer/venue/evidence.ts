import { isEntry, isLive } from "./protection.ts";
import type {
  LogExecution,
  LogOrder,
  LogPosition,
  LogPrice,
  LogRequest,
  LogWallet,
} from "../../infrastructure/exchange/fake_exchange/venue_log.ts";

const HOUR_MS = 3_600_000;
const KEPT = 60;
/** Steps of a wild market come seconds apart, and the venue's log may be silent for ten. */
const JUMP_WITHIN_MS = 21_000;
const JUMP = 0.005;
/** F-5.6: not failures of a stop: "not now", a passed trigger (F-5.8), a position already zero. */
const NO_STOP_FAILURE = new Set([110005, 110035, 110079, 10002, 10006, 10016, 110092, 110093, 110017, 110072]);
/** F-10.4, F-9: the outcome is unknown, or the id was taken before. */
const NO_ANSWER = new Set([10000, 10016, 429, 110072]);

/** What the venue's own log counts about HALTs whose condition is a count (F-5.6, F-6.5, F-7.3, F-9, F-13.1). */
export class EvidenceWatch {
  #entries: number[] = [];
  #exits: number[] = [];
  #stops: number[] = [];
  #short: number[] = [];
  #wallets: number[] = [];
  /** Entries refused in a row (F-9). */
  entriesRefused = 0;
  /** The venue's own books say that nothing is left (F-7.3). */
  walletGone = false;
  /** Marks of the last seconds, oldest first. */
  #marks: { readonly at: number; readonly mark: number }[] = [];
  /** The open position holds what somebody else traded: a cause that lasts until it is closed (F-1.28, F-6.7). */
  foreignHeld = false;

  onRequest(request: LogRequest): void {
    const { order, at, retCode } = request;
    if (order === null) {
      const failed = retCode !== 0 || request.httpStatus !== 200;
      if (failed && request.path.endsWith("/account/wallet-balance")) keep(this.#wallets, at);
      return;
    }
    if (!request.path.endsWith("/order/create")) return;
    const refused = retCode !== null && retCode !== 0 && !NO_ANSWER.has(retCode);
    if (!order.reduceOnly && !order.conditional) {
      this.#entries = [...this.#entries.filter((sent) => at - sent <= HOUR_MS), at];
      if (refused) this.entriesRefused++;
    } else if (!refused) return;
    else if (!order.conditional) keep(this.#exits, at);
    else if (!NO_STOP_FAILURE.has(retCode)) keep(this.#stops, at);
  }

  /** An own order that ended otherwise than asked for. */
  onOrder(order: LogOrder): void {
    if (order.owner !== "bot") return;
    if (isEntry(order)) return this.#onEntry(order);
    if (!order.reduceOnly || isLive(order) || order.status === "Filled") return;
    const market = order.orderType === "Market";
    if (order.status === "Rejected") keep(order.triggerPrice > 0 ? this.#stops : this.#exits, order.at);
    // A market order, or a stop gone off, that the book could not fill (F-5.9): no refusal, but an attempt that failed.
    if (market && order.cause === "expired") keep(this.#short, order.at);
  }

  onExecution(execution: LogExecution): void {
    if (execution.owner !== "bot" && execution.execType !== "Funding") this.foreignHeld = true;
    if (execution.owner === "bot" && execution.execType === "Trade") this.entriesRefused = 0;
  }

  onPosition(position: LogPosition): void {
    if (position.size === 0) this.foreignHeld = false;
  }

  onPrice({ at, mark }: LogPrice): void {
    this.#marks.push({ at, mark });
    while (this.#marks.length > 1 && (this.#marks[0]?.at ?? at) < at - JUMP_WITHIN_MS) this.#marks.shift();
  }

  /** The market itself ran away within some seconds: prices a tick old are of another market (F-4.6, F-5.8). */
  jumped(): boolean {
    const marks = this.#marks.map(({ mark }) => mark);
    return Math.max(...marks) - Math.min(...marks) >= JUMP * Math.min(...marks);
  }

  onWallet(wallet: LogWallet): void {
    this.walletGone = wallet.balanceSat <= 0;
  }

  /** A wallet read whose request or reply was lost. */
  walletLost(at: number): void {
    keep(this.#wallets, at);
  }

  /** Risk-increasing orders that reached the venue within the hour (F-13.1). */
  entriesWithinHour(at: number): number {
    return this.#entries.filter((sent) => at - sent <= HOUR_MS).length;
  }
  /** Exits the venue refused or rejected (F-6.5); one that filled in part is a re-send, a cancelled target is neither. */
  exitsRefused(at: number, withinMs: number): number {
    return since(this.#exits, at - withinMs);
  }
  /** Stops the venue refused or rejected for good (F-5.6). */
  stopsRefused(at: number, withinMs: number): number {
    return since(this.#stops, at - withinMs);
  }
  /** Stops gone off and market exits that ended with quantity left (F-5.9). */
  filledShort(at: number, withinMs: number): number {
    return since(this.#short, at - withinMs);
  }
  /** Wallet reads that were refused or lost (F-7.3). */
  walletsFailed(at: number, withinMs: number): number {
    return since(this.#wallets, at - withinMs);
  }

  #onEntry(order: LogOrder): void {
    const maker = order.rejectReason === "EC_PostOnlyWillTakeLiquidity";
    if (order.status === "Rejected" && !maker) this.entriesRefused++;
    else if (order.cause === "cancelled") this.entriesRefused = 0;
  }
}

function keep(times: number[], at: number): void {
  times.push(at);
  if (times.length > KEPT) times.splice(0, KEPT / 2);
}
function since(times: readonly number[], from: number): number {
  return times.filter((at) => at >= from).length;
}
