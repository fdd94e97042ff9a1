import { z } from "zod";
import { describe, ParseFailure } from "./parse_decimal.ts";

/**
 * All that a key of this bot may carry, by group: orders and positions of contracts, and the word under which the venue
 * lists the same for a unified account. Everything else may move or turn money, or may come to (F-12.5).
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  ContractTrade: ["Order", "Position"],
  Derivatives: ["DerivativesTrade"],
};
/** A reply may hold anything: what a person reads of it stays short. */
const NAMES_MOST = 12;
const NAME_LENGTH = 60;

const KeySchema = z.object({
  userID: z.union([z.number(), z.string()]),
  readOnly: z.number(),
  // Not a record: that would pass over a group named `__proto__`.
  permissions: z.custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value)),
  deadlineDay: z.unknown().optional(),
  expiredAt: z.unknown().optional(),
});
export type KeyFacts = {
  readonly uid: string;
  readonly readOnly: boolean;
  readonly canTrade: boolean;
  /** True when it carries anything but trading contracts. */
  readonly canWithdrawOrTransfer: boolean;
  /** What it carries beyond, for people: `Wallet: Withdraw`. Absent when nothing. */
  readonly excess?: readonly string[];
  readonly daysLeft: number | null;
};

/** Rights and life of the key (F-12.5, F-12.6). Throws ParseFailure. */
export function parseKey(result: unknown, now: number): KeyFacts {
  const read = KeySchema.safeParse(result);
  if (!read.success) throw new ParseFailure(`Cannot read key: ${read.error.issues[0]?.path.join(".")}`);
  const { permissions, readOnly } = read.data;
  const groups: readonly (readonly [string, unknown])[] = Object.entries(permissions);
  const trade = groups.find(([group]) => group === "ContractTrade")?.[1];
  const mayTrade = Array.isArray(trade) && trade.includes("Order") && trade.includes("Position");
  const excess = groups.flatMap(([group, words]) => excessOf(group, words));
  return {
    uid: String(read.data.userID),
    readOnly: readOnly !== 0,
    canTrade: readOnly === 0 && mayTrade,
    canWithdrawOrTransfer: excess.length > 0,
    ...(excess.length > 0 ? { excess: shortened(excess) } : {}),
    daysLeft: daysLeft(read.data, now),
  };
}

/** What a group grants beyond the allowed; one that is no list is not understood, so it may grant anything. */
function excessOf(group: string, words: unknown): readonly string[] {
  if (words === null) return [];
  if (!Array.isArray(words)) return [`${group} (not a list)`];
  const allowed = Object.hasOwn(ALLOWED, group) ? ALLOWED[group] ?? [] : [];
  const beyond = words.filter((word) => typeof word !== "string" || !allowed.includes(word));
  return beyond.map((word) => `${group}: ${typeof word === "string" ? word : describe(word)}`);
}

function shortened(names: readonly string[]): readonly string[] {
  const kept = names.slice(0, NAMES_MOST).map((name) => {
    return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name;
  });
  return names.length > NAMES_MOST ? [...kept, `${names.length - NAMES_MOST} more`] : kept;
}

/** A key bound to an address does not expire; the venue then says -2 and 1970 (recorded testnet reply). */
function daysLeft(key: { readonly deadlineDay?: unknown; readonly expiredAt?: unknown }, now: number): number | null {
  if (Number.isSafeInteger(key.deadlineDay) && Number(key.deadlineDay) >= 0) return Number(key.deadlineDay);
  const ends = typeof key.expiredAt === "string" ? Date.parse(key.expiredAt) : NaN;
  return ends > 86_400_000 ? Math.max(0, Math.floor((ends - now) / 86_400_000)) : null;
}
