import { isFinalStatus } from "../../domain/orders.ts";
import type { ChangeRecord } from "../../domain/records.ts";
import type { JournalLine } from "../types.ts";

/** Rows of the event table (F-1.10 … F-1.29) that a run can reach. */
export const EVENT_ROWS: readonly string[] = Array.from({ length: 20 }, (_, index) => `F-1.${index + 10}`);

/** Refusal codes of P-4 and P-7; `session_risk:<rule>` counts under its rule. */
export const REFUSAL_CODES: readonly string[] = [
  "state_halt",
  "state_cooldown",
  "emergency_block",
  "degraded_mode",
  "state_not_flat",
  "orders_not_clean",
  "market_data_stale",
  "leverage_unconfirmed",
  "cooldown_active",
  "max_trades_per_day",
  "session_risk",
  "dry_run_limit",
  "stage_flap",
  "leverage_above_stage",
  "atr_too_low",
  "atr_unavailable",
  "price_divergence",
  "spread_too_wide",
  "book_too_thin",
  "ev_insufficient",
  "maker_only_violation",
  "taker_quota",
  "winrate_hard",
  "backtest_winrate_low",
  "hedge_mode_detected",
  "stop_distance_invalid",
  "margin_insufficient",
  "qty_below_minimum",
  "liquidation_too_close",
  "liquidation_unknown",
];

const HALT_ROWS: Readonly<Record<string, string>> = {
  liquidation: "F-1.24",
  adl: "F-1.25",
  unexpected_fill: "F-1.26",
  second_instance: "F-1.26",
  invalid_fill_quantity: "F-1.27",
  foreign_activity: "F-1.28",
};

/** `a 3, b 1`, the most frequent first. */
function countedWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`).join(", ");
}

/** What came of the operator's resets in a sweep (F-13.2); no line without one. */
export function resetLines(resets: Readonly<Record<string, number>>): readonly string[] {
  return Object.keys(resets).length === 0 ? [] : [`  resets followed by: ${countedWords(resets)}`];
}

/** What a sweep reached: rows of F-1 and refusal codes with their counts, those never reached last; and the faults. */
export function coverageLines(
  reached: Readonly<Record<string, number>>,
  faults: Readonly<Record<string, number>>,
): readonly string[] {
  const table = (title: string, names: readonly string[], counts: Readonly<Record<string, number>>): string[] => {
    const found = names.filter((name) => (counts[name] ?? 0) > 0).map((name) => `${name} ${counts[name]}`);
    const never = names.filter((name) => (counts[name] ?? 0) === 0);
    return [
      `  ${title} ${found.length} of ${names.length}: ${found.join(", ")}`,
      ...(never.length === 0 ? [] : [`  ${title} never reached: ${never.join(", ")}`]),
    ];
  };
  const fired = countedWords(faults);
  return [
    ...table("rows", EVENT_ROWS, reached),
    ...table("refusals", REFUSAL_CODES, reached),
    ...(fired === "" ? [] : [`  faults fired: ${fired}`]),
  ];
}

/** What an own order is for, by its id (F-10.2). */
export function roleOf(orderLinkId: string | null): "entry" | "target" | "stop" | "exit" | null {
  if (orderLinkId === null) return null;
  const kind = /^(?:[a-z0-9]{1,5})_[0-9a-f]{10}_[ls]_(?:(tp|stop|exit)_)?(?:Buy|Sell)(?:_\d+)?$/i.exec(orderLinkId);
  if (kind === null) return null;
  return kind[1] === undefined ? "entry" : kind[1] === "tp" ? "target" : kind[1] === "stop" ? "stop" : "exit";
}

/** Counts which rows of the event table and which refusal codes a run reached, from its journal alone. */
export class CoverageCounter {
  readonly counts: Record<string, number> = {};
  #phase = "flat";
  readonly #final = new Set<string>();

  on(line: JournalLine): void {
    const before = this.#phase;
    let changed: ChangeRecord | null = null;
    for (const intent of line.intents) {
      if (intent.kind !== "Record") continue;
      const { record } = intent;
      if (record.type === "change") {
        this.#phase = record.phaseAfter;
        if (record.phaseBefore !== record.phaseAfter) changed = record;
      } else if (record.type === "snapshot" && record.lid === "HALT") this.#count(HALT_ROWS[record.reason] ?? null);
      else if (record.type === "evaluation") {
        for (const gate of record.gates) this.#count(gate.code?.split(":")[0] ?? null);
        const { code } = record.sizing;
        this.#count(typeof code === "string" ? code : null);
      }
    }
    const { kind } = line.event;
    // Only a change, a fill and news of an order are rows.
    if (changed === null && kind !== "Executed" && kind !== "OrderSeen") return;
    this.#count(this.#row(line, { before, changed }));
  }

  #count(name: string | null): void {
    if (name !== null) this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  #row(line: JournalLine, step: { readonly before: string; readonly changed: ChangeRecord | null }): string | null {
    const { event } = line;
    const edge = step.changed === null ? "" : `${step.before}>${step.changed.phaseAfter}`;
    if (event.kind === "Executed") {
      const { orderLinkId, leavesQty } = event.execution;
      return fillRow({ role: roleOf(orderLinkId), whole: leavesQty === 0, before: step.before, edge });
    }
    if (edge === "exit>position") return "F-1.23";
    if (edge === "entry>position") return "F-1.14";
    if (event.kind === "PlaceAnswer") {
      return edge === "entry>flat" && event.outcome.kind === "refused" ? "F-1.12" : null;
    }
    if (event.kind !== "OrderSeen") return edge === "entry>flat" ? "F-1.13" : null;
    const { order } = event;
    const late = this.#isLate(order.orderId, isFinalStatus(order.status));
    if (edge === "entry>flat") return order.status === "Rejected" ? "F-1.12" : "F-1.13";
    const role = roleOf(order.orderLinkId);
    const ended = isFinalStatus(order.status) && order.status !== "Filled";
    if (ended && role === "entry" && step.before === "position") return "F-1.17";
    if (ended && role === "stop" && (step.before === "position" || step.before === "exit")) return "F-1.20";
    return late ? "F-1.29" : null;
  }

  /** A second message about an order already seen final. */
  #isLate(orderId: string, final: boolean): boolean {
    const late = this.#final.has(orderId);
    if (final) this.#final.add(orderId);
    if (this.#final.size > 500) {
      for (const oldest of this.#final) {
        this.#final.delete(oldest);
        break;
      }
    }
    return late;
  }
}

function fillRow(fill: {
  readonly role: ReturnType<typeof roleOf>;
  readonly whole: boolean;
  readonly before: string;
  readonly edge: string;
}): string | null {
  const { role, whole, before, edge } = fill;
  if (role === "entry") {
    if (edge === "entry>position") return whole ? "F-1.10" : "F-1.11";
    return before === "position" ? (whole ? "F-1.16" : "F-1.15") : null;
  }
  if (before === "exit") {
    if (edge === "exit>flat") return "F-1.22";
    return role === "stop" ? "F-1.18" : role === "exit" ? "F-1.21" : null;
  }
  if (before !== "position") return null;
  if (edge === "position>flat") return role === "stop" || role === "target" ? "F-1.19" : null;
  return role === "stop" && !whole ? "F-1.18" : null;
}
