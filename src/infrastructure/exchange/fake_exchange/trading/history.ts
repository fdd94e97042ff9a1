import { type Core, type ExecutionFact, isFinal, type OrderState, type PositionState } from "../state.ts";

const DAY = 86_400_000;
/** Versions older than this are the present for every lag that can be drawn. */
const LONGEST_LAG_MS = 3_500;
const MOST_EXECUTIONS = 20_000;

type Version<T> = { readonly at: number; readonly value: T };

/** What the venue remembers beyond its live state, and how its lists looked a moment ago (the lag switches). */
export class History {
  readonly #closed: OrderState[] = [];
  readonly #byId = new Map<string, OrderState>();
  readonly #byLink = new Map<string, OrderState>();
  readonly #usedLinks = new Set<string>();
  readonly #executions: ExecutionFact[] = [];
  readonly #recentOrders = new Map<string, Version<OrderState>[]>();
  readonly #recentPositions: Version<PositionState>[] = [];
  readonly flows: { at: number; sat: number; balance: number; type: "TRANSFER_IN" | "TRANSFER_OUT" }[] = [];
  readonly #lagging: boolean;
  #ordersChangedAt = -Infinity;
  /** The newest orderLinkId of the account's own bot. */
  lastBotLink = "";

  constructor(core: Core) {
    const { positionLagMs, orderLagMs, historyLagMs } = core.config.switches;
    this.#lagging = positionLagMs + orderLagMs + historyLagMs > 0;
    this.#recentPositions.push({ at: 0, value: { ...core.state.position } });
  }

  /** orderLinkIds are unique for ever (PROTOCOL §4.8). */
  linkUsed(linkId: string): boolean {
    return linkId !== "" && this.#usedLinks.has(linkId);
  }

  noteOrder(order: OrderState): void {
    if (order.linkId !== "") {
      if (order.owner === "bot") this.lastBotLink = order.linkId;
      this.#usedLinks.add(order.linkId);
      this.#byLink.set(order.linkId, order);
    }
    this.#byId.set(order.orderId, order);
    this.#ordersChangedAt = order.updatedAt;
    if (this.#lagging) {
      const versions = this.#recentOrders.get(order.orderId) ?? [];
      versions.push({ at: order.updatedAt, value: { ...order } });
      this.#recentOrders.set(order.orderId, versions);
    }
    if (isFinal(order.status)) {
      this.#closed.push(order);
      this.#forget(order.updatedAt);
    }
  }

  noteExecution(fact: ExecutionFact): void {
    this.#executions.push(fact);
    if (this.#executions.length > MOST_EXECUTIONS) this.#executions.splice(0, MOST_EXECUTIONS / 2);
  }

  notePosition(position: PositionState, at: number): void {
    if (!this.#lagging) return;
    this.#recentPositions.push({ at, value: { ...position } });
    while ((this.#recentPositions[1]?.at ?? Infinity) < at - LONGEST_LAG_MS) this.#recentPositions.shift();
  }

  find(ids: { readonly orderId: string; readonly linkId: string }): OrderState | undefined {
    return ids.orderId !== "" ? this.#byId.get(ids.orderId) : this.#byLink.get(ids.linkId);
  }

  /** The position as lists showed it at `at`. */
  positionAsOf(core: Core, at: number): PositionState {
    if (!this.#lagging || at >= core.state.now) return core.state.position;
    let found: PositionState | undefined;
    for (const version of this.#recentPositions) if (version.at <= at) found = version.value;
    return found ?? core.state.position;
  }

  /** Live orders as lists showed them at `at`, newest first. */
  openAsOf(core: Core, at: number): OrderState[] {
    const live = core.state.orders.toReversed();
    const { now } = core.state;
    // What changed longer ago than any lag is the present for the lists too.
    if (!this.#lagging || at >= now || this.#ordersChangedAt < now - LONGEST_LAG_MS) return live;
    this.#prune(now);
    const seen = new Map<string, OrderState>();
    for (const order of live) seen.set(order.orderId, order);
    for (const [orderId, versions] of this.#recentOrders) {
      const then = versionAt(versions, at);
      if (then === undefined || isFinal(then.status)) seen.delete(orderId);
      else seen.set(orderId, then);
    }
    return [...seen.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Finished orders as lists showed them at `at`, newest first; unfilled ones for 24 h, others for 7 days. */
  closedAsOf(at: number, now: number): OrderState[] {
    const found: OrderState[] = [];
    for (let i = this.#closed.length - 1; i >= 0; i--) {
      const order = this.#closed[i];
      if (order === undefined || order.updatedAt > at) continue;
      const age = now - order.updatedAt;
      if (age > 7 * DAY) break;
      if (order.cumQty > 0 || age <= DAY) found.push(order);
    }
    return found;
  }

  /** Executions shown at `at`, newest first. */
  executionsAsOf(at: number, from: number): ExecutionFact[] {
    const found: ExecutionFact[] = [];
    for (let i = this.#executions.length - 1; i >= 0; i--) {
      const fact = this.#executions[i];
      if (fact === undefined || fact.at > at) continue;
      if (fact.at < from) break;
      found.push(fact);
    }
    return found;
  }

  #prune(now: number): void {
    for (const [orderId, versions] of this.#recentOrders) {
      const last = versions.at(-1);
      if (last === undefined || last.at >= now - LONGEST_LAG_MS) continue;
      // A live order keeps its newest version: the next one must not hide that it was there before.
      const order = this.#byId.get(orderId);
      const live = order !== undefined && order.orderId === orderId && !isFinal(order.status);
      if (!live) this.#recentOrders.delete(orderId);
      else if (versions.length > 1) versions.splice(0, versions.length - 1);
    }
  }

  #forget(now: number): void {
    while (this.#closed.length > 0) {
      const oldest = this.#closed[0];
      if (oldest === undefined || now - oldest.updatedAt <= 8 * DAY) break;
      this.#closed.shift();
      this.#byId.delete(oldest.orderId);
      if (this.#byLink.get(oldest.linkId) === oldest) this.#byLink.delete(oldest.linkId);
    }
    this.#prune(now);
  }
}

/** The newest version not younger than `at`; undefined = the order did not exist yet. */
function versionAt(versions: readonly Version<OrderState>[], at: number): OrderState | undefined {
  let found: OrderState | undefined;
  for (const version of versions) if (version.at <= at) found = version.value;
  return found;
}
