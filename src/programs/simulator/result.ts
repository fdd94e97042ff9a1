import type { WorldResult } from "../../bot/simulated/world.ts";

/** Reason and time of a HALT or COOLDOWN. */
type Lid = { readonly reason: string; readonly at_ms: number };
/** The last line of stdout with `--json`; the keys are the interface (issue "fake venue", 6). */
export type RunJson = {
  readonly seed: number;
  readonly data: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly steps: number;
  readonly trades: number;
  readonly wins: number;
  readonly losses: number;
  readonly longs: number;
  readonly shorts: number;
  readonly stop_outs: number;
  readonly net_pnl_sats: number;
  readonly fees_sats: number;
  readonly equity_start_sats: number;
  readonly equity_end_sats: number;
  readonly max_drawdown_pct: number;
  readonly final_state: string;
  readonly halts: readonly Lid[];
  readonly cooldowns: readonly Lid[];
  readonly naked_ms_max: number;
  readonly naked_ms_total: number;
  readonly position_ms_total: number;
  readonly violations: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly switches: Readonly<Record<string, string | number | boolean>>;
  readonly crashes: number;
  readonly orders_sent: number;
  readonly rest_calls_per_min_max: number;
  readonly journal_head: string;
  readonly wall_ms: number;
  readonly peak_rss_mb: number;
};
export type SweepJson = Omit<RunJson, "seed" | "switches" | "final_state" | "journal_head"> & {
  readonly seeds: number;
  readonly halted_seeds: number;
  readonly failed_seeds: readonly number[];
  /** Halted for price alone (F-7.4): counted apart. */
  readonly price_halted_seeds: number;
  readonly median_trades: number;
  readonly switches: Readonly<Record<string, number>>;
};

export type RunFacts = { readonly seed: number; readonly data: string; readonly wallMs: number };

/** True for a loss that the stop closed. */
export function isStopOut(exitReason: string): boolean {
  return exitReason.startsWith("stop_loss");
}

function lids(entries: readonly { readonly reason: string; readonly at: number }[]): readonly Lid[] {
  return entries.map(({ reason, at }) => ({ reason, at_ms: at }));
}
function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** The figures of one run. A crash of the process and a refused start count as violations: neither may happen. */
export function runJson(result: WorldResult, facts: RunFacts): RunJson {
  const { observer, trades, samples } = result;
  const { figures } = observer;
  return {
    seed: facts.seed,
    data: facts.data,
    from_ms: result.startAt,
    to_ms: result.endAt,
    steps: result.steps,
    trades: trades.length,
    wins: trades.filter((trade) => trade.net_pnl_sats > 0).length,
    losses: trades.filter((trade) => trade.net_pnl_sats <= 0).length,
    longs: trades.filter((trade) => trade.direction === "long").length,
    shorts: trades.filter((trade) => trade.direction === "short").length,
    stop_outs: trades.filter((trade) => isStopOut(trade.exit_reason)).length,
    net_pnl_sats: round(result.netPnlSats, 6),
    fees_sats: round(result.feesSats, 6),
    equity_start_sats: Math.round(samples[0]?.equitySat ?? 0),
    equity_end_sats: Math.round(samples.at(-1)?.equitySat ?? 0),
    max_drawdown_pct: round(result.maxDrawdownPct, 2),
    final_state: result.finalWord,
    halts: lids(observer.halts),
    cooldowns: lids(observer.cooldowns),
    naked_ms_max: figures.nakedMsMax,
    naked_ms_total: figures.nakedMsTotal,
    position_ms_total: figures.positionMsTotal,
    violations: observer.violations.length + result.crashes.length + result.refusals.length,
    faults: result.faults,
    switches: result.switches,
    crashes: result.crashes.length,
    orders_sent: figures.ordersSent,
    rest_calls_per_min_max: figures.restCallsPerMinMax,
    journal_head: result.journalHead,
    wall_ms: Math.round(facts.wallMs),
    peak_rss_mb: Math.round(result.peakRssMb),
  };
}

/** Sums and maxima over the seeds of a sweep. */
export function sweepJson(runs: readonly RunJson[]): SweepJson {
  const sum = (of: (run: RunJson) => number): number => runs.reduce((all, run) => all + of(run), 0);
  const most = (of: (run: RunJson) => number): number => runs.reduce((all, run) => Math.max(all, of(run)), 0);
  const counts = runs.map((run) => run.trades).sort((a, b) => a - b);
  return {
    seeds: runs.length,
    halted_seeds: runs.filter((run) => run.final_state === "HALT").length,
    price_halted_seeds: runs.filter((run) => run.final_state === "HALT" && onlyPrice(run)).length,
    failed_seeds: runs.filter((run) => run.violations > 0).map((run) => run.seed),
    median_trades: counts[Math.floor(counts.length / 2)] ?? 0,
    data: [...new Set(runs.map((run) => run.data))].join(" "),
    from_ms: runs.reduce((least, run) => Math.min(least, run.from_ms), Infinity),
    to_ms: most((run) => run.to_ms),
    steps: sum((run) => run.steps),
    trades: sum((run) => run.trades),
    wins: sum((run) => run.wins),
    losses: sum((run) => run.losses),
    longs: sum((run) => run.longs),
    shorts: sum((run) => run.shorts),
    stop_outs: sum((run) => run.stop_outs),
    net_pnl_sats: round(sum((run) => run.net_pnl_sats), 6),
    fees_sats: round(sum((run) => run.fees_sats), 6),
    equity_start_sats: sum((run) => run.equity_start_sats),
    equity_end_sats: sum((run) => run.equity_end_sats),
    max_drawdown_pct: most((run) => run.max_drawdown_pct),
    halts: runs.flatMap((run) => run.halts),
    cooldowns: runs.flatMap((run) => run.cooldowns),
    naked_ms_max: most((run) => run.naked_ms_max),
    naked_ms_total: sum((run) => run.naked_ms_total),
    position_ms_total: sum((run) => run.position_ms_total),
    violations: sum((run) => run.violations),
    faults: added(runs.map((run) => run.faults)),
    switches: added(runs.map(drawnSwitches)),
    crashes: sum((run) => run.crashes),
    orders_sent: sum((run) => run.orders_sent),
    rest_calls_per_min_max: most((run) => run.rest_calls_per_min_max),
    wall_ms: sum((run) => run.wall_ms),
    peak_rss_mb: most((run) => run.peak_rss_mb),
  };
}

function onlyPrice(run: RunJson): boolean {
  return run.halts.every((halt) => halt.reason === "equity_below_floor");
}
/** `name=value` → 1, so that a sweep counts how often each answer was drawn. */
function drawnSwitches(run: RunJson): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(run.switches).map(([name, value]) => [`${name}=${value}`, 1]));
}
function added(parts: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {};
  for (const part of parts) for (const [name, count] of Object.entries(part)) all[name] = (all[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => a < b ? -1 : 1));
}
