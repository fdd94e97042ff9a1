import { createHash } from "node:crypto";
import type { Event, Vitals } from "../../domain/events.ts";
import type { Intent } from "../../domain/intent.ts";
import type { MarketObservation } from "../../domain/market.ts";

/** Schema of journal lines. A change of meaning needs a new number and a migration (F-11.7). */
export const JOURNAL_SCHEMA = 1;

/**
 * The two events that make up nine tenths of a live day are written as rows, so that a day stays under 20 MB: prices
 * relative to `last`, times relative to `at`. The columns stand in every header, so a file explains itself.
 */
export const MARKET_COLUMNS = [
  "last",
  "lastMin",
  "lastMax",
  "mark",
  "markMin",
  "markMax",
  "index",
  "bid",
  "bidSize",
  "ask",
  "askSize",
  "fundingRate",
  "nextFundingAt",
] as const satisfies readonly (keyof MarketObservation)[];
export const TICK_COLUMNS = [
  "privateFrameAt",
  "publicFrameAt",
  "marketFrameAt",
  "drops60s",
  "restP95",
  "restTimeoutsInRow",
  "restCalls60s",
  "restProtectiveCalls60s",
  "clockSkewMs",
  "journalLagMs",
] as const satisfies readonly (keyof Vitals)[];

/** A field added to the contract and forgotten here would be lost from the journal: this must not compile then. */
type Forgotten =
  | Exclude<keyof MarketObservation, (typeof MARKET_COLUMNS)[number]>
  | Exclude<keyof Vitals, (typeof TICK_COLUMNS)[number]>;
export const nothingForgotten: [Forgotten] extends [never] ? true : never = true;

type Cell = number | null;

function minus(value: Cell, base: number): Cell {
  return value === null ? null : value - base;
}

function marketRow(seen: MarketObservation, at: number): string {
  const last = seen.last ?? 0;
  return JSON.stringify([
    seen.last,
    minus(seen.lastMin, last),
    minus(seen.lastMax, last),
    minus(seen.mark, last),
    minus(seen.markMin, last),
    minus(seen.markMax, last),
    minus(seen.index, last),
    minus(seen.bid, last),
    seen.bidSize,
    minus(seen.ask, last),
    seen.askSize,
    seen.fundingRate,
    minus(seen.nextFundingAt, at),
  ]);
}

function tickRow(vitals: Vitals, at: number): string {
  return JSON.stringify([
    minus(vitals.privateFrameAt, at),
    minus(vitals.publicFrameAt, at),
    minus(vitals.marketFrameAt, at),
    vitals.drops60s,
    vitals.restP95,
    vitals.restTimeoutsInRow,
    vitals.restCalls60s,
    vitals.restProtectiveCalls60s,
    vitals.clockSkewMs,
    vitals.journalLagMs,
  ]);
}

/** The chained part of one record's line, without its closing (F-11.3): `{"seq":…,…`. */
export function encodeBody(seq: number, event: Event, options: { readonly intents: readonly Intent[] }): string {
  let body: string;
  if (event.kind === "Market") body = `{"seq":${seq},"at":${event.at},"Market":${marketRow(event.seen, event.at)}`;
  else if (event.kind === "Tick") body = `{"seq":${seq},"at":${event.at},"Tick":${tickRow(event.vitals, event.at)}`;
  else body = `{"seq":${seq},"event":${JSON.stringify(event)}`;
  return options.intents.length === 0 ? body : `${body},"intents":${JSON.stringify(options.intents)}`;
}

/** SHA-256 of the previous hash followed by the text, lower-case hex: one link of the chain. */
export function chainHash(previous: string, text: string): string {
  return createHash("sha256").update(previous + text).digest("hex");
}

/** SHA-256 of a text or of bytes, lower-case hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Start of every chain: 64 zeros. */
export const GENESIS = "0".repeat(64);

/**
 * A whole line. The state hash stands outside the chained bytes (F-11.7), sealed by a hash of its own so that an edit
 * of it is named all the same.
 */
export function encodeLine(body: string, link: { readonly hash: string; readonly stateHash: string | null }): string {
  if (link.stateHash === null) return `${body},"hash":"${link.hash}"}\n`;
  const seal = chainHash(link.hash, link.stateHash);
  return `${body},"hash":"${link.hash}","state":"${link.stateHash}","seal":"${seal}"}\n`;
}

/** A line taken apart by position, before any trust in it. */
export type RawLine = { readonly body: string; readonly hash: string; readonly stateHash: string | null };

const HEX = 64;
/** `,"hash":"` and `,"seal":"` are 9 characters, `,"state":"` is 10. */
const CLOSE = 9 + HEX + 2;
const SEALED = (9 + HEX + 1) + (10 + HEX + 1) + CLOSE;

/** Takes a line (without its newline) apart; null when it does not have the form of a record or its seal is broken. */
export function splitLine(line: string): RawLine | null {
  if (!line.endsWith('"}')) return null;
  const end = line.length - 2;
  if (line.startsWith(',"hash":"', line.length - CLOSE)) {
    return { body: line.slice(0, line.length - CLOSE), hash: line.slice(end - HEX, end), stateHash: null };
  }
  const start = line.length - SEALED;
  if (start < 0 || !line.startsWith(',"hash":"', start) || !line.startsWith(',"seal":"', line.length - CLOSE)) {
    return null;
  }
  const hash = line.slice(start + 9, start + 9 + HEX);
  const stateAt = start + 9 + HEX + 1;
  if (!line.startsWith(',"state":"', stateAt) || line[start + 9 + HEX] !== '"') return null;
  const stateHash = line.slice(stateAt + 10, stateAt + 10 + HEX);
  if (line[stateAt + 10 + HEX] !== '"' || line.slice(end - HEX, end) !== chainHash(hash, stateHash)) return null;
  return { body: line.slice(0, start), hash, stateHash };
}
