import type { ClockSeam } from "../../../application/engine/ports.ts";
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

export type RequestQueue = {
  add(call: QueuedCall): void;
  /** The call was answered; its order may go on. */
  settled(call: QueuedCall): void;
  /** Takes out everything of this order that has not left, if its create is among it. */
  withdraw(orderLinkId: string): readonly QueuedCall[];
  /** Looks again, e.g. after a clock sync. */
  pump(): void;
  clear(): void;
};

export type RequestQueueOptions = {
  readonly clock: ClockSeam;
  readonly limiter: RateLimiter;
  readonly minOrderIntervalMs: number;
  /** False while signed requests must wait (clock). */
  readonly maySign: () => boolean;
};

/** Lets requests leave when the limiter allows it: protective first, in order, one at a time per order. */
export function createRequestQueue(options: RequestQueueOptions): RequestQueue {
  const { clock, limiter } = options;
  const waiting: { readonly protective: QueuedCall[]; readonly other: QueuedCall[] } = { protective: [], other: [] };
  /** Order requests that left and are not answered. */
  const flying = new Set<QueuedCall>();
  let lastSpaced = -Infinity;
  let timer: number | null = null;
  let pumping = false;
  let again = false;

  /** Earliest time this call could leave by its order's and its own rules; Infinity = waits for something else. */
  function heldUntil(call: QueuedCall, ahead: readonly QueuedCall[]): number {
    if (call.endpoint.signed && !options.maySign()) return Infinity;
    const own = call.order;
    if (own !== null) {
      if (ahead.some((other) => touches(other, own))) return Infinity;
      if (own.act !== "look") {
        for (const other of flying) if (touches(other, own)) return Infinity;
      }
    }
    return call.spaced ? lastSpaced + options.minOrderIntervalMs : -Infinity;
  }
  /** Walks one lane; returns the earliest time something of it may leave. */
  function walk(lane: QueuedCall[], before: readonly QueuedCall[]): number {
    let earliest = Infinity;
    for (let i = 0; i < lane.length; i++) {
      const call = lane[i];
      if (call === undefined) break;
      const now = clock.monotonicNow();
      const held = heldUntil(call, before.length === 0 ? lane.slice(0, i) : [...before, ...lane.slice(0, i)]);
      const permission = limiter.ask(call.endpoint, { lane: call.lane, now });
      if (permission.kind === "refused") {
        lane.splice(i--, 1);
        call.refuse(permission.reason);
        continue;
      }
      const at = permission.kind === "at" ? Math.max(permission.at, held) : held;
      if (at > now) {
        earliest = Math.min(earliest, at);
        continue;
      }
      lane.splice(i--, 1);
      limiter.left(call.endpoint, { lane: call.lane, now });
      if (call.spaced) lastSpaced = now;
      if (call.order !== null && call.order.act !== "look") flying.add(call);
      call.leave();
    }
    return earliest;
  }
  function pump(): void {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    let earliest = Infinity;
    do {
      again = false;
      earliest = walk(waiting.protective, []);
      earliest = Math.min(earliest, walk(waiting.other, waiting.protective));
    } while (again);
    pumping = false;
    if (timer !== null) clock.cancel(timer);
    timer = earliest === Infinity ? null : clock.after(Math.max(0, earliest - clock.monotonicNow()), () => {
      timer = null;
      pump();
    });
  }

  return {
    add(call) {
      waiting[call.lane].push(call);
      pump();
    },
    settled(call) {
      flying.delete(call);
      if (waiting.protective.length > 0 || waiting.other.length > 0) pump();
    },
    withdraw(orderLinkId) {
      const own = (call: QueuedCall) => call.order?.orderLinkId === orderLinkId && call.order.act !== "look";
      const unsent = [...waiting.protective, ...waiting.other].filter(own);
      if (!unsent.some((call) => call.order?.act === "create")) return [];
      for (const lane of [waiting.protective, waiting.other]) {
        for (let i = lane.length - 1; i >= 0; i--) {
          const call = lane[i];
          if (call !== undefined && own(call)) lane.splice(i, 1);
        }
      }
      return unsent;
    },
    pump,
    clear() {
      waiting.protective.length = 0;
      waiting.other.length = 0;
      if (timer !== null) clock.cancel(timer);
      timer = null;
    },
  };
}

function touches(other: QueuedCall, own: OrderPart): boolean {
  return other.order !== null && other.order.act !== "look" && other.order.orderLinkId === own.orderLinkId;
}
