import { z } from "zod";
import type { MarginMode } from "../../../domain/events.ts";
import type { Bar, BarInterval, FeeRates, Instrument, RiskTier } from "../../../domain/market.ts";
import {
  type Execution,
  KNOWN_BY_FILLS,
  type OrderRow,
  type PositionRow,
  type WalletRow,
} from "../../../domain/orders.ts";
import { type DurationMs, durationMs, type EpochMs, epochMs, rateE8, usdContracts } from "../../../domain/units.ts";
import { cents, contracts, fail, hundredths, ParseFailure, rate, scaled, time, timeOrNone } from "./parse_decimal.ts";
import {
  type BadFill,
  EMPTY_WALLET,
  isOurs,
  parseExecution,
  parseOrder,
  parsePosition,
  parseWallet,
} from "./parse_rows.ts";
import { barOf, type TickerPart, tickerPart } from "./parse_ws.ts";
import { BAR_MS, MARGIN_MODES, SYMBOL } from "./venue_words.ts";

export type Envelope = {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: unknown;
  readonly time: number | null;
};

/** The reply around every result; null when the body is not one. `time` and `result` may be missing (PROTOCOL §1). */
export function parseEnvelope(body: string): Envelope | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null) return null;
  const { retCode, retMsg, result, time: stamp } = json as Record<string, unknown>;
  if (typeof retCode !== "number" || !Number.isSafeInteger(retCode)) return null;
  return {
    retCode,
    retMsg: typeof retMsg === "string" ? retMsg : "",
    result: result ?? null,
    time: typeof stamp === "number" && Number.isSafeInteger(stamp) ? stamp : null,
  };
}

/** Rows of one page about our market, and how the next page is asked for. */
export type Page<T> = { readonly rows: readonly T[]; readonly skipped: number; readonly cursor: string | null };

/** The list of a result and its cursor. Throws ParseFailure. */
export function listOf(
  result: unknown,
): { readonly list: readonly unknown[]; category: unknown; cursor: string | null } {
  const { list, category, nextPageCursor } = (result ?? {}) as Record<string, unknown>;
  if (!Array.isArray(list)) return fail("result.list", list);
  const cursor = typeof nextPageCursor === "string" && nextPageCursor !== "" ? nextPageCursor : null;
  return { list, category, cursor };
}
/** Reads the rows about our market; rows of others are counted. Throws what `parse` throws. */
export function pageOf<T>(result: unknown, parse: (row: unknown) => T): Page<T> {
  const { list, category, cursor } = listOf(result);
  const rows: T[] = [];
  let skipped = 0;
  for (const row of list) {
    if (isOurs(row, category)) rows.push(parse(row));
    else skipped++;
  }
  return { rows, skipped, cursor };
}

export function parseOrders(result: unknown): Page<OrderRow> {
  return pageOf(result, parseOrder);
}

export function parseExecutions(
  result: unknown,
): Page<{ readonly kind: "execution"; readonly execution: Execution } | BadFill> {
  return pageOf(result, parseExecution);
}

/** Our position row. In hedge mode several come; one with an index is shown so that F-7.11 can see it. */
export function parsePositions(result: unknown): PositionRow {
  const { rows } = pageOf(result, parsePosition);
  return rows.find((row) => row.positionIdx !== 0) ?? rows[0] ?? fail("position.list", "no row of our market");
}

/** The BTC row; an account that never held BTC has none, and then nothing is known (F-4.8). */
export function parseWalletReply(result: unknown): WalletRow {
  const { list } = listOf(result);
  const account = list[0] ?? fail("wallet.list", "empty");
  return parseWallet(account) ?? EMPTY_WALLET;
}

export function parseOrderId(result: unknown): string | null {
  const id = (result as { orderId?: unknown } | null)?.orderId;
  return typeof id === "string" && id !== "" ? id : null;
}

/** Server time in milliseconds, from the finest field there is. Throws ParseFailure. */
export function parseServerTime(result: unknown): number {
  const { timeNano, timeSecond } = (result ?? {}) as Record<string, unknown>;
  if (typeof timeNano === "string" && /^\d{19}$/.test(timeNano)) return Number(timeNano.slice(0, 13));
  return typeof timeSecond === "string" ? time("timeSecond", timeSecond) * 1000 : fail("timeNano", timeNano);
}

function ourRow(result: unknown): Record<string, unknown> {
  const { list, category } = listOf(result);
  const row = list.find((each) => each !== null && isOurs(each, category));
  if (typeof row !== "object" || row === null) return fail("result.list", `no row of ${SYMBOL}`);
  return row as Record<string, unknown>;
}

export function parseTickerReply(result: unknown): TickerPart {
  return tickerPart(ourRow(result));
}

/** Closed candles, oldest first. The newest row is dropped while its time is not over (TRAPS 67). Throws ParseFailure. */
export function parseBars(result: unknown, how: { readonly interval: BarInterval; readonly now: number }): Bar[] {
  const { list } = listOf(result);
  const bars: Bar[] = [];
  for (const row of list) {
    if (!Array.isArray(row)) return fail("kline.row", row);
    const bar = barOf({ start: row[0], open: row[1], high: row[2], low: row[3], close: row[4] }, how.interval);
    if (bar.startAt + BAR_MS[how.interval] <= how.now) bars.push(bar);
  }
  return bars.sort((a, b) => a.startAt - b.startAt);
}

export function parseFeeRates(result: unknown): FeeRates {
  const row = ourRow(result);
  return { maker: rate("makerFeeRate", row.makerFeeRate), taker: rate("takerFeeRate", row.takerFeeRate) };
}

const InstrumentSchema = z.object({
  symbol: z.string(),
  contractType: z.string(),
  status: z.string(),
  leverageFilter: z.object({ maxLeverage: z.string() }),
  priceFilter: z.object({ tickSize: z.string() }),
  lotSizeFilter: z.object({
    qtyStep: z.string(),
    minOrderQty: z.string(),
    maxOrderQty: z.string(),
    maxMktOrderQty: z.string().optional(),
    minNotionalValue: z.string().optional(),
  }),
  fundingInterval: z.number(),
});

/** Filters of our instrument; a quantity step that is no whole number is refused here (TRAPS 42). Throws ParseFailure. */
export function parseInstrument(result: unknown): Instrument {
  const read = InstrumentSchema.safeParse(ourRow(result));
  if (!read.success) throw new ParseFailure(`Cannot read instrument: ${read.error.issues[0]?.path.join(".")}`);
  const { lotSizeFilter: lot, ...raw } = read.data;
  const tickCents = scaled(raw.priceFilter.tickSize, { places: 2, rounding: "exact" });
  if (tickCents === null || tickCents <= 0) return fail("tickSize", raw.priceFilter.tickSize);
  const qtyStep = contracts("qtyStep", lot.qtyStep);
  if (qtyStep < 1) return fail("qtyStep", lot.qtyStep);
  return {
    symbol: raw.symbol,
    contractType: raw.contractType,
    status: raw.status,
    tickCents: cents("tickSize", raw.priceFilter.tickSize),
    qtyStep,
    minOrderQty: contracts("minOrderQty", lot.minOrderQty),
    maxOrderQty: contracts("maxOrderQty", lot.maxOrderQty),
    maxMarketOrderQty: contracts("maxMktOrderQty", lot.maxMktOrderQty ?? lot.maxOrderQty),
    minNotional: lot.minNotionalValue ? ceilContracts(lot.minNotionalValue) : usdContracts(0),
    maxLeverageE2: hundredths("maxLeverage", raw.leverageFilter.maxLeverage),
    fundingInterval: minutes(raw.fundingInterval),
  };
}
function ceilContracts(text: string): ReturnType<typeof usdContracts> {
  const value = scaled(text, { places: 6, rounding: "half_up" });
  return value === null ? fail("minNotionalValue", text) : usdContracts(Math.ceil(value / 1e6));
}
function minutes(value: number): DurationMs {
  return Number.isSafeInteger(value) && value > 0 ? durationMs(value * 60_000) : fail("fundingInterval", value);
}

/**
 * Lowest tier. The venue's inverse figures are percent in some replies and fractions in others (PROTOCOL §2.1):
 * initialMargin × maxLeverage is 100 for percent and 1 for fractions. Throws ParseFailure.
 */
export function parseRiskTier(result: unknown): RiskTier {
  const { list, category } = listOf(result);
  const rows = list.filter((row): row is Record<string, unknown> => row !== null && isOurs(row, category));
  const row = rows.find((each) => each.isLowestRisk === 1) ?? rows[0] ??
    fail("risk-limit.list", "no row of our market");
  const initial = rate("initialMargin", row.initialMargin);
  const maintenance = rate("maintenanceMargin", row.maintenanceMargin);
  const product = (initial * hundredths("maxLeverage", row.maxLeverage)) / 1e10;
  const percent = product > 50 && product < 200;
  if (!percent && !(product > 0.5 && product < 2)) return fail("risk-limit unit", product);
  const limit = typeof row.riskLimitValue === "string"
    ? scaled(row.riskLimitValue, { places: 12, rounding: "half_up" })
    : null;
  return {
    limitPico: limit ?? Number.MAX_SAFE_INTEGER,
    maintenanceRate: rateE8(percent ? Math.round(maintenance / 100) : maintenance),
    initialRate: rateE8(percent ? Math.round(initial / 100) : initial),
  };
}

/** Inverse contracts live in the unified account only since UTA 2.0: status 5 or 6 (PROTOCOL §2.4). */
export function parseAccount(result: unknown): { readonly unified: boolean; readonly marginMode: MarginMode } {
  const { unifiedMarginStatus, marginMode } = (result ?? {}) as Record<string, unknown>;
  if (typeof unifiedMarginStatus !== "number") return fail("unifiedMarginStatus", unifiedMarginStatus);
  if (typeof marginMode !== "string") return fail("marginMode", marginMode);
  const known = MARGIN_MODES as ReadonlySet<string>;
  return {
    unified: unifiedMarginStatus === 5 || unifiedMarginStatus === 6,
    marginMode: known.has(marginMode)
      ? marginMode as Extract<MarginMode, string>
      : { kind: "unknown", raw: marginMode },
  };
}

/** The announced or running maintenance of futures that ends last to come first; null = none. Throws ParseFailure. */
export function parseMaintenance(
  result: unknown,
  now: number,
): { readonly from: EpochMs; readonly to: EpochMs } | null {
  const { list } = listOf(result);
  const windows: { from: EpochMs; to: EpochMs }[] = [];
  for (const row of list) {
    const { state, begin, end, product } = (row ?? {}) as Record<string, unknown>;
    if (state === "completed" || state === "canceled") continue;
    if (Array.isArray(product) && product.length > 0 && !product.includes(1)) continue;
    const from = time("maintenance.begin", begin);
    const to = timeOrNone(end) ?? epochMs(from + 86_400_000);
    if (to > now) windows.push({ from, to });
  }
  windows.sort((a, b) => a.from - b.from);
  return windows[0] ?? null;
}

/** An order known only by its executions: what they prove, the rest unknown (F-10.4). Rows are of one order. */
export function orderFromExecutions(executions: readonly Execution[]): OrderRow | null {
  const first = executions[0];
  const last = executions[executions.length - 1];
  if (first === undefined || last === undefined) return null;
  const filled = executions.reduce((sum, each) => sum + each.contracts, 0);
  const leaves = executions.reduce<number | null>(
    (least, each) =>
      each.leavesQty === null ? least : least === null ? each.leavesQty : Math.min(least, each.leavesQty),
    null,
  );
  const unknown = { kind: "unknown", raw: KNOWN_BY_FILLS } as const;
  return {
    orderId: first.orderId,
    orderLinkId: first.orderLinkId,
    side: first.side,
    orderType: unknown,
    status: leaves === 0 ? "Filled" : unknown,
    contracts: first.orderQty ?? usdContracts(filled + (leaves ?? 0)),
    cumExecQty: usdContracts(filled),
    leavesQty: leaves === null ? null : usdContracts(leaves),
    price: null,
    avgPrice: null,
    timeInForce: unknown,
    triggerPrice: null,
    triggerDirection: null,
    triggerBy: null,
    reduceOnly: false,
    closeOnTrigger: false,
    positionIdx: 0,
    rejectReason: "",
    cancelType: "",
    createType: first.createType,
    stopOrderType: first.stopOrderType,
    createdAt: first.execAt,
    updatedAt: last.execAt,
  };
}
