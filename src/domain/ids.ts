import { createHash } from "node:crypto";
import type { Direction, OrderRole, Side } from "./orders.ts";
import type { EpochMs } from "./units.ts";

/** Own ids (F-10.1, F-10.2): no clock, no randomness and no price in them, so that a restart computes them again. */
const LINK_ID = /^[A-Za-z0-9_-]{1,36}$/;
const OWN_ID = /^([A-Za-z0-9-]{1,5})_([0-9a-f]{10})_([ls])_(?:(tp|stop|exit)_)?(Buy|Sell)(?:_([1-9][0-9]{0,5}))?$/;
const ADOPT = "adopt";

function hash10(text: string): string {
  return createHash("sha1").update(text).digest("hex").slice(0, 10);
}
function letter(direction: Direction): string {
  return direction === "long" ? "l" : "s";
}

/** First four characters of the strategy's name, the mark of own ids (F-10.1). */
export function strategyPrefix(strategy: string): string {
  return strategy.slice(0, 4);
}

/** `<strategy[0..4]>_<sha1(strategy|barCloseMs|side)[0..10]>_<l|s>` (F-10.1). */
export function signalId(strategy: string, of: { readonly barCloseAt: EpochMs; readonly side: Side }): string {
  const hash = hash10(`${strategy}|${of.barCloseAt}|${of.side}`);
  return `${strategyPrefix(strategy)}_${hash}_${of.side === "Buy" ? "l" : "s"}`;
}

/** Id base of an adopted position: `adopt_<sha1(side|first unknown execId or openTime)[0..10]>_<l|s>` (F-10.2). */
export function adoptId(direction: Direction, key: string): string {
  const side = direction === "long" ? "Buy" : "Sell";
  return `${ADOPT}_${hash10(`${side}|${key}`)}_${letter(direction)}`;
}

function numbered(id: string, generation: number): string {
  if (!Number.isSafeInteger(generation) || generation < 1) {
    throw new RangeError(`Cannot number an order as F-10.2 counts generations from 1: current value is ${generation}`);
  }
  return checkLinkId(generation === 1 ? id : `${id}_${generation}`);
}

type LinkIdParts = { readonly side: Side; readonly generation: number };

/** `<signalId>_<Buy|Sell>`, `_<n>` from the second generation. Throws RangeError for a bad id (F-10.2). */
export function entryLinkId(signal: string, order: LinkIdParts): string {
  return numbered(`${signal}_${order.side}`, order.generation);
}
/** `<signalId>_tp_<Buy|Sell>[_n]`; side of the order, not of the position (F-10.2). */
export function targetLinkId(signal: string, order: LinkIdParts): string {
  return numbered(`${signal}_tp_${order.side}`, order.generation);
}
/** `<signalId>_stop_<Buy|Sell>[_n]` (F-10.2). */
export function stopLinkId(signal: string, order: LinkIdParts): string {
  return numbered(`${signal}_stop_${order.side}`, order.generation);
}
/** `<signalId>_exit_<Buy|Sell>[_n]` (F-10.2). */
export function exitLinkId(signal: string, order: LinkIdParts): string {
  return numbered(`${signal}_exit_${order.side}`, order.generation);
}

/** Id of an order of any role (F-10.2). */
export function linkId(role: OrderRole, of: LinkIdParts & { readonly signalId: string }): string {
  switch (role) {
    case "entry":
      return entryLinkId(of.signalId, of);
    case "target":
      return targetLinkId(of.signalId, of);
    case "stop":
      return stopLinkId(of.signalId, of);
    case "exit":
      return exitLinkId(of.signalId, of);
    default: {
      const never: never = role;
      return never;
    }
  }
}

/** True for 1 to 36 characters of [A-Za-z0-9_-] (F-10.2). */
export function isLinkId(id: string): boolean {
  return LINK_ID.test(id);
}

/** The id itself when it may be sent; throws RangeError else, so that a bad id never reaches the network (F-10.2). */
export function checkLinkId(id: string): string {
  if (!isLinkId(id)) {
    throw new RangeError(`Cannot use an order id as F-10.2 allows 1 to 36 of [A-Za-z0-9_-]: current value is "${id}"`);
  }
  return id;
}

export type OwnLinkId = {
  /** Signal or adoption id this order belongs to. */
  readonly signalId: string;
  readonly role: OrderRole;
  readonly direction: Direction;
  readonly side: Side;
  readonly generation: number;
  readonly adopted: boolean;
};

function roleOf(word: string | undefined): OrderRole {
  switch (word) {
    case "tp":
      return "target";
    case "stop":
      return "stop";
    case "exit":
      return "exit";
    default:
      return "entry";
  }
}

/** Reads an id of this bot's own form; null for any other (F-10.2, F-11.4). */
export function parseOwnLinkId(id: string, strategy: string): OwnLinkId | null {
  const found = id.length <= 36 ? OWN_ID.exec(id) : null;
  if (found === null) return null;
  const [, prefix, hash, way, word, sideWord, count] = found;
  const adopted = prefix === ADOPT;
  if (!adopted && prefix !== strategyPrefix(strategy)) return null;
  const role = roleOf(word);
  const direction: Direction = way === "l" ? "long" : "short";
  const side: Side = sideWord === "Buy" ? "Buy" : "Sell";
  const opens = (direction === "long") === (side === "Buy");
  if (opens !== (role === "entry") || (adopted && role === "entry") || count === "1") return null;
  const generation = count === undefined ? 1 : Number(count);
  return { signalId: `${prefix}_${hash}_${way}`, role, direction, side, generation, adopted };
}
