import type { RefusalCause } from "../../../domain/events.ts";

/** What a code proves. `unknown` = may have been executed; `throttled` = a refusal of a read, unknown for an order. */
export type CodeMeaning = RefusalCause | "unknown" | "throttled";

// PROTOCOL §5, one line a class. Never branch on the text: it varies and is localised (TRAPS 57).
const TABLE: readonly (readonly [CodeMeaning, readonly number[]])[] = [
  ["order_gone", [110001, 110008, 110010]],
  ["not_modified", [20001, 34036, 34040, 110025, 110026, 110027, 110043]],
  ["duplicate_id", [10014, 20006, 110072]],
  ["wrong_trigger_side", [110092, 110093]],
  ["reduce_only", [110017, 110033, 110034]],
  ["margin", [
    ...[110004, 110006, 110007, 110011, 110012, 110014, 110039, 110040],
    ...[110044, 110045, 110046, 110047, 110051, 110052, 110053, 110131],
  ]],
  ["quantity", [110021, 110022, 110064, 110094]],
  ["price", [30208, 30209, 110003, 110120, 110121]],
  ["too_many_conditional", [110009]],
  ["not_now", [110005, 110035, 110079, 110118]],
  ["clock", [-1, 10002]],
  ["throttled", [10006, 10018, 10403, 10429, 20003]],
  ["credentials", [10003, 10004, 10005, 33004]],
  ["permission", [
    ...[10007, 10008, 10009, 10010, 10024, 10027, 10028, 10029, 10032, 100028],
    ...[110073, 110101, 110102, 110123, 110124, 110125, 110132, 3400045],
  ]],
  ["parameter", [
    ...[404, 10001, 10017, 10404, 110018, 110019, 110020, 110024, 110028, 110029, 110032],
    ...[110054, 110055, 110056, 110057, 110058, 110059, 110060, 110061],
  ]],
  ["risk_tier", [110013, 110031, 110048, 110085, 110086, 110089, 110090, 3400139]],
  ["symbol_state", [30228, 110023, 110042, 110063, 110066, 110074]],
  ["margin_mode", [110015, 110036, 110038, 110077]],
  ["unknown", [429, 10000, 10016, 10019, 40004, 170001, 170005, 170007, 170032, 500000]],
];
const MEANINGS = new Map(TABLE.flatMap(([meaning, codes]) => codes.map((code) => [code, meaning] as const)));

/** Meaning of a code; null = not in the venue's list as known here. */
export function meaningOf(code: number): CodeMeaning | null {
  const listed = MEANINGS.get(code);
  if (listed !== undefined) return listed;
  // 182xxx and 34xxxxx are collateral and account switching: refusals of the account, whatever the exact number.
  if ((code >= 182_000 && code <= 182_999) || (code >= 3_400_000 && code <= 3_499_999)) return "permission";
  return null;
}

const ADVICE: ReadonlyMap<number, string> = new Map([
  [10003, "The API key is not known on the testnet: create one at testnet.bybit.com and put it into the environment"],
  [10004, "The API secret does not belong to the API key: set both again from the same testnet key"],
  [10005, "The API key lacks a permission: give it Contract orders and positions, nothing else"],
  [33004, "The API key has expired: create a new one at testnet.bybit.com"],
  [10007, "The venue did not accept the login: create a new testnet key"],
  [10008, "The account is banned or in a mode this bot cannot use: look at it at testnet.bybit.com"],
  [10009, "The venue refuses this region: the bot cannot run from here"],
  [10010, "The API key is bound to another IP address: add this machine's address to the key"],
  [10002, "The local clock and the venue's differ too much: switch on time synchronisation of this machine"],
  [110101, "BTC is not switched on as collateral: switch the account to isolated margin"],
  [110102, "The account may not trade inverse contracts: use another testnet account"],
]);

/** One line for a person; null = the venue's own text says it. Codes whose text echoes signed strings always have one. */
export function adviceFor(code: number): string | null {
  return ADVICE.get(code) ?? null;
}
