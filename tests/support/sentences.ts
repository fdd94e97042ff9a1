/** All sentences for people, each with the facts it was made from: `name | sentence`. */
import { blockSentence } from "../../src/views/block_words.ts";
import { CHECK_WORDS, checkLine } from "../../src/views/check_words.ts";
import { automaticPart, haltSentence, ROLLBACK } from "../../src/views/halt_words.ts";
import { type Inputs, REFUSALS, whySentence } from "../../src/views/refusal_words.ts";
import {
  coverSentence,
  deathSentence,
  headlineOf,
  nextSteps,
  type PositionFacts,
  type StateFacts,
  stateSentence,
} from "../../src/views/state_words.ts";
import { exitClause, exitWord } from "../../src/views/trade_words.ts";
import { blockClass, type BlockReason } from "../../src/domain/halts_and_blocks.ts";
import type { ExitReason } from "../../src/domain/words.ts";

const NOW = Date.parse("2026-12-01T12:30:20Z");
const MINUTE = 60_000;
const MIDNIGHT = Date.parse("2026-12-02T00:00:00Z");
const GRID = { buy_at_usd: 31_730.4, sell_at_usd: 31_831.2 };

const BLOCK_REASONS: Readonly<Record<BlockReason, number | null>> = {
  price_drop_1m: 20 * MINUTE,
  price_drop_5m: 20 * MINUTE,
  price_surge_1m: 20 * MINUTE,
  price_surge_5m: 20 * MINUTE,
  daily_loss: MIDNIGHT - NOW,
  weekly_loss: 3 * 1440 * MINUTE,
  loss_streak_day: MIDNIGHT - NOW,
  loss_streak: 720 * MINUTE,
  fee_spike: 60 * MINUTE,
  slippage: 60 * MINUTE,
  reconnect_loop: 10 * MINUTE,
  starting: null,
  rejections: 5 * MINUTE,
  order_cleanup: null,
  latency: null,
  degraded: null,
  market_data_stale: null,
  ip_banned: 10 * MINUTE,
  instrument: null,
  ws_recovery: null,
  taker_failed: 60 * MINUTE,
  stage_flap: 60 * MINUTE,
  reconcile: null,
  journal_lag: null,
  key_expiry: null,
  shutdown: null,
};
const EXIT_REASONS: Readonly<Record<ExitReason, true>> = {
  stop_loss: true,
  stop_loss_local: true,
  profit_target: true,
  manual: true,
  kill_switch: true,
  unprotected: true,
  liquidation_too_close: true,
  foreign: true,
  liquidation: true,
  adl: true,
  other_side: true,
};
/** What the gates and the sizing hand over, by code. */
const INPUTS: Readonly<Record<string, Inputs>> = {
  state_halt: { halt: "kill_switch" },
  state_cooldown: { cooldown: "price_drop_1m" },
  market_data_stale: { quote_known: true, equity_known: true },
  leverage_unconfirmed: { leverage_confirmed_e2: 500, leverage_wanted_e2: 300 },
  cooldown_active: { block: "reconcile" },
  max_trades_per_day: { trades_today: 5, max_trades_per_day: 5 },
  session_risk: { session_risk: "daily_loss" },
  leverage_above_stage: { leverage_e2: 500, stage_leverage: 3 },
  atr_too_low: { atr_pct_24h: 1.5894495695044446, atr_pct_24h_min: 3 },
  price_divergence: { divergence_pct: 1.4321 },
  spread_too_wide: { spread_pct: 0.8123, spread_max_pct: 0.5 },
  book_too_thin: { exit_side_contracts: 20, exit_side_needed: 70.5 },
  ev_insufficient: { profit_e8: 30_000, fee_e8: 40_000, k: 2 },
  winrate_hard: { winrate_pct: 31.03 },
  liquidation_too_close: { liquidation_distance_e8: 12_345_678, liquidation_required_e8: 15_000_000 },
};
/** What follows the colon of those halt reasons that name a case. */
const CASES: Readonly<Record<string, string>> = {
  persistent_rejection: "margin",
  startup_check: "margin_mode",
  invariant_violation: "flat_with_quantity",
};

const POSITION: PositionFacts = {
  direction: "long",
  contracts: 147,
  entry_usd: 31_730.5,
  stop_usd: 30_903,
  target_usd: 31_900,
  stop_shown_at_ms: NOW - 3_000,
  uncovered_since_ms: null,
  protected_without_us: true,
  worst_usd: -2.8012,
  closing: null,
};
const FLAT: StateFacts = {
  word: "FLAT",
  observe: false,
  halt: null,
  blocks: [],
  position: null,
  entry: { refusal: "no_signal", inputs: {} },
  grid: GRID,
  last_usd: 31_780,
};

function block(reason: BlockReason) {
  const wait = BLOCK_REASONS[reason];
  return { reason, class: blockClass(reason), until_ms: wait === null ? null : NOW + wait };
}

const STATES: Readonly<Record<string, StateFacts>> = {
  "flat": FLAT,
  "flat, market quiet": { ...FLAT, entry: { refusal: "atr_too_low", inputs: INPUTS["atr_too_low"] ?? {} } },
  "flat, no grid yet": { ...FLAT, entry: { refusal: "atr_unavailable", inputs: {} }, grid: null },
  "flat, only watching": { ...FLAT, observe: true },
  "starting": { ...FLAT, word: "COOLDOWN", blocks: [block("starting")] },
  "entry": { ...FLAT, word: "ENTRY_PENDING" },
  "in a trade": { ...FLAT, word: "IN_POSITION", position: POSITION },
  "in a trade, short, taken over": {
    ...FLAT,
    word: "IN_POSITION",
    position: { ...POSITION, direction: "short", contracts: 1, entry_usd: null, target_usd: null, worst_usd: 0.4 },
  },
  "without a stop": {
    ...FLAT,
    word: "IN_POSITION",
    position: { ...POSITION, protected_without_us: false, uncovered_since_ms: NOW - 4_000, stop_shown_at_ms: null },
  },
  "closing": { ...FLAT, word: "EXIT_PENDING", position: { ...POSITION, closing: "manual" } },
  "pause": { ...FLAT, word: "COOLDOWN", blocks: [block("daily_loss")] },
  "two pauses": { ...FLAT, word: "COOLDOWN", blocks: [block("price_drop_1m"), block("degraded")] },
  "halted": {
    ...FLAT,
    word: "HALT",
    halt: { reason: "equity_below_floor" },
    equity_usd: 79.6123,
    floor_usd: 80,
  },
  "halted in a trade": { ...FLAT, word: "HALT", halt: { reason: "kill_switch" }, position: POSITION },
  "stopped": { ...FLAT, blocks: [block("shutdown")] },
  "stopped in a trade": { ...FLAT, word: "IN_POSITION", position: POSITION, blocks: [block("shutdown")] },
};

function stateLines(): readonly string[] {
  return Object.entries(STATES).flatMap(([name, facts]) => [
    `${name} | ${headlineOf(facts)}. ${stateSentence(facts, NOW)}`,
    `${name}, cover | ${coverSentence(facts.position, NOW)}`,
    `${name}, death | ${deathSentence(facts.position)}`,
    ...nextSteps({ ...facts, entry_due_at_ms: NOW + MINUTE }, NOW).map((line) => `${name}, next | ${line}`),
  ]);
}

function refusalLines(): readonly string[] {
  const known = Object.keys(REFUSALS).map((code) => {
    const refusal = code === "session_risk" ? "session_risk:daily_loss" : code;
    return `${code} | ${whySentence({ refusal, inputs: INPUTS[code] ?? {}, grid: GRID, last_usd: 31_780 })}`;
  });
  const spent = { refusal: "no_signal", inputs: {}, grid: GRID };
  return [
    ...known,
    `no_signal, below the line | ${whySentence({ ...spent, last_usd: 31_700 })}`,
    `no_signal, above the line | ${whySentence({ ...spent, last_usd: 31_900 })}`,
    `no_signal, grid unknown | ${whySentence({ ...spent, grid: null })}`,
    `nothing | ${whySentence({ refusal: null, inputs: {} })}`,
    `a code of tomorrow | ${whySentence({ refusal: "code_of_tomorrow", inputs: {} })}`,
    ...Object.keys(REFUSALS).filter((code) => INPUTS[code] !== undefined).map((code) =>
      `${code}, figures unknown | ${whySentence({ refusal: code, inputs: {} })}`
    ),
  ];
}

function haltLines(): readonly string[] {
  return Object.entries(ROLLBACK).flatMap(([word, { steps }]) => {
    const reason = CASES[word] === undefined ? word : `${word}:${CASES[word]}`;
    const facts = { equity_usd: 79.6123, floor_usd: 80, goal_usd: 1000 };
    return [
      `${word} | ${haltSentence(reason, facts)}`,
      ...steps.map((step, index) => `${word}, step ${index + 1} | ${step}`),
    ];
  });
}

/** Every sentence, in groups. */
export function sentences(): readonly string[] {
  const blocks = Object.keys(BLOCK_REASONS).filter((name): name is BlockReason => name in BLOCK_REASONS);
  return [
    "# states: what it does, whether the money is protected, what happens next",
    ...stateLines(),
    "# why no entry",
    ...refusalLines(),
    "# pauses",
    ...blocks.map((reason) => `${reason} | ${blockSentence(block(reason), NOW)}`),
    ...blocks.map((reason) => `${reason}, no time known | ${blockSentence({ reason, until_ms: null }, NOW)}`),
    "# halts",
    ...haltLines(),
    ...["kill_switch", "credentials"].flatMap((reason) =>
      automaticPart(reason).map((line) => `${reason}, what goes on | ${line}`)
    ),
    "# how a trade ended",
    ...Object.keys(EXIT_REASONS).map((reason) => `${reason} (${exitWord(reason)}) | ${exitClause(reason)}.`),
    "# start checks",
    ...Object.keys(CHECK_WORDS).map((name) =>
      `${name} | ${checkLine(name, { result: "ok", line: "as it should be." })}`
    ),
    `margin_mode, failed | ${
      checkLine("margin_mode", { result: "failed", line: "Cannot start as F-12.6 needs ISOLATED_MARGIN: it is cross." })
    }`,
    `one_way, not checked | ${checkLine("one_way", { result: "not_checked", line: "" })}.`,
  ];
}
