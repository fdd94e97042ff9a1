import type { LogExecution, LogPosition, LogPrice, LogWallet } from "./venue_log.ts";

/** One position from flat to flat as the venue booked it. Money satoshi, prices 0.01 USD. */
export type VenueTrade = {
  readonly openedAt: number;
  closedAt: number | null;
  readonly execIds: Set<string>;
  /** Σ pnl − fee of trades (funding apart). */
  tradedSat: number;
  fundingSat: number;
  feesSat: number;
  maxSize: number;
  /** Largest relative move of last, mark or the book between two steps of the market. */
  maxStep: number;
  /** Largest distance of last or the book from mark: an illiquid market by F's own gate is > 1 %. */
  maxGap: number;
  /** Somebody else, a liquidation or an ADL took part. */
  foreign: boolean;
  /** Price of the first own fill. */
  readonly entryPrice: number;
};

/** What a trade did to the wallet, all in. */
export function netOf(trade: VenueTrade): number {
  return trade.tradedSat - trade.fundingSat;
}

/** Follows the wallet and cuts it into trades. */
export class MoneyWatch {
  startSat = 0;
  walletSat = 0;
  externalSat = 0;
  externalAt = -Infinity;
  /** Last moment the wallet changed. */
  movedAt = -Infinity;
  open: VenueTrade | null = null;
  /** Closed and not yet claimed by a record of the bot, oldest first. */
  readonly closed: VenueTrade[] = [];
  #size = 0;
  #last: LogPrice | null = null;

  start(walletSat: number): void {
    this.startSat = walletSat;
    this.walletSat = walletSat;
  }

  onPrice(price: LogPrice): void {
    const before = this.#last;
    this.#last = price;
    if (this.open === null || before === null) return;
    const moves = [
      move(before.last, price.last),
      move(before.mark, price.mark),
      move(before.bid, price.bid),
      move(before.ask, price.ask),
    ];
    this.open.maxStep = Math.max(this.open.maxStep, ...moves);
    const away = [move(price.mark, price.last), move(price.mark, price.bid), move(price.mark, price.ask)];
    this.open.maxGap = Math.max(this.open.maxGap, ...away);
  }

  onExecution(execution: LogExecution): void {
    const trade = this.open ??= this.#begin(execution);
    trade.execIds.add(execution.execId);
    if (execution.execType === "Funding") {
      trade.fundingSat += execution.feeSat;
      return;
    }
    trade.tradedSat += execution.pnlSat - execution.feeSat;
    trade.feesSat += execution.feeSat;
    if (execution.owner !== "bot" || execution.execType !== "Trade") trade.foreign = true;
  }

  #begin(execution: LogExecution): VenueTrade {
    return {
      openedAt: execution.at,
      closedAt: null,
      execIds: new Set(),
      tradedSat: 0,
      fundingSat: 0,
      feesSat: 0,
      maxSize: 0,
      maxStep: 0,
      maxGap: 0,
      foreign: false,
      entryPrice: execution.price,
    };
  }

  onPosition(position: LogPosition): void {
    this.#size = position.size;
    if (this.open === null) return;
    this.open.maxSize = Math.max(this.open.maxSize, position.size);
    if (position.size > 0) return;
    this.open.closedAt = position.at;
    this.closed.push(this.open);
    this.open = null;
  }

  get size(): number {
    return this.#size;
  }

  onWallet(wallet: LogWallet): void {
    this.walletSat = wallet.balanceSat;
    this.movedAt = wallet.at;
    if (wallet.cause !== "deposit" && wallet.cause !== "withdrawal") return;
    this.externalSat += wallet.deltaSat;
    this.externalAt = wallet.at;
  }

  /** Takes out the closed trade that holds one of these executions. */
  claim(execIds: readonly string[]): VenueTrade | null {
    const index = this.closed.findIndex((trade) => execIds.some((id) => trade.execIds.has(id)));
    return index < 0 ? null : this.closed.splice(index, 1)[0] ?? null;
  }
}

function move(from: number | null, to: number | null): number {
  return from === null || to === null || from === 0 ? 0 : Math.abs(to - from) / from;
}
