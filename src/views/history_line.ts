import { stageConfig } from "../application/policy/entry/stage.ts";
import { entryAverage } from "../application/transition/ledger/execution_ledger.ts";
import { equityOf } from "../application/transition/ledger/money.ts";
import { publicWord } from "../application/transition/mod.ts";
import { isCovered } from "../application/transition/protection/stop_manager.ts";
import { targetOf } from "../application/transition/protection/target_manager.ts";
import type { RiskSpan } from "../domain/slices.ts";
import type { Bot, Position } from "../domain/state.ts";
import {
  HISTORY_SCHEMA,
  type HistoryLine,
  type HistoryStart,
} from "../infrastructure/storage/history/history_schema.ts";

const PICO = 1e12;

/** The open position, if any. */
export function openPosition(bot: Bot): Position | null {
  return bot.phase.kind === "position" || bot.phase.kind === "exit" ? bot.phase.position : null;
}

/** True only while the venue shows a stop for the whole position. */
export function isShownCovered(bot: Bot, position: Position): boolean {
  return position.stopStatus === "ACTIVE" && position.uncoveredSince === null && isCovered(bot, position);
}

/** Dollars in cents, BTC in satoshi: short lines. */
function round(value: number, decimals: number): number {
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

/** Room of a day or week in dollars: its cap and what was realised; null while its equity is not known. */
export function roomLeftUsd(span: RiskSpan | null, capPct: number): number | null {
  if (span === null || span.equity === null) return null;
  const cap = (span.equity / 1_000_000) * (capPct / 100);
  return Math.max(0, round(cap + span.realised / 1_000_000, 2));
}

/** The start of the curves, once capital and price are known; null before. */
export function startOf(bot: Bot): HistoryStart | null {
  const { base } = bot.capital;
  const { mark } = bot.market.seen;
  if (base === null || base <= 0 || mark === null || mark <= 0) return null;
  const { capital_usd } = bot.config.goal;
  const btc = base / PICO;
  // A fixed capital says what a BTC cost when the base was bought; the whole wallet only what it costs now.
  const btcUsd = capital_usd === null ? mark / 100 : capital_usd / btc;
  return {
    schema: HISTORY_SCHEMA,
    account_uid: bot.accountUid,
    at_ms: bot.goal.startedAt ?? bot.now,
    capital_usd: round(capital_usd ?? btc * btcUsd, 2),
    btc_usd: round(btcUsd, 2),
  };
}

/** Equity three ways, in dollars: at the price now, at the price of the start, and what only holding would be worth. */
export function threeCurves(
  bot: Bot,
  start: Pick<HistoryStart, "btc_usd"> | null,
): Pick<HistoryLine, "equity_btc" | "equity_usd" | "trading_usd" | "held_usd"> {
  const { btc } = equityOf(bot);
  const { mark } = bot.market.seen;
  const { base } = bot.capital;
  const price = mark === null || mark <= 0 ? null : mark / 100;
  const at = (amount: number | null, usd: number | null) =>
    amount === null || usd === null ? null : round((amount / PICO) * usd, 2);
  return {
    equity_btc: btc === null ? null : round(btc / PICO, 8),
    equity_usd: at(btc, price),
    trading_usd: at(btc, start?.btc_usd ?? null),
    held_usd: at(base, price),
  };
}

function positionFields(bot: Bot, position: Position): Partial<HistoryLine> {
  const entry = entryAverage(bot.ledger) ?? position.entryPrice;
  const target = targetOf(bot, position);
  const trigger = position.stop.wantedTrigger;
  return {
    ...(entry > 0 ? { entry_usd: entry / 100 } : {}),
    ...(trigger > 0 ? { stop_usd: trigger / 100 } : {}),
    ...(target === null ? {} : { target_usd: target / 100 }),
    covered: isShownCovered(bot, position),
  };
}

/** One moment of the bot as its history keeps it (M-1.1). Pure. */
export function historyLineOf(bot: Bot, start: HistoryStart | null): HistoryLine {
  const { last, mark } = bot.market.seen;
  const { config, risk } = bot;
  const position = openPosition(bot);
  const aDay = stageConfig(config.stages, bot.stage.candidate ?? 1).max_trades_per_day;
  return {
    schema: HISTORY_SCHEMA,
    at_ms: bot.now,
    last_usd: last === null ? null : last / 100,
    mark_usd: mark === null ? null : mark / 100,
    ...threeCurves(bot, start),
    word: publicWord(bot),
    phase: bot.phase.kind,
    contracts: position === null ? 0 : position.direction === "long" ? position.contracts : -position.contracts,
    ...(position === null ? {} : positionFields(bot, position)),
    ...(bot.halt === null ? {} : { halt: bot.halt.reason }),
    ...(bot.blocks.length === 0 ? {} : { blocks: bot.blocks.map((block) => block.reason) }),
    left: {
      trades: Math.max(0, aDay - risk.tradesToday),
      day_usd: roomLeftUsd(risk.day, config.safety.daily_loss_cap_pct),
      week_usd: roomLeftUsd(risk.week, config.safety.weekly_loss_cap_pct),
      losses: Math.max(0, config.safety.loss_streak_day - risk.lossStreak),
    },
  };
}
