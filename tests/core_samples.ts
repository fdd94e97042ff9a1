import type { Event, EventKind, EventOf } from "../src/domain/events.ts";
import { durationMs, epochMs, picoBtc, priceCents, rateE8, usdContracts } from "../src/domain/units.ts";
import { at, observation, type Rig, vitalsAt } from "./core_rig.ts";
import { answerRead, barsUntil, move, OK, positionRow } from "./core_venue.ts";

type Maker = (rig: Rig) => Event;

/** The venue's answer to a read, made into one event. */
function read(rig: Rig, intent: Parameters<typeof answerRead>[1]): Event {
  const events = answerRead(rig.venue, intent, { at: at(rig), askedAt: at(rig), price: rig.price }) ?? [];
  const last = events[events.length - 1];
  if (last === undefined) throw new Error(`no answer to ${intent.kind}`);
  return last;
}

/** The newest own order, open before past; events about orders are about it. */
function ownId(rig: Rig): string {
  return rig.bot.orders.at(-1)?.id ?? rig.bot.past.at(-1)?.id ?? "grid_0000000000_l_Buy";
}

/** One ordinary event of every kind, fitting the rig as it stands; a new kind does not compile without one here. */
export const SAMPLES: { readonly [Kind in EventKind]: Maker } = {
  Boot: (rig) => ({ kind: "Boot", at: at(rig), accountUid: "7", restart: true, upgraded: false }),
  Tick: (rig) => ({ kind: "Tick", at: at(rig), vitals: vitalsAt(rig) }),
  TimeGap: (rig) => ({ kind: "TimeGap", at: at(rig), gap: durationMs(600_000) }),
  Shutdown: (rig) => ({ kind: "Shutdown", at: at(rig) }),
  CoreFault: (rig) => ({ kind: "CoreFault", at: at(rig), during: "Tick", message: "thrown" }),
  JournalHealth: (rig) => ({ kind: "JournalHealth", at: at(rig), state: "failed", detail: "disk full" }),
  Market: (rig) => ({ kind: "Market", at: at(rig), seen: observation(rig.price) }),
  Bars: (rig) => ({
    kind: "Bars",
    at: at(rig),
    interval: "1h",
    bars: barsUntil("1h", { at: at(rig), price: rig.price, count: 1 }),
    source: "stream",
  }),
  Executed: (rig) => ({
    kind: "Executed",
    at: at(rig),
    source: "stream",
    execution: move(rig.venue, { side: "Buy", contracts: 30, price: rig.price, at: at(rig) }),
  }),
  InvalidFill: (rig) => ({ kind: "InvalidFill", at: at(rig), execId: "x", rawQty: "0.5" }),
  OrderSeen: (rig) => {
    const row = rig.venue.orders.get(ownId(rig));
    if (row !== undefined) return { kind: "OrderSeen", at: at(rig), order: { ...row, updatedAt: at(rig) } };
    return { kind: "OrderSeen", at: at(rig), order: manualOrder(rig) };
  },
  PositionSeen: (rig) => ({ kind: "PositionSeen", at: at(rig), position: positionRow(rig.venue, at(rig)) }),
  WalletSeen: (rig) => {
    const answer = read(rig, { kind: "QueryWallet" });
    if (answer.kind !== "WalletAnswer" || answer.result.kind !== "wallet") throw new Error("no wallet");
    return { kind: "WalletSeen", at: at(rig), wallet: answer.result.wallet };
  },
  PlaceAnswer: (rig) => ({
    kind: "PlaceAnswer",
    at: at(rig),
    orderLinkId: ownId(rig),
    askedAt: at(rig),
    orderId: null,
    outcome: OK,
  }),
  AmendAnswer: (rig) => ({ kind: "AmendAnswer", at: at(rig), orderLinkId: ownId(rig), askedAt: at(rig), outcome: OK }),
  CancelAnswer: (rig) => ({
    kind: "CancelAnswer",
    at: at(rig),
    orderLinkId: ownId(rig),
    askedAt: at(rig),
    outcome: OK,
  }),
  LeverageAnswer: (rig) => ({ kind: "LeverageAnswer", at: at(rig), leverageE2: 300, outcome: OK }),
  PriceAdjustAnswer: (rig) => ({ kind: "PriceAdjustAnswer", at: at(rig), outcome: OK }),
  OrderLookup: (rig) => ({
    kind: "OrderLookup",
    at: at(rig),
    askedAt: at(rig),
    orderLinkId: ownId(rig),
    result: { kind: "absent" },
  }),
  PositionAnswer: (rig) => read(rig, { kind: "QueryPosition", protective: false }),
  OpenOrdersAnswer: (rig) => read(rig, { kind: "QueryOpenOrders", protective: false }),
  ExecutionsAnswer: (rig) => ({
    kind: "ExecutionsAnswer",
    at: at(rig),
    askedAt: at(rig),
    since: epochMs(0),
    result: { kind: "complete", count: 0 },
  }),
  WalletAnswer: (rig) => read(rig, { kind: "QueryWallet" }),
  FeeRatesAnswer: (rig) => read(rig, { kind: "QueryFeeRates" }),
  InstrumentAnswer: (rig) => read(rig, { kind: "QueryInstrument" }),
  RiskTierAnswer: (rig) => read(rig, { kind: "QueryRiskTier" }),
  AccountAnswer: (rig) => read(rig, { kind: "QueryAccount" }),
  KeyAnswer: (rig) => read(rig, { kind: "QueryKey" }),
  MaintenanceAnswer: (rig) => read(rig, { kind: "QueryMaintenance" }),
  Link: (rig) => ({ kind: "Link", at: at(rig), stream: "private", status: "lost", cause: "closed" }),
  IpBanned: (rig) => ({ kind: "IpBanned", at: at(rig), until: epochMs(rig.now + 600_000) }),
  ParseFault: (rig) => ({ kind: "ParseFault", at: at(rig), source: "order", detail: "not JSON" }),
  Dropped: (rig) => ({ kind: "Dropped", at: at(rig), channel: "private", count: 1 }),
  KillSwitch: (rig) => ({ kind: "KillSwitch", at: at(rig), present: true }),
  OperatorCommand: (rig) => ({
    kind: "OperatorCommand",
    at: at(rig),
    id: "9",
    command: "reset",
    reason: "checked",
    accept: false,
  }),
};

export const EVENT_KINDS = Object.keys(SAMPLES) as EventKind[];

function manualOrder(rig: Rig): EventOf<"OrderSeen">["order"] {
  return {
    orderId: "m1",
    orderLinkId: "manual",
    side: "Buy",
    orderType: "Limit",
    status: "New",
    contracts: usdContracts(10),
    cumExecQty: usdContracts(0),
    leavesQty: usdContracts(10),
    price: priceCents(rig.price),
    avgPrice: null,
    timeInForce: "GTC",
    triggerPrice: null,
    triggerDirection: null,
    triggerBy: null,
    reduceOnly: false,
    closeOnTrigger: false,
    positionIdx: 0,
    rejectReason: "EC_NoError",
    cancelType: "UNKNOWN",
    createType: "CreateByUser",
    stopOrderType: "UNKNOWN",
    createdAt: at(rig),
    updatedAt: at(rig),
  };
}

/** A funding payment of a rate on what is held. */
export function funding(rig: Rig, feePico: number): Event {
  const execution = move(rig.venue, { side: "Buy", contracts: 0, price: rig.price, at: at(rig) });
  return {
    kind: "Executed",
    at: at(rig),
    source: "stream",
    execution: {
      ...execution,
      execType: "Funding",
      contracts: usdContracts(Math.abs(rig.venue.net)),
      fee: picoBtc(feePico),
      feeRate: rateE8(10_000),
    },
  };
}
