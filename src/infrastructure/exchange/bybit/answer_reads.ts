import type { Event, ReadFailure } from "../../../domain/events.ts";
import type { IntentOf } from "../../../domain/intent.ts";
import type { EpochMs } from "../../../domain/units.ts";
import type { MarketView } from "./market_view.ts";
import { parseKey } from "./parse_key.ts";
import {
  parseAccount,
  parseFeeRates,
  parseInstrument,
  parseMaintenance,
  parsePositions,
  parseRiskTier,
  parseTickerReply,
  parseWalletReply,
} from "./parse_rest.ts";
import type { Lane } from "./rate_limiter.ts";
import { isLinkId, marketQuery, walletQuery } from "./render.ts";
import type { OpenOrders, ReadResult, VenueReads } from "./venue_reads.ts";
import { type Endpoint, ENDPOINTS } from "./venue_words.ts";

export type ReadIntent = IntentOf<
  | "LookUpOrder"
  | "QueryPosition"
  | "QueryOpenOrders"
  | "QueryExecutions"
  | "QueryWallet"
  | "QueryTicker"
  | "QueryFeeRates"
  | "QueryInstrument"
  | "QueryRiskTier"
  | "QueryAccount"
  | "QueryKey"
  | "QueryMaintenance"
>;
export type ReadTools = {
  readonly reads: VenueReads;
  readonly emit: (event: Event) => void;
  readonly now: () => EpochMs;
  readonly market: MarketView;
  readonly lane: Lane;
};

/** Carries out one look-up and answers with its event. */
export function answerRead(intent: ReadIntent, tools: ReadTools): void {
  switch (intent.kind) {
    case "LookUpOrder":
      return lookUp(intent, tools);
    case "QueryPosition":
      return queryPosition(tools);
    case "QueryOpenOrders":
      return queryOpenOrders(tools);
    case "QueryExecutions":
      return queryExecutions(intent, tools);
    case "QueryWallet":
      return queryWallet(tools);
    case "QueryTicker":
      return queryTicker(tools);
    case "QueryFeeRates":
    case "QueryInstrument":
    case "QueryRiskTier":
      return answerMarketFact(intent, tools);
    case "QueryAccount":
    case "QueryKey":
    case "QueryMaintenance":
      return answerAccountFact(intent, tools);
    default:
      return intent satisfies never;
  }
}

type Failed = { readonly kind: "failed"; readonly outcome: ReadFailure["outcome"] };

/** Facts about market and fees: one request, one answer. */
function answerMarketFact(
  intent: IntentOf<"QueryFeeRates" | "QueryInstrument" | "QueryRiskTier">,
  tools: ReadTools,
): void {
  const { now } = tools;
  const payload = marketQuery();
  switch (intent.kind) {
    case "QueryFeeRates":
      return ask(tools, {
        endpoint: ENDPOINTS.feeRate,
        payload,
        parse: parseFeeRates,
        event: (read) => ({
          kind: "FeeRatesAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "rates", rates: read.value },
        }),
      });
    case "QueryInstrument":
      return ask(tools, {
        endpoint: ENDPOINTS.instruments,
        payload,
        parse: parseInstrument,
        event: (read) => ({
          kind: "InstrumentAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "instrument", instrument: read.value },
        }),
      });
    case "QueryRiskTier":
      return ask(tools, {
        endpoint: ENDPOINTS.riskLimit,
        payload,
        parse: parseRiskTier,
        event: (read) => ({
          kind: "RiskTierAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "tier", tier: read.value },
        }),
      });
    default:
      return intent satisfies never;
  }
}

/** Facts about account, key and venue: one request, one answer. */
function answerAccountFact(
  intent: IntentOf<"QueryAccount" | "QueryKey" | "QueryMaintenance">,
  tools: ReadTools,
): void {
  const { now } = tools;
  switch (intent.kind) {
    case "QueryAccount":
      return ask(tools, {
        endpoint: ENDPOINTS.account,
        payload: "",
        parse: parseAccount,
        event: (read) => ({
          kind: "AccountAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "account", ...read.value },
        }),
      });
    case "QueryKey":
      return ask(tools, {
        endpoint: ENDPOINTS.key,
        payload: "",
        parse: (result) => parseKey(result, now()),
        event: (read) => ({
          kind: "KeyAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "key", ...read.value },
        }),
      });
    case "QueryMaintenance":
      return ask(tools, {
        endpoint: ENDPOINTS.status,
        payload: "",
        parse: (result) => parseMaintenance(result, now()),
        event: (read) => ({
          kind: "MaintenanceAnswer",
          at: now(),
          result: read.kind === "failed" ? failure(read) : { kind: "maintenance", window: read.value },
        }),
      });
    default:
      return intent satisfies never;
  }
}

function ask<T>(
  tools: ReadTools,
  how: {
    readonly endpoint: Endpoint;
    readonly payload: string;
    readonly parse: (result: unknown) => T;
    readonly event: (read: ReadResult<T>) => Event;
  },
): void {
  tools.reads.one({ endpoint: how.endpoint, payload: how.payload, lane: tools.lane }, {
    parse: how.parse,
    done: (read) => tools.emit(how.event(read)),
  });
}
function failure(read: Failed): ReadFailure {
  return { kind: "failed", outcome: read.outcome };
}

function lookUp(intent: IntentOf<"LookUpOrder">, { reads, emit, now }: ReadTools): void {
  const { orderLinkId } = intent;
  if (!isLinkId(orderLinkId)) {
    const outcome = { kind: "notSent", reason: "invalid_order_link_id" } as const;
    emit({ kind: "OrderLookup", at: now(), orderLinkId, askedAt: now(), result: { kind: "failed", outcome } });
    return;
  }
  reads.order(orderLinkId, (read) => {
    const result = read.kind === "failed"
      ? failure(read)
      : read.value === null
      ? { kind: "absent" } as const
      : { kind: "found", order: read.value } as const;
    emit({ kind: "OrderLookup", at: now(), orderLinkId, askedAt: read.askedAt, result });
  });
}
function queryPosition({ reads, emit, now, lane }: ReadTools): void {
  reads.one({ endpoint: ENDPOINTS.position, payload: marketQuery(), lane }, {
    parse: parsePositions,
    done(read) {
      const result = read.kind === "failed" ? failure(read) : { kind: "position", position: read.value } as const;
      emit({ kind: "PositionAnswer", at: now(), askedAt: read.askedAt, result });
    },
  });
}
function queryOpenOrders({ reads, emit, now, lane }: ReadTools): void {
  reads.openOrders(lane, (read) => {
    const result = read.kind === "failed" ? failure(read) : openOrdersResult(read.value);
    emit({ kind: "OpenOrdersAnswer", at: now(), askedAt: read.askedAt, result });
  });
}
function openOrdersResult({ orders, odd }: OpenOrders) {
  const shown = { kind: "orders", orders } as const;
  return odd.length === 0 ? shown : { ...shown, unread: odd.map((row) => row.linkId) };
}
function queryExecutions({ since }: IntentOf<"QueryExecutions">, { reads, emit, now, lane }: ReadTools): void {
  reads.executions(since, {
    lane,
    done(read) {
      if (read.kind === "failed") {
        emit({ kind: "ExecutionsAnswer", at: now(), askedAt: read.askedAt, since, result: failure(read) });
        return;
      }
      for (const row of read.value) {
        if (row.kind === "execution") {
          emit({ kind: "Executed", at: now(), execution: row.execution, source: "backfill" });
        } else emit({ kind: "InvalidFill", at: now(), execId: row.execId, rawQty: row.rawQty });
      }
      const count = read.value.length;
      emit({ kind: "ExecutionsAnswer", at: now(), askedAt: read.askedAt, since, result: { kind: "complete", count } });
    },
  });
}
function queryWallet({ reads, emit, now, lane }: ReadTools): void {
  reads.one({ endpoint: ENDPOINTS.wallet, payload: walletQuery(), lane }, {
    parse: parseWalletReply,
    done(read) {
      const result = read.kind === "failed" ? failure(read) : { kind: "wallet", wallet: read.value } as const;
      emit({ kind: "WalletAnswer", at: now(), askedAt: read.askedAt, result });
    },
  });
}
/** The answer is the next market observation; the stream's own age stays what it was (F-7.12). */
function queryTicker({ reads, market, lane }: ReadTools): void {
  reads.one({ endpoint: ENDPOINTS.tickers, payload: marketQuery(), lane }, {
    parse: parseTickerReply,
    done(read) {
      if (read.kind === "read") market.quote(read.value);
    },
  });
}
