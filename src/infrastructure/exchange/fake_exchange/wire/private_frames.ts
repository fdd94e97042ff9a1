import { entryCents } from "../trading/account.ts";
import type { FaultDealer } from "../faults.ts";
import type { History } from "../trading/history.ts";
import type { Hub } from "./hub.ts";
import { executionFrameRow, orderFrameRow, positionFrameRow, walletRow } from "./rows.ts";
import type { Core, Effects, ExecutionFact, OrderState, WalletChange } from "../state.ts";
import type { LogOrder, VenueLogEntry } from "../venue_log.ts";

type OrderRow = { readonly orderId: string; readonly status: string; readonly row: string };

export function logOrderOf(order: OrderState, cause: LogOrder["cause"]): LogOrder {
  return {
    kind: "order",
    at: order.updatedAt,
    owner: order.owner,
    orderId: order.orderId,
    orderLinkId: order.linkId,
    side: order.side,
    orderType: order.type,
    timeInForce: order.tif,
    status: order.status,
    qty: order.qty,
    cumQty: order.cumQty,
    price: order.price,
    triggerPrice: order.triggerPrice,
    triggerBy: order.triggerBy,
    triggerDirection: order.triggerDirection,
    reduceOnly: order.reduceOnly,
    closeOnTrigger: order.closeOnTrigger,
    closesAll: order.closesAll,
    createType: order.createType,
    cancelType: order.cancelType,
    rejectReason: order.rejectReason,
    cause,
  };
}

export function logPositionOf(core: Core): VenueLogEntry {
  const { position, now } = core.state;
  return {
    kind: "position",
    at: now,
    side: position.side,
    size: position.size,
    entryPrice: entryCents(position),
    leverageE2: position.leverageE2,
    liqPrice: position.liqCents,
    status: position.status,
    seq: position.seq,
  };
}

/** Writes the log entries of every change; a fork needs no more. */
export class LogEffects implements Effects {
  readonly #log: (entry: VenueLogEntry) => void;
  #core: Core | null = null;
  #lastPosition = "";

  constructor(log: (entry: VenueLogEntry) => void) {
    this.#log = log;
  }
  bind(core: Core): void {
    this.#core = core;
  }
  order(order: OrderState, cause: LogOrder["cause"]): void {
    this.#log(logOrderOf(order, cause));
  }
  execution(fact: ExecutionFact): void {
    this.#log({
      kind: "execution",
      at: fact.at,
      owner: fact.owner,
      execId: fact.execId,
      execType: fact.execType,
      orderId: fact.orderId,
      orderLinkId: fact.orderLinkId,
      side: fact.side,
      price: fact.price,
      qty: fact.qty,
      isMaker: fact.isMaker,
      feeSat: fact.feeSat,
      pnlSat: fact.pnlSat,
      closedSize: fact.closedSize,
      seq: fact.seq,
      mark: fact.mark,
    });
  }
  position(): void {
    if (this.#core === null) return;
    const { position } = this.#core.state;
    const key = `${position.side}${position.size}/${position.leverageE2}/${position.status}/${position.seq}`;
    if (key === this.#lastPosition) return;
    this.#lastPosition = key;
    this.#log(logPositionOf(this.#core));
  }
  echo(): void {}
  wallet(change: WalletChange): void {
    if (this.#core === null) return;
    const { now, walletSat } = this.#core.state;
    this.#log({ kind: "wallet", at: now, balanceSat: walletSat, ...change });
  }
}

/** Collects what one action changed and sends it as private frames: order, execution, position, wallet. */
export class PrivateFrames implements Effects {
  readonly #hub: Hub;
  readonly #history: History;
  readonly #logging: LogEffects;
  readonly #faults: FaultDealer;
  readonly #faultFired: (name: Parameters<FaultDealer["count"]>[0], detail: string) => void;
  #core: Core | null = null;
  #orders: OrderRow[] = [];
  #executions: string[] = [];
  #positions: string[] = [];
  #positionTouched = false;
  #walletTouched = false;
  #lastPosition = "";

  constructor(
    parts: {
      readonly hub: Hub;
      readonly history: History;
      readonly logging: LogEffects;
      readonly faults: FaultDealer;
      readonly faultFired: (name: Parameters<FaultDealer["count"]>[0], detail: string) => void;
    },
  ) {
    this.#hub = parts.hub;
    this.#history = parts.history;
    this.#logging = parts.logging;
    this.#faults = parts.faults;
    this.#faultFired = parts.faultFired;
  }

  bind(core: Core): void {
    this.#core = core;
    this.#logging.bind(core);
  }

  order(order: OrderState, cause: LogOrder["cause"]): void {
    const core = this.#core;
    if (core === null) return;
    this.#logging.order(order, cause);
    this.#history.noteOrder(order);
    this.#walletTouched ||= !order.reduceOnly && order.status !== "Untriggered";
    const entry = { orderId: order.orderId, status: order.status, row: orderFrameRow(order, core) };
    const last = this.#orders.findIndex((row) => row.orderId === order.orderId && row.status !== "Triggered");
    if (last >= 0) this.#orders[last] = entry;
    else this.#orders.push(entry);
  }

  echo(order: OrderState): void {
    if (this.#core === null) return;
    this.#orders.push({ orderId: order.orderId, status: order.status, row: orderFrameRow(order, this.#core) });
  }

  execution(fact: ExecutionFact): void {
    if (this.#core === null) return;
    this.#logging.execution(fact);
    this.#history.noteExecution(fact);
    this.#executions.push(executionFrameRow(fact, this.#core));
  }

  position(): void {
    const core = this.#core;
    if (core === null) return;
    this.#logging.position();
    this.#history.notePosition(core.state.position, core.state.now);
    this.#positionTouched = true;
    const { status } = core.state.position;
    if (status === "Liq" || status === "Adl") this.#positions.push(positionFrameRow(core));
  }

  wallet(change: WalletChange): void {
    this.#logging.wallet(change);
    this.#walletTouched = true;
  }

  /** Sends what has been collected; call at the end of every action. */
  flush(): void {
    const core = this.#core;
    if (core === null) return;
    if (this.#orders.length > 0 || this.#executions.length > 0) this.#flushOrders(core);
    if (this.#positionTouched) this.#flushPosition(core);
    if (this.#walletTouched) this.#send("wallet", [walletRow(core)]);
    this.#walletTouched = false;
  }

  #flushOrders(core: Core): void {
    const orders = this.#orders;
    const executions = this.#executions;
    this.#orders = [];
    this.#executions = [];
    const orderFirst = core.config.switches.frameOrder === "order_first";
    if (orderFirst && orders.length > 0) this.#send("order", orders.map((order) => order.row));
    if (executions.length > 0) this.#send("execution", executions);
    if (!orderFirst && orders.length > 0) this.#send("order", orders.map((order) => order.row));
  }

  #flushPosition(core: Core): void {
    const { position } = core.state;
    const forced = this.#positions;
    this.#positions = [];
    this.#positionTouched = false;
    const key = `${position.side}${position.size}/${position.leverageE2}/${position.seq}`;
    const same = key === this.#lastPosition && core.config.switches.positionOnOrderAction === "only_changes";
    this.#lastPosition = key;
    for (const row of forced) this.#send("position", [row]);
    if (!same) this.#send("position", [positionFrameRow(core)]);
  }

  #send(topic: string, rows: readonly string[]): void {
    const core = this.#core;
    if (core === null) return;
    const { now, seq } = core.state;
    const data = rows.join(",");
    this.#hub.forEachPrivate(topic, (connection, subscribed) => {
      const name = core.config.switches.topicName === "plain" ? topic : subscribed;
      const text = `{"id":"100000001_BTCUSD_${seq}","topic":"${name}","creationTime":${now},"data":[${data}]}`;
      connection.peer.send(this.#spoil(text, topic), topic);
    });
  }

  #spoil(text: string, topic: string): string {
    const now = this.#core?.state.now ?? 0;
    const fault = this.#faults.draw("frame", now);
    if (fault === null) return text;
    let spoilt = text;
    if (fault === "broken_json") spoilt = text.slice(0, Math.floor(text.length * 0.7));
    else if (fault === "missing_field") spoilt = text.replace(MISSING[topic] ?? /"symbol":"BTCUSD",/, "");
    else {
      const [field, word] = UNKNOWN[topic] ?? ["category", "future2"];
      spoilt = text.replace(new RegExp(`"${field}":"[^"]*"`), `"${field}":"${word}"`);
    }
    if (spoilt !== text) this.#faultFired(fault, topic);
    return spoilt;
  }
}

const MISSING: Readonly<Record<string, RegExp>> = {
  order: /"cumExecQty":"[^"]*",/,
  execution: /"execPrice":"[^"]*",/,
  position: /"size":"[^"]*",/,
  wallet: /"walletBalance":"[^"]*",/,
};
const UNKNOWN: Readonly<Record<string, readonly [string, string]>> = {
  order: ["orderStatus", "PendingReview"],
  execution: ["execType", "CorporateAction"],
  position: ["positionStatus", "Frozen"],
  wallet: ["accountType", "UNIFIED3"],
};
