import type { Event } from "../../../domain/events.ts";
import type { Intent } from "../../../domain/intent.ts";
import type { Bot } from "../../../domain/state.ts";
import { epochMs } from "../../../domain/units.ts";
import { barsBefore, DAY_MS, HOUR_MS } from "./candles.ts";
import { instrumentOf, PAPER_FEES, PAPER_TIER, type PaperVenue } from "./paper_venue.ts";
import type { LabCandles } from "./types.ts";

export const LAB_UID = "1";
const MINUTE_MS = 60_000;
const LENGTH = { "1m": MINUTE_MS, "1h": HOUR_MS, "1d": DAY_MS } as const;

export type Asked = {
  readonly bot: Bot;
  readonly venue: PaperVenue;
  readonly candles: LabCandles;
  /** UTC ms. */
  readonly at: number;
};

/**
 * Whether the answer to a look at position or orders could change anything: at the start, while something is to be
 * confirmed or cleaned up, and never else, since nothing is lost on the way (L-1.2).
 */
export function lookMatters({ boot, account, blocks, reconcile, phase, orders }: Bot): boolean {
  if (boot.stage !== "done" || account.leverageSetAt !== null || reconcile.mismatches > 0) return true;
  if (phase.kind === "flat" && orders.length > 0) return true;
  for (const one of blocks) if (one.reason === "order_cleanup" || one.reason === "reconcile") return true;
  return false;
}

/** The answers to a read, as an honest venue gives them; none to a look that could change nothing. */
export function answerRead(intent: Intent, asked: Asked): readonly Event[] {
  const at = epochMs(asked.at);
  const { venue } = asked;
  switch (intent.kind) {
    case "QueryPosition":
      if (!lookMatters(asked.bot)) return NOTHING;
      return [positionAnswer(venue, asked.at)];
    case "QueryOpenOrders":
      if (!lookMatters(asked.bot)) return NOTHING;
      return [{ kind: "OpenOrdersAnswer", at, askedAt: at, result: { kind: "orders", orders: venue.openOrders() } }];
    case "QueryExecutions": {
      const result = { kind: "complete", count: 0 } as const;
      return [{ kind: "ExecutionsAnswer", at, askedAt: at, since: intent.since, result }];
    }
    case "LookUpOrder": {
      const order = venue.liveOrder(intent.orderLinkId);
      const result = order === null ? { kind: "absent" as const } : { kind: "found" as const, order };
      return [{ kind: "OrderLookup", at, orderLinkId: intent.orderLinkId, askedAt: at, result }];
    }
    case "QueryWallet":
      if (asked.bot.boot.stage === "done") return NOTHING;
      return [{ kind: "WalletAnswer", at, askedAt: at, result: { kind: "wallet", wallet: venue.walletRow() } }];
    default:
      return answerFact(intent, asked);
  }
}

const NOTHING: readonly Event[] = [];

/** What the venue holds, as a read shows it. */
export function positionAnswer(venue: PaperVenue, now: number): Event {
  const at = epochMs(now);
  return { kind: "PositionAnswer", at, askedAt: at, result: { kind: "position", position: venue.positionRow() } };
}

/** Facts of account and market, which never change here: told at the start. */
function answerFact(intent: Intent, asked: Asked): readonly Event[] {
  const at = epochMs(asked.at);
  if (intent.kind === "QueryBars") {
    const length = LENGTH[intent.interval];
    const bars = barsBefore(asked.candles, { at: asked.at, length, count: intent.count });
    return [{ kind: "Bars", at, interval: intent.interval, bars, source: "history" }];
  }
  if (asked.bot.boot.stage === "done") return NOTHING;
  switch (intent.kind) {
    case "QueryFeeRates":
      return [{ kind: "FeeRatesAnswer", at, result: { kind: "rates", rates: PAPER_FEES } }];
    case "QueryInstrument":
      return [{ kind: "InstrumentAnswer", at, result: { kind: "instrument", instrument: instrumentOf() } }];
    case "QueryRiskTier":
      return [{ kind: "RiskTierAnswer", at, result: { kind: "tier", tier: PAPER_TIER } }];
    case "QueryAccount": {
      const result = { kind: "account", unified: true, marginMode: "ISOLATED_MARGIN" } as const;
      return [{ kind: "AccountAnswer", at, result }];
    }
    case "QueryKey": {
      const rights = { readOnly: false, canTrade: true, canWithdrawOrTransfer: false, daysLeft: null };
      return [{ kind: "KeyAnswer", at, result: { kind: "key", uid: LAB_UID, ...rights } }];
    }
    case "QueryMaintenance":
      return [{ kind: "MaintenanceAnswer", at, result: { kind: "maintenance", window: null } }];
    case "TurnOffPriceAdjust":
      return [{ kind: "PriceAdjustAnswer", at, outcome: { kind: "ok" } }];
    default:
      return NOTHING;
  }
}
