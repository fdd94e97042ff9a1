import { entryCents, equitySat } from "./trading/account.ts";
import { type FaultDealer, type FaultName, FAULTS } from "./faults.ts";
import { deleverage, fillPart, foreignMarketOrder, liquidate } from "./trading/forced.ts";
import type { History } from "./trading/history.ts";
import type { Hub } from "./wire/hub.ts";
import { cancelOrder } from "./trading/orders.ts";
import type { Overlay } from "./market/overlay.ts";
import type { PublicStreams } from "./wire/public_streams.ts";
import { nextUnit } from "../../../common/random.ts";
import { changeLeverage } from "./wire/rest_account.ts";
import { type Core, leavesOf } from "./state.ts";
import type { FaultDetail, VenueControl, VenueStateView } from "./types.ts";
import type { VenueLogEntry, WalletCause } from "./venue_log.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;

export type ControlParts = {
  readonly core: Core;
  readonly history: History;
  readonly hub: Hub;
  readonly overlay: Overlay;
  readonly streams: PublicStreams;
  readonly dealer: FaultDealer;
  readonly log: (entry: VenueLogEntry) => void;
  /** Sends the private frames of what was just done. */
  readonly flush: () => void;
  /** Re-applies the overlay to the last recorded point, now. */
  readonly remark: () => void;
  readonly sync: () => void;
};

/** Who can reach into the account or the market besides the API: people, other bots, the venue, the fault plan. */
export class Control implements VenueControl {
  readonly #p: ControlParts;
  #outageUntil = 0;
  #maintenance: { fromMs: number; toMs: number }[] = [];
  #foreignCount = 0;
  /** Injected faults that found nothing to hit; tried again every minute. */
  #waiting: { readonly name: FaultName; readonly detail: FaultDetail }[] = [];

  constructor(parts: ControlParts) {
    this.#p = parts;
  }

  setPrice(priceCents: number): void {
    this.#p.sync();
    const { last } = this.#p.core.state.market;
    if (last > 0) this.#p.overlay.shift(priceCents / last);
    this.#p.remark();
  }

  fillResting({ link, qty }: { readonly link: string; readonly qty: number }): number {
    this.#p.sync();
    const { core } = this.#p;
    const resting = core.state.orders.filter((one) => one.type === "Limit" && one.status !== "Untriggered");
    const order = resting.find((one) => one.linkId.includes(link));
    const filled = order === undefined ? 0 : fillPart(core, { order, qty });
    this.#p.flush();
    return filled;
  }

  personTrades(order: { readonly side: "Buy" | "Sell"; readonly qty: number }): void {
    this.#act(() => foreignMarketOrder(this.#p.core, { ...order, linkId: "", owner: "person" }));
  }

  personSetsLeverage(leverageE2: number): void {
    this.#act(() => changeLeverage(this.#p.core, leverageE2));
  }

  deposit(amountSat: number): void {
    this.#act(() => {
      const { core, history } = this.#p;
      const cause: WalletCause = amountSat >= 0 ? "deposit" : "withdrawal";
      core.state.walletSat += amountSat;
      history.flows.push({
        at: core.state.now,
        sat: amountSat,
        balance: core.state.walletSat,
        type: amountSat >= 0 ? "TRANSFER_IN" : "TRANSFER_OUT",
      });
      core.effects.wallet({ deltaSat: amountSat, cause, owner: "person", execId: null });
    });
  }

  adl(qty: number): void {
    this.#act(() => deleverage(this.#p.core, qty));
  }

  liquidateNow(): void {
    this.#act(() => liquidate(this.#p.core));
  }

  outage(untilMs: number): void {
    this.#p.sync();
    this.#outageUntil = Math.max(this.#outageUntil, untilMs);
    this.#p.hub.closeAll("outage");
  }

  maintenance(window: { readonly fromMs: number; readonly toMs: number }): void {
    this.#p.sync();
    this.#maintenance.push({ ...window });
    const { now } = this.#p.core.state;
    this.#p.hub.publish("system.status", `{"topic":"system.status","ts":${now},"data":[${this.maintenanceRows()}]}`);
    if (now >= window.fromMs && now < window.toMs) this.#p.hub.closeAll("maintenance");
  }

  moveMaintenance(window: { readonly fromMs: number; readonly toMs: number }): void {
    this.#p.sync();
    const last = this.#maintenance.at(-1);
    if (last === undefined) return;
    Object.assign(last, window);
    const { now } = this.#p.core.state;
    this.#p.hub.publish("system.status", `{"topic":"system.status","ts":${now},"data":[${this.maintenanceRows()}]}`);
  }

  /** True while nothing is served. */
  down(): boolean {
    const { now } = this.#p.core.state;
    if (now < this.#outageUntil) return true;
    for (const window of this.#maintenance) if (now >= window.fromMs && now < window.toMs) return true;
    return false;
  }

  /** Called every minute: closes the sockets when a maintenance begins, retries what found nothing to hit. */
  onMinute(now: number): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((fault) => !this.fire(fault.name, fault.detail));
    for (const window of this.#maintenance) {
      if (now >= window.fromMs && now < window.fromMs + MINUTE) this.#p.hub.closeAll("maintenance");
    }
    if (this.#maintenance.length > 20) this.#maintenance = this.#maintenance.filter((w) => w.toMs > now - 24 * HOUR);
  }

  maintenanceRows(): string {
    const { now } = this.#p.core.state;
    return this.#maintenance.map((window, index) => {
      const state = now < window.fromMs ? "scheduled" : now < window.toMs ? "ongoing" : "completed";
      return `{"id":"maintenance-${index}","title":"fake maintenance","state":"${state}","begin":"${window.fromMs}",` +
        `"end":"${window.toMs}","href":"","serviceTypes":[2,3,4,5],"product":[1,2],"uidSuffix":[],"maintainType":1,` +
        `"env":2}`;
    }).join(",");
  }

  injectFault(name: FaultName, detail: FaultDetail = {}): void {
    const per = FAULTS[name];
    if (per !== "hour" && per !== "stop_minute") this.#p.dealer.arm(name);
    else if (!this.fire(name, detail)) this.#waiting.push({ name, detail });
  }

  /** Fires a fault that is not bound to a request; false and not counted when there was nothing to do it to. */
  fire(name: FaultName, detail: FaultDetail = {}): boolean {
    this.#p.sync();
    const until = this.#forced(name, detail) ?? this.#foreign(name, detail) ?? this.#price(name, detail);
    if (until === null || until < 0) return false;
    this.#p.dealer.count(name);
    this.#p.log({
      kind: "fault",
      at: this.#p.core.state.now,
      name,
      detail: JSON.stringify(detail),
      untilMs: until === 0 ? null : until,
    });
    this.#p.flush();
    return true;
  }

  state(): VenueStateView {
    this.#p.sync();
    return viewOf(this.#p.core);
  }

  #act(what: () => unknown): void {
    this.#p.sync();
    what();
    this.#p.flush();
  }

  /** Things the venue does to the position. −1 = nothing to do it to, 0 = done, null = not one of these. */
  #forced(name: FaultName, detail: FaultDetail): number | null {
    const { core } = this.#p;
    const { position, orders } = core.state;
    switch (name) {
      case "adl":
        return deleverage(core, number(detail, "qty") ?? Math.ceil(position.size / 2)) ? 0 : -1;
      case "liquidation":
        if (position.size === 0) return -1;
        liquidate(core);
        return 0;
      case "stop_cancelled": {
        const stop = orders.find((order) => order.status === "Untriggered" && order.owner === "bot");
        if (stop === undefined) return -1;
        cancelOrder(core, { order: stop, cancelType: "CancelByAdmin" });
        return 0;
      }
      default:
        return null;
    }
  }

  #foreign(name: FaultName, detail: FaultDetail): number | null {
    const { core, dealer } = this.#p;
    const { position, walletSat } = core.state;
    const side = (random: "Buy" | "Sell") =>
      detail["side"] === "Buy" || detail["side"] === "Sell" ? detail["side"] : random;
    switch (name) {
      case "person_trades": {
        const qty = number(detail, "qty") ?? dealer.between(10, 60);
        const done = foreignMarketOrder(core, {
          side: side(dealer.pick(["Buy", "Sell"])),
          qty,
          linkId: "",
          owner: "person",
        });
        return done ? 0 : -1;
      }
      case "person_flips": {
        if (position.size === 0) return -1;
        const against = position.side === "Buy" ? "Sell" : "Buy";
        const qty = number(detail, "qty") ?? position.size + dealer.between(10, Math.max(11, position.size));
        return foreignMarketOrder(core, { side: against, qty, linkId: "", owner: "person" }) ? 0 : -1;
      }
      case "person_leverage":
        changeLeverage(core, number(detail, "leverageE2") ?? dealer.pick([1500, 2500, 5000]));
        return 0;
      case "second_bot": {
        const prefix = /^[a-z0-9]{1,4}(?=_[0-9a-f]{10}_)/.exec(this.#p.history.lastBotLink)?.[0] ?? "grid";
        const own = `${prefix}_${this.#hex10()}_l_Buy${this.#foreignCount++ === 0 ? "" : "_" + this.#foreignCount}`;
        const linkId = typeof detail["orderLinkId"] === "string" ? detail["orderLinkId"] : own;
        const qty = number(detail, "qty") ?? dealer.between(10, 60);
        return foreignMarketOrder(core, { side: "Buy", qty, linkId, owner: "second_bot" }) ? 0 : -1;
      }
      case "deposit":
      case "withdrawal": {
        const part = dealer.between(3, 35) / 100;
        const sat = Math.round(number(detail, "sat") ?? walletSat * part);
        this.deposit(name === "deposit" ? sat : -sat);
        return 0;
      }
      default:
        return null;
    }
  }

  #price(name: FaultName, detail: FaultDetail): number | null {
    const { core, dealer, overlay, streams } = this.#p;
    const { now } = core.state;
    const sign = dealer.half() ? 1 : -1;
    const percent = (from: number, to: number) => (number(detail, "percent") ?? sign * dealer.between(from, to)) / 100;
    switch (name) {
      case "price_gap":
        overlay.gap(now, { factor: 1 + percent(2, 6), backMs: 6 * HOUR });
        break;
      case "flash_crash":
        overlay.gap(now, { factor: 1 - Math.abs(percent(12, 25)), backMs: number(detail, "backMs") ?? 3 * MINUTE });
        break;
      case "price_spike":
        overlay.spike(now, { factor: 1 + percent(5, 30), forMs: number(detail, "forMs") ?? 5_000 });
        break;
      case "frozen_ticker":
        streams.frozenUntil = now + (number(detail, "forMs") ?? dealer.between(16_000, 50_000));
        return streams.frozenUntil;
      case "outage": {
        const until = now + (number(detail, "forMs") ?? dealer.between(5_000, 40_000));
        this.outage(until);
        return until;
      }
      case "maintenance": {
        const fromMs = now + (number(detail, "inMs") ?? 15 * MINUTE);
        const toMs = fromMs + (number(detail, "forMs") ?? 5 * MINUTE);
        this.maintenance({ fromMs, toMs });
        return toMs;
      }
      default:
        return null;
    }
    this.#p.remark();
    return 0;
  }

  #hex10(): string {
    let hex = "";
    while (hex.length < 10) hex += Math.floor(nextUnit(this.#p.dealer.random) * 16).toString(16);
    return hex;
  }
}

function number(detail: FaultDetail, name: string): number | null {
  const value = detail[name];
  return typeof value === "number" ? value : null;
}

export function viewOf(core: Core): VenueStateView {
  const { state } = core;
  const { market, position } = state;
  return {
    at: state.now,
    last: market.last,
    mark: market.mark,
    bid: market.bid,
    ask: market.ask,
    walletSat: state.walletSat,
    equitySat: equitySat(core),
    side: position.side,
    size: position.size,
    entryPrice: entryCents(position),
    liqPrice: position.liqCents,
    leverageE2: position.leverageE2,
    orders: state.orders.map((order) => ({
      orderId: order.orderId,
      orderLinkId: order.linkId,
      owner: order.owner,
      side: order.side,
      status: order.status,
      qty: order.qty,
      leavesQty: leavesOf(order),
      price: order.price,
      triggerPrice: order.triggerPrice,
      triggerBy: order.triggerBy,
      reduceOnly: order.reduceOnly,
      closesAll: order.closesAll,
    })),
  };
}
