/**
 * What a trader wants to hear beside trouble: a trade opened, a trade closed, a day closed (M-1.3). Told by the program
 * beside the core, from states and records, so that no journal changes by it.
 */
import { entryAverage } from "../../application/transition/ledger/execution_ledger.ts";
import type { AlertCode, AlertSeverity } from "../../domain/alert_codes.ts";
import { usdDown } from "../../domain/inverse.ts";
import type { JournalRecord } from "../../domain/records.ts";
import type { Bot, Position } from "../../domain/state.ts";

export type News = {
  readonly at: number;
  readonly severity: AlertSeverity;
  readonly code: AlertCode;
  readonly text: string;
  /** Figures of this alert, beside those of the moment. */
  readonly facts: Readonly<Record<string, number | string | null>>;
};

function heldPosition(bot: Bot): Position | null {
  return bot.phase.kind === "position" || bot.phase.kind === "exit" ? bot.phase.position : null;
}

function openedNews(bot: Bot, position: Position): News {
  const { plan } = position;
  const entry = entryAverage(bot.ledger) ?? position.entryPrice;
  const stop = position.stop.wantedTrigger;
  const target = plan === null
    ? null
    : entry + (position.direction === "long" ? plan.targetOffset : -plan.targetOffset);
  const risk = plan === null || entry <= 0 ? null : usdDown(plan.maxLoss, entry) / 1_000_000;
  return {
    at: bot.now,
    severity: "info",
    code: "trade_opened",
    text: `${position.direction} ${position.contracts} contracts at ${entry / 100}`,
    facts: {
      trade_id: position.tradeId,
      direction: position.direction,
      contracts: position.contracts,
      entry_usd: entry / 100,
      stop_usd: stop > 0 ? stop / 100 : null,
      target_usd: target === null ? null : target / 100,
      risk_usd: risk,
    },
  };
}

/** The end of a UTC day, once the first step of the next one is taken. Dollars. */
function dayNews(before: Bot, now: Bot): News | null {
  const [closed, opened] = [before.risk.day, now.risk.day];
  if (closed === null || opened === null || opened.startAt <= closed.startAt) return null;
  const usd = (micro: number | null) => (micro === null ? null : micro / 1_000_000);
  const day = new Date(closed.startAt).toISOString().slice(0, 10);
  return {
    at: now.now,
    severity: "info",
    code: "day_closed",
    text: `${day}: ${before.risk.tradesToday} trades, realised ${(closed.realised / 1_000_000).toFixed(2)} USD`,
    facts: {
      day,
      trades: before.risk.tradesToday,
      realised_usd: usd(closed.realised),
      equity_start_usd: usd(closed.equity),
      equity_end_usd: usd(opened.equity),
    },
  };
}

/** The news of a record, told at `at`; null when it is none. `net_usd` and R are those of the trade log. */
export function recordNews(record: JournalRecord, at: number): News | null {
  if (record.type !== "trade") return null;
  return {
    at,
    severity: "info",
    code: "trade_closed",
    text: `${record.direction} ${record.contracts} contracts closed (${record.exit_reason})`,
    facts: {
      trade_id: record.trade_id,
      direction: record.direction,
      contracts: record.contracts,
      entry_usd: record.entry_price_avg,
      exit_usd: record.exit_price_avg,
      exit_reason: record.exit_reason,
      r: record.r_multiple,
      net_usd: record.net_pnl_usd,
      net_sats: record.net_pnl_sats,
      fees_sats: record.fees_sats,
      open_ms: record.closed_at_ms - record.opened_at_ms,
    },
  };
}

/** An opened trade is told once its stop is shown, or after this: an alarm at each fill would be none. */
const SETTLED_MS = 10_000;

function isSettled(bot: Bot, position: Position): boolean {
  const covered = position.stopStatus === "ACTIVE" && position.uncoveredSince === null && !position.entryWorking;
  return covered || bot.now - position.openedAt >= SETTLED_MS;
}

/** Compares each state with the one before; the first one is where it starts from. */
export class TradeNews {
  #before: Bot | null = null;
  /** A trade that opened and is not told yet, as it was last seen. */
  #opened: { readonly bot: Bot; readonly position: Position } | null = null;

  /** What the step to this state brought. */
  step(bot: Bot): readonly News[] {
    const before = this.#before;
    this.#before = bot;
    if (before === null) return [];
    const news: News[] = [];
    const position = heldPosition(bot);
    if (position !== null && position.tradeId !== heldPosition(before)?.tradeId && bot.trade !== null) {
      this.#opened = { bot, position };
    }
    const opened = this.#opened;
    if (opened !== null) {
      const same = position?.tradeId === opened.position.tradeId ? position : null;
      if (same !== null) this.#opened = { bot, position: same };
      if (same === null || isSettled(bot, same)) {
        news.push(openedNews(same === null ? opened.bot : bot, same ?? opened.position));
        this.#opened = null;
      }
    }
    if (bot.risk !== before.risk) {
      const day = dayNews(before, bot);
      if (day !== null) news.push(day);
    }
    return news;
  }
}
