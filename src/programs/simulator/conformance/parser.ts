import { isObject, type WireMessage } from "./recordings.ts";
import { epochMs } from "../../../domain/units.ts";
import { classify } from "../../../infrastructure/exchange/bybit/classify.ts";
import { parseClosedPnl, parsePriceBand } from "../../../infrastructure/exchange/bybit/parse_audit.ts";
import { ParseFailure } from "../../../infrastructure/exchange/bybit/parse_decimal.ts";
import { parseKey } from "../../../infrastructure/exchange/bybit/parse_key.ts";
import * as rest from "../../../infrastructure/exchange/bybit/parse_rest.ts";
import { isOurs } from "../../../infrastructure/exchange/bybit/parse_rows.ts";
import { parseFrame } from "../../../infrastructure/exchange/bybit/parse_ws.ts";
import { type Endpoint, ENDPOINTS } from "../../../infrastructure/exchange/bybit/venue_words.ts";

/** How the bot reads the result of each call it makes. */
const PARSERS: readonly (readonly [endpoint: Endpoint, parse: (result: unknown, now: number) => unknown])[] = [
  [ENDPOINTS.time, rest.parseServerTime],
  [ENDPOINTS.status, rest.parseMaintenance],
  [ENDPOINTS.instruments, rest.parseInstrument],
  [ENDPOINTS.tickers, rest.parseTickerReply],
  // The interval is in the request; every start lies on the grid of minutes.
  [ENDPOINTS.kline, (result, now) => rest.parseBars(result, { interval: "1m", now })],
  [ENDPOINTS.riskLimit, rest.parseRiskTier],
  [ENDPOINTS.create, rest.parseOrderId],
  [ENDPOINTS.amend, rest.parseOrderId],
  [ENDPOINTS.cancel, rest.parseOrderId],
  [ENDPOINTS.realtime, rest.parseOrders],
  [ENDPOINTS.history, rest.parseOrders],
  [ENDPOINTS.executions, rest.parseExecutions],
  [ENDPOINTS.position, rest.parsePositions],
  [ENDPOINTS.account, rest.parseAccount],
  [ENDPOINTS.wallet, rest.parseWalletReply],
  [ENDPOINTS.feeRate, rest.parseFeeRates],
  [ENDPOINTS.key, parseKey],
  [ENDPOINTS.priceLimit, parsePriceBand],
  [ENDPOINTS.closedPnl, parseClosedPnl],
];

export type ParserView = { readonly kind: "read" | "not ours" } | { readonly kind: "fault"; readonly text: string };
const READ: ParserView = { kind: "read" };
const NOT_OURS: ParserView = { kind: "not ours" };

/** What the bot's parser makes of one message: what it cannot read, and what it leaves alone. */
export function readByParser(message: WireMessage): ParserView {
  if (message.kind === "sent") return NOT_OURS;
  if (message.kind === "received") return readFrame(message.text);
  return readReply(message);
}

function readFrame(text: string): ParserView {
  const frame = parseFrame(text, epochMs(0));
  switch (frame.kind) {
    case "fault":
      return { kind: "fault", text: `${frame.topic}: ${frame.detail}` };
    case "private":
      if (frame.fault !== null) return { kind: "fault", text: `${frame.topic}: ${frame.fault}` };
      return frame.events.length === 0 ? NOT_OURS : READ;
    case "other":
      return NOT_OURS;
    default:
      return READ;
  }
}

function readReply(message: Extract<WireMessage, { readonly kind: "reply" }>): ParserView {
  const { call, status, body } = message;
  const found = PARSERS.find(([{ method, path }]) => call === `${method} ${path}`);
  if (found === undefined) return NOT_OURS;
  const [endpoint, parse] = found;
  const verdict = classify({ kind: "reply", status, headers: {}, body }, endpoint);
  if (verdict.outcome.kind !== "ok") return READ;
  if (!hasOurs(verdict.result)) return NOT_OURS;
  try {
    parse(verdict.result, verdict.serverTime ?? Number.MAX_SAFE_INTEGER);
    return READ;
  } catch (error) {
    if (error instanceof ParseFailure) return { kind: "fault", text: `${call}: ${error.message}` };
    throw error;
  }
}
/** False when every row is about another market. */
function hasOurs(result: unknown): boolean {
  if (!isObject(result) || !Array.isArray(result.list)) return true;
  const rows = result.list.filter((row) => isObject(row) && "symbol" in row);
  return rows.length === 0 || rows.some((row) => isOurs(row, result.category));
}
