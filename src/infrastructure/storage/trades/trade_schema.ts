import { z } from "zod";
import type { AdjustmentRecord, TradeRecord } from "../../../domain/records.ts";

/** Version of the lines of the trade log (P-13). */
export const TRADE_SCHEMA = "1.0";

const text = z.string();
const amount = z.number();
const maybeAmount = z.number().nullable();
const whole = z.int();
const whenMs = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** All required, validated on write and on read (P-13). */
const integrity = {
  schema_version: z.literal(TRADE_SCHEMA),
  config_hash: hash,
  git_commit: text.min(1),
  app_version: text.min(1),
  exchange_server_time_offset_ms: amount,
  journal_seq: whole.min(1),
  prev_hash: hash,
  hash,
};

const fill = z.strictObject({
  exec_id: text.min(1),
  price: amount.nonnegative(),
  qty: whole.positive(),
  fee_sats: amount,
  is_maker: z.boolean(),
  time_ms: whenMs,
  role: z.enum(["entry", "stop", "target", "exit", "foreign", "liquidation", "adl"]),
});
const gate = z.strictObject({
  gate: whole,
  code: text.nullable(),
  inputs: z.record(text, z.union([z.number(), text, z.boolean(), z.null()])),
});

/** What the core says of a closed trade, in the order of P-13. */
const tradeFields = z.strictObject({
  trade_id: text.min(1),
  signal_id: text.min(1),
  order_ids: z.strictObject({ entry: text.nullable(), stop: text.nullable(), exit: text.nullable() }),
  order_link_ids: z.array(text),
  direction: z.enum(["long", "short"]),
  contracts: whole.positive(),
  entry_price_avg: amount.nonnegative(),
  exit_price_avg: amount.nonnegative(),
  opened_at_ms: whenMs,
  closed_at_ms: whenMs,
  exit_reason: text.min(1),
  entry_stage: whole.min(1).max(3),
  policy_version: text.min(1),
  stop_distance_pct: amount,
  stop_price: maybeAmount,
  max_loss_sats: amount,
  r_multiple: maybeAmount,
  /** Empty when the venue never told the executions of what REST showed (F-4.3). */
  fills: z.array(fill),
  slippage_usd: amount,
  latency_ms: z.strictObject({
    decision: maybeAmount,
    rest_ack: maybeAmount,
    ws_event: maybeAmount,
    total: maybeAmount,
  }),
  naked_ms: amount,
  uncovered_ms: amount,
  mark_price: maybeAmount,
  index_price: maybeAmount,
  funding_rate: maybeAmount,
  best_bid: maybeAmount,
  best_ask: maybeAmount,
  spread: maybeAmount,
  market_regime: text.min(1),
  gross_pnl_sats: amount,
  fees_sats: amount,
  funding_sats: amount,
  net_pnl_sats: amount,
  net_pnl_usd: amount,
  equity_before_sats: amount,
  equity_after_sats: amount,
  fee_ratio: maybeAmount,
  gate_results: z.array(gate),
  /** Arm of a live experiment; absent without one. */
  arm: z.enum(["A", "B"]).exactOptional(),
});

/** One closed trade, exactly the fields of P-13 in their order. */
export const tradeLine = tradeFields.extend(integrity);

const adjustmentFields = z.strictObject({
  type: z.literal("adjustment"),
  at: whenMs,
  trade_id: text.min(1),
  exec_id: text.min(1),
  fees_sats: amount,
  funding_sats: amount,
  gross_pnl_sats: amount,
});

/** Funding or fees that came after the trade's line was written (P-1). */
export const adjustmentLine = adjustmentFields.extend(integrity);

export type TradeLine = z.infer<typeof tradeLine>;
export type AdjustmentLine = z.infer<typeof adjustmentLine>;
export type LedgerLine = TradeLine | AdjustmentLine;

export function isAdjustment(line: LedgerLine): line is AdjustmentLine {
  return "type" in line;
}

/** The line's fields without integrity, in the order of the schema; unknown fields are kept for the schema to refuse. */
export function coreFields(record: TradeRecord | AdjustmentRecord): Readonly<Record<string, unknown>> {
  const { type, ...rest } = record;
  return type === "adjustment" ? { type, ...rest } : inOrder(rest);
}

const ORDER: ReadonlyMap<string, number> = new Map(Object.keys(tradeLine.shape).map((name, index) => [name, index]));

function inOrder(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const rank = (name: string): number => ORDER.get(name) ?? ORDER.size;
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => rank(a) - rank(b)));
}

/** A line that was read, or the reason why it is none: each missing or odd field by name. */
export function parseLedgerLine(value: unknown): LedgerLine | string {
  const isOther = typeof value === "object" && value !== null && "type" in value;
  const found = isOther ? adjustmentLine.safeParse(value) : tradeLine.safeParse(value);
  return found.success ? found.data : faultText(found.error);
}

/** Why the log would refuse this record, by name of each field; null = it fits (P-13). */
export function recordFault(record: TradeRecord | AdjustmentRecord): string | null {
  const checked = record.type === "adjustment"
    ? adjustmentFields.safeParse(record)
    : tradeFields.safeParse(coreFields(record));
  return checked.success ? null : faultText(checked.error);
}

function faultText(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join(".") || "line"}: ${issue.message}`).join("; ");
}
