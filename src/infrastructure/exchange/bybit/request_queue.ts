import type { ClockSeam, TimerId } from "../../../application/engine/ports.ts";
import type { Lane, RateLimiter } from "./rate_limiter.ts";
import type { Endpoint } from "./venue_words.ts";

/** What a request does to its order: nothing of one order may overtake (F-10.9). */
export type OrderPart = {
  readonly orderLinkId: string;
  readonly act: "create" | "change" | "look";
};
export type QueuedCall = {
  readonly endpoint: Endpoint;
  readonly lane: Lane;
  readonly order: OrderPart | null;
  /** Risk-increasing: kept apart by min_order_interval. */
  readonly spaced: boolean;
  readonly leave: () => void;
  readonly refuse: (reason: string) => void;
};

export type RequestQueueOptions = {
  readonly clock: ClockSeam;
  readonly limiter: RateLimiter;
  readonly minOrderIntervalMs: number;
  /** False while signed requests must wait (clock). */
  readonly maySign: () => boolean;
};

/** Lets requests leave when the limiter allows it: protective first, in order, one at a time per order. */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #lanes: { readonly protective: QueuedCall[]; readonly other: QueuedCall[] } = { protective: [], other: [] };
  /** Order of arrival over both lanes, of what waits. */
  readonly #arrived = new Map<QueuedCall, number>();
  #arrivals = 0;
  /** Order requests that left and are not answered. */
  readonly #flying = new Set<QueuedCall>();
  #lastSpaced = -Infinity;
  #timer: TimerId | null = null;
  #pumping = false;
  #again = false;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  add(call: QueuedCall): void {
    if (!this.#goesAtOnce(call)) {
      this.#lanes[call.lane].push(call);
      this.#arrived.set(call, ++this.#arrivals);
    }
    if (this.#arrived.size > 0) this.pump();
  }
  /** The call was answered; its order may go on. */
  settled(call: QueuedCall): void {
    this.#flying.delete(call);
    if (this.#arrived.size > 0) this.pump();
  }
  /** Takes out everything of this order that has not left, if its create is among it (F-10.9). */
  withdraw(orderLinkId: string): readonly QueuedCall[] {
    const own = (call: QueuedCall) => call.order?.orderLinkId === orderLinkId && call.order.act !== "look";
    const unsent = [...this.#lanes.protective, ...this.#lanes.other].filter(own);
    if (!unsent.some((call) => call.order?.act === "create")) return [];
    for (const call of unsent) this.#remove(call);
    return unsent;
  }
  /** Looks again, e.g. after a clock sync. Requests that leave may add others meanwhile. */
  pump(): void {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    let earliest = Infinity;
    do {
      this.#again = false;
      earliest = this.#walk(this.#lanes.protective);
      earliest = Math.min(earliest, this.#walk(this.#lanes.other));
    } while (this.#again);
    this.#pumping = false;
    this.#wake(earliest);
  }
  clear(): void {
    this.#lanes.protective.length = 0;
    this.#lanes.other.length = 0;
    this.#arrived.clear();
    this.#wake(Infinity);
  }

  /** Nearly every call comes when nothing waits: there is nobody it could overtake, and no need to wait itself. */
  #goesAtOnce(call: QueuedCall): boolean {
    if (this.#pumping || this.#arrived.size > 0) return false;
    this.#pumping = true;
    const gone = this.#step(call) === null;
    this.#pumping = false;
    return gone;
  }
  #wake(at: number): void {
    const { clock } = this.#options;
    if (this.#timer !== null) clock.cancel(this.#timer);
    this.#timer = at === Infinity ? null : clock.after(Math.max(0, at - clock.monotonicNow()), () => {
      this.#timer = null;
      this.pump();
    });
  }
  /** Walks one lane; returns the earliest time something that waits in it may leave. */
  #walk(lane: readonly QueuedCall[]): number {
    let earliest = Infinity;
    // A refusal or a departure may add calls to the lane or take some out: the walk is over a copy.
    for (const call of lane.length > 1 ? [...lane] : lane) {
      if (!this.#arrived.has(call)) continue;
      const at = this.#step(call);
      if (at !== null) earliest = Math.min(earliest, at);
    }
    return earliest;
  }
  /** Lets one call leave or refuses it (null), or says when to look again. */
  #step(call: QueuedCall): number | null {
    const { clock, limiter } = this.#options;
    const now = clock.monotonicNow();
    const permission = limiter.ask(call.endpoint, { lane: call.lane, now });
    if (permission.kind === "refused") {
      this.#remove(call);
      call.refuse(permission.reason);
      return null;
    }
    const held = this.#heldUntil(call);
    const at = permission.kind === "at" ? Math.max(permission.at, held) : held;
    if (at > now) return at;
    this.#remove(call);
    limiter.left(call.endpoint, { lane: call.lane, now, ofOrder: call.order !== null });
    if (call.spaced) this.#lastSpaced = now;
    if (call.order !== null && call.order.act !== "look") {
      this.#flying.add(call);
      // A look-up of this order in the other lane may have waited for exactly this.
      this.#again ||= this.#arrived.size > 0;
    }
    call.leave();
    return null;
  }
  #remove(call: QueuedCall): void {
    if (!this.#arrived.delete(call)) return;
    const lane = this.#lanes[call.lane];
    lane.splice(lane.indexOf(call), 1);
  }
  /** Earliest time by the rules of its order, its signature and its spacing; Infinity = waits for something else. */
  #heldUntil(call: QueuedCall): number {
    if (call.endpoint.signed && !this.#options.maySign()) return Infinity;
    if (call.order !== null && this.#waitsForItsOrder(call, call.order)) return Infinity;
    return call.spaced ? this.#lastSpaced + this.#options.minOrderIntervalMs : -Infinity;
  }
  /** Something of the same order came before and has not left, or, for a change, is not answered (F-10.9). */
  #waitsForItsOrder(call: QueuedCall, own: OrderPart): boolean {
    const mine = this.#arrived.get(call) ?? 0;
    for (const [other, arrived] of this.#arrived) if (arrived < mine && touches(other, own)) return true;
    if (own.act === "look") return false;
    // The same create once more overtakes nothing: the venue takes an id once (F-10.3), and a lost stop has no 5 s.
    for (const other of this.#flying) if (touches(other, own) && !isAgain(other, own)) return true;
    return false;
  }
}

function isAgain(other: QueuedCall, own: OrderPart): boolean {
  return own.act === "create" && other.order?.act === "create";
}

function touches(other: QueuedCall, own: OrderPart): boolean {
  return other.order !== null && other.order.act !== "look" && other.order.orderLinkId === own.orderLinkId;
}
