import type { ClosedBy } from "../../../domain/words.ts";
import { averageEntry, unrealisedPnl } from "../../../domain/inverse.ts";
import type { Block, NewHalt } from "../../../domain/halts_and_blocks.ts";
import type { Execution, WalletRow } from "../../../domain/orders.ts";
import type { Bot, OwnOrder, TradeBook } from "../../../domain/state.ts";
import { type EpochMs, type MicroUsd, type PicoBtc, picoBtc, usdContracts } from "../../../domain/units.ts";
import { equityBtc, equityUsd, fixBase, foldOwnMoney, foldWallet } from "../../policy/money/capital.ts";
import { foldWalletRead, WALLET_GAP_MS, walletReadable } from "../../policy/risk/emergency.ts";
import { directionHeld, isKnown, noteExecution } from "./execution_ledger.ts";
import { feeRatio, foldFeeRatio } from "../../policy/entry/fee_verification.ts";
import { takerFailedBlock } from "../../policy/entry/maker_timeout.ts";
import { foldMetrics } from "../../policy/risk/metrics_tracker.ts";
import { foldRealised, foldTrade, type RiskStep } from "../../policy/risk/session_risk.ts";
import { OWED_AT_MOST_MS } from "./owed_executions.ts";
import { countExperimentTrade } from "../experiment.ts";
import { alert, block, bookOf, emit, halt, later, setBook, type Step } from "../step.ts";
import { adjustment, closedByFill, netPnl, tradeRecord } from "../../policy/money/trade_book.ts";

/** A trade's record is written when this long passed without news (P-1). */
const RECORD_AFTER_MS = 10_000;

/** Unrealised PnL at the mark; 0 when flat, null when there is no mark. 10⁻¹² BTC (P-1). */
export function unrealised(bot: Bot): PicoBtc | null {
  const direction = directionHeld(bot.ledger);
  if (direction === null) return picoBtc(0);
  const { mark } = bot.market.seen;
  if (mark === null) return null;
  return unrealisedPnl(direction, {
    contracts: usdContracts(Math.abs(bot.ledger.net)),
    entryValue: picoBtc(Math.max(0, bot.ledger.openValue)),
    mark,
  });
}

/** Equity in BTC and in USD by mark; null = unknown (P-1). */
export function equityOf(bot: Bot): { readonly btc: PicoBtc | null; readonly usd: MicroUsd | null } {
  const open = unrealised(bot);
  const btc = open === null ? null : equityBtc(bot.capital, open);
  return { btc, usd: equityUsd(btc, bot.market.seen.mark) };
}

/** Folds a policy's halt, if any. */
export function takeHalt(step: Step, wanted: NewHalt | null): void {
  if (wanted !== null) halt(step, wanted);
}

/** Folds a policy's blocks. */
export function takeBlocks(step: Step, blocks: readonly (Block | null)[]): void {
  for (const one of blocks) if (one !== null) block(step, { reason: one.reason, until: one.until });
}

export function takeRisk(step: Step, next: RiskStep): void {
  step.bot.risk = next.risk;
  takeBlocks(step, next.blocks);
}

/** Funding moves cash only, never quantity; it counts at once, on the day of its time (F-1.28, F-8). */
export function foldFunding(step: Step, execution: Execution): void {
  if (isKnown(step.bot.ledger, execution)) return;
  const { lastExecAt, lastSeq, lastAppliedAt } = step.bot.ledger;
  noteExecution(step, execution);
  step.bot.ledger = { ...step.bot.ledger, lastExecAt, lastSeq, lastAppliedAt };
  const amount = picoBtc(-execution.fee);
  credit(step, amount);
  const book = bookOf(step.bot);
  const usd = realise(step, { book, amount, at: execution.execAt });
  if (book === null) return adjust(step, execution);
  setBook(step, {
    ...book,
    funding: book.funding + execution.fee,
    credited: book.credited - execution.fee,
    countedUsd: book.countedUsd + usd,
    lastNewsAt: step.at,
  });
}

function credit(step: Step, amount: PicoBtc): void {
  step.bot.capital = foldOwnMoney(step.bot.capital, amount);
}

/**
 * Counts a fill's fee and PnL into the capital at once. `reckoned` stands in when the venue did not say the PnL; what
 * could not be reckoned either is counted at the close. Behind a written record only the fee is late: the PnL of what
 * was counted ahead of its execution stands in the record.
 */
export function creditFill(
  step: Step,
  fill: { readonly execution: Execution; readonly reckoned: number; readonly turns: boolean },
): void {
  const { execution, reckoned, turns } = fill;
  // What it closed is counted with the record of the trade it ended; its fee is booked to the one it opened.
  const amount = picoBtc((turns ? 0 : execution.pnl ?? reckoned) - execution.fee);
  const { trade, closedTrade } = step.bot;
  if (trade === null && closedTrade !== null) return settleLate(step, execution.execAt);
  if (trade === null) {
    credit(step, picoBtc(-execution.fee));
    return adjust(step, { ...execution, pnl: null });
  }
  credit(step, amount);
  step.bot.trade = { ...trade, credited: trade.credited + amount };
}

/** True while executions are owed to REST, or to a closed trade by its order rows: fees are not known (F-4.3, F-4.9). */
export function awaitsExecutions(bot: Bot): boolean {
  if (bot.ledger.owed !== null) return true;
  const trade = bot.closedTrade?.tradeId;
  if (trade === undefined) return false;
  const owed = (order: OwnOrder) => order.aheadContracts > 0 && order.trade === trade;
  return bot.orders.some(owed) || bot.past.some(owed);
}

/** An execution behind the order row that closed its trade: capital, day and week follow what it changes (F-4.9, F-8). */
function settleLate(step: Step, at: EpochMs): void {
  const book = step.bot.closedTrade;
  if (book === null) return;
  const late = picoBtc(netPnl(book) - book.credited);
  if (late === 0) return;
  credit(step, late);
  const usd = realise(step, { book, amount: late, at });
  step.bot.closedTrade = { ...book, credited: book.credited + late, countedUsd: book.countedUsd + usd };
}

/**
 * Counts money in its day and week, in USD by mark (F-8.1, F-8.2); without any price nothing is counted. Returns what was
 * counted, micro USD.
 */
function realise(
  step: Step,
  of: { readonly book: TradeBook | null; readonly amount: PicoBtc; readonly at: EpochMs },
): number {
  const { bot } = step;
  const { mark: now, last } = bot.market.seen;
  const { book, amount, at } = of;
  const closed = book === null ? null : averageEntry(usdContracts(book.closedContracts), picoBtc(book.closedValue));
  const mark = now ?? last ?? closed;
  if (mark === null) return 0;
  const counted = foldRealised(bot.risk, { amount, mark, at, now: step.at }, bot.config.safety);
  takeRisk(step, counted);
  return counted.usd;
}

/** Win or loss, streaks and fee ratio of the closed trade, once, when its fees are known (F-8.10, P-9, P-10). */
export function judgeTrade(step: Step): void {
  const { bot } = step;
  const book = bot.closedTrade;
  if (book === null) return;
  const net = netPnl(book);
  const ratio = feeRatio({ paid: picoBtc(book.fees), expected: picoBtc(book.expectedFees) }, bot.config.fees);
  bot.fees = foldFeeRatio(bot.fees, { ratio, now: step.at }, bot.config);
  if (ratio !== null && ratio > bot.config.safety.fee_spike_ratio && book.plan !== null && book.plan.fallback) {
    takeBlocks(step, [takerFailedBlock(step.at, bot.config.entry)]);
  }
  const judged = foldMetrics(bot.metrics, net, bot.config.performance);
  bot.metrics = judged.metrics;
  takeHalt(step, judged.halt);
  takeRisk(step, foldTrade(bot.risk, { trade: { net, feeRatio: ratio }, now: step.at }, bot.config.safety));
}

function adjust(step: Step, execution: Execution): void {
  const trade = step.bot.lastTradeId;
  if (trade === null) return;
  emit(step, { kind: "Record", record: adjustment(trade, { execution, at: step.at }) });
}

/**
 * The trade is flat: its money counts now, its record waits for late news (P-1). It is judged now too, unless executions
 * are owed: then with the last of them, at the latest with its record.
 */
export function closeTrade(step: Step, exitReason: ClosedBy): void {
  const { bot } = step;
  if (bot.trade === null) return;
  writeTrade(step);
  const book: TradeBook = { ...bot.trade, closedAt: step.at, exitReason, lastNewsAt: step.at };
  const net = netPnl(book);
  credit(step, picoBtc(net - book.credited));
  bot.trade = null;
  bot.tradesTotal += 1;
  const usd = realise(step, { book, amount: picoBtc(net + book.funding), at: step.at });
  bot.closedTrade = { ...book, credited: net, countedUsd: book.countedUsd + usd };
  if (!awaitsExecutions(bot)) judgeTrade(step);
}

/** Writes the record of the closed trade when 10 s passed without news, or before the next one closes (P-13). */
export function writeTrade(step: Step): void {
  settleLate(step, step.bot.closedTrade?.closedAt ?? step.at);
  const book = step.bot.closedTrade;
  if (book === null) return;
  if (awaitsExecutions(step.bot)) judgeTrade(step);
  const after = equityOf(step.bot).btc ?? picoBtc(0);
  const before = book.plan?.equityBefore ?? picoBtc(after - netPnl(book));
  // An order row may close the trade before the execution that says by which order (F-4.9).
  const exitReason = book.exitReason === "reconciled" ? closedByFill(book) ?? book.exitReason : book.exitReason;
  const closed = { ...book, exitReason };
  const record = tradeRecord(step.bot, closed, { equityBefore: before, equityAfter: after });
  countExperimentTrade(step, { plan: book.plan, r: record.r_multiple });
  emit(step, { kind: "Record", record });
  step.bot.lastTradeId = book.tradeId;
  step.bot.closedTrade = null;
}

/** When the waiting record is due; null = none waits (P-1, F-4.3). */
export function tradeRecordDueAt(bot: Bot): number | null {
  if (bot.closedTrade === null) return null;
  // An override's price is the bot's guess, a record's PnL exact: it waits for the executions as long as they are asked for.
  return bot.closedTrade.lastNewsAt + (bot.ledger.owed === null ? RECORD_AFTER_MS : OWED_AT_MOST_MS);
}

/** A wallet row, read or pushed. Only the BTC row decides; "" is not available, never zero (F-7.3, F-7.16). */
export function takeWallet(step: Step, wallet: WalletRow): void {
  const { bot } = step;
  const ok = walletReadable(wallet);
  const read = {
    result: ok ? "ok" as const : "unreadable" as const,
    now: step.at,
    otherCallsSucceed: othersSucceed(bot),
  };
  const judged = foldWalletRead(bot.walletWatch, read, bot.config.safety);
  bot.walletWatch = judged.watch;
  takeHalt(step, judged.halt);
  if (!ok || wallet.walletBalance === null) return;
  bot.account = { ...bot.account, wallet, walletAt: step.at };
  bot.capital = fixBase(bot.capital, { mark: bot.market.seen.mark, wallet: wallet.walletBalance }, bot.config.goal);
  const flow = foldWallet(bot.capital, { balance: wallet.walletBalance, now: step.at });
  bot.capital = flow.state;
  takeHalt(step, flow.halt);
  if (flow.flow === null) return;
  emit(step, { kind: "Record", record: { type: "cash_flow", at: step.at, amountPico: flow.flow } });
  alert(step, {
    severity: "warning",
    code: "external_cash_flow",
    text: `wallet changed by ${flow.flow / 1e12} BTC that no own fill, fee or funding explains (F-7.16)`,
  });
}

/** A wallet read that failed: asked again 5 s after it was asked; halts only while other calls succeed (F-7.3, F-7.9). */
export function takeWalletFailure(step: Step, askedAt: EpochMs): void {
  const { schedule } = step.bot;
  const again = later(askedAt, WALLET_GAP_MS);
  if (step.bot.degradedSince === null && again < schedule.walletAt) {
    step.bot.schedule = { ...schedule, walletAt: again };
  }
  const read = { result: "failed" as const, now: step.at, otherCallsSucceed: othersSucceed(step.bot) };
  const judged = foldWalletRead(step.bot.walletWatch, read, step.bot.config.safety);
  step.bot.walletWatch = judged.watch;
  takeHalt(step, judged.halt);
}

function othersSucceed(bot: Bot): boolean {
  return bot.reconcile.answeredAt !== null && bot.now - bot.reconcile.answeredAt <= 15_000;
}
