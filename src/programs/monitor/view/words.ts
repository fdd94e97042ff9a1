/** Codes in words, for people (no raw field names on the page). */

const GATES: readonly string[] = [
  "",
  "state and market data",
  "limits of the day",
  "stage and leverage",
  "volatility and order book",
  "expected value",
  "maker rule",
  "win rate",
  "position mode",
];

/** `3 (stage and leverage)`. */
export function gateName(gate: number): string {
  const name = GATES[gate];
  return name === undefined ? String(gate) : `${gate} of 8: ${name}`;
}

const REFUSALS: Readonly<Record<string, string>> = {
  no_signal: "the price is between the grid lines",
  state_halt: "the bot is halted",
  state_cooldown: "a cooldown is running",
  emergency_block: "the venue answers too slowly",
  degraded_mode: "the streams are not healthy",
  state_not_flat: "a position or an order is open",
  orders_not_clean: "old orders are being cleaned up",
  market_data_stale: "market data is missing or old",
  leverage_unconfirmed: "the venue has not confirmed the leverage",
  cooldown_active: "a block is running",
  max_trades_per_day: "today's trades are used up",
  dry_run_limit: "the dry run is over",
  stage_flap: "the stage changes too often",
  leverage_above_stage: "the leverage is above the stage's",
  atr_too_low: "the market moves too little",
  atr_unavailable: "not enough hourly bars yet",
  price_divergence: "last and mark price are too far apart",
  spread_too_wide: "the spread is too wide",
  book_too_thin: "the order book is too thin",
  ev_insufficient: "the expected profit does not pay the fees",
  maker_only_violation: "only resting orders are allowed",
  taker_quota: "today's crossing order is used up",
  hedge_mode_detected: "the account is in hedge mode",
};

/** A code as words; one that is not known keeps its own, made readable. */
export function refusalWords(code: string): string {
  const known = REFUSALS[code];
  if (known !== undefined) return known;
  const [kind = "", rest] = code.split(":");
  if (kind === "session_risk" && rest !== undefined) return `a limit was reached: ${plainWords(rest)}`;
  return plainWords(code);
}

/** `stop_loss_local` → `stop loss local`. */
export function plainWords(code: string): string {
  return code.replaceAll(/[_:]+/g, " ");
}
