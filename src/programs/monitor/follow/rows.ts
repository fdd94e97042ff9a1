/** Lines of the logs as the page shows them. */
import { z } from "zod";
import { parseObject } from "../../../common/json.ts";
import type { AlertLine } from "../../../infrastructure/logging/alert_line.ts";
import type { Inputs } from "../../../views/refusal_words.ts";
import { isAdjustment, parseLedgerLine } from "../../../infrastructure/storage/trades/trade_schema.ts";

export type TradeRow = {
  readonly id: string;
  readonly direction: "long" | "short";
  readonly contracts: number;
  readonly openedAt: number;
  readonly closedAt: number;
  readonly entryUsd: number;
  readonly exitUsd: number;
  readonly netUsd: number;
  readonly r: number | null;
  readonly feesUsd: number;
  readonly slippageUsd: number;
  readonly exitReason: string;
  readonly regime: string;
  readonly stage: number;
  readonly uncoveredMs: number;
};

const SATS_PER_BTC = 100_000_000;

/** A closed trade; `"adjustment"` for a late correction; null for what is no line of the trade log. */
export function tradeRow(text: string): TradeRow | "adjustment" | null {
  const fields = parseObject(text);
  if (fields === null) return null;
  const line = parseLedgerLine(fields);
  if (typeof line === "string") return null;
  if (isAdjustment(line)) return "adjustment";
  return {
    id: line.trade_id,
    direction: line.direction,
    contracts: line.contracts,
    openedAt: line.opened_at_ms,
    closedAt: line.closed_at_ms,
    entryUsd: line.entry_price_avg,
    exitUsd: line.exit_price_avg,
    netUsd: line.net_pnl_usd,
    r: line.r_multiple,
    feesUsd: (line.fees_sats / SATS_PER_BTC) * line.exit_price_avg,
    slippageUsd: line.slippage_usd,
    exitReason: line.exit_reason,
    regime: line.market_regime,
    stage: line.entry_stage,
    uncoveredMs: line.uncovered_ms,
  };
}

export type AlertRow = Pick<AlertLine, "id" | "at" | "severity" | "code" | "sentence" | "steps">;

export function alertRow({ id, at, severity, code, sentence, steps }: AlertLine): AlertRow {
  return { id, at, severity, code, sentence, steps };
}

const auditFields = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("halt"), at: z.int(), lid: z.enum(["HALT", "COOLDOWN"]), reason: z.string() }),
  z.object({
    kind: z.literal("refusal"),
    at: z.int(),
    code: z.string(),
    side: z.string(),
    repeated: z.int(),
    inputs: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  }),
]);

/** A halt, or an entry that had a signal and was refused. */
export type AuditRow =
  | { readonly kind: "halt"; readonly at: number; readonly code: string }
  | { readonly kind: "cooldown"; readonly at: number; readonly code: string }
  | {
    readonly kind: "refusal";
    readonly at: number;
    readonly code: string;
    readonly side: string;
    readonly times: number;
    readonly inputs: Inputs;
  };

/** null for the other lines of the audit log. */
export function auditRow(text: string): AuditRow | null {
  const parsed = auditFields.safeParse(parseObject(text));
  if (!parsed.success) return null;
  const line = parsed.data;
  if (line.kind === "refusal") {
    return {
      kind: "refusal",
      at: line.at,
      code: line.code,
      side: line.side,
      times: line.repeated + 1,
      inputs: line.inputs,
    };
  }
  return { kind: line.lid === "HALT" ? "halt" : "cooldown", at: line.at, code: line.reason };
}
