import type {
  ChangeRecord,
  EvaluationRecord,
  JournalRecord,
  SnapshotRecord,
  TradeRecord,
} from "../../domain/records.ts";

/** Hourly, USD at mark; `equitySat` includes what is unrealised. */
export type Sample = {
  readonly at: number;
  readonly price: number;
  readonly equityUsd: number;
  readonly equitySat: number;
};
/** A time in which the bot paused or was halted; `to` null = until the end. */
export type PauseSpan = {
  readonly from: number;
  readonly to: number | null;
  readonly word: "COOLDOWN" | "HALT";
  readonly reason: string;
};
/** A closed trade, as much as a report needs. */
export type ClosedTrade = Pick<
  TradeRecord,
  | "trade_id"
  | "direction"
  | "contracts"
  | "entry_price_avg"
  | "exit_price_avg"
  | "opened_at_ms"
  | "closed_at_ms"
  | "exit_reason"
  | "r_multiple"
  | "fees_sats"
  | "funding_sats"
  | "net_pnl_sats"
  | "net_pnl_usd"
  | "naked_ms"
  | "stop_price"
  | "gate_results"
  | "slippage_usd"
  | "market_regime"
>;
/** Why no entry was sent, how often, and the newest record of it. */
export type Refusal = { readonly code: string; readonly count: number; readonly newest: EvaluationRecord };
export type SimTotals = {
  readonly steps: number;
  readonly alerts: number;
  readonly trades: readonly ClosedTrade[];
  readonly samples: readonly Sample[];
  readonly spans: readonly PauseSpan[];
  /** How often each code refused an entry, and what was seen the last time. */
  readonly entryRefusals: readonly Refusal[];
  readonly netPnlSats: number;
  readonly feesSats: number;
  readonly fundingSats: number;
  readonly maxDrawdownPct: number;
  readonly peakRssMb: number;
};

/** Gathers the figures of one run; keeps what a report shows and nothing else. */
export class SimFigures {
  #steps = 0;
  #alerts = 0;
  #trades: ClosedTrade[] = [];
  #samples: Sample[] = [];
  #spans: PauseSpan[] = [];
  readonly #refusals = new Map<string, { count: number; newest: EvaluationRecord }>();
  #lastRefusal: string | null = null;
  #adjusted = { net: 0, fees: 0, funding: 0 };
  #peakUsd = 0;
  #drawdown = 0;
  #rss = 0;

  step(): void {
    this.#steps++;
  }
  alert(): void {
    this.#alerts++;
  }
  sample(sample: Sample): void {
    this.#samples.push(sample);
    if (sample.equityUsd > this.#peakUsd) this.#peakUsd = sample.equityUsd;
    if (this.#peakUsd > 0) this.#drawdown = Math.max(this.#drawdown, 1 - sample.equityUsd / this.#peakUsd);
    this.#rss = Math.max(this.#rss, Deno.memoryUsage().rss);
  }
  record(record: JournalRecord): void {
    if (record.type === "trade") this.#trade(record);
    if (record.type === "evaluation") this.#evaluated(record);
    if (record.type === "change") this.#changed(record);
    if (record.type === "snapshot") this.#named(record);
    if (record.type !== "adjustment") return;
    this.#adjusted.fees += record.fees_sats;
    this.#adjusted.funding += record.funding_sats;
    this.#adjusted.net += record.gross_pnl_sats - record.fees_sats - record.funding_sats;
  }
  #changed({ at, wordBefore, wordAfter, cause }: ChangeRecord): void {
    if (wordBefore === wordAfter) return;
    const open = this.#spans.at(-1);
    if (open !== undefined && open.to === null) this.#spans[this.#spans.length - 1] = { ...open, to: at };
    if (wordAfter === "COOLDOWN" || wordAfter === "HALT") {
      this.#spans.push({ from: at, to: null, word: wordAfter, reason: cause });
    }
  }
  /** The snapshot of a step says why the span that it opened began. */
  #named({ at, reason, lid }: SnapshotRecord): void {
    const open = this.#spans.at(-1);
    if (open !== undefined && open.from === at && open.word === lid) {
      this.#spans[this.#spans.length - 1] = { ...open, reason };
    }
  }
  /** A record counts what was found like the one before it. */
  #evaluated(record: EvaluationRecord): void {
    const before = this.#lastRefusal === null ? undefined : this.#refusals.get(this.#lastRefusal);
    if (before !== undefined) before.count += record.repeated;
    this.#lastRefusal = record.refusal;
    if (record.refusal === null) return;
    const found = this.#refusals.get(record.refusal);
    if (found === undefined) this.#refusals.set(record.refusal, { count: 1, newest: record });
    else {
      found.count += 1;
      found.newest = record;
    }
  }
  #trade(trade: TradeRecord): void {
    const { direction, contracts, entry_price_avg, exit_price_avg, exit_reason, net_pnl_usd } = trade;
    this.#trades.push({
      trade_id: trade.trade_id,
      direction,
      contracts,
      entry_price_avg,
      exit_price_avg,
      opened_at_ms: trade.opened_at_ms,
      closed_at_ms: trade.closed_at_ms,
      exit_reason,
      r_multiple: trade.r_multiple,
      fees_sats: trade.fees_sats,
      funding_sats: trade.funding_sats,
      net_pnl_sats: trade.net_pnl_sats,
      net_pnl_usd,
      naked_ms: trade.naked_ms,
      stop_price: trade.stop_price,
      gate_results: trade.gate_results,
      slippage_usd: trade.slippage_usd,
      market_regime: trade.market_regime,
    });
  }
  totals(): SimTotals {
    const sum = (of: (trade: ClosedTrade) => number): number => this.#trades.reduce((all, trade) => all + of(trade), 0);
    return {
      steps: this.#steps,
      alerts: this.#alerts,
      trades: this.#trades,
      samples: this.#samples,
      spans: this.#spans,
      entryRefusals: [...this.#refusals].map(([code, of]) => ({ code, ...of })).sort((a, b) => b.count - a.count),
      netPnlSats: sum((trade) => trade.net_pnl_sats) + this.#adjusted.net,
      feesSats: sum((trade) => trade.fees_sats) + this.#adjusted.fees,
      fundingSats: sum((trade) => trade.funding_sats) + this.#adjusted.funding,
      maxDrawdownPct: this.#drawdown * 100,
      peakRssMb: this.#rss / 1e6,
    };
  }
}
