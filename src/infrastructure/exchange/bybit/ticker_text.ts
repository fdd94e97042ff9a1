import { SYMBOL } from "./venue_words.ts";

/** The fields of a ticker that are read, as the venue writes them. */
type Texts = {
  symbol?: string;
  lastPrice?: string;
  markPrice?: string;
  indexPrice?: string;
  bid1Price?: string;
  bid1Size?: string;
  ask1Price?: string;
  ask1Size?: string;
  fundingRate?: string;
  nextFundingTime?: string;
};
export type TickerJson = { readonly topic: string; readonly type: string; readonly data: Texts; readonly cs: number };

const TOPIC = `tickers.${SYMBOL}`;
const HEAD = `{"topic":"${TOPIC}","type":"delta","data":{`;
const CS = '},"cs":';
const TS = ',"ts":';

/**
 * What `JSON.parse` gives for a change of our market's ticker, without the fields that nobody reads; null for a text that
 * is not written exactly as the venue writes it, or no such frame, which `JSON.parse` must judge. Its prices are new each
 * time: reading the few texts costs half of building the whole object.
 */
export function tickerJson(text: string): TickerJson | null {
  if (text.slice(0, HEAD.length) !== HEAD) return null;
  const data: Texts = {};
  const end = readTexts(text, { from: HEAD.length, into: data });
  if (end < 0 || text.slice(end, end + CS.length) !== CS) return null;
  const cs = end + CS.length;
  const csEnd = numberEnd(text, cs);
  if (csEnd < 0 || text.slice(csEnd, csEnd + TS.length) !== TS) return null;
  const tsEnd = numberEnd(text, csEnd + TS.length);
  if (tsEnd !== text.length - 1 || text.charCodeAt(tsEnd) !== 125) return null;
  return { topic: TOPIC, type: "delta", data, cs: Number(text.slice(cs, csEnd)) };
}

/** Reads `"name":"value"` after `"name":"value"`; returns where they end, -1 when something else stands between. */
function readTexts(text: string, how: { readonly from: number; readonly into: Texts }): number {
  for (let at = how.from;; at++) {
    const nameEnd = text.indexOf('":"', at);
    if (nameEnd < 0 || text.charCodeAt(at) !== 34) return -1;
    const start = nameEnd + 3;
    const end = plainEnd(text, start);
    if (text.charCodeAt(end) !== 34) return -1;
    if (!keep(how.into, { name: text.slice(at + 1, nameEnd), value: text.slice(start, end) })) return -1;
    at = end + 1;
    if (text.charCodeAt(at) !== 44) return at;
  }
}
/** False when the name is not one of plain characters only. */
function keep(into: Texts, { name, value }: { readonly name: string; readonly value: string }): boolean {
  switch (name) {
    case "symbol":
      into.symbol = value;
      return true;
    case "lastPrice":
      into.lastPrice = value;
      return true;
    case "markPrice":
      into.markPrice = value;
      return true;
    case "indexPrice":
      into.indexPrice = value;
      return true;
    case "bid1Price":
      into.bid1Price = value;
      return true;
    case "bid1Size":
      into.bid1Size = value;
      return true;
    case "ask1Price":
      into.ask1Price = value;
      return true;
    case "ask1Size":
      into.ask1Size = value;
      return true;
    case "fundingRate":
      into.fundingRate = value;
      return true;
    case "nextFundingTime":
      into.nextFundingTime = value;
      return true;
    default:
      return name !== "" && plainEnd(name, 0) === name.length;
  }
}
/** Where the letters, digits, points and signs from here end: none of them means anything to JSON inside a string. */
function plainEnd(text: string, from: number): number {
  for (let at = from;; at++) {
    const code = text.charCodeAt(at);
    const digit = code >= 48 && code <= 57;
    const letter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
    if (!digit && !letter && code !== 46 && code !== 45) return at;
  }
}
/** End of a whole number without sign, -1 for anything else. */
function numberEnd(text: string, from: number): number {
  if (text.charCodeAt(from) === 48) return -1;
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(at)) at++;
  return at > from ? at : -1;
}
