import type { Event, EventOf, Outcome } from "../../domain/events.ts";
import { foldBars } from "../policy/entry/atr.ts";
import { foldCredentials, judgeInstrument } from "../policy/risk/emergency.ts";
import { foldFeeRates } from "../policy/entry/fee_verification.ts";
import { takeAmendAnswer, takeCancelAnswer, takePlaceAnswer } from "./orders/order_answers.ts";
import { afterFound, changeOrder, markUnknown, takeAbsent, takeLookFailure } from "./orders/order_table.ts";
import { fillPast, foldPrice } from "../policy/risk/price_ring.ts";
import {
  isUsable,
  plausibleExecution,
  plausibleMarket,
  plausibleOrder,
  plausiblePosition,
  plausibleWallet,
} from "../policy/risk/plausible.ts";
import { alert, halt, later, positionOf, type Step } from "./step.ts";
import { takeLink } from "./ws_health.ts";
import { judge, judgeClock, missTier, settleRead, startBoot, takeCheck } from "./boot.ts";
import { takeIpBan } from "./emergency_step.ts";
import { refuseQuantity, takeExecution, takeOrderRow } from "./ledger/fills.ts";
import { takeHalt, takeWallet, takeWalletFailure } from "./ledger/money.ts";
import { takeCommand, takeKillSwitch, takeShutdown } from "./operator.ts";
import {
  takeExecutionsAnswer,
  takeNothingToReduce,
  takeOpenOrders,
  takePositionAnswer,
  takePositionSeen,
} from "./reconcile/reconcile.ts";
import { askPosition, changeLooks, lookAfterReconnect, lookNow, lookTwice } from "./asking.ts";
import { freshSchedule } from "./reconcile/schedule.ts";

/** Step 1 of F-3: folds the event into what the bot knows. Decides nothing about phases. */
export function observe(step: Step): void {
  const { event } = step;
  switch (event.kind) {
    case "Boot":
      step.bot.schedule = freshSchedule(step.at);
      step.bot.account = { ...step.bot.account, filtersChanged: false };
      return startBoot(step, event);
    case "Tick":
      step.bot.vitals = event.vitals;
      return judgeClock(step, event.vitals.clockSkewMs);
    case "TimeGap":
      return takeGap(step);
    case "Shutdown":
      return takeShutdown(step);
    case "CoreFault":
      return halt(step, { reason: "core_fault", detail: `${event.during}: ${event.message}` });
    case "JournalHealth":
      return takeJournal(step, event);
    case "Market":
      return takeMarket(step, event);
    case "Bars":
      return takeBars(step, event);
    case "KillSwitch":
      return takeKillSwitch(step, event.present);
    case "OperatorCommand":
      return takeCommand(step, event);
    default:
      return observeVenue(step, event);
  }
}

type VenueEvent = Exclude<
  Event,
  EventOf<
    | "Boot"
    | "Tick"
    | "TimeGap"
    | "Shutdown"
    | "CoreFault"
    | "JournalHealth"
    | "Market"
    | "Bars"
    | "KillSwitch"
    | "OperatorCommand"
  >
>;

function observeVenue(step: Step, event: VenueEvent): void {
  switch (event.kind) {
    case "Executed":
      return takeExecution(step, plausibleExecution(event.execution, step.bot.market.seen.last));
    case "InvalidFill":
      return refuseQuantity(step, `execution ${event.execId} of "${event.rawQty}"`);
    case "OrderSeen":
      return takeOrderRow(step, plausibleOrder(event.order));
    case "PositionSeen":
      return takePositionSeen(step, plausiblePosition(event.position));
    case "WalletSeen":
      return takeWallet(step, plausibleWallet(event.wallet));
    case "Link":
      takeLink(step, event);
      if (event.stream === "private" && event.status === "ready") lookAfterReconnect(step);
      return;
    case "IpBanned":
      return takeIpBan(step, event.until);
    case "ParseFault":
      tellUnreadable(step, event);
      return event.source.startsWith("private:") ? lookTwice(step) : takeParseFault(step);
    case "Dropped":
      return lookTwice(step);
    default:
      return observeAnswer(step, event);
  }
}

type AnswerEvent = Exclude<
  VenueEvent,
  EventOf<
    | "Executed"
    | "InvalidFill"
    | "OrderSeen"
    | "PositionSeen"
    | "WalletSeen"
    | "Link"
    | "IpBanned"
    | "ParseFault"
    | "Dropped"
  >
>;

function observeAnswer(step: Step, event: AnswerEvent): void {
  judgeCredentials(step, outcomeOf(event));
  switch (event.kind) {
    case "PlaceAnswer":
      takePlaceAnswer(step, { id: event.orderLinkId, orderId: event.orderId, outcome: event.outcome });
      if (isNothingOpen(event.outcome)) takeNothingToReduce(step);
      return;
    case "AmendAnswer":
      return takeAmendAnswer(step, event.orderLinkId, event.outcome);
    case "CancelAnswer":
      return takeCancelAnswer(step, event.orderLinkId, event.outcome);
    case "LeverageAnswer":
      return takeLeverage(step, event);
    case "OrderLookup":
      return takeLookup(step, event);
    case "PositionAnswer":
      return takePositionAnswer(step, event);
    case "OpenOrdersAnswer":
      return takeOpenOrders(step, event);
    case "ExecutionsAnswer":
      return takeExecutionsAnswer(step, event);
    case "WalletAnswer":
      return takeWalletAnswer(step, event);
    case "FeeRatesAnswer":
      if (event.result.kind === "failed") return settleRead(step, "fees");
      step.bot.fees = foldFeeRates(step.bot.fees, { rates: event.result.rates, now: step.at });
      return settleRead(step, "fees");
    case "InstrumentAnswer":
      return takeInstrument(step, event);
    case "RiskTierAnswer":
      if (event.result.kind === "failed") return missTier(step);
      step.bot.account = { ...step.bot.account, riskTier: event.result.tier };
      return settleRead(step, "tier");
    case "MaintenanceAnswer":
      if (event.result.kind === "failed") return settleRead(step, "maintenance");
      step.bot.account = { ...step.bot.account, maintenance: event.result.window };
      return settleRead(step, "maintenance");
    case "AccountAnswer":
    case "KeyAnswer":
    case "PriceAdjustAnswer":
      return takeCheck(step, event);
    default: {
      const never: never = event;
      return never;
    }
  }
}

/** Refused as there is nothing to reduce (110017). */
function isNothingOpen(outcome: Outcome): boolean {
  return outcome.kind === "refused" && outcome.refusal.cause === "reduce_only";
}

/** How the request behind an answer ended. */
function outcomeOf(event: AnswerEvent): Outcome {
  switch (event.kind) {
    case "PlaceAnswer":
    case "AmendAnswer":
    case "CancelAnswer":
    case "LeverageAnswer":
    case "PriceAdjustAnswer":
      return event.outcome;
    default:
      return event.result.kind === "failed" ? event.result.outcome : { kind: "ok" };
  }
}

/** A signed call refused for the key twice in a row; the alert says whether the stop is at the venue (F-7.15). */
function judgeCredentials(step: Step, outcome: Outcome): void {
  if (outcome.kind === "unknown" || outcome.kind === "notSent") return;
  const refused = outcome.kind === "refused" && outcome.refusal.cause === "credentials";
  const judged = foldCredentials(step.bot.credentialRefusals, refused);
  if (judged.refusals !== step.bot.credentialRefusals) step.bot.credentialRefusals = judged.refusals;
  if (judged.halt === null) return;
  const position = positionOf(step.bot);
  const stop = position === null
    ? "nothing is open"
    : `stop ${position.stopStatus} at ${position.stop.wantedTrigger / 100}`;
  halt(step, { reason: judged.halt.reason, detail: `${judged.halt.detail}; ${stop}` });
}

/** The process stood still: what was asked is asked again, the venue is read first, nothing failed by it (F-3.5). */
function takeGap(step: Step): void {
  const looks = changeLooks(step);
  looks.gapAt = step.at;
  looks.mismatches = 0;
  looks.mismatchSince = null;
  if (step.bot.degradedSince !== null) {
    step.bot.degradedSince = step.at;
    step.bot.healthySince = null;
  }
  for (const order of step.bot.orders) {
    if (order.state === "live") changeOrder(step, order.id, { look: null });
    else markUnknown(step, order.id);
  }
  lookNow(step, { protective: true });
}

function takeJournal(step: Step, event: EventOf<"JournalHealth">): void {
  step.bot.operator = { ...step.bot.operator, journalFailed: event.state === "failed" };
  if (event.state === "failed") halt(step, { reason: "journal_unavailable", detail: event.detail });
}

function takeMarket(step: Step, event: EventOf<"Market">): void {
  const seen = plausibleMarket(event.seen);
  step.bot.market = { seen, at: step.at };
  step.bot.prices = foldPrice(step.bot.prices, seen, step.at);
  if (step.bot.boot.stage === "checks") settleRead(step, "ticker");
}

function takeBars(step: Step, event: EventOf<"Bars">): void {
  const { bot } = step;
  switch (event.interval) {
    case "1h":
      bot.hours = foldBars(bot.hours, event.bars, "hour");
      return event.source === "history" ? settleRead(step, "bars_1h") : undefined;
    case "1d":
      bot.days = foldBars(bot.days, event.bars, "day");
      return event.source === "history" ? settleRead(step, "bars_1d") : undefined;
    case "1m":
      if (event.source !== "history") return;
      seedPrices(step, event);
      return settleRead(step, "bars_1m");
    default: {
      const never: never = event.interval;
      return never;
    }
  }
}

/** Minute closes give the 1- and 5-minute changes a reference from the start, also behind the first frames (P-1, F-7.12). */
function seedPrices(step: Step, event: EventOf<"Bars">): void {
  const past = event.bars.map((bar) => ({ at: later(bar.startAt, 60_000), price: bar.close }));
  step.bot.prices = fillPast(step.bot.prices, past, step.at);
}

/** What cannot be read is told once, by the row's own name; the rest is used, nothing is guessed (F-4.8). */
function tellUnreadable(step: Step, event: EventOf<"ParseFault">): void {
  if (event.first !== true) return;
  const text = `The venue's answer ${event.source.replace("rest:", "")} holds what cannot be read: ${event.detail}. ` +
    "It is left out, everything else is used.";
  alert(step, { severity: "warning", code: "unreadable", text });
}

function takeParseFault(step: Step): void {
  if (step.bot.reconcile.nextAt > step.at) changeLooks(step).nextAt = step.at;
}

function takeLookup(step: Step, event: EventOf<"OrderLookup">): void {
  const { result } = event;
  switch (result.kind) {
    case "found":
      takeOrderRow(step, plausibleOrder(result.order));
      changeLook(step, event.orderLinkId);
      return afterFound(step, event.orderLinkId, event.askedAt);
    case "absent":
      return takeAbsent(step, event.orderLinkId, event.askedAt);
    case "failed":
      return takeLookFailure(step, event.orderLinkId);
    default: {
      const never: never = result;
      return never;
    }
  }
}

/** A found order is known to the venue: it is live, even when the row brought nothing new. */
function changeLook(step: Step, id: string): void {
  const order = step.bot.orders.find((one) => one.id === id);
  if (order === undefined || order.row === null) return;
  if (order.state !== "live" || order.look !== null) changeOrder(step, id, { state: "live", look: null });
}

function takeWalletAnswer(step: Step, event: EventOf<"WalletAnswer">): void {
  settleRead(step, "wallet");
  if (event.result.kind === "wallet") {
    takeWallet(step, plausibleWallet(event.result.wallet));
    if (event.result.wallet.walletBalance !== null) judge(step, { check: "wallet", line: "wallet read", fault: null });
    return;
  }
  if (event.result.outcome.kind !== "notSent") takeWalletFailure(step, event.askedAt);
}

function takeInstrument(step: Step, event: EventOf<"InstrumentAnswer">): void {
  if (event.result.kind === "failed") return;
  const { instrument } = event.result;
  if (!isUsable(instrument)) return takeParseFault(step);
  // What the start reads is what counts from now: filters that changed while the bot was down are no change (F-7.17).
  const before = step.bot.boot.pending.includes("instrument") ? null : step.bot.account.instrument;
  const judged = judgeInstrument({ at: instrument, before, hasPosition: positionOf(step.bot) !== null });
  takeHalt(step, judged.halt);
  const changed = before !== null && judged.blocked && instrument.status === "Trading";
  if (changed) {
    alert(step, { severity: "critical", code: "instrument", text: "the filters of BTCUSD changed (F-7.17)" });
  }
  const filtersChanged = step.bot.account.filtersChanged || changed;
  step.bot.account = { ...step.bot.account, instrument, filtersChanged };
  settleRead(step, "instrument");
  const known = instrument.contractType === "InversePerpetual" && instrument.symbol === step.bot.config.symbol;
  const fault = known
    ? (instrument.status === "Trading" ? null : `Cannot trade as F-12.6 needs status Trading: ${instrument.status}`)
    : `Cannot trade as F-12.6 needs the inverse perpetual BTCUSD: ${instrument.symbol} ${instrument.contractType}`;
  judge(step, { check: "instrument", line: `tick ${instrument.tickCents / 100} USD`, fault });
}

function takeLeverage(step: Step, event: EventOf<"LeverageAnswer">): void {
  const { outcome } = event;
  const done = outcome.kind === "ok" || outcome.kind === "refused" && outcome.refusal.cause === "not_modified";
  if (done || outcome.kind === "unknown") {
    step.bot.account = { ...step.bot.account, leverageSetAt: step.at };
    return askPosition(step, false);
  }
  step.bot.account = { ...step.bot.account, leverageSetAt: null };
  if (outcome.kind === "notSent" && outcome.reason === "observe_mode") {
    step.bot.account = { ...step.bot.account, leverageE2: event.leverageE2 };
  }
  if (outcome.kind === "refused") {
    alert(step, { severity: "warning", code: "leverage", text: `leverage refused: ${outcome.refusal.message}` });
  }
}
