import type { ExitReason, MarketRegime, RefusalCode } from "../../src/domain/words.ts";
import fc from "fast-check";
import type { CheckName, Event, EventKind, Outcome, ReadFailure, Vitals } from "../../src/domain/events.ts";
import type { Intent, IntentKind } from "../../src/domain/intent.ts";
import type { MarketObservation } from "../../src/domain/market.ts";
import type { Approved, Execution, OrderRow, OrderTicket, PositionRow, WalletRow } from "../../src/domain/orders.ts";
import type { GateResult, JournalRecord, TradeRecord } from "../../src/domain/records.ts";
import { durationMs, epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../../src/domain/units.ts";

// Values of the contract, whole and odd alike: what may stand in an event or an intent, not only what is likely.

/** Plain objects, as JSON gives them. */
const row = <T>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

export const anyAt = fc.integer({ min: 1_500_000_000_000, max: 2_000_000_000_000 }).map(epochMs);
export const anyPrice = fc.integer({ min: 0, max: 100_000_000 }).map(priceCents);
export const anyContracts = fc.integer({ min: 0, max: 10_000_000 }).map(usdContracts);
export const anyPico = fc.maxSafeInteger().map(picoBtc);
export const anyRate = fc.integer({ min: -10_000_000, max: 10_000_000 }).map(rateE8);
export const anyDuration = fc.integer({ min: 0, max: 10_000_000 }).map(durationMs);
export const anyText = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant('","hash":"'));
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(some, { nil: null });
const oneOf = <T extends string>(...words: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...words);
const unknownWord = row({ kind: fc.constant("unknown" as const), raw: anyText });
const word = <T extends string>(...words: readonly T[]) => fc.oneof(oneOf(...words), unknownWord);
const count = fc.nat();

export const anySide = oneOf("Buy", "Sell");
const anyDirection = fc.constantFrom(1 as const, 2 as const);
const anyTrigger = oneOf("LastPrice", "MarkPrice", "IndexPrice");
const anyForce = oneOf("GTC", "IOC", "FOK", "PostOnly");
const anyLinkId = fc.stringMatching(/^[A-Za-z0-9_-]{1,36}$/);

export const anyTicket: fc.Arbitrary<OrderTicket> = row({
  orderLinkId: anyLinkId,
  side: anySide,
  contracts: anyContracts,
  orderType: oneOf("Market", "Limit"),
  price: maybe(anyPrice),
  timeInForce: anyForce,
  trigger: maybe(row({ price: anyPrice, direction: anyDirection, by: anyTrigger })),
  reduceOnly: fc.boolean(),
  closeOnTrigger: fc.boolean(),
});
/** The gates alone approve; a test of the journal only needs the shape. */
export const anyApproved = anyTicket.map((ticket) => ticket as Approved<OrderTicket>);

export const anyOrder: fc.Arbitrary<OrderRow> = row({
  orderId: anyText,
  orderLinkId: maybe(anyText),
  side: anySide,
  orderType: word("Market", "Limit"),
  status: word("New", "PartiallyFilled", "Filled", "Cancelled", "Rejected", "Untriggered", "Triggered", "Deactivated"),
  contracts: anyContracts,
  cumExecQty: anyContracts,
  leavesQty: maybe(anyContracts),
  price: maybe(anyPrice),
  avgPrice: maybe(anyPrice),
  timeInForce: word("GTC", "IOC", "FOK", "PostOnly"),
  triggerPrice: maybe(anyPrice),
  triggerDirection: maybe(anyDirection),
  triggerBy: maybe(word("LastPrice", "MarkPrice", "IndexPrice")),
  reduceOnly: fc.boolean(),
  closeOnTrigger: fc.boolean(),
  positionIdx: fc.integer({ min: 0, max: 2 }),
  rejectReason: anyText,
  cancelType: anyText,
  createType: anyText,
  stopOrderType: anyText,
  createdAt: anyAt,
  updatedAt: anyAt,
});

export const anyExecution: fc.Arbitrary<Execution> = row({
  execId: anyText,
  orderId: anyText,
  orderLinkId: maybe(anyText),
  side: anySide,
  execType: word("Trade", "Funding", "AdlTrade", "BustTrade", "Settle", "Delivery", "BlockTrade", "MovePosition"),
  price: anyPrice,
  contracts: anyContracts,
  fee: anyPico,
  pnl: maybe(anyPico),
  feeRate: maybe(anyRate),
  isMaker: fc.boolean(),
  orderQty: maybe(anyContracts),
  leavesQty: maybe(anyContracts),
  closedSize: maybe(anyContracts),
  seq: maybe(fc.nat()),
  createType: anyText,
  stopOrderType: anyText,
  markPrice: maybe(anyPrice),
  execAt: anyAt,
});

export const anyPosition: fc.Arbitrary<PositionRow> = row({
  positionIdx: fc.integer({ min: 0, max: 2 }),
  side: maybe(anySide),
  size: anyContracts,
  avgPrice: maybe(anyPrice),
  leverageE2: maybe(fc.nat()),
  liqPrice: maybe(anyPrice),
  status: maybe(word("Normal", "Liq", "Adl")),
  autoAddMargin: fc.nat(),
  seq: maybe(fc.nat()),
  openAt: maybe(anyAt),
  updatedAt: maybe(anyAt),
});

export const anyWallet: fc.Arbitrary<WalletRow> = row({
  walletBalance: maybe(anyPico),
  totalPositionIm: maybe(anyPico),
  totalOrderIm: maybe(anyPico),
  locked: maybe(anyPico),
  bonus: maybe(anyPico),
  unrealisedPnl: maybe(anyPico),
});

export const anyMarket: fc.Arbitrary<MarketObservation> = row({
  last: maybe(anyPrice),
  lastMin: maybe(anyPrice),
  lastMax: maybe(anyPrice),
  mark: maybe(anyPrice),
  markMin: maybe(anyPrice),
  markMax: maybe(anyPrice),
  index: maybe(anyPrice),
  bid: maybe(anyPrice),
  bidSize: maybe(anyContracts),
  ask: maybe(anyPrice),
  askSize: maybe(anyContracts),
  fundingRate: maybe(anyRate),
  nextFundingAt: maybe(anyAt),
});

export const anyVitals: fc.Arbitrary<Vitals> = row({
  privateFrameAt: maybe(anyAt),
  publicFrameAt: maybe(anyAt),
  marketFrameAt: maybe(anyAt),
  drops60s: count,
  restP95: maybe(anyDuration),
  restTimeoutsInRow: count,
  restCalls60s: count,
  restProtectiveCalls60s: count,
  clockSkewMs: maybe(fc.integer()),
  journalLagMs: count,
});

const anyRefusal = row({
  cause: oneOf("order_gone", "margin", "wrong_trigger_side", "not_now", "credentials", "other"),
  code: fc.integer(),
  message: anyText,
});
export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  row({ kind: fc.constant("ok" as const) }),
  row({ kind: fc.constant("refused" as const), refusal: anyRefusal }),
  row({
    kind: fc.constant("unknown" as const),
    cause: oneOf("timeout", "lost", "server", "rate_limit", "unreadable"),
    code: maybe(fc.integer()),
  }),
  row({ kind: fc.constant("notSent" as const), reason: anyText }),
);
const failed: fc.Arbitrary<ReadFailure> = row({ kind: fc.constant("failed" as const), outcome: anyOutcome });
/** A read's result: the good one, or a failure. */
const read = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<T | ReadFailure> => fc.oneof(good, failed);
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);

const anyBar = row({ startAt: anyAt, open: anyPrice, high: anyPrice, low: anyPrice, close: anyPrice });
const anyInterval = oneOf("1m", "1h", "1d");
const anyStream = oneOf("private", "public");
const anyCheck: fc.Arbitrary<CheckName> = oneOf("clock", "key", "account_mode", "margin_mode", "one_way", "wallet");
const anyInstrument = row({
  symbol: anyText,
  contractType: anyText,
  status: anyText,
  tickCents: anyPrice,
  qtyStep: anyContracts,
  minOrderQty: anyContracts,
  maxOrderQty: anyContracts,
  maxMarketOrderQty: anyContracts,
  minNotional: anyContracts,
  maxLeverageE2: fc.nat(),
  fundingInterval: anyDuration,
});

type Known<K extends EventKind> = Extract<Event, { readonly kind: K }>;
/** One arbitrary a kind: a kind that is added to the contract is missed here by the compiler. */
export const EVENTS: { readonly [K in EventKind]: fc.Arbitrary<Known<K>> } = {
  // `damaged` is absent when the journal was whole.
  Boot: fc.tuple(
    row({ kind: kind("Boot"), at: anyAt, accountUid: anyText, restart: fc.boolean(), upgraded: fc.boolean() }),
    fc.option(anyText, { nil: undefined }),
  ).map(([boot, damaged]) => damaged === undefined ? boot : { ...boot, damaged }),
  Tick: row({ kind: kind("Tick"), at: anyAt, vitals: anyVitals }),
  TimeGap: row({ kind: kind("TimeGap"), at: anyAt, gap: anyDuration }),
  Shutdown: row({ kind: kind("Shutdown"), at: anyAt }),
  CoreFault: row({ kind: kind("CoreFault"), at: anyAt, during: anyText, message: anyText }),
  JournalHealth: row({
    kind: kind("JournalHealth"),
    at: anyAt,
    state: oneOf("ok", "failed"),
    detail: anyText,
  }),
  Market: row({ kind: kind("Market"), at: anyAt, seen: anyMarket }),
  Bars: row({
    kind: kind("Bars"),
    at: anyAt,
    interval: anyInterval,
    bars: fc.array(anyBar, { maxLength: 5 }),
    source: oneOf("stream", "history"),
  }),
  Executed: row({
    kind: kind("Executed"),
    at: anyAt,
    execution: anyExecution,
    source: oneOf("stream", "backfill"),
  }),
  InvalidFill: row({ kind: kind("InvalidFill"), at: anyAt, execId: anyText, rawQty: anyText }),
  OrderSeen: row({ kind: kind("OrderSeen"), at: anyAt, order: anyOrder }),
  PositionSeen: row({ kind: kind("PositionSeen"), at: anyAt, position: anyPosition }),
  WalletSeen: row({ kind: kind("WalletSeen"), at: anyAt, wallet: anyWallet }),
  PlaceAnswer: row({
    kind: kind("PlaceAnswer"),
    at: anyAt,
    orderLinkId: anyLinkId,
    askedAt: anyAt,
    orderId: maybe(anyText),
    outcome: anyOutcome,
  }),
  AmendAnswer: row({
    kind: kind("AmendAnswer"),
    at: anyAt,
    orderLinkId: anyLinkId,
    askedAt: anyAt,
    outcome: anyOutcome,
  }),
  CancelAnswer: row({
    kind: kind("CancelAnswer"),
    at: anyAt,
    orderLinkId: anyLinkId,
    askedAt: anyAt,
    outcome: anyOutcome,
  }),
  LeverageAnswer: row({
    kind: kind("LeverageAnswer"),
    at: anyAt,
    leverageE2: fc.nat(),
    outcome: anyOutcome,
  }),
  PriceAdjustAnswer: row({ kind: kind("PriceAdjustAnswer"), at: anyAt, outcome: anyOutcome }),
  OrderLookup: row({
    kind: kind("OrderLookup"),
    at: anyAt,
    orderLinkId: anyLinkId,
    askedAt: anyAt,
    result: read(fc.oneof(row({ kind: kind("found"), order: anyOrder }), row({ kind: kind("absent") }))),
  }),
  PositionAnswer: row({
    kind: kind("PositionAnswer"),
    at: anyAt,
    askedAt: anyAt,
    result: read(row({ kind: kind("position"), position: anyPosition })),
  }),
  OpenOrdersAnswer: row({
    kind: kind("OpenOrdersAnswer"),
    at: anyAt,
    askedAt: anyAt,
    result: read(row({ kind: kind("orders"), orders: fc.array(anyOrder, { maxLength: 3 }) })),
  }),
  ExecutionsAnswer: row({
    kind: kind("ExecutionsAnswer"),
    at: anyAt,
    askedAt: anyAt,
    since: anyAt,
    result: read(row({ kind: kind("complete"), count })),
  }),
  WalletAnswer: row({
    kind: kind("WalletAnswer"),
    at: anyAt,
    askedAt: anyAt,
    result: read(row({ kind: kind("wallet"), wallet: anyWallet })),
  }),
  FeeRatesAnswer: row({
    kind: kind("FeeRatesAnswer"),
    at: anyAt,
    result: read(row({ kind: kind("rates"), rates: row({ maker: anyRate, taker: anyRate }) })),
  }),
  InstrumentAnswer: row({
    kind: kind("InstrumentAnswer"),
    at: anyAt,
    result: read(row({ kind: kind("instrument"), instrument: anyInstrument })),
  }),
  RiskTierAnswer: row({
    kind: kind("RiskTierAnswer"),
    at: anyAt,
    result: read(row({
      kind: kind("tier"),
      tier: row({ limitPico: fc.maxSafeNat(), maintenanceRate: anyRate, initialRate: anyRate }),
    })),
  }),
  AccountAnswer: row({
    kind: kind("AccountAnswer"),
    at: anyAt,
    result: read(row({
      kind: kind("account"),
      unified: fc.boolean(),
      marginMode: word("ISOLATED_MARGIN", "REGULAR_MARGIN", "PORTFOLIO_MARGIN"),
    })),
  }),
  KeyAnswer: row({
    kind: kind("KeyAnswer"),
    at: anyAt,
    result: read(row({
      kind: kind("key"),
      uid: anyText,
      readOnly: fc.boolean(),
      canTrade: fc.boolean(),
      canWithdrawOrTransfer: fc.boolean(),
      daysLeft: maybe(fc.nat()),
    })),
  }),
  MaintenanceAnswer: row({
    kind: kind("MaintenanceAnswer"),
    at: anyAt,
    result: read(row({ kind: kind("maintenance"), window: maybe(row({ from: anyAt, to: anyAt })) })),
  }),
  Link: row({
    kind: kind("Link"),
    at: anyAt,
    stream: anyStream,
    status: oneOf("connecting", "ready", "lost", "auth_refused"),
    cause: anyText,
  }),
  IpBanned: row({ kind: kind("IpBanned"), at: anyAt, until: anyAt }),
  ParseFault: row({ kind: kind("ParseFault"), at: anyAt, source: anyText, detail: anyText }),
  Dropped: row({ kind: kind("Dropped"), at: anyAt, channel: anyStream, count }),
  KillSwitch: row({ kind: kind("KillSwitch"), at: anyAt, present: fc.boolean() }),
  OperatorCommand: row({
    kind: kind("OperatorCommand"),
    at: anyAt,
    id: anyText,
    command: oneOf("halt", "reset", "close"),
    reason: anyText,
    accept: fc.boolean(),
  }),
};
export const anyEvent: fc.Arbitrary<Event> = fc.oneof(...Object.values(EVENTS));

const anyScalar = fc.oneof(fc.integer(), anyText, fc.boolean(), fc.constant(null));
const anyRefusalCode = fc.constantFrom<RefusalCode>(
  "state_halt",
  "session_risk:daily_loss",
  "atr_too_low",
  "no_signal",
);
const anyGate: fc.Arbitrary<GateResult> = row({
  gate: fc.integer({ min: 1, max: 8 }),
  code: maybe(anyRefusalCode),
  inputs: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyScalar, { maxKeys: 3, noNullPrototype: true }),
});
const anyMoney = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((pico) => pico / 10_000);
/** A trade record in the shape of P-13; its numbers need not add up. */
export const anyTrade: fc.Arbitrary<TradeRecord> = row({
  type: kind("trade"),
  trade_id: anyLinkId,
  signal_id: anyLinkId,
  order_ids: row({ entry: maybe(anyText), stop: maybe(anyText), exit: maybe(anyText) }),
  order_link_ids: fc.array(anyLinkId, { maxLength: 3 }),
  direction: oneOf("long", "short"),
  contracts: count,
  entry_price_avg: anyMoney,
  exit_price_avg: anyMoney,
  opened_at_ms: anyAt,
  closed_at_ms: anyAt,
  exit_reason: fc.constantFrom<ExitReason>("stop_loss", "profit_target", "manual"),
  entry_stage: fc.integer({ min: 1, max: 3 }),
  policy_version: fc.constant("3.0"),
  stop_distance_pct: anyMoney,
  stop_price: maybe(anyMoney),
  max_loss_sats: anyMoney,
  r_multiple: maybe(anyMoney),
  fills: fc.array(
    row({
      exec_id: anyText,
      price: anyMoney,
      qty: count,
      fee_sats: anyMoney,
      is_maker: fc.boolean(),
      time_ms: anyAt,
      role: oneOf("entry", "stop", "target", "exit", "foreign", "liquidation", "adl"),
    }),
    { maxLength: 4 },
  ),
  slippage_usd: anyMoney,
  latency_ms: row({
    decision: maybe(count),
    rest_ack: maybe(count),
    ws_event: maybe(count),
    total: maybe(count),
  }),
  naked_ms: count,
  uncovered_ms: count,
  mark_price: maybe(anyMoney),
  index_price: maybe(anyMoney),
  funding_rate: maybe(anyMoney),
  best_bid: maybe(anyMoney),
  best_ask: maybe(anyMoney),
  spread: maybe(anyMoney),
  market_regime: fc.constantFrom<MarketRegime>("ranging", "high_vol", "unknown"),
  gross_pnl_sats: anyMoney,
  fees_sats: anyMoney,
  funding_sats: anyMoney,
  net_pnl_sats: anyMoney,
  net_pnl_usd: anyMoney,
  equity_before_sats: anyMoney,
  equity_after_sats: anyMoney,
  fee_ratio: maybe(anyMoney),
  gate_results: fc.array(anyGate, { maxLength: 3 }),
});
const anyWordName = oneOf("FLAT", "ENTRY_PENDING", "IN_POSITION", "EXIT_PENDING", "COOLDOWN", "HALT");
export const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  row({
    type: kind("evaluation"),
    at: anyAt,
    refusal: maybe(anyRefusalCode),
    repeated: count,
    signal: maybe(row({ signalId: anyLinkId, side: anySide })),
    gates: fc.array(anyGate, { maxLength: 3 }),
    sizing: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyScalar, { maxKeys: 3, noNullPrototype: true }),
  }),
  row({
    type: kind("change"),
    at: anyAt,
    wordBefore: anyWordName,
    wordAfter: anyWordName,
    phaseBefore: anyText,
    phaseAfter: anyText,
    cause: anyText,
  }),
  row({
    type: kind("snapshot"),
    at: anyAt,
    reason: anyText,
    lid: oneOf("HALT", "COOLDOWN"),
    context: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), anyScalar, { maxKeys: 3, noNullPrototype: true }),
  }),
  row({ type: kind("cash_flow"), at: anyAt, amountPico: fc.maxSafeInteger() }),
  anyTrade,
  row({
    type: kind("adjustment"),
    at: anyAt,
    trade_id: anyLinkId,
    exec_id: anyText,
    fees_sats: anyMoney,
    funding_sats: anyMoney,
    gross_pnl_sats: anyMoney,
  }),
);

type KnownIntent<K extends IntentKind> = Extract<Intent, { readonly kind: K }>;
export const INTENTS: { readonly [K in IntentKind]: fc.Arbitrary<KnownIntent<K>> } = {
  PlaceEntry: row({ kind: kind("PlaceEntry"), ticket: anyApproved }),
  PlaceStop: row({ kind: kind("PlaceStop"), ticket: anyTicket }),
  PlaceTarget: row({ kind: kind("PlaceTarget"), ticket: anyTicket }),
  PlaceExit: row({ kind: kind("PlaceExit"), ticket: anyTicket }),
  AmendStop: row({
    kind: kind("AmendStop"),
    orderLinkId: anyLinkId,
    contracts: maybe(anyContracts),
    triggerPrice: maybe(anyPrice),
  }),
  CancelOrder: row({ kind: kind("CancelOrder"), orderLinkId: anyLinkId }),
  SetLeverage: row({ kind: kind("SetLeverage"), leverageE2: fc.nat() }),
  TurnOffPriceAdjust: row({ kind: kind("TurnOffPriceAdjust") }),
  LookUpOrder: row({ kind: kind("LookUpOrder"), orderLinkId: anyLinkId }),
  QueryPosition: row({ kind: kind("QueryPosition"), protective: fc.boolean() }),
  QueryOpenOrders: row({ kind: kind("QueryOpenOrders"), protective: fc.boolean() }),
  QueryExecutions: row({ kind: kind("QueryExecutions"), since: anyAt, protective: fc.boolean() }),
  QueryWallet: row({ kind: kind("QueryWallet") }),
  QueryTicker: row({ kind: kind("QueryTicker") }),
  QueryBars: row({ kind: kind("QueryBars"), interval: anyInterval, count }),
  QueryFeeRates: row({ kind: kind("QueryFeeRates") }),
  QueryInstrument: row({ kind: kind("QueryInstrument") }),
  QueryRiskTier: row({ kind: kind("QueryRiskTier") }),
  QueryAccount: row({ kind: kind("QueryAccount") }),
  QueryKey: row({ kind: kind("QueryKey") }),
  QueryMaintenance: row({ kind: kind("QueryMaintenance") }),
  ReopenStream: row({ kind: kind("ReopenStream"), stream: anyStream, cause: anyText }),
  Alert: row({
    kind: kind("Alert"),
    severity: oneOf("info", "warning", "critical"),
    code: fc.oneof(
      oneOf("leverage", "unprotected", "halt:adl", "cooldown:daily_loss", "check:clock"),
      anyText.map((rest) => `halt:persistent_rejection:${rest}` as const),
    ),
    text: anyText,
  }),
  Answer: row({ kind: kind("Answer"), id: anyText, ok: fc.boolean(), text: anyText }),
  Record: row({ kind: kind("Record"), record: anyRecord }),
  RefuseStart: row({ kind: kind("RefuseStart"), check: anyCheck, line: anyText }),
  ReportCheck: row({ kind: kind("ReportCheck"), check: anyCheck, ok: fc.boolean(), line: anyText }),
};
export const anyIntent: fc.Arbitrary<Intent> = fc.oneof(...Object.values(INTENTS));
