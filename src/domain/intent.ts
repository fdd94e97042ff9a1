import type { AlertCode, AlertSeverity } from "./alert_codes.ts";
import type { BarInterval } from "./market.ts";
import type { Approved, OrderTicket } from "./orders.ts";
import type { EpochMs, PriceCents, UsdContracts } from "./units.ts";
import type { CheckName, StreamName } from "./events.ts";
import type { JournalRecord } from "./records.ts";

/**
 * Everything the bot can do (law 2). `protective` requests are never refused by the REST budget, only paced (F-7.10).
 * Each returns nothing; answers come back as events (law 3).
 */
export type Intent =
  // orders
  | { readonly kind: "PlaceEntry"; readonly ticket: Approved<OrderTicket> }
  | { readonly kind: "PlaceStop"; readonly ticket: OrderTicket }
  | { readonly kind: "PlaceTarget"; readonly ticket: OrderTicket }
  | { readonly kind: "PlaceExit"; readonly ticket: OrderTicket }
  | {
    readonly kind: "AmendStop";
    readonly orderLinkId: string;
    readonly contracts: UsdContracts | null;
    readonly triggerPrice: PriceCents | null;
  }
  | { readonly kind: "CancelOrder"; readonly orderLinkId: string }
  | { readonly kind: "SetLeverage"; readonly leverageE2: number }
  | { readonly kind: "TurnOffPriceAdjust" }
  // look-ups
  | { readonly kind: "LookUpOrder"; readonly orderLinkId: string }
  | { readonly kind: "QueryPosition"; readonly protective: boolean }
  | { readonly kind: "QueryOpenOrders"; readonly protective: boolean }
  /** Executions since this time, paged to the end. */
  | { readonly kind: "QueryExecutions"; readonly since: EpochMs; readonly protective: boolean }
  | { readonly kind: "QueryWallet" }
  | { readonly kind: "QueryTicker" }
  | { readonly kind: "QueryBars"; readonly interval: BarInterval; readonly count: number }
  | { readonly kind: "QueryFeeRates" }
  | { readonly kind: "QueryInstrument" }
  | { readonly kind: "QueryRiskTier" }
  | { readonly kind: "QueryAccount" }
  | { readonly kind: "QueryKey" }
  | { readonly kind: "QueryMaintenance" }
  // link
  | { readonly kind: "ReopenStream"; readonly stream: StreamName; readonly cause: string }
  // people
  | {
    readonly kind: "Alert";
    readonly severity: AlertSeverity;
    readonly code: AlertCode;
    readonly text: string;
  }
  | { readonly kind: "Answer"; readonly id: string; readonly ok: boolean; readonly text: string }
  /** Something to keep: trade, adjustment, evaluation, change of word, halt snapshot (P-13, F-1.5, F-13.4). */
  | { readonly kind: "Record"; readonly record: JournalRecord }
  /** A boot check failed with nothing open: the process must end with this line (F-12.6). */
  | { readonly kind: "RefuseStart"; readonly check: CheckName; readonly line: string }
  /** A boot check passed, or failed while a position is open; for the operator's eyes. */
  | { readonly kind: "ReportCheck"; readonly check: CheckName; readonly ok: boolean; readonly line: string };

export type IntentKind = Intent["kind"];
export type IntentOf<K extends IntentKind> = Extract<Intent, { readonly kind: K }>;

/** Requests that must never wait for a budget: stops, reduce-only orders, cancels, look-ups of own orders (F-7.10). */
export function isProtective(intent: Intent): boolean {
  switch (intent.kind) {
    case "PlaceStop":
    case "PlaceExit":
    case "AmendStop":
    case "CancelOrder":
    case "LookUpOrder":
    case "PlaceTarget":
      return true;
    case "QueryPosition":
    case "QueryOpenOrders":
    case "QueryExecutions":
      return intent.protective;
    default:
      return false;
  }
}
