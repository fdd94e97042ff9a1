import assert from "node:assert/strict";
import type { Event } from "../../src/domain/events.ts";
import { epochMs } from "../../src/domain/units.ts";
import { Session } from "../../src/infrastructure/exchange/bybit/bybit_ws_client.ts";
import { MarketView } from "../../src/infrastructure/exchange/bybit/market_view.ts";
import { NAMES, oursOf } from "./bybit_samples.ts";

type Json = { [key: string]: unknown };
const AT = epochMs(1_790_373_926_000);

/** Small deterministic generator (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Frames of every topic in use, as if they were ours, that read without a fault. */
export const FRAMES: readonly string[] = NAMES
  .filter((name) => /(^|\/)ws_(execution|order|position|wallet|tickers|kline|orderbook)/.test(name))
  .map((name) => oursOf(name).replaceAll("kline.5.", "kline.1."))
  .filter((text) => {
    const { events, market } = read(text);
    return events.some((event) => event.kind !== "ParseFault") || market !== "null";
  });

/** Everything a frame did: its events, and what the market shows after it. */
export function read(text: string): { readonly events: readonly Event[]; readonly market: string } {
  const market = new MarketView(() => {});
  const session = new Session({ stream: "private", topics: [], market, onBars: () => {} });
  const { events } = session.onText(text, AT);
  return { events, market: JSON.stringify(market.take()) };
}

/** Keys that decide money or identity, by topic; damage to one must be noticed. */
const DECIDING: Readonly<Record<string, readonly string[]>> = {
  execution: ["execId", "orderId", "orderLinkId", "side", "execType", "execPrice", "execQty", "execFee", "execTime"],
  order: ["orderId", "orderLinkId", "side", "orderStatus", "qty", "cumExecQty", "reduceOnly", "positionIdx"],
  position: ["positionIdx", "size", "side"],
  tickers: ["lastPrice", "markPrice", "indexPrice", "bid1Price", "ask1Price", "symbol"],
  kline: ["start", "open", "high", "low", "close", "confirm"],
  orderbook: ["b", "a"],
};
/** Keys that decide nothing: any value may come. */
const WORDS = [
  "cancelType",
  "rejectReason",
  "createType",
  "stopOrderType",
  "smpType",
  "tpslMode",
  "placeType",
  "feeCurrency",
  "marketUnit",
  "isLeverage",
  "adlRankIndicator",
  "tickDirection",
  "extraFees",
  "blockTradeId",
];

function rowsOf(frame: Json): Json[] {
  return (Array.isArray(frame.data) ? frame.data : [frame.data]) as Json[];
}
function shuffled(value: unknown, random: () => number): unknown {
  if (Array.isArray(value)) return value.map((each) => shuffled(each, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [random(), key, shuffled(each, random)] as const);
  return Object.fromEntries(entries.sort((a, b) => a[0] - b[0]).map(([, key, each]) => [key, each]));
}
function one<T>(list: readonly T[], random: () => number): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error("Nothing to choose from");
  return found;
}

/** The frame with other key order, unknown keys and unknown words where nothing depends on them. */
function harmless(text: string, random: () => number): string {
  const frame = shuffled(JSON.parse(text), random) as Json;
  frame[`new${Math.floor(random() * 1e6)}`] = { nested: [1, "2", null] };
  for (const row of rowsOf(frame)) {
    row[`field${Math.floor(random() * 1e6)}`] = one(["", "x", 17, null, true, { a: 1 }, []], random);
    const word = one(WORDS, random);
    if (word in row && !/createType|stopOrderType|cancelType|rejectReason/.test(word)) row[word] = "NewWord_2027";
  }
  return JSON.stringify(frame);
}
const DAMAGE: readonly unknown[] = [undefined, null, "?", "12,5", {}, [], "NaN", "1e999", true, -0.5];
/** The frame with one deciding field of one row damaged; null when the topic has none here. */
function damaged(text: string, random: () => number): string | null {
  const frame = JSON.parse(text) as Json;
  const keys = DECIDING[String(frame.topic).split(".")[0] ?? ""];
  if (keys === undefined) return null;
  const row = one(rowsOf(frame), random);
  const present = keys.filter((key) => key in row);
  if (present.length === 0) return null;
  const key = one(present, random);
  const value = DAMAGE[Math.floor(random() * DAMAGE.length)];
  // Words and flags: another text, or the other flag, is news, not damage; a ticker key left out is "unchanged".
  if (typeof value === "string" && /orderStatus|execType|orderLinkId|orderId|execId/.test(key)) return null;
  if (value === true && /reduceOnly|confirm/.test(key)) return null;
  if (value === undefined && frame.topic === "tickers.BTCUSD" && key !== "symbol") return null;
  if (Array.isArray(value) && /^[ab]$/.test(key)) return null;
  row[key] = value;
  return JSON.stringify(frame);
}
/** The text with a few characters changed, cut or doubled. */
function scrambled(text: string, random: () => number): string {
  let changed = text;
  for (let edits = 1 + Math.floor(random() * 3); edits > 0; edits--) {
    const at = Math.floor(random() * changed.length);
    const letter = one([...'{}[]",:0123456789.-eE \\u\u0000é', ""], random);
    const upto = random() < 0.1 ? changed.length : at + Math.floor(random() * 3);
    changed = changed.slice(0, at) + letter + changed.slice(upto);
  }
  return changed;
}
function assertFinite(value: unknown, text: string): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), text);
  else if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) assertFinite(each, text);
  }
}

/** Mutates `count` real frames from one seed and judges each. Returns how many of each kind were judged. */
export function fuzz(options: { readonly seed: number; readonly count: number }): Record<string, number> {
  const random = generator(options.seed);
  const judged = { harmless: 0, damaged: 0, scrambled: 0 };
  const readings = new Map(FRAMES.map((text) => [text, read(text)]));
  for (let i = 0; i < options.count; i++) {
    const text = one(FRAMES, random);
    const kind = i % 3;
    if (kind === 0) {
      const changed = harmless(text, random);
      assert.deepEqual(read(changed), readings.get(text), changed);
      judged.harmless++;
    } else if (kind === 1) {
      const changed = damaged(text, random);
      if (changed === null) continue;
      const { events } = read(changed);
      assert.equal(
        events.filter((event) => event.kind === "ParseFault" || event.kind === "InvalidFill").length,
        1,
        changed,
      );
      assertFinite(events, changed);
      judged.damaged++;
    } else {
      const changed = scrambled(text, random);
      const { events } = read(changed);
      assert.ok(events.filter((event) => event.kind === "ParseFault").length <= 1, changed);
      assertFinite(events, changed);
      judged.scrambled++;
    }
  }
  return judged;
}
