import type { Instrument } from "../../domain/market.ts";
import type { OrderRow, OrderTicket, PositionRow } from "../../domain/orders.ts";
import type { PriceCents } from "../../domain/units.ts";
import { RestClient, type RestReply } from "../../infrastructure/exchange/bybit/bybit_rest_client.ts";
import { ParseFailure } from "../../infrastructure/exchange/bybit/parse_decimal.ts";
import {
  parseInstrument,
  parseOrders,
  parsePositions,
  parseTickerReply,
} from "../../infrastructure/exchange/bybit/parse_rest.ts";
import {
  cancelBody,
  createBody,
  marketQuery,
  openOrdersQuery,
  orderByIdQuery,
} from "../../infrastructure/exchange/bybit/render.ts";
import { type Endpoint, ENDPOINTS, REST_URL } from "../../infrastructure/exchange/bybit/venue_words.ts";
import { createWireLog } from "../../infrastructure/exchange/bybit/wire_log.ts";
import { outcomeText } from "../../bot/outcome_text.ts";
import { classOfOutcome, ScenarioFailure } from "./failure_class.ts";
import { type ScenarioContext, until } from "./context.ts";

const CLOCK_WITHIN_MS = 20_000;
const ANSWER_WITHIN_MS = 30_000;

/** The bot's own REST client in the hands of a rehearsal: one call at a time, answers as values. */
export class Desk {
  readonly rest: RestClient;
  readonly #context: ScenarioContext;

  /** `runtime` overrides the limits of the configuration. */
  constructor(context: ScenarioContext, runtime: Partial<ScenarioContext["config"]["runtime"]> = {}) {
    const { platform, key, secret, evidence, config } = context;
    this.#context = context;
    this.rest = new RestClient({
      platform,
      signer: platform.signer(secret),
      key,
      restUrl: REST_URL,
      runtime: { ...config.runtime, ...runtime },
      wire: createWireLog({ write: evidence.wire, now: () => platform.clock.wallNow(), key, secret }),
      onBan: () => undefined,
      onTimeGap: () => undefined,
      onFirstSync: () => undefined,
    });
  }

  /** Measures the venue's clock; nothing signed leaves before. */
  async open(): Promise<void> {
    this.rest.serverClock.sync();
    const wait = { what: "the venue's clock", withinMs: CLOCK_WITHIN_MS, failClass: "network" } as const;
    await until(this.#context, wait, () => (this.rest.serverClock.ready() ? true : null));
  }
  close(): void {
    this.rest.close();
  }

  /** Whatever comes back, also refusals. Throws ScenarioFailure only when nothing does. */
  ask(endpoint: Endpoint, payload: string): Promise<RestReply> {
    let reply: RestReply | null = null;
    this.rest.call({ endpoint, payload, lane: "other", done: (seen) => void (reply = seen) });
    const wait = { what: `an answer of ${endpoint.path}`, withinMs: ANSWER_WITHIN_MS, failClass: "network" } as const;
    return until(this.#context, wait, () => reply);
  }
  /** The result of a call that must succeed. Throws ScenarioFailure with the class of the outcome. */
  async read<Value>(
    endpoint: Endpoint,
    payload: string,
    how: { readonly parse: (result: unknown) => Value },
  ): Promise<Value> {
    const { outcome, result } = await this.ask(endpoint, payload);
    if (outcome.kind !== "ok") {
      throw new ScenarioFailure(classOfOutcome(outcome), `${endpoint.path}: ${outcomeText(outcome)}`);
    }
    try {
      return how.parse(result);
    } catch (error) {
      if (error instanceof ParseFailure) throw new ScenarioFailure("schema", `${endpoint.path}: ${error.message}`);
      throw error;
    }
  }

  instrument(): Promise<Instrument> {
    return this.read(ENDPOINTS.instruments, marketQuery(), { parse: parseInstrument });
  }
  async last(): Promise<PriceCents> {
    const { last } = await this.read(ENDPOINTS.tickers, marketQuery(), { parse: parseTickerReply });
    if (last === undefined || last === null) throw new ScenarioFailure("schema", "the ticker carries no last price");
    return last;
  }
  position(): Promise<PositionRow> {
    return this.read(ENDPOINTS.position, marketQuery(), { parse: parsePositions });
  }
  async openOrders(): Promise<readonly OrderRow[]> {
    const { rows } = await this.read(ENDPOINTS.realtime, openOrdersQuery(null), { parse: parseOrders });
    return rows;
  }
  /** The order of an own id, open or lately closed; null when the venue shows none. */
  async order(orderLinkId: string): Promise<OrderRow | null> {
    for (const openOnly of [0, 1] as const) {
      const query = orderByIdQuery(orderLinkId, openOnly);
      const { rows } = await this.read(ENDPOINTS.realtime, query, { parse: parseOrders });
      const row = rows.find((one) => one.orderLinkId === orderLinkId);
      if (row !== undefined) return row;
    }
    return null;
  }
  place(ticket: OrderTicket): Promise<RestReply> {
    return this.ask(ENDPOINTS.create, createBody(ticket));
  }
  cancel(orderLinkId: string): Promise<RestReply> {
    return this.ask(ENDPOINTS.cancel, cancelBody(orderLinkId));
  }
}

/** One line each for what keeps a rehearsal from starting: it needs an account that is flat, without orders (F-11.4). */
export async function notFlat(desk: Desk): Promise<readonly string[]> {
  const position = await desk.position();
  const orders = await desk.openOrders();
  const lines = position.size === 0 ? [] : [`a position of ${position.size} contracts is open`];
  return [...lines, ...orders.map((order) => `order ${order.orderLinkId ?? order.orderId} is open`)];
}

/** Opens a desk for one piece of work and closes it whatever happens. */
export async function atDesk<Value>(
  context: ScenarioContext,
  work: (desk: Desk) => Promise<Value>,
): Promise<Value> {
  const desk = new Desk(context);
  try {
    await desk.open();
    return await work(desk);
  } finally {
    desk.close();
  }
}
