import type { CheckName, Event, EventOf, Refusal } from "../../domain/events.ts";
import type { Boot, BootRead, Bot } from "../../domain/state.ts";
import { type EpochMs } from "../../domain/units.ts";
import { changeOrder, lookUp, openOrderOf } from "./orders/order_table.ts";
import { alert, block, emit, halt, later, positionOf, type Step, unblock } from "./step.ts";
import { takeOver } from "./reconcile/reconcile.ts";
import { askExecutions, askOrders, askPosition, changeLooks } from "./asking.ts";

/** Reads of the start that did not answer are asked again this often. */
const RETRY_MS = 2_000;
/** A venue that has not answered for so long is asked half as often: three reads every 2 s are 90 a minute (F-7.10). */
const PATIENCE_MS = 6_000;
/** Protection does not wait longer than this for the venue's picture at start (F-13.3: boot to protected ≤ 3 s). */
const PROTECT_ANYWAY_MS = 1_500;
/** The venue's position must disagree this often at start before less than the ledger is believed. */
const BOOT_DISAGREEMENTS = 3;
const MIN_DAYS_LEFT = 2;

/** What the start reads once the venue's picture is there. */
const READS: readonly BootRead[] = [
  "account",
  "key",
  "instrument",
  "tier",
  "fees",
  "wallet",
  "price_adjust",
  "bars_1h",
  "bars_1d",
  "bars_1m",
  "maintenance",
  "ticker",
];

function setBoot(step: Step, change: Partial<Boot>): void {
  step.bot.boot = { ...step.bot.boot, ...change };
}

/** F-12.6: what the venue holds first, then protect, then the other checks. Unresolved orders are looked up (F-10.7). */
export function startBoot(step: Step, event: EventOf<"Boot">): void {
  const { bot } = step;
  const fresh = !event.restart && bot.ledger.lastExecAt === null;
  block(step, { reason: "starting", until: null });
  setBoot(step, {
    startedAt: step.at,
    restart: event.restart,
    stage: "venue",
    pending: [...READS],
    positionSeen: false,
    ordersSeen: false,
    executionsSeen: false,
    clockJudged: false,
    net: null,
    price: null,
    seq: null,
    disagreements: 0,
    retryAt: later(step.at, RETRY_MS),
  });
  const open = bot.ledger.net !== 0 || bot.orders.length > 0;
  if (event.upgraded && open) {
    halt(step, { reason: "upgraded_mid_position", detail: "another core wrote this journal and something is open" });
  }
  if (event.damaged !== undefined) {
    const detail = `the journal is damaged at ${event.damaged}; what stood behind it was set aside`;
    halt(step, { reason: "journal_behind_venue", detail });
  }
  if (fresh) {
    bot.ledger = { ...bot.ledger, floorAt: step.at };
    changeLooks(step).executionsSince = step.at;
  }
  const looks = changeLooks(step);
  looks.nextAt = later(step.at, RETRY_MS);
  looks.mismatches = 0;
  looks.mismatchSince = null;
  looks.gapAt = null;
  bot.privateStream = { status: "connecting", since: step.at, reopenedAt: null };
  bot.publicStream = { status: "connecting", since: step.at, reopenedAt: null };
  bot.vitals = null;
  bot.degradedSince = null;
  bot.healthySince = null;
  unblock(step, "degraded");
  unblock(step, "shutdown");
  bot.operator = { ...bot.operator, shutdownAt: null };
  askPosition(step, true);
  askOrders(step, true);
  askExecutions(step, true);
  for (const order of bot.orders) {
    changeOrder(step, order.id, { state: "unknown", look: null, amend: null });
    lookUp(step, order.id);
  }
}

/** Drives the start: the picture of the venue, then the checks, then the end of `starting`. */
export function runBoot(step: Step): void {
  switch (step.bot.boot.stage) {
    case "idle":
    case "done":
      return;
    case "venue":
      return judgePicture(step);
    case "checks":
      return judgeReady(step);
    default: {
      const never: never = step.bot.boot.stage;
      return never;
    }
  }
}

/** True once stops may be placed: what the venue holds is known, or waiting longer would cost protection. */
export function mayProtect(bot: Bot): boolean {
  if (bot.boot.stage !== "venue") return true;
  return bot.boot.startedAt === null || bot.now - bot.boot.startedAt >= PROTECT_ANYWAY_MS;
}

function judgePicture(step: Step): void {
  const { boot } = step.bot;
  if (!boot.positionSeen || !boot.ordersSeen || !boot.executionsSeen || boot.net === null) return retryPicture(step);
  if (boot.net !== step.bot.ledger.net) {
    if (isVoidLook(step.bot)) return lookAgain(step);
    if (mayBeEntry(step.bot, boot.net)) {
      askExecutions(step, true);
      return lookAgain(step);
    }
    if (!adoptPicture(step, boot.net)) return;
  }
  setBoot(step, { stage: "checks", retryAt: later(step.at, RETRY_MS) });
  // The row with another index has halted the bot by now (F-7.11).
  const hedge = step.bot.halt?.reason === "hedge_mode_detected";
  const line = hedge ? "switch BTCUSD to one-way mode" : "one-way position mode";
  emit(step, { kind: "ReportCheck", check: "one_way", ok: !hedge, line });
  for (const read of step.bot.boot.pending) ask(step, read);
}

function retryPicture(step: Step): void {
  const { boot } = step.bot;
  if (boot.retryAt === null || step.at < boot.retryAt) return;
  const waited = boot.startedAt === null ? 0 : step.at - boot.startedAt;
  setBoot(step, { retryAt: later(step.at, waited < PATIENCE_MS ? RETRY_MS : 2 * RETRY_MS) });
  if (!boot.positionSeen) askPosition(step, true);
  if (!boot.ordersSeen) askOrders(step, true);
  if (!boot.executionsSeen) askExecutions(step, true);
}

/** An execution was folded after the position was asked for: the answer may be of before it (F-4.3). */
function isVoidLook(bot: Bot): boolean {
  const { lastPrivateAt, positionAnsweredAt } = bot.reconcile;
  return lastPrivateAt !== null && positionAnsweredAt !== null && lastPrivateAt >= positionAnsweredAt;
}

/**
 * A fill of our own entry that executions and look-up do not show yet would look like a stranger's position: they are given
 * the time there is before protection must leave (F-1.26, F-13.3).
 */
function mayBeEntry(bot: Bot, net: number): boolean {
  const entry = openOrderOf(bot, "entry");
  const { startedAt } = bot.boot;
  if (entry === null || startedAt === null || bot.now - startedAt >= PROTECT_ANYWAY_MS) return false;
  const grown = (net - bot.ledger.net) * (entry.ticket.side === "Buy" ? 1 : -1);
  return grown > 0 && grown <= entry.ticket.contracts - entry.counted;
}

/** The position is asked for once more; what the executions said stays. */
function lookAgain(step: Step): void {
  setBoot(step, { positionSeen: false, retryAt: later(step.at, RETRY_MS) });
  askPosition(step, true);
}

/**
 * The venue and the journal disagree: more is protected at once, less must be seen again and be explained (F-4.3, F-11.5).
 * False = the picture is asked for once more.
 */
function adoptPicture(step: Step, net: number): boolean {
  const { bot } = step;
  const more = Math.abs(net) > Math.abs(bot.ledger.net) || Math.sign(net) === -Math.sign(bot.ledger.net);
  if (!more && bot.boot.disagreements + 1 < BOOT_DISAGREEMENTS) {
    setBoot(step, {
      disagreements: bot.boot.disagreements + 1,
      positionSeen: false,
      executionsSeen: false,
      retryAt: later(step.at, bot.config.runtime.reconcile_recheck_s * 1000),
    });
    return false;
  }
  if (!more && bot.reconcile.mismatchSince !== null) return keepLedger(step);
  const before = bot.ledger.net;
  const { price, seq } = bot.boot;
  takeOver(step, { net, price, seq, key: `boot|${net}|${price ?? 0}` });
  const detail = `the venue holds ${net} contracts, the journal knows ${before}`;
  if (net !== 0) halt(step, { reason: "unknown_position", detail });
  else alert(step, { severity: "warning", code: "closed_while_down", text: detail });
  return true;
}

/** Nothing explains that the venue shows less: position and stop stay, nothing enters, the looks go on (F-4.3). */
function keepLedger(step: Step): boolean {
  block(step, { reason: "reconcile", until: null });
  const recheck = step.bot.config.runtime.reconcile_recheck_s * 1000;
  const looks = changeLooks(step);
  looks.mismatches = BOOT_DISAGREEMENTS;
  looks.nextAt = later(step.at, recheck);
  return true;
}

function ask(step: Step, read: BootRead): void {
  switch (read) {
    case "account":
      return emit(step, { kind: "QueryAccount" });
    case "key":
      return emit(step, { kind: "QueryKey" });
    case "instrument":
      return emit(step, { kind: "QueryInstrument" });
    case "tier":
      return emit(step, { kind: "QueryRiskTier" });
    case "fees":
      return emit(step, { kind: "QueryFeeRates" });
    case "wallet":
      return emit(step, { kind: "QueryWallet" });
    case "price_adjust":
      return emit(step, { kind: "TurnOffPriceAdjust" });
    case "bars_1h":
      return emit(step, { kind: "QueryBars", interval: "1h", count: 200 });
    case "bars_1d":
      return emit(step, { kind: "QueryBars", interval: "1d", count: 30 });
    case "bars_1m":
      return emit(step, { kind: "QueryBars", interval: "1m", count: 10 });
    case "maintenance":
      return emit(step, { kind: "QueryMaintenance" });
    case "ticker":
      return emit(step, { kind: "QueryTicker" });
    default: {
      const never: never = read;
      return never;
    }
  }
}

/** A read of the start was answered. */
export function settleRead(step: Step, read: BootRead): void {
  if (!step.bot.boot.pending.includes(read)) return;
  setBoot(step, { pending: step.bot.boot.pending.filter((one) => one !== read) });
}

/**
 * The venue does not tell a risk tier. It is no check of F-12.6: the start goes on without it once it was asked for in
 * vain a few times, and sizing is smaller or refuses until it is told (P-7.7).
 */
export function missTier(step: Step): void {
  const { startedAt, pending } = step.bot.boot;
  if (startedAt === null || step.at - startedAt < PATIENCE_MS || !pending.includes("tier")) return;
  settleRead(step, "tier");
  if (step.bot.account.riskTier !== null) return;
  const text = "the venue tells no risk tier: entries are smaller, or refused as liquidation_unknown (P-7)";
  alert(step, { severity: "warning", code: "risk_tier", text });
}

/** Reports a check; a failed one refuses the start when nothing is open, else halts with protection running. */
export function judge(
  step: Step,
  of: { readonly check: CheckName; readonly fault: string | null; readonly line: string },
): void {
  const { bot } = step;
  if (bot.boot.stage === "done" || bot.boot.stage === "idle") {
    if (of.fault !== null) alert(step, { severity: "critical", code: `check:${of.check}`, text: of.fault });
    return;
  }
  if (of.fault === null) return emit(step, { kind: "ReportCheck", check: of.check, ok: true, line: of.line });
  const open = positionOf(bot) !== null || bot.ledger.net !== 0 || bot.orders.length > 0;
  if (!open) return emit(step, { kind: "RefuseStart", check: of.check, line: of.fault });
  emit(step, { kind: "ReportCheck", check: of.check, ok: false, line: of.fault });
  halt(step, { reason: `startup_check:${of.check}`, detail: of.fault });
}

/** The checks of F-12.6, as their answers come. */
export function takeCheck(step: Step, event: Event): void {
  switch (event.kind) {
    case "AccountAnswer":
      return takeAccount(step, event);
    case "KeyAnswer":
      return takeKey(step, event);
    case "PriceAdjustAnswer":
      return takePriceAdjust(step, event);
    default:
      return;
  }
}

const UPGRADE = "Cannot start as F-12.6 needs a unified account: current account is of an older kind; " +
  "upgrade it at testnet.bybit.com";

function takeAccount(step: Step, event: EventOf<"AccountAnswer">): void {
  if (event.result.kind === "failed") return;
  settleRead(step, "account");
  const { unified, marginMode } = event.result;
  const mode = typeof marginMode === "string" ? marginMode : marginMode.raw;
  judge(step, {
    check: "account_mode",
    line: "unified account",
    fault: unified ? null : UPGRADE,
  });
  judge(step, {
    check: "margin_mode",
    line: `margin mode ${mode}`,
    fault: marginMode === "ISOLATED_MARGIN"
      ? null
      : `Cannot start as F-12.6 needs ISOLATED_MARGIN: current value is ${mode}; switch it under Assets → Margin mode`,
  });
}

function takeKey(step: Step, event: EventOf<"KeyAnswer">): void {
  if (event.result.kind === "failed") return;
  settleRead(step, "key");
  const { uid, readOnly, canTrade, canWithdrawOrTransfer, excess, daysLeft } = event.result;
  step.bot.account = { ...step.bot.account, uid, keyDaysLeft: daysLeft };
  const fault = canWithdrawOrTransfer
    ? `Cannot start with a key that may do more than trade contracts: it also carries ${
      excess?.join(", ") ?? "the right to withdraw or transfer"
    }; create one with Contract orders and positions only`
    : readOnly || !canTrade
    ? `Cannot start as F-12.6 needs a key that may trade: the key ${
      readOnly ? "is read-only" : "lacks rights"
    }; create one with Contract orders and positions`
    : step.bot.accountUid !== "" && uid !== "" && uid !== step.bot.accountUid
    ? `Cannot start as the journal belongs to account ${step.bot.accountUid}: current account is ${uid}`
    : null;
  judge(step, { check: "key", line: `key of account ${uid}, days left ${daysLeft ?? "unlimited"}`, fault });
  if (daysLeft === null) return;
  if (daysLeft <= 14) {
    const severity = daysLeft < MIN_DAYS_LEFT ? "critical" as const : "warning" as const;
    alert(step, { severity, code: "key_expiry", text: `the API key expires in ${daysLeft} days` });
  }
}

/** A refusal that says nothing about the setting; the retry of the start asks again. */
function isPassing({ cause }: Refusal): boolean {
  return cause === "clock" || cause === "rate_limit" || cause === "not_now";
}

function takePriceAdjust(step: Step, event: EventOf<"PriceAdjustAnswer">): void {
  const { outcome } = event;
  if (outcome.kind === "unknown" || outcome.kind === "notSent") return;
  if (outcome.kind === "refused" && isPassing(outcome.refusal)) return;
  settleRead(step, "price_adjust");
  const ok = outcome.kind === "ok" || outcome.refusal.cause === "not_modified";
  judge(step, {
    check: "price_adjust",
    line: "price adjustment off",
    fault: ok ? null : `Cannot turn off price adjustment as F-12.6 needs: ${outcome.refusal.code}`,
  });
}

/** Clock skew against the venue (F-12.6): > 1 s warns, > recv_window / 2 refuses. */
export function judgeClock(step: Step, skewMs: number | null): void {
  const { boot, config } = step.bot;
  if (boot.stage !== "checks" || skewMs === null || boot.clockJudged) return;
  setBoot(step, { clockJudged: true });
  const skew = Math.abs(skewMs);
  judge(step, {
    check: "clock",
    line: `clock skew ${skewMs} ms`,
    fault: skew > config.runtime.recv_window_ms / 2
      ? `Cannot start as F-12.6 allows a clock skew of ${
        config.runtime.recv_window_ms / 2
      } ms: current value is ${skewMs}; switch on time synchronisation of this machine`
      : null,
  });
  if (skew > config.runtime.clock_skew_warn_s * 1000) {
    alert(step, { severity: "warning", code: "clock_skew", text: `local clock differs by ${skewMs} ms` });
  }
}

/** `starting` lifts when every read is answered, both streams are ready and nothing own is unresolved (F-12.6). */
function judgeReady(step: Step): void {
  const { bot } = step;
  const { boot } = bot;
  if (boot.pending.length > 0) {
    if (boot.retryAt === null || step.at < boot.retryAt) return;
    setBoot(step, { retryAt: later(step.at, RETRY_MS) });
    for (const read of boot.pending) ask(step, read);
    return;
  }
  const ready = bot.privateStream.status === "ready" && bot.publicStream.status === "ready";
  const unresolved = bot.orders.some((order) => order.state === "unknown");
  const known = boot.clockJudged && bot.market.seen.mark !== null;
  if (!ready || unresolved || !known || bot.reconcile.mismatches > 0) return;
  setBoot(step, { stage: "done", retryAt: null });
  unblock(step, "starting");
  emit(step, { kind: "ReportCheck", check: "history", ok: true, line: "journal and venue agree" });
}

/** When the start wants a step without input; null = it is over. */
export function bootDueAt(bot: Bot): EpochMs | null {
  if (bot.boot.stage === "idle" || bot.boot.stage === "done") return null;
  return bot.boot.retryAt;
}
