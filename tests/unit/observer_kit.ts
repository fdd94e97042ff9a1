/** Hand-written logs for the observer: every line is one thing the venue, the journal or the world said. */
import type { RefusalCode } from "../../src/domain/words.ts";
import { Observer } from "../../src/observer/mod.ts";
import type { JournalLine } from "../../src/observer/types.ts";
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import type { Execution } from "../../src/domain/orders.ts";
import type { EvaluationRecord, JournalRecord, PublicWord, TradeRecord } from "../../src/domain/records.ts";
import { durationMs, epochMs, picoBtc, priceCents, usdContracts } from "../../src/domain/units.ts";
import type {
  LogExecution,
  LogOrder,
  LogPosition,
  LogRequest,
  SideWord,
} from "../../src/infrastructure/exchange/fake_exchange/venue_log.ts";

/** A Monday, 00:00 UTC. */
export const T0 = Date.UTC(2021, 0, 4);
/** 40,000 USD in cents. */
export const P = 4_000_000;
/** 1 BTC at the start: $100 of it is the capital. */
export const WALLET = 100_000_000;

export class Story {
  readonly observer: Observer;
  #seq = 0;
  #orders = new Map<string, LogOrder>();
  #exec = 0;
  #walletSat = WALLET;

  constructor(lagMs = 0) {
    this.observer = new Observer({ seed: 1, capitalUsd: 100, lagMs });
    this.observer.onVenue({ kind: "start", at: T0, walletSat: WALLET, leverageE2: 300, switches: {} });
    this.price(0, P);
  }

  /** Minutes of nothing but prices, one a second, so that the clocks run. */
  price(second: number, last = P, mark = last): this {
    const book = { bid: last - 50, ask: last + 50 };
    this.observer.onVenue({ kind: "price", at: T0 + second * 1000, last, mark, index: mark, ...book });
    return this;
  }
  prices(from: number, to: number, last = P): this {
    for (let second = from; second <= to; second++) this.price(second, last);
    return this;
  }
  order(second: number, orderId: string, change: Partial<LogOrder>): this {
    const before: LogOrder = this.#orders.get(orderId) ?? {
      kind: "order",
      at: 0,
      owner: "bot",
      orderId,
      orderLinkId: orderId,
      side: "Buy",
      orderType: "Limit",
      timeInForce: "PostOnly",
      status: "New",
      qty: 100,
      cumQty: 0,
      price: P,
      triggerPrice: 0,
      triggerBy: "",
      triggerDirection: 0,
      reduceOnly: false,
      closeOnTrigger: false,
      closesAll: false,
      createType: "CreateByUser",
      cancelType: "UNKNOWN",
      rejectReason: "EC_NoError",
      cause: "created",
    };
    const order = { ...before, ...change, at: T0 + second * 1000 };
    this.#orders.set(orderId, order);
    this.observer.onVenue(order);
    return this;
  }
  entry(second: number, orderId = "e1", change: Partial<LogOrder> = {}): this {
    return this.order(second, orderId, change);
  }
  stop(second: number, orderId = "s1", change: Partial<LogOrder> = {}): this {
    return this.order(second, orderId, {
      side: "Sell",
      orderType: "Market",
      timeInForce: "IOC",
      status: "Untriggered",
      price: 0,
      triggerPrice: P * 0.98,
      triggerBy: "MarkPrice",
      triggerDirection: 2,
      reduceOnly: true,
      closeOnTrigger: true,
      ...change,
    });
  }
  position(second: number, size: number, side: "" | SideWord = size === 0 ? "" : "Buy", liqPrice = 0): this {
    const row: LogPosition = {
      kind: "position",
      at: T0 + second * 1000,
      side,
      size,
      entryPrice: size === 0 ? 0 : P,
      leverageE2: 300,
      liqPrice,
      status: "Normal",
      seq: second,
    };
    this.observer.onVenue(row);
    return this;
  }
  /** One fill as the venue books it: execution and wallet; position and order rows are told apart. */
  fill(second: number, orderId: string, change: Partial<LogExecution>): this {
    const order = this.#orders.get(orderId);
    const execution: LogExecution = {
      kind: "execution",
      at: T0 + second * 1000,
      owner: order?.owner ?? "venue",
      execId: `x${++this.#exec}`,
      execType: "Trade",
      orderId,
      orderLinkId: order?.orderLinkId ?? "",
      side: order?.side ?? "Buy",
      price: P,
      qty: order?.qty ?? 1,
      isMaker: true,
      feeSat: 0,
      pnlSat: 0,
      closedSize: 0,
      seq: this.#exec,
      mark: P,
      ...change,
    };
    this.observer.onVenue(execution);
    const { at, owner, execId, execType } = execution;
    const cause = execType === "Funding" ? "funding" : "trade";
    this.wallet(at, { deltaSat: execution.pnlSat - execution.feeSat, cause, owner, execId });
    return this;
  }
  wallet(
    at: number,
    change: {
      readonly deltaSat: number;
      readonly cause: "trade" | "funding" | "deposit";
      readonly owner: LogExecution["owner"];
      readonly execId: string | null;
    },
  ): this {
    this.#walletSat += change.deltaSat;
    this.observer.onVenue({ kind: "wallet", at, balanceSat: this.#walletSat, ...change });
    return this;
  }
  request(second: number, change: Partial<LogRequest>): this {
    const request: LogRequest = {
      kind: "request",
      at: T0 + Math.round(second * 1000),
      method: "GET",
      path: "/v5/position/list",
      query: "",
      httpStatus: 200,
      retCode: 0,
      applied: true,
      fault: null,
      order: null,
    };
    this.observer.onVenue({ ...request, ...change });
    return this;
  }
  /** A reduce-only create: an exit, or a stop when `conditional`. */
  reduce(second: number, conditional: boolean): this {
    return this.request(second, {
      method: "POST",
      path: "/v5/order/create",
      order: {
        action: "create",
        orderId: null,
        orderLinkId: null,
        side: "Sell",
        orderType: "Market",
        qty: 100,
        price: null,
        triggerPrice: null,
        reduceOnly: true,
        conditional,
      },
    });
  }
  fault(second: number, name: string, untilSecond: number | null = null): this {
    const untilMs = untilSecond === null ? null : T0 + untilSecond * 1000;
    this.observer.onVenue({ kind: "fault", at: T0 + second * 1000, name, detail: "", untilMs });
    return this;
  }
  journal(second: number, intents: readonly Intent[], event?: Event): this {
    const at = epochMs(T0 + second * 1000);
    const line: JournalLine = {
      seq: ++this.#seq,
      event: event ?? { kind: "TimeGap", at, gap: durationMs(0) },
      intents,
    };
    this.observer.onJournal(line);
    return this;
  }
  record(second: number, ...records: readonly JournalRecord[]): this {
    return this.journal(second, records.map((record) => ({ kind: "Record", record })));
  }
  change(second: number, change: {
    readonly word?: readonly [PublicWord, PublicWord];
    readonly phase?: readonly [string, string];
    readonly cause?: string;
    readonly event?: Event;
  }): this {
    const [wordBefore, wordAfter] = change.word ?? ["FLAT", "FLAT"];
    const [phaseBefore, phaseAfter] = change.phase ?? ["flat", "flat"];
    const at = epochMs(T0 + second * 1000);
    const record = { type: "change", at, wordBefore, wordAfter, phaseBefore, phaseAfter, cause: change.cause ?? "x" };
    return this.journal(second, [{ kind: "Record", record: { ...record, type: "change" } }], change.event);
  }
  halt(second: number, reason: string): this {
    const at = epochMs(T0 + second * 1000);
    this.record(second, { type: "snapshot", at, reason, lid: "HALT", context: {} });
    return this.change(second, { word: ["FLAT", "HALT"], cause: reason });
  }
  /** The operator gives a reset. */
  reset(second: number): this {
    this.observer.onWorld({ kind: "operator", at: T0 + second * 1000, command: "reset" });
    return this;
  }
  /** The journal's line of a reset: lifted, or refused with a reason. */
  resetAnswered(second: number, refusal: string | null, phase = "flat"): this {
    const at = epochMs(T0 + second * 1000);
    const text = refusal ?? "reset adl";
    const answer: Intent = { kind: "Answer", id: "1", ok: refusal === null, text };
    const word = { wordBefore: "HALT", wordAfter: phase === "flat" ? "FLAT" : "IN_POSITION" } as const;
    const change = { type: "change", at, ...word, phaseBefore: phase, phaseAfter: phase, cause: "reset" } as const;
    const event = { kind: "OperatorCommand", at, id: "1", command: "reset", reason: "looked", accept: true } as const;
    return this.journal(second, refusal === null ? [answer, { kind: "Record", record: change }] : [answer], event);
  }
  process(second: number, state: "down" | "up"): this {
    this.observer.onWorld({ kind: "process", at: T0 + second * 1000, state, cause: "process_kill" });
    return this;
  }
  executed(
    second: number,
    side: SideWord,
    contracts: number,
    execId = `j${second}`,
    execType: Execution["execType"] = "Trade",
    more: { readonly orderLinkId?: string; readonly intents?: readonly Intent[] } = {},
  ): this {
    const at = epochMs(T0 + second * 1000);
    return this.journal(second, more.intents ?? [], {
      kind: "Executed",
      at,
      source: "stream",
      execution: {
        execId,
        orderId: "o",
        orderLinkId: typeof execType === "string" ? more.orderLinkId ?? "o" : null,
        side,
        execType,
        price: priceCents(P),
        contracts: usdContracts(contracts),
        fee: picoBtc(0),
        pnl: null,
        feeRate: null,
        isMaker: true,
        orderQty: null,
        leavesQty: null,
        closedSize: null,
        seq: null,
        createType: "",
        stopOrderType: "",
        markPrice: null,
        execAt: at,
      },
    });
  }
  checks(): string[] {
    return this.observer.violations.map((violation) => violation.check);
  }
  end(second: number): string[] {
    this.observer.finish(T0 + second * 1000);
    return this.checks();
  }
}

/** A whole evaluation, passed unless `refusal` is given. */
export function evaluation(second: number, refusal: RefusalCode | null = null): EvaluationRecord {
  return {
    type: "evaluation",
    at: epochMs(T0 + second * 1000),
    refusal,
    repeated: 0,
    signal: { signalId: "grid_a3f8d2e1c4_l", side: "Buy" },
    gates: [1, 2, 3, 4, 5, 6, 7, 8].map((gate) => ({ gate, code: gate === 4 ? refusal : null, inputs: {} })),
    sizing: {},
  };
}

/** A trade record that claims these executions. */
export function tradeRecord(second: number, change: Partial<TradeRecord>): TradeRecord {
  return {
    type: "trade",
    trade_id: "t1",
    signal_id: "grid_a3f8d2e1c4_l",
    order_ids: { entry: "e1", stop: "s1", exit: null },
    order_link_ids: ["e1", "s1"],
    direction: "long",
    contracts: 100,
    entry_price_avg: 40_000,
    exit_price_avg: 39_200,
    opened_at_ms: T0,
    closed_at_ms: T0 + second * 1000,
    exit_reason: "stop_loss",
    entry_stage: 1,
    policy_version: "3.0",
    stop_distance_pct: 2,
    stop_price: 39_200,
    max_loss_sats: 7_500,
    r_multiple: null,
    fills: [{ exec_id: "x1", price: 40_000, qty: 100, fee_sats: 0, is_maker: true, time_ms: T0, role: "entry" }],
    slippage_usd: 0,
    latency_ms: { decision: null, rest_ack: null, ws_event: null, total: null },
    naked_ms: 0,
    uncovered_ms: 0,
    mark_price: null,
    index_price: null,
    funding_rate: null,
    best_bid: null,
    best_ask: null,
    spread: null,
    market_regime: "ranging",
    gross_pnl_sats: 0,
    fees_sats: 0,
    funding_sats: 0,
    net_pnl_sats: 0,
    net_pnl_usd: 0,
    equity_before_sats: 0,
    equity_after_sats: 0,
    fee_ratio: null,
    gate_results: [],
    ...change,
  };
}
