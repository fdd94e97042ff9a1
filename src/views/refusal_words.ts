/** Why no entry is sent, in words: each gate, the sizing, and price itself (P-4, P-5, P-7). */
import type { RefusalCode } from "../domain/words.ts";
import { blockClause, blockSentence } from "./block_words.ts";
import { haltSentence } from "./halt_words.ts";
import { percentText, roundPriceText, sentenceOf } from "./numbers.ts";

export type Inputs = Readonly<Record<string, number | string | boolean | null>>;
/** What one evaluation of an entry says; from the journal or from a running bot. */
export type RefusalFacts = {
  /** First refusing code; null = an entry was sent. */
  readonly refusal: string | null;
  /** What the refusing gate judged by. */
  readonly inputs: Inputs;
  /** The grid's lines, when they are known. USD. */
  readonly grid?: { readonly buy_at_usd: number; readonly sell_at_usd: number } | null;
  /** USD. */
  readonly last_usd?: number | null;
};

function numberAt(inputs: Inputs, key: string): number | null {
  const value = inputs[key];
  return typeof value === "number" ? value : null;
}
function textAt(inputs: Inputs, key: string): string | null {
  const value = inputs[key];
  return typeof value === "string" ? value : null;
}
function leverageText(e2: number): string {
  return `${e2 / 100}x`;
}

/** `buys at or below $31,730, sells at or above $31,831`. */
export function gridClause(grid: { readonly buy_at_usd: number; readonly sell_at_usd: number }): string {
  return `buys at or below ${roundPriceText(grid.buy_at_usd)}, sells at or above ${roundPriceText(grid.sell_at_usd)}`;
}

function leverageUnconfirmed({ inputs }: RefusalFacts): string {
  const [wanted, there] = [numberAt(inputs, "leverage_wanted_e2"), numberAt(inputs, "leverage_confirmed_e2")];
  if (wanted === null || there === null) return "the venue has not confirmed the leverage yet";
  return `the venue has not confirmed ${leverageText(wanted)} leverage: it shows ${leverageText(there)}`;
}

function leverageAbove({ inputs }: RefusalFacts): string {
  const [wanted, most] = [numberAt(inputs, "leverage_e2"), numberAt(inputs, "stage_leverage")];
  if (wanted === null || most === null) return "the configured leverage is more than this stage allows";
  return `the configured leverage of ${leverageText(wanted)} is more than the ${most}x that this stage allows`;
}

function insideGrid({ grid, last_usd: last = null }: RefusalFacts): string {
  if (grid === undefined || grid === null) return "price is inside the grid";
  if (last !== null && last <= grid.buy_at_usd) {
    return `price is at the buy line (${roundPriceText(grid.buy_at_usd)}), but a buy was traded in this bar already ` +
      "or the market filter is against it";
  }
  if (last !== null && last >= grid.sell_at_usd) {
    return `price is at the sell line (${
      roundPriceText(grid.sell_at_usd)
    }), but a sell was traded in this bar already ` +
      "or the market filter is against it";
  }
  return `price is inside the grid: ${gridClause(grid)}`;
}

function staleText({ inputs }: RefusalFacts): string {
  if (inputs["quote_known"] === false) return "not every price is known yet (last, mark, bid, ask)";
  if (inputs["equity_known"] === false) return "what the account holds is not known yet";
  return "no fresh prices arrive";
}

function spreadText({ inputs }: RefusalFacts): string {
  const [spread, most] = [numberAt(inputs, "spread_pct"), numberAt(inputs, "spread_max_pct")];
  if (spread === null) return "bid or ask is not known";
  const limit = most === null ? "" : `, at most ${percentText(most)} is allowed`;
  return `bid and ask are ${percentText(spread)} apart${limit}`;
}

function divergenceText({ inputs }: RefusalFacts): string {
  const apart = numberAt(inputs, "divergence_pct");
  return apart === null
    ? "last or mark price is not known"
    : `last and mark price are ${percentText(apart)} apart: the last price is not to be trusted`;
}

function thinText({ inputs }: RefusalFacts): string {
  const [there, needed] = [numberAt(inputs, "exit_side_contracts"), numberAt(inputs, "exit_side_needed")];
  return `the order book is too thin to get out again: ${there ?? "unknown"} contracts at the best price, ` +
    `it needs ${needed === null ? "more" : Math.ceil(needed)}`;
}

function valueText({ inputs }: RefusalFacts): string {
  const [profit, fee] = [numberAt(inputs, "profit_e8"), numberAt(inputs, "fee_e8")];
  if (profit === null || fee === null) return "the target does not pay the fees";
  const k = numberAt(inputs, "k") ?? 1;
  return `the target does not pay: it would bring ${percentText(profit / 1e6)}, fees take ${percentText(fee / 1e6)}, ` +
    `and it must bring ${k} times the fees`;
}

function winrateText({ inputs }: RefusalFacts): string {
  return `only ${percentText(numberAt(inputs, "winrate_pct"))} of the last trades won: too few`;
}

function liquidationText({ inputs }: RefusalFacts): string {
  const [there, needed] = [
    numberAt(inputs, "liquidation_distance_e8"),
    numberAt(inputs, "liquidation_required_e8"),
  ];
  return there === null || needed === null
    ? "liquidation would lie too close to the entry"
    : `liquidation would lie ${percentText(there / 1e6)} from the entry, it must be ${percentText(needed / 1e6)} away`;
}

type Telling = (facts: RefusalFacts) => string;
/** A code without the case after its colon. */
type Family<Code extends string> = Code extends `${infer First}:${string}` ? First : Code;
/** Every code that refuses an entry; the list is complete when the compiler says so. */
export const REFUSALS: Readonly<Record<Family<RefusalCode>, Telling>> = {
  state_halt: ({ inputs }) => {
    const reason = textAt(inputs, "halt");
    return reason === null ? "the file KILL is there" : `halted until a person resets. ${haltSentence(reason)}`;
  },
  state_cooldown: ({ inputs }) => `entries pause: ${blockClause(textAt(inputs, "cooldown") ?? "cooldown")}`,
  emergency_block: () => blockSentence({ reason: "latency", until_ms: null }, 0),
  degraded_mode: () => blockSentence({ reason: "degraded", until_ms: null }, 0),
  state_not_flat: () => "something is open already: one position at a time",
  orders_not_clean: () => blockSentence({ reason: "order_cleanup", until_ms: null }, 0),
  market_data_stale: staleText,
  leverage_unconfirmed: leverageUnconfirmed,
  cooldown_active: ({ inputs }) => `entries wait: ${blockClause(textAt(inputs, "block") ?? "block")}`,
  max_trades_per_day: ({ inputs }) =>
    `today's ${
      numberAt(inputs, "max_trades_per_day") ?? "last"
    } trades are used up: the next is possible from 00:00 UTC`,
  session_risk: ({ refusal, inputs }) =>
    `entries pause: ${blockClause(textAt(inputs, "session_risk") ?? refusal?.split(":")[1] ?? "session risk")}`,
  dry_run_limit: () => "the rehearsal has traded as often as it was asked to",
  stage_flap: () => blockClause("stage_flap"),
  leverage_above_stage: leverageAbove,
  atr_too_low: ({ inputs }) =>
    `market too quiet: the daily range is ${percentText(numberAt(inputs, "atr_pct_24h"))}, it needs ${
      percentText(numberAt(inputs, "atr_pct_24h_min"))
    }`,
  atr_unavailable: () => "too few candles yet to know how far the price usually moves",
  price_divergence: divergenceText,
  spread_too_wide: spreadText,
  book_too_thin: thinText,
  ev_insufficient: valueText,
  maker_only_violation: () => "only orders that rest in the book are allowed now, and this one would cross the spread",
  taker_quota: () => "today's one entry across the spread is used up",
  winrate_hard: winrateText,
  backtest_winrate_low: () => "the configuration asks for a backtest, and its win rate is missing or too low",
  hedge_mode_detected: () => "the account is in hedge mode, the bot needs one-way mode",
  stop_distance_invalid: () => "no stop can be computed: the grid has no spacing",
  margin_insufficient: () => "too little free margin for the smallest order",
  qty_below_minimum: () => "the loss that is allowed buys less than the venue's smallest order",
  liquidation_too_close: liquidationText,
  liquidation_unknown: () => "where liquidation would lie is not known, and the stop is too wide to go without",
  no_signal: insideGrid,
};

/** Why no entry is sent, as a clause; null = nothing refuses. */
export function refusalClause(facts: RefusalFacts): string | null {
  const { refusal } = facts;
  if (refusal === null) return null;
  const tell = Object.entries(REFUSALS).find(([code]) => code === refusal.split(":")[0])?.[1];
  return tell === undefined ? refusal.replaceAll("_", " ") : tell(facts);
}

/** Why no entry is sent: `Market too quiet: the daily range is 1.6 %, it needs 3 %.` */
export function whySentence(facts: RefusalFacts): string {
  return sentenceOf(refusalClause(facts) ?? "nothing refuses an entry");
}
