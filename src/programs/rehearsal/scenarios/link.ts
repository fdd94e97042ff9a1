/** Rehearsals of the link and of single orders: connect, place and cancel, fill. */
import type { Event } from "../../../domain/events.ts";
import type { Execution, OrderTicket } from "../../../domain/orders.ts";
import { entryLinkId, exitLinkId, signalId } from "../../../domain/ids.ts";
import { epochMs, type PriceCents, priceCents, usdContracts } from "../../../domain/units.ts";
import { type BybitAdapter, createBybitAdapter } from "../../../infrastructure/exchange/bybit/bybit_adapter.ts";
import { executionsByIdQuery } from "../../../infrastructure/exchange/bybit/render.ts";
import { parseExecutions } from "../../../infrastructure/exchange/bybit/parse_rest.ts";
import { ENDPOINTS, REST_URL, WS_URL } from "../../../infrastructure/exchange/bybit/venue_words.ts";
import { outcomeText } from "../../../bot/outcome_text.ts";
import { classOfOutcome, ScenarioFailure } from "../failure_class.ts";
import { mustBe, type ScenarioContext, until } from "../context.ts";
import { atDesk, type Desk } from "../desk.ts";

const READY_WITHIN_MS = 30_000;
const SHOWN_WITHIN_MS = 10_000;
/** A resting buy this far below the market is not filled by a move of a second. */
const FAR_SHARE = 0.9;
/** A buy this far above the best price would take, and lies inside the venue's price band (PROTOCOL §4.2). */
const THROUGH_SHARE = 1.001;

/** The bot's own link, with every event it gives. */
class Listener {
  readonly link: BybitAdapter;
  readonly events: Event[] = [];
  readonly #context: ScenarioContext;

  constructor(context: ScenarioContext) {
    const { platform, key, secret, config, evidence } = context;
    this.#context = context;
    this.link = createBybitAdapter({
      platform,
      key,
      secret,
      restUrl: REST_URL,
      wsUrl: WS_URL,
      config,
      emit: (event) => void this.events.push(event),
      // This link is for listening: no entry goes through it.
      recheckEntry: () => "rehearsal",
      wireLog: evidence.wire,
    });
  }

  /** Both streams connected, authenticated and subscribed. */
  async ready(): Promise<void> {
    this.link.connect();
    const wait = { what: "both streams ready", withinMs: READY_WITHIN_MS, failClass: "network" } as const;
    await until(this.#context, wait, () => {
      const refused = this.events.find((event) => event.kind === "Link" && event.status === "auth_refused");
      if (refused !== undefined) throw new ScenarioFailure("permission", "the private stream refused the key");
      return this.#isReady("private") && this.#isReady("public") ? true : null;
    });
  }
  #isReady(stream: "private" | "public"): boolean {
    const last = this.events.findLast((event) => event.kind === "Link" && event.stream === stream);
    return last?.kind === "Link" && last.status === "ready";
  }
}

async function listening(context: ScenarioContext, work: (listener: Listener) => Promise<void>): Promise<void> {
  const listener = new Listener(context);
  try {
    await listener.ready();
    await work(listener);
  } finally {
    listener.link.close();
  }
}

/** Answers to pings on one stream. */
function pongs(context: ScenarioContext, stream: "private" | "public"): number {
  const lines = context.evidence.lines();
  return lines.filter((line) => line.includes(`"way":"in","stream":"${stream}"`) && line.includes("pong")).length;
}

/** Connect, authenticate, subscribe, heartbeat (PROTOCOL §1.2, §1.3). */
export async function connect(context: ScenarioContext): Promise<void> {
  await listening(context, async ({ link, events }) => {
    context.saw("connected, authenticated and subscribed on both streams");
    const { ws_ping_s } = context.config.runtime;
    const [priv, pub] = [pongs(context, "private"), pongs(context, "public")];
    const beat = { what: "an answer to the ping", withinMs: ws_ping_s * 1000 + 15_000, failClass: "network" } as const;
    await until(context, beat, () => pongs(context, "private") > priv && pongs(context, "public") > pub ? true : null);
    context.saw("both heartbeats answered");
    const market = { what: "a market price", withinMs: 15_000, failClass: "market" } as const;
    await until(context, market, () => link.takeMarket());
    const lost = events.filter((event) => event.kind === "Link" && event.status === "lost");
    mustBe(lost.length === 0, `a stream was lost ${lost.length} times`);
    const faults = events.filter((event) => event.kind === "ParseFault").length;
    mustBe(faults === 0, `${faults} messages could not be read`);
    context.saw(`local clock differs by ${Math.round(link.vitals().clockSkewMs ?? 0)} ms`);
  });
}

type Order = Pick<OrderTicket, "side" | "orderType" | "price" | "timeInForce" | "reduceOnly">;

/** Smallest order the venue takes; ids of the bot's own form under the rehearsal's prefix (F-11.4). */
class Orders {
  readonly #context: ScenarioContext;
  readonly #signal: string;
  #generation = 0;

  constructor(context: ScenarioContext) {
    this.#context = context;
    const at = epochMs(Math.round(context.platform.clock.wallNow()));
    this.#signal = signalId(context.config.strategy_name, { barCloseAt: at, side: "Buy" });
  }

  ticket(contracts: number, order: Order): OrderTicket {
    this.#generation += 1;
    const parts = { side: order.side, generation: this.#generation };
    const orderLinkId = order.reduceOnly ? exitLinkId(this.#signal, parts) : entryLinkId(this.#signal, parts);
    return { ...order, orderLinkId, contracts: usdContracts(contracts), trigger: null, closeOnTrigger: false };
  }

  /** Cancels what may still rest. */
  async clear(desk: Desk, ids: readonly string[]): Promise<void> {
    for (const row of await desk.openOrders()) {
      if (row.orderLinkId === null || !ids.includes(row.orderLinkId)) continue;
      this.#context.saw(`cancelled ${row.orderLinkId} on the way out`);
      await desk.cancel(row.orderLinkId);
    }
  }
}

async function smallest(desk: Desk): Promise<{ readonly contracts: number; readonly tick: number }> {
  const { minOrderQty, minNotional, qtyStep, tickCents } = await desk.instrument();
  const least = Math.max(minOrderQty, minNotional);
  return { contracts: Math.ceil(least / qtyStep) * qtyStep, tick: tickCents };
}
function onTick(cents: number, tick: number): PriceCents {
  return priceCents(Math.round(cents / tick) * tick);
}

async function placed(desk: Desk, ticket: OrderTicket): Promise<void> {
  const { outcome } = await desk.place(ticket);
  if (outcome.kind === "ok") return;
  throw new ScenarioFailure(classOfOutcome(outcome), `${ticket.orderLinkId}: ${outcomeText(outcome)}`);
}

/** Waits until the venue shows an order in one of these states. */
async function shownAs(
  context: ScenarioContext,
  desk: Desk,
  of: { readonly id: string; readonly states: readonly string[] },
): Promise<string> {
  const { clock } = context.platform;
  const end = clock.monotonicNow() + SHOWN_WITHIN_MS;
  for (let last = "absent";;) {
    const row = await desk.order(of.id);
    if (row !== null) last = typeof row.status === "string" ? row.status : row.status.raw;
    if (of.states.includes(last)) return last;
    if (clock.monotonicNow() >= end) {
      throw new ScenarioFailure("schema", `${of.id} is ${last}, expected ${of.states.join(" or ")}`);
    }
    await context.world.wait(250);
  }
}

/** A small order far from the market: shown, its id refused a second time, cancelled; then a PostOnly that would take. */
export async function placeAndCancel(context: ScenarioContext): Promise<void> {
  await listening(context, () => atDesk(context, (desk) => restAndCancel(context, desk)));
}

async function restAndCancel(context: ScenarioContext, desk: Desk): Promise<void> {
  const orders = new Orders(context);
  const { contracts, tick } = await smallest(desk);
  const last = await desk.last();
  const resting = { side: "Buy", orderType: "Limit", timeInForce: "PostOnly", reduceOnly: false } as const;
  const ticket = orders.ticket(contracts, { ...resting, price: onTick(last * FAR_SHARE, tick) });
  const crossing = orders.ticket(contracts, { ...resting, price: onTick(last * THROUGH_SHARE, tick) });
  try {
    await placed(desk, ticket);
    await shownAs(context, desk, { id: ticket.orderLinkId, states: ["New"] });
    context.saw(`placed ${contracts} contracts as ${ticket.orderLinkId}, shown as New`);
    const { outcome } = await desk.place(ticket);
    const again = outcome.kind === "refused" && outcome.refusal.cause === "duplicate_id";
    const own = (await desk.openOrders()).filter((row) => row.orderLinkId === ticket.orderLinkId);
    mustBe(own.length === 1, `${own.length} orders with one id`);
    mustBe(again, `the same id again: ${outcomeText(outcome)}`);
    context.saw(`the same id again: ${outcomeText(outcome)}; one order found`);
    const cancelled = await desk.cancel(ticket.orderLinkId);
    mustBe(cancelled.outcome.kind === "ok", `cancel: ${outcomeText(cancelled.outcome)}`);
    await shownAs(context, desk, { id: ticket.orderLinkId, states: ["Cancelled"] });
    context.saw("cancelled");
    await placed(desk, crossing);
    const end = await shownAs(context, desk, { id: crossing.orderLinkId, states: ["Cancelled", "Rejected"] });
    context.saw(`a PostOnly order that would take ended as ${end}`);
  } finally {
    await orders.clear(desk, [ticket.orderLinkId, crossing.orderLinkId]);
  }
}

/** What the stream says of the executions of one id, until its quantity is complete. */
function fillsOf(
  context: ScenarioContext,
  listener: Listener,
  ticket: OrderTicket,
): Promise<readonly Execution[]> {
  const wait = { what: `the fill of ${ticket.orderLinkId}`, withinMs: SHOWN_WITHIN_MS, failClass: "market" } as const;
  return until(context, wait, () => {
    const found: Execution[] = [];
    for (const event of listener.events) {
      if (event.kind === "Executed" && event.execution.orderLinkId === ticket.orderLinkId) found.push(event.execution);
    }
    return found.reduce((sum, one) => sum + one.contracts, 0) >= ticket.contracts ? found : null;
  });
}

/** Stream and REST must tell the same of every execution (PROTOCOL §3.2). */
async function sameByRest(
  desk: Desk,
  of: { readonly id: string; readonly fills: readonly Execution[] },
): Promise<void> {
  const { rows } = await desk.read(ENDPOINTS.executions, executionsByIdQuery(of.id), { parse: parseExecutions });
  for (const fill of of.fills) {
    const row = rows.find((one) => one.kind === "execution" && one.execution.execId === fill.execId);
    mustBe(row?.kind === "execution", `execution ${fill.execId} of the stream is unknown to the list`);
    if (row?.kind !== "execution") continue;
    const { contracts, price, fee, side } = row.execution;
    const same = contracts === fill.contracts && price === fill.price && fee === fill.fee && side === fill.side;
    mustBe(same, `execution ${fill.execId} differs between stream and list`);
  }
}

/** The smallest market order and its reduce-only end: every execution received on the stream and mapped. */
export async function fill(context: ScenarioContext): Promise<void> {
  await listening(context, (listener) =>
    atDesk(context, async (desk) => {
      const orders = new Orders(context);
      const { contracts } = await smallest(desk);
      const market = { orderType: "Market", timeInForce: "IOC", price: null } as const;
      const entry = orders.ticket(contracts, { ...market, side: "Buy", reduceOnly: false });
      const exit = orders.ticket(contracts, { ...market, side: "Sell", reduceOnly: true });
      try {
        await placed(desk, entry);
        const fills = await fillsOf(context, listener, entry);
        for (const one of fills) mustBe(one.side === "Buy" && one.price > 0, `odd execution ${one.execId}`);
        context.saw(`${fills.length} executions of ${contracts} contracts received and mapped`);
        const held = await desk.position();
        mustBe(held.side === "Buy" && held.size === contracts, `the venue shows ${held.side} ${held.size}`);
        await sameByRest(desk, { id: entry.orderLinkId, fills });
        context.saw("stream and execution list agree");
      } finally {
        const { size } = await desk.position();
        if (size > 0) await placed(desk, exit);
      }
      await fillsOf(context, listener, exit);
      const { size } = await desk.position();
      mustBe(size === 0, `${size} contracts are left`);
      context.saw("closed again");
    }));
}
