import type { Event } from "../../src/domain/events.ts";
import { classify } from "../../src/infrastructure/exchange/bybit/classify.ts";
import { ParseFailure } from "../../src/infrastructure/exchange/bybit/parse_decimal.ts";
import { parseClosedPnl, parsePriceBand } from "../../src/infrastructure/exchange/bybit/parse_audit.ts";
import { parseKey } from "../../src/infrastructure/exchange/bybit/parse_key.ts";
import * as rest from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { parseFrame } from "../../src/infrastructure/exchange/bybit/parse_ws.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";
import { epochMs } from "../../src/domain/units.ts";
import recorded from "../golden/wire/samples.json" with { type: "json" };

type Sample = { readonly class: string; readonly source: string; readonly payload: unknown };
export const SAMPLES: Readonly<Record<string, Sample>> = recorded;
export const NAMES = Object.keys(SAMPLES);

/** The sample as the venue would send it, without the keys added when it was recorded. */
export function textOf(name: string): string {
  const sample = SAMPLES[name];
  if (sample === undefined) throw new Error(`No sample ${name}`);
  return JSON.stringify(sample.payload, (key, value) => key.startsWith("_") ? undefined : value);
}
const SIZES = /"(qty|execQty|cumExecQty|leavesQty|orderQty|closedSize|size|bid1Size|ask1Size)":"(\d+\.\d+)"/g;
/** The same as if it were about our market: our names, and sizes in whole contracts. */
export function oursOf(name: string): string {
  return textOf(name)
    .replaceAll(/"symbol":"[^"]*"/g, '"symbol":"BTCUSD"')
    .replaceAll(/"s":"[^"]*USD[^"]*"/g, '"s":"BTCUSD"')
    .replaceAll(/"category":"[^"]*"/g, '"category":"inverse"')
    .replaceAll(SIZES, (_, key: string, size: string) => `"${key}":"${Math.ceil(Number(size))}"`)
    .replaceAll(/"topic":"(tickers|kline\.\w+|orderbook\.\d+)\.[^"]*"/g, '"topic":"$1.BTCUSD"');
}

const AT = epochMs(1_790_373_926_000);
const PARSERS: readonly (readonly [RegExp, (result: unknown) => unknown])[] = [
  [/^rest_account-info/, rest.parseAccount],
  [/^rest_apikey-info/, (result) => parseKey(result, AT)],
  [/^rest_closed-pnl/, parseClosedPnl],
  [/^rest_execution-list/, rest.parseExecutions],
  [/^rest_fee-rate/, rest.parseFeeRates],
  [/^rest_instruments-info/, rest.parseInstrument],
  [/^rest_kline/, (result) => rest.parseBars(result, { interval: "1h", now: AT })],
  [/^rest_market-time/, rest.parseServerTime],
  [/^rest_order-(history|realtime)/, rest.parseOrders],
  [/^rest_position-list/, rest.parsePositions],
  [/^rest_price-limit/, parsePriceBand],
  [/^rest_risk-limit/, rest.parseRiskTier],
  [/^rest_system-status/, (result) => rest.parseMaintenance(result, AT)],
  [/^rest_tickers/, rest.parseTickerReply],
  [/^rest_wallet-balance/, rest.parseWalletReply],
];

/** What the bot reads from a text of this sample's kind; plain data. */
export function readingOf(name: string, text: string): unknown {
  if (/(^|\/)ws_/.test(name)) return parseFrame(text, AT);
  const reply = JSON.parse(text) as Record<string, unknown>;
  const parser = PARSERS.find(([pattern]) => pattern.test(name))?.[1];
  const raw = SAMPLES[name]?.payload as Record<string, unknown>;
  const http = typeof raw._http_status === "number" ? raw._http_status : 200;
  const body = typeof raw._body_text === "string" ? raw._body_text : text;
  if (parser === undefined || (typeof reply.retCode === "number" && reply.retCode !== 0)) {
    const endpoint = /order-/.test(name) ? ENDPOINTS.create : ENDPOINTS.position;
    return classify({ kind: "reply", status: http, headers: {}, body }, endpoint).outcome;
  }
  // Some samples are one row only.
  const result = reply.result ?? { list: [reply] };
  try {
    return parser(result);
  } catch (error) {
    if (error instanceof ParseFailure) return { fault: error.message };
    throw error;
  }
}

/** Readings of every sample, in a form that survives JSON. */
export function allReadings(): Record<string, { readonly asIs: unknown; readonly ours: unknown }> {
  const all: Record<string, { asIs: unknown; ours: unknown }> = {};
  for (const name of NAMES) {
    all[name] = { asIs: plain(readingOf(name, textOf(name))), ours: plain(readingOf(name, oursOf(name))) };
  }
  return all;
}
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
export function eventsOf(text: string): readonly Event[] {
  const frame = parseFrame(text, AT);
  return frame.kind === "private" ? frame.events : [];
}
