import type { Event } from "../../../domain/events.ts";
import type { Bar, BarInterval } from "../../../domain/market.ts";
import type { EpochMs, PriceCents, RateE8, UsdContracts } from "../../../domain/units.ts";
import { cents, contracts, fail, ParseFailure, rate, time } from "./parse_decimal.ts";
import { executedEvent, isOurs, parseOrder, parsePosition, parseWallet } from "./parse_rows.ts";
import { BAR_MS, BAR_WORDS, SYMBOL } from "./venue_words.ts";

/** What a ticker said. A key that is missing was not said (unchanged); null = the venue said "none". */
export type TickerPart = {
  last?: PriceCents;
  mark?: PriceCents;
  index?: PriceCents;
  bid?: PriceCents | null;
  bidSize?: UsdContracts | null;
  ask?: PriceCents | null;
  askSize?: UsdContracts | null;
  fundingRate?: RateE8;
  nextFundingAt?: EpochMs;
};
export type Level = { readonly price: PriceCents; readonly size: UsdContracts };
export type PrivateTopic = "execution" | "order" | "position" | "wallet";

/** One frame of either socket, read once (PROTOCOL §1.2–1.4, §3). */
export type Frame =
  | { readonly kind: "pong" }
  | { readonly kind: "auth"; readonly ok: boolean; readonly detail: string }
  | { readonly kind: "ack"; readonly reqId: string | null; readonly ok: boolean; readonly detail: string }
  /** `skipped` rows were about another market; `fault` names the first row that could not be read, if any. */
  | {
    readonly kind: "private";
    readonly topic: PrivateTopic;
    readonly events: readonly Event[];
    readonly skipped: number;
    readonly fault: string | null;
  }
  | { readonly kind: "ticker"; readonly snapshot: boolean; readonly cs: number | null; readonly part: TickerPart }
  | { readonly kind: "bars"; readonly interval: BarInterval; readonly closed: readonly Bar[] }
  | { readonly kind: "book"; readonly bid: Level | null | "same"; readonly ask: Level | null | "same" }
  | { readonly kind: "other"; readonly detail: string }
  | { readonly kind: "fault"; readonly topic: string; readonly detail: string };

type Json = { readonly [key: string]: unknown };
function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
const PONG: Frame = { kind: "pong" };
const INTERVALS = new Map<string, BarInterval>(
  (Object.keys(BAR_WORDS) as BarInterval[]).map((interval) => [BAR_WORDS[interval], interval]),
);

/** Reads one text frame. Never throws; `at` is put on the events. */
export function parseFrame(text: string, at: EpochMs): Frame {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { kind: "fault", topic: "frame", detail: `Cannot read a frame of ${text.length} characters: not JSON` };
  }
  if (!isObject(json)) return { kind: "fault", topic: "frame", detail: "Cannot read a frame: not an object" };
  const topic = json.topic;
  if (topic === undefined) return parseReply(json);
  if (typeof topic !== "string") return { kind: "fault", topic: "frame", detail: "Cannot read topic: not a string" };
  try {
    return parseTopic(topic, { json, at });
  } catch (error) {
    if (error instanceof ParseFailure) return { kind: "fault", topic, detail: error.message };
    throw error;
  }
}

/** Answers to ping, auth and subscribe. All pong shapes (PROTOCOL §1.3), the 2022 auth failure (§1.2). */
function parseReply(json: Json): Frame {
  const { op } = json;
  const said = typeof json.ret_msg === "string" ? json.ret_msg : typeof json.retMsg === "string" ? json.retMsg : "";
  if (op === "pong" || (op === "ping" && said === "pong")) return PONG;
  const nested = isObject(json.request) ? json.request.op : undefined;
  if (op === "auth" || nested === "auth") {
    const ok = op === "auth" && (json.success === true || (json.success === undefined && json.retCode === 0));
    return { kind: "auth", ok, detail: authDetail(json) };
  }
  if (op === "subscribe" || nested === "subscribe") {
    const reqId = typeof json.req_id === "string" && json.req_id !== "" ? json.req_id : null;
    return { kind: "ack", reqId, ok: op === "subscribe" && json.success === true, detail: said.slice(0, 120) };
  }
  return { kind: "other", detail: typeof op === "string" ? op.slice(0, 40) : "no topic and no op" };
}
/** The venue's text can echo what was signed (TRAPS 48): only the code is kept. */
function authDetail(json: Json): string {
  return typeof json.retCode === "number" ? `code ${json.retCode}` : "no code given";
}

const TICKER_TOPIC = `tickers.${SYMBOL}`;
const BOOK_TOPIC = `orderbook.1.${SYMBOL}`;

function parseTopic(topic: string, frame: { readonly json: Json; readonly at: EpochMs }): Frame {
  // Nearly all frames are one of these two: no pieces are cut for them.
  if (topic === TICKER_TOPIC) return parseTicker(frame.json);
  if (topic === BOOK_TOPIC) return parseBook(frame.json);
  const [head, ...rest] = topic.split(".");
  switch (head) {
    case "tickers":
      return rest[0] === SYMBOL ? parseTicker(frame.json) : { kind: "other", detail: topic };
    case "kline":
      return rest[1] === SYMBOL ? parseKline(rest[0] ?? "", frame.json) : { kind: "other", detail: topic };
    case "orderbook":
      return rest[0] === "1" && rest[1] === SYMBOL ? parseBook(frame.json) : { kind: "other", detail: topic };
    case "execution":
    case "order":
    case "position":
    case "wallet":
      return parsePrivate(head, frame);
    default:
      return { kind: "other", detail: topic.slice(0, 60) };
  }
}

/** Rows that read well become events even when a neighbour does not; the frame reports one fault (F-4.8). */
function parsePrivate(topic: PrivateTopic, frame: { readonly json: Json; readonly at: EpochMs }): Frame {
  const { data } = frame.json;
  if (!Array.isArray(data)) return fail(`${topic}.data`, data);
  const events: Event[] = [];
  let skipped = 0;
  let fault: string | null = null;
  for (const row of data) {
    if (topic !== "wallet" && !isOurs(row)) {
      skipped++;
      continue;
    }
    try {
      const event = privateEvent(topic, { row, at: frame.at });
      if (event === null) skipped++;
      else events.push(event);
    } catch (error) {
      if (!(error instanceof ParseFailure)) throw error;
      fault ??= error.message;
    }
  }
  return { kind: "private", topic, events, skipped, fault };
}
function privateEvent(topic: PrivateTopic, from: { readonly row: unknown; readonly at: EpochMs }): Event | null {
  const { row, at } = from;
  switch (topic) {
    case "execution":
      return executedEvent(row, { at, source: "stream" });
    case "order":
      return { kind: "OrderSeen", at, order: parseOrder(row) };
    case "position":
      return { kind: "PositionSeen", at, position: parsePosition(row) };
    case "wallet": {
      const wallet = parseWallet(row);
      return wallet === null ? null : { kind: "WalletSeen", at, wallet };
    }
  }
}

function parseTicker(json: Json): Frame {
  const { data, type, cs } = json;
  if (!isObject(data)) return fail("tickers.data", data);
  if (type !== "snapshot" && type !== "delta") return fail("tickers.type", type);
  if (data.symbol !== SYMBOL) return fail("tickers.symbol", data.symbol);
  const part = tickerPart(data);
  const number = typeof cs === "number" && Number.isSafeInteger(cs) ? cs : null;
  return { kind: "ticker", snapshot: type === "snapshot", cs: number, part };
}

/** Ticker fields of the stream or of REST; keys that are missing stay missing (TRAPS 64). Throws ParseFailure. */
export function tickerPart(data: Json): TickerPart {
  const part: TickerPart = {};
  if (has(data.lastPrice)) part.last = cents("lastPrice", data.lastPrice);
  if (has(data.markPrice)) part.mark = cents("markPrice", data.markPrice);
  if (has(data.indexPrice)) part.index = cents("indexPrice", data.indexPrice);
  if (data.bid1Price !== undefined) part.bid = quote("bid1Price", data.bid1Price);
  if (data.bid1Size !== undefined) part.bidSize = data.bid1Size === "" ? null : contracts("bid1Size", data.bid1Size);
  if (data.ask1Price !== undefined) part.ask = quote("ask1Price", data.ask1Price);
  if (data.ask1Size !== undefined) part.askSize = data.ask1Size === "" ? null : contracts("ask1Size", data.ask1Size);
  if (has(data.fundingRate)) part.fundingRate = rate("fundingRate", data.fundingRate);
  if (has(data.nextFundingTime)) part.nextFundingAt = time("nextFundingTime", data.nextFundingTime);
  return part;
}
function has(value: unknown): boolean {
  return value !== undefined && value !== "";
}
function quote(field: string, value: unknown): PriceCents | null {
  if (value === "") return null;
  const price = cents(field, value);
  return price === 0 ? null : price;
}

/** Closed candles only; the open one is no news (PROTOCOL §3.6). */
function parseKline(word: string, json: Json): Frame {
  const interval = INTERVALS.get(word);
  if (interval === undefined) return { kind: "other", detail: `kline.${word}` };
  const { data } = json;
  if (!Array.isArray(data)) return fail("kline.data", data);
  const closed: Bar[] = [];
  for (const row of data) {
    if (!isObject(row)) return fail("kline.row", row);
    if (typeof row.confirm !== "boolean") return fail("kline.confirm", row.confirm);
    if (!row.confirm) continue;
    closed.push(barOf({ start: row.start, open: row.open, high: row.high, low: row.low, close: row.close }, interval));
  }
  return { kind: "bars", interval, closed };
}

/** One candle; its start must lie on the interval's grid and its extremes enclose it. Throws ParseFailure. */
export function barOf(
  raw: { readonly start: unknown; readonly open: unknown; readonly high: unknown; low: unknown; close: unknown },
  interval: BarInterval,
): Bar {
  const startAt = time("kline.start", raw.start);
  if (startAt % BAR_MS[interval] !== 0) return fail("kline.start", raw.start);
  const open = cents("kline.open", raw.open);
  const high = cents("kline.high", raw.high);
  const low = cents("kline.low", raw.low);
  const close = cents("kline.close", raw.close);
  if (low <= 0 || low > Math.min(open, close) || high < Math.max(open, close)) {
    return fail("kline.extremes", `${open} ${high} ${low} ${close}`);
  }
  return { startAt, open, high, low, close };
}

/** Level 1 is a snapshot since 2025; in an older server's delta a side without rows is unchanged (PROTOCOL §3.7). */
function parseBook(json: Json): Frame {
  const { data, type } = json;
  if (!isObject(data)) return fail("orderbook.data", data);
  if (type !== "snapshot" && type !== "delta") return fail("orderbook.type", type);
  if (data.s !== SYMBOL) return fail("orderbook.s", data.s);
  const empty = type === "delta" ? "same" : null;
  return {
    kind: "book",
    bid: top({ field: "orderbook.b", empty }, data.b),
    ask: top({ field: "orderbook.a", empty }, data.a),
  };
}
function top(how: { readonly field: string; readonly empty: "same" | null }, side: unknown): Level | null | "same" {
  const { field } = how;
  if (!Array.isArray(side)) return fail(field, side);
  if (side.length === 0) return how.empty;
  for (const level of side) {
    if (!Array.isArray(level)) return fail(field, level);
    const size = contracts(field, level[1]);
    const price = cents(field, level[0]);
    if (size > 0 && price > 0) return { price, size };
  }
  return null;
}
