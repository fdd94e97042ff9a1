import { createHash } from "node:crypto";
import { publicWord } from "../../../application/transition/mod.ts";
import type { TradeRecord } from "../../../domain/records.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import { checkWindow, DAY_MS } from "./candles.ts";
import { Quiet } from "./quiet.ts";
import { Driver, type Extremes } from "./driver.ts";
import { walletSatOf } from "./paper_venue.ts";
import type { Candidate, CandidateResult, DayResult, LabTrade } from "./types.ts";

const PICO_PER_SAT = 10_000;

/** Plays one candidate through its window (L-1). Throws LabWindowError when the window cannot be played. */
export function runCandidate(of: Candidate): CandidateResult {
  const { candles, from, to, options } = of;
  checkWindow(candles, of);
  const trades: LabTrade[] = [];
  const records: TradeRecord[] = [];
  const intents: string[] = [];
  const hash = createHash("sha256");
  const driver = new Driver(of, {
    trade: (record, extremes) => {
      hash.update(JSON.stringify(record));
      trades.push(tradeOf(record, extremes));
      records.push({ ...record, gate_results: [] });
    },
    intent: (at, intent) => {
      if (options.keepIntents) intents.push(`${at} ${JSON.stringify(intent)}`);
    },
  });
  const first = (from - candles.firstAt) / MINUTE_MS;
  const last = (to - candles.firstAt) / MINUTE_MS;
  const days = new Days(of);
  const quiet = new Quiet(of);
  let skipped = 0;
  driver.boot(first);
  for (let minute = first; minute < last; minute++) {
    if (minute > first) driver.onMinute(minute);
    if (quiet.covers(driver.bot, minute)) {
      driver.overlook(minute);
      skipped++;
    } else driver.play(minute);
    days.see(minute, driver);
  }
  driver.wake(last);
  driver.finish(to);
  const openCents = candles.open[first] ?? 0;
  const closeCents = candles.close[last - 1] ?? 0;
  const startUsd = walletSatOf(options.walletUsd, openCents) / 1e8 * openCents / 100;
  return {
    trades,
    records,
    days: days.results(trades),
    halts: driver.halts,
    finalState: publicWord(driver.bot),
    fingerprint: hash.digest("hex").slice(0, 16),
    netUsd: driver.venue.equityUsdAt(closeCents) - startUsd,
    holdUsd: startUsd * closeCents / openCents - startUsd,
    candles: last - first,
    skipped,
    intents,
  };
}

/** The UTC days of a window, as they end. */
class Days {
  readonly #of: Candidate;
  readonly #ends: { readonly equityUsd: number; readonly closeUsd: number; readonly blocked: boolean }[] = [];
  #blocked = false;

  constructor(of: Candidate) {
    this.#of = of;
  }

  see(minute: number, { bot, venue }: Driver): void {
    if (bot.halt !== null) this.#blocked = true;
    const { candles, to, options } = this.#of;
    const endAt = candles.firstAt + (minute + 1) * MINUTE_MS;
    if (endAt % DAY_MS !== 0 && endAt !== to) return;
    const cents = candles.close[minute] ?? 0;
    this.#ends.push({ equityUsd: venue.equityUsdAt(cents), closeUsd: cents / 100, blocked: this.#blocked });
    this.#blocked = false;
    options.onDay?.(endAt);
  }

  results(trades: readonly LabTrade[]): readonly DayResult[] {
    const first = dayOf(this.#of.from);
    const sums = this.#ends.map(() => ({ r: 0, trades: 0 }));
    for (const trade of trades) {
      const sum = sums[Math.min(sums.length - 1, Math.max(0, dayOf(trade.closedAt) - first))];
      if (sum === undefined) continue;
      sum.r += trade.r ?? 0;
      sum.trades += 1;
    }
    return this.#ends.map((end, index) => ({
      day: new Date((first + index) * DAY_MS).toISOString().slice(0, 10),
      r: sums[index]?.r ?? 0,
      trades: sums[index]?.trades ?? 0,
      ...end,
    }));
  }
}

function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** A trade as the lab counts it; dollars at the exit price. */
function tradeOf(record: TradeRecord, extremes: Extremes): LabTrade {
  const usd = (sats: number) => sats / 1e8 * record.exit_price_avg;
  const entry = record.entry_price_avg;
  const risk = record.stop_distance_pct * entry / 100;
  const inRisk = (cents: number) => risk === 0 ? 0 : (cents / 100 - entry) / risk;
  const long = record.direction === "long";
  return {
    signalId: record.signal_id,
    side: record.direction,
    openedAt: record.opened_at_ms,
    closedAt: record.closed_at_ms,
    entryPrice: entry,
    exitPrice: record.exit_price_avg,
    contracts: record.contracts,
    r: record.r_multiple,
    netPicoBtc: Math.round(record.net_pnl_sats * PICO_PER_SAT),
    netUsd: usd(record.net_pnl_sats),
    feesUsd: usd(record.fees_sats),
    slippageUsd: record.slippage_usd,
    fundingUsd: usd(record.funding_sats),
    exitReason: record.exit_reason,
    regime: record.market_regime,
    stage: record.entry_stage,
    mae: Math.min(0, long ? inRisk(extremes.low) : -inRisk(extremes.high)),
    mfe: Math.max(0, long ? inRisk(extremes.high) : -inRisk(extremes.low)),
  };
}
