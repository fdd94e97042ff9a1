import type { RefusalCode } from "../../../domain/words.ts";
import type { Config, StageConfig } from "../../../domain/limits.ts";
import { type Block, type HaltReason, isSessionReason } from "../../../domain/halts_and_blocks.ts";
import type { FeeRates, MarketObservation } from "../../../domain/market.ts";
import type { Direction } from "../../../domain/orders.ts";
import type { GateResult } from "../../../domain/records.ts";
import type { MicroUsd, PicoBtc, PriceCents, UsdContracts } from "../../../domain/units.ts";
import type { MetricsState } from "../risk/metrics_tracker.ts";
import { winrateCode, winratePct } from "../risk/metrics_tracker.ts";
import type { Stage } from "./stage.ts";

/**
 * The eight gates of P-4, each a function of plain values that returns its code and its inputs. Inside a gate the codes
 * are tried in the order of the table; the first that applies is the gate's.
 */
function gate(number: number, code: RefusalCode | null, inputs: GateResult["inputs"]): GateResult {
  return { gate: number, code, inputs };
}

export type Quote = Pick<MarketObservation, "last" | "mark" | "bid" | "bidSize" | "ask" | "askSize">;

export type StateGateInput = {
  readonly halt: HaltReason | null;
  readonly killSwitch: boolean;
  readonly blocks: readonly Block[];
  readonly emergencyBlock: boolean;
  readonly degraded: boolean;
  readonly phaseFlat: boolean;
  readonly ordersClean: boolean;
  readonly marketStale: boolean;
  readonly equityBtc: PicoBtc | null;
  readonly equityUsd: MicroUsd | null;
  readonly quote: Quote;
  readonly confirmedLeverageE2: number | null;
};

function has(blocks: readonly Block[], reason: Block["reason"]): boolean {
  for (const block of blocks) if (block.reason === reason) return true;
  return false;
}

function isPrice(value: PriceCents | null): boolean {
  return value !== null && value > 0;
}

/** Gate 1: state, emergency, degraded, kill switch, market data, leverage (P-4, F-12.8). */
export function stateGate(input: StateGateInput, wantedLeverageE2: number): GateResult {
  const { blocks, quote } = input;
  const equityKnown = input.equityBtc !== null && input.equityUsd !== null;
  const blind = !isPrice(quote.last) || !isPrice(quote.mark) || !isPrice(quote.bid) || !isPrice(quote.ask);
  const cooldown = blocks.find((block) => block.class === "COOLDOWN");
  const stale = input.marketStale || has(blocks, "market_data_stale") || blind || !equityKnown;
  const code = (input.halt !== null || input.killSwitch) && "state_halt" ||
    cooldown !== undefined && "state_cooldown" ||
    (input.emergencyBlock || has(blocks, "latency")) && "emergency_block" ||
    (input.degraded || has(blocks, "degraded")) && "degraded_mode" ||
    !input.phaseFlat && "state_not_flat" ||
    (!input.ordersClean || has(blocks, "order_cleanup")) && "orders_not_clean" ||
    stale && "market_data_stale" ||
    input.confirmedLeverageE2 !== wantedLeverageE2 && "leverage_unconfirmed" || null;
  return gate(1, code, {
    halt: input.halt,
    kill_switch: input.killSwitch,
    cooldown: cooldown?.reason ?? null,
    emergency_block: input.emergencyBlock,
    degraded: input.degraded,
    flat: input.phaseFlat,
    orders_clean: input.ordersClean,
    market_stale: input.marketStale,
    quote_known: !blind,
    equity_known: equityKnown,
    leverage_confirmed_e2: input.confirmedLeverageE2,
    leverage_wanted_e2: wantedLeverageE2,
  });
}

/** Blocks with a gate code of their own elsewhere; all others refuse as `cooldown_active`. */
function isGeneral(block: Block): boolean {
  switch (block.reason) {
    case "latency":
    case "degraded":
    case "order_cleanup":
    case "market_data_stale":
    case "stage_flap":
      return false;
    default:
      return !isSessionReason(block.reason);
  }
}

/** Gate 2: blocks, trades of the day, session risk, dry-run limits (P-4, F-8, P-12). */
export function limitsGate(input: {
  readonly blocks: readonly Block[];
  readonly tradesToday: number;
  readonly maxTradesPerDay: number;
  readonly reconnectLoop: boolean;
  readonly dryRunFull: boolean;
}): GateResult {
  const general = input.blocks.find(isGeneral);
  const session = input.blocks.find((block) => isSessionReason(block.reason))?.reason ??
    (input.reconnectLoop ? "reconnect_loop" : null);
  const code = general !== undefined && "cooldown_active" ||
    input.tradesToday >= input.maxTradesPerDay && "max_trades_per_day" ||
    session !== null && `session_risk:${session}` ||
    input.dryRunFull && "dry_run_limit" || null;
  return gate(2, code, {
    block: general?.reason ?? null,
    trades_today: input.tradesToday,
    max_trades_per_day: input.maxTradesPerDay,
    session_risk: session,
    dry_run_full: input.dryRunFull,
  });
}

/** Gate 3: stage flapping, leverage above the stage's (P-3, P-4). */
export function stageGate(input: {
  readonly blocks: readonly Block[];
  readonly flapsNow: boolean;
  readonly stage: Stage;
  readonly leverageE2: number;
  readonly stageConfig: StageConfig;
}): GateResult {
  const code = (input.flapsNow || has(input.blocks, "stage_flap")) && "stage_flap" ||
    input.leverageE2 > Math.round(input.stageConfig.default_leverage * 100) && "leverage_above_stage" || null;
  return gate(3, code, {
    stage: input.stage,
    leverage_e2: input.leverageE2,
    stage_leverage: input.stageConfig.default_leverage,
  });
}

export type MarketGateInput = {
  readonly quote: Quote;
  readonly atrPct: number | null;
  readonly atrKnown: boolean;
  readonly atrMinPct: number;
  /** Stop distance in percent; null = none. */
  readonly distancePct: number | null;
  readonly direction: Direction | null;
  readonly contracts: UsdContracts | null;
};

function divergencePct(quote: Quote): number | null {
  const { last, mark } = quote;
  return last === null || mark === null || mark <= 0 ? null : (Math.abs(last - mark) / mark) * 100;
}
function spreadPct(quote: Quote): number | null {
  const { bid, ask } = quote;
  return bid === null || ask === null || bid + ask <= 0 ? null : ((ask - bid) / ((ask + bid) / 2)) * 100;
}

/** Gate 4: volatility and market quality; what is not known refuses (P-4). */
export function marketGate(input: MarketGateInput, entry: Config["entry"]): GateResult {
  const divergence = divergencePct(input.quote);
  const spread = spreadPct(input.quote);
  const widest = input.distancePct === null ? null : input.distancePct * entry.max_spread_ratio;
  const exitSize = input.direction === "short" ? input.quote.askSize : input.quote.bidSize;
  const needed = input.direction === null || input.contracts === null ? null : input.contracts * entry.book_min_ratio;
  const code = input.atrPct !== null && input.atrPct < input.atrMinPct && "atr_too_low" ||
    (input.atrPct === null || !input.atrKnown) && "atr_unavailable" ||
    (divergence === null || divergence > entry.max_price_divergence_pct) && "price_divergence" ||
    (spread === null || widest !== null && spread > widest) && "spread_too_wide" ||
    needed !== null && (exitSize ?? 0) < needed && "book_too_thin" || null;
  return gate(4, code, {
    atr_pct_24h: input.atrPct,
    atr_pct_24h_min: input.atrMinPct,
    atr_grid_known: input.atrKnown,
    divergence_pct: divergence,
    spread_pct: spread,
    spread_max_pct: widest,
    exit_side_contracts: input.direction === null ? null : exitSize,
    exit_side_needed: needed,
  });
}

export type EntryRoles = {
  /** True = the taker fallback of F-10.6. */
  readonly fallback: boolean;
  readonly entryRole: "maker" | "taker";
  readonly exitRole: "maker" | "taker";
};

/**
 * Planned roles: the stage's orders; the taker fallback when its maker attempts are used up; a stage that takes rests
 * as a maker while fees are tight (P-5, P-10, F-10.6).
 */
export function plannedRoles(
  stage: StageConfig,
  now: { readonly tight: boolean; readonly fallback: boolean },
): EntryRoles {
  const takes = now.fallback || (stage.entry_order === "ioc" && !now.tight);
  return {
    fallback: now.fallback,
    entryRole: takes ? "taker" : "maker",
    exitRole: stage.exit_order === "resting_target" ? "maker" : "taker",
  };
}

/** Gate 5: gross profit at the target must be K × the planned fees, and 5 × the taker fee for the fallback (P-4). */
export function valueGate(
  input: {
    readonly targetPct: number | null;
    readonly contracts: UsdContracts | null;
    readonly roles: EntryRoles;
    readonly rates: FeeRates;
    readonly stage: StageConfig;
    readonly tight: boolean;
  },
  config: Pick<Config, "fees" | "entry">,
): GateResult {
  const { rates, roles } = input;
  const taker = rates.taker;
  const feeE8 = (roles.entryRole === "maker" ? rates.maker : taker) +
    (roles.exitRole === "maker" ? rates.maker : taker);
  const k = input.stage.ev_fee_multiple_k * (input.tight ? config.fees.fee_spike_ev_multiple : 1);
  const profitE8 = Math.round((input.targetPct ?? 0) * 1_000_000);
  const enough = profitE8 >= feeE8 * k &&
    (!roles.fallback || profitE8 >= taker * config.entry.taker_profit_multiple);
  const usd = (e8: number) => (input.contracts === null ? null : (input.contracts * e8) / 1e8);
  return gate(5, input.targetPct === null || !enough ? "ev_insufficient" : null, {
    expected_profit_usd: usd(profitE8),
    estimated_fee_usd: usd(feeE8),
    profit_e8: profitE8,
    fee_e8: feeE8,
    k,
  });
}

/** Gate 6: no taker plan while only makers are allowed; one fallback a day (P-4, F-10.6, P-10). */
export function makerGate(input: {
  readonly roles: EntryRoles;
  readonly stage: StageConfig;
  readonly tight: boolean;
  readonly quotaLeft: boolean;
}): GateResult {
  const { roles } = input;
  const takes = roles.entryRole === "taker";
  const makerOnly = input.tight || (input.stage.maker_only_default && !roles.fallback);
  const code = takes && makerOnly && "maker_only_violation" ||
    roles.fallback && !input.quotaLeft && "taker_quota" || null;
  return gate(6, code, {
    entry_role: roles.entryRole,
    maker_only: makerOnly,
    fallback: roles.fallback,
    quota_left: input.quotaLeft,
  });
}

/** Gate 7: winrate and streak multiplier (P-4, P-9). */
export function winrateGate(
  metrics: MetricsState,
  seen: { readonly multiplier: number; readonly limits: Config["performance"] },
): GateResult {
  return gate(7, winrateCode(metrics, seen.limits), {
    closed_trades: metrics.closed,
    winrate_pct: winratePct(metrics),
    backtest_winrate_pct: seen.limits.backtest_winrate_pct,
    size_multiplier: seen.multiplier,
  });
}

/** Gate 8: one-way mode (P-4, F-7.11). */
export function modeGate(hedgeMode: boolean): GateResult {
  return gate(8, hedgeMode ? "hedge_mode_detected" : null, { hedge_mode: hedgeMode });
}
