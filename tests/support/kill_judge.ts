import { isEntry, isLive, ProtectionWatch } from "../../src/observer/venue/protection.ts";
import { RequestWatch } from "../../src/observer/venue/requests.ts";
import type { LogOrder, VenueLogEntry } from "../../src/infrastructure/exchange/fake_exchange/venue_log.ts";

/** At most two own stops live, and only while one replaces the other (F-4.3). */
const MOST_STOPS = 2;

/** What the venue's own log says against a bot that is killed and comes back: orders doubled, contracts unprotected. */
export class KillJudge {
  readonly violations: string[] = [];
  readonly protection: ProtectionWatch;
  readonly #requests: RequestWatch;
  /** Contracts of each signal: asked for by its largest entry, and executed. */
  readonly #signals = new Map<string, { asked: number; filled: number }>();
  #exits = new Map<string, LogOrder>();
  #side = "";

  constructor() {
    const say = (one: { readonly rule: string; readonly check: string; readonly detail: string }) =>
      void this.violations.push(`${one.rule} ${one.check}: ${one.detail}`);
    this.protection = new ProtectionWatch(say);
    this.#requests = new RequestWatch(say);
  }

  on(entry: VenueLogEntry): void {
    this.protection.on(entry);
    switch (entry.kind) {
      case "request":
        return this.#requests.onRequest(entry, this.protection.uncovered);
      case "order":
        return this.#order(entry);
      case "execution": {
        const signal = signalOf(entry.orderLinkId);
        const known = this.#signals.get(signal);
        if (known === undefined || !/_(l_Buy|s_Sell)(_\d+)?$/.test(entry.orderLinkId)) return;
        known.filled += entry.qty;
        if (known.filled > known.asked) this.#say(`${signal} was to buy ${known.asked} and bought ${known.filled}`);
        return;
      }
      case "position":
        if (this.#side !== "" && entry.side !== "" && entry.side !== this.#side) this.#say("the position turned over");
        this.#side = entry.side;
        return;
      default:
        return;
    }
  }

  #order(order: LogOrder): void {
    this.#requests.onCreated(order, { live: this.protection.live.values(), size: this.protection.size });
    if (order.cause === "created" && isEntry(order)) {
      const signal = signalOf(order.orderLinkId);
      const known = this.#signals.get(signal) ?? { asked: 0, filled: 0 };
      this.#signals.set(signal, { ...known, asked: Math.max(known.asked, order.qty) });
    }
    if (order.orderLinkId.includes("_exit_")) {
      if (isLive(order)) this.#exits.set(order.orderId, order);
      else this.#exits.delete(order.orderId);
      if (this.#exits.size > 1) this.#say(`${this.#exits.size} exits live at once`);
    }
    const stops = this.stops();
    if (stops.length > MOST_STOPS) this.#say(`${stops.length} stops live at once: ${stops.join(", ")}`);
  }

  /** The process lives or not; the pace of calls is judged by process, as F-7.10 is kept by one. */
  process(state: "up" | "down"): void {
    this.protection.process(state);
    if (state === "down") this.#requests.processEnded();
  }
  /** Link ids of the stops that wait at the venue. */
  stops(): readonly string[] {
    const waiting = [...this.protection.live.values()].filter((order) => order.status === "Untriggered");
    return waiting.map((order) => order.orderLinkId);
  }
  isCovered(): boolean {
    return this.protection.size === 0 || this.protection.isCovered();
  }

  #say(line: string): void {
    this.violations.push(line);
  }
}

function signalOf(orderLinkId: string): string {
  return orderLinkId.split("_").slice(0, 3).join("_");
}
