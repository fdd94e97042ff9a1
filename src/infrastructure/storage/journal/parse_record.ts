import { type Fields, parseObject } from "../../../common/json.ts";
import type { Event, EventKind, EventOf } from "../../../domain/events.ts";
import type { Intent, IntentKind } from "../../../domain/intent.ts";
import { COLUMNS, MOMENTS } from "./row_codec.ts";

/** A record of the journal. `intentsText` is what stands in the line; null = none. */
export type ParsedRecord = { readonly seq: number; readonly event: Event; readonly intentsText: string | null };

/** A record with its intents. */
export type DecodedRecord = { readonly seq: number; readonly event: Event; readonly intents: readonly Intent[] };

const EVENT_KINDS: Readonly<Record<EventKind, true>> = {
  Boot: true,
  Tick: true,
  TimeGap: true,
  Shutdown: true,
  CoreFault: true,
  JournalHealth: true,
  Market: true,
  Bars: true,
  Executed: true,
  InvalidFill: true,
  OrderSeen: true,
  PositionSeen: true,
  WalletSeen: true,
  PlaceAnswer: true,
  AmendAnswer: true,
  CancelAnswer: true,
  LeverageAnswer: true,
  PriceAdjustAnswer: true,
  OrderLookup: true,
  PositionAnswer: true,
  OpenOrdersAnswer: true,
  ExecutionsAnswer: true,
  WalletAnswer: true,
  FeeRatesAnswer: true,
  InstrumentAnswer: true,
  RiskTierAnswer: true,
  AccountAnswer: true,
  KeyAnswer: true,
  MaintenanceAnswer: true,
  Link: true,
  IpBanned: true,
  ParseFault: true,
  Dropped: true,
  KillSwitch: true,
  OperatorCommand: true,
};

const INTENT_KINDS: Readonly<Record<IntentKind, true>> = {
  PlaceEntry: true,
  PlaceStop: true,
  PlaceTarget: true,
  PlaceExit: true,
  AmendStop: true,
  CancelOrder: true,
  SetLeverage: true,
  TurnOffPriceAdjust: true,
  LookUpOrder: true,
  QueryPosition: true,
  QueryOpenOrders: true,
  QueryExecutions: true,
  QueryWallet: true,
  QueryTicker: true,
  QueryBars: true,
  QueryFeeRates: true,
  QueryInstrument: true,
  QueryRiskTier: true,
  QueryAccount: true,
  QueryKey: true,
  QueryMaintenance: true,
  ReopenStream: true,
  Alert: true,
  Answer: true,
  Record: true,
  RefuseStart: true,
  ReportCheck: true,
};

/** Every kind of event and intent the journal knows. */
export const KNOWN_KINDS = { events: Object.keys(EVENT_KINDS), intents: Object.keys(INTENT_KINDS) } as const;

function isRow(value: unknown, length: number): value is readonly (number | null)[] {
  return Array.isArray(value) && value.length === length &&
    value.every((cell) => cell === null || typeof cell === "number");
}

function plus(value: number | null | undefined, base: number): number | null {
  return value === null || value === undefined ? null : value + base;
}

function parseMarket(row: unknown, at: number): EventOf<"Market"> | null {
  if (!isRow(row, COLUMNS.Market.length)) return null;
  const last = row[0] ?? 0;
  const seen = {
    last: row[0],
    lastMin: plus(row[1], last),
    lastMax: plus(row[2], last),
    mark: plus(row[3], last),
    markMin: plus(row[4], last),
    markMax: plus(row[5], last),
    index: plus(row[6], last),
    bid: plus(row[7], last),
    bidSize: row[8],
    ask: plus(row[9], last),
    askSize: row[10],
    fundingRate: row[11],
    nextFundingAt: plus(row[12], at),
  };
  return { kind: "Market", at, seen } as EventOf<"Market">;
}

function parseTick(row: unknown, at: number): EventOf<"Tick"> | null {
  if (!isRow(row, COLUMNS.Tick.length)) return null;
  const vitals = {
    privateFrameAt: plus(row[0], at),
    publicFrameAt: plus(row[1], at),
    marketFrameAt: plus(row[2], at),
    drops60s: row[3],
    restP95: row[4],
    restTimeoutsInRow: row[5],
    restCalls60s: row[6],
    restProtectiveCalls60s: row[7],
    clockSkewMs: row[8],
    journalLagMs: row[9],
  };
  return { kind: "Tick", at, vitals } as EventOf<"Tick">;
}

function isKnown(value: unknown, kinds: Readonly<Record<string, true>>): boolean {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return typeof value.kind === "string" && Object.hasOwn(kinds, value.kind);
}

/** `[askedAt, row]` → the fields, the row by its columns. */
function parseFields(row: unknown, shape: { readonly columns: readonly string[]; readonly at: number }): Fields | null {
  if (!Array.isArray(row) || row.length !== shape.columns.length) return null;
  const fields: Record<string, unknown> = {};
  for (const [index, name] of shape.columns.entries()) {
    const value: unknown = row[index];
    fields[name] = MOMENTS.has(name) && typeof value === "number" ? value + shape.at : value;
  }
  return fields;
}

function isAnswer(value: unknown): value is readonly [number, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "number";
}

function parseAnswer(fields: Fields, at: number): Event | null {
  const { Position: position, Wallet: wallet, OpenOrders: orders } = fields;
  if (isAnswer(position)) {
    const row = parseFields(position[1], { columns: COLUMNS.Position, at });
    const result = { kind: "position", position: row };
    return row === null ? null : { kind: "PositionAnswer", at, askedAt: at + position[0], result } as Event;
  }
  if (isAnswer(wallet)) {
    const row = parseFields(wallet[1], { columns: COLUMNS.Wallet, at });
    const result = { kind: "wallet", wallet: row };
    return row === null ? null : { kind: "WalletAnswer", at, askedAt: at + wallet[0], result } as Event;
  }
  if (!isAnswer(orders) || !Array.isArray(orders[1])) return null;
  const rows = orders[1].map((row: unknown) => parseFields(row, { columns: COLUMNS.OpenOrders, at }));
  if (rows.includes(null)) return null;
  const result = { kind: "orders", orders: rows };
  const answer: unknown = { kind: "OpenOrdersAnswer", at, askedAt: at + orders[0], result };
  return answer as Event;
}

function parseEvent(fields: Fields): Event | null {
  const event = fields["event"];
  if (event !== undefined) {
    const timed = isKnown(event, EVENT_KINDS) && typeof (event as Fields)["at"] === "number";
    return timed ? event as Event : null;
  }
  const at = fields["at"];
  if (typeof at !== "number") return null;
  if (fields["Market"] !== undefined) return parseMarket(fields["Market"], at);
  return fields["Tick"] !== undefined ? parseTick(fields["Tick"], at) : parseAnswer(fields, at);
}

const NOTHING: readonly Intent[] = [];

/** Cannot stand inside a JSON string, where its quotes would be escaped, and no event has such a field. */
const INTENTS = ',"intents":';

/**
 * The record in the chained part of a line (`splitLine`). The hash chain vouches for content; here only shape and known
 * kinds are checked. Returns the reason when it is not a record. Intents stay text until somebody wants them: a replay
 * compares them as text.
 */
export function parseRecord(body: string): ParsedRecord | string {
  const cut = body.indexOf(INTENTS);
  const fields = parseObject((cut === -1 ? body : body.slice(0, cut)) + "}");
  if (fields === null) return "not JSON";
  const { seq } = fields;
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) return "seq is not a positive integer";
  const event = parseEvent(fields);
  if (event === null) return "the event is of no known kind";
  return { seq, event, intentsText: cut === -1 ? null : body.slice(cut + INTENTS.length) };
}

/** The intents of a record; a string is the reason why they are none. */
export function parseIntents(text: string | null): readonly Intent[] | string {
  if (text === null) return NOTHING;
  try {
    const intents: unknown = JSON.parse(text);
    const known = Array.isArray(intents) && intents.every((intent) => isKnown(intent, INTENT_KINDS));
    return known ? intents as readonly Intent[] : "an intent is of no known kind";
  } catch {
    return "the intents are not JSON";
  }
}
