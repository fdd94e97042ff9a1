import type {
  LogExecution,
  LogOrder,
  LogPosition,
  LogPrice,
  LogWallet,
} from "../../infrastructure/exchange/fake_exchange/venue_log.ts";

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
  uncoveredMs: number;
  /** Largest relative move of last, mark or the book between two steps of the market. */
  maxStep: number;
  /** Largest distance of last or the book from mark: an illiquid market by F's own gate is > 1 %. */
  maxGap: number;
  /** Somebody else, a liquidation or an ADL took part. */
  foreign: boolean;
  /** The position changed sides within it: what each side realised cannot be told apart. */
  turned: boolean;
  /** Lowest and highest price of its entry's fills: between them lies every average the bot can have known. */
  leastEntry: number;
  mostEntry: number;
  /** The trigger of its stops that was farthest from the entry; null = none yet. */
  farthestTrigger: number | null;
  /** Most this trade may lose by P-3 and P-7, from equity and price at its opening. */
  readonly budgetSat: number;
};

/**
 * P-3 by equity in USD, upwards: cap in USD and percent of equity. The bounds are those of the way down (291, 679), so
 * that a stage held by hysteresis is judged by its own cap.
 */
const CAPS: readonly { readonly fromUsd: number; readonly capUsd: number; readonly pct: number }[] = [
  { fromUsd: 679, capUsd: 30, pct: 6 },
  { fromUsd: 291, capUsd: 20, pct: 8 },
  { fromUsd: -Infinity, capUsd: 3, pct: 3 },
];
/** F-7.16: an external flow is known within 60 s, two wallet reads of 15 s on top. */
const KNOWN_MS = 90_000;
/** The bot fixes its capital at the mark of its first record, a little later than the venue starts. */
const CAPITAL_TOLERANCE = 1.03;

/** What a trade did to the wallet, all in. */
export function walletChangeOf(trade: VenueTrade): number {
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
  #side = "";
  #last: LogPrice | null = null;
  #capitalSat = 0;
  #lastFlowSat = 0;
  readonly #capitalUsd: number | null;

  /** `capitalUsd` null = the whole wallet (P-1). */
  constructor(capitalUsd: number | null) {
    this.#capitalUsd = capitalUsd;
  }

  start(walletSat: number): void {
    this.startSat = walletSat;
    this.walletSat = walletSat;
  }

  onPrice(price: LogPrice): void {
    const before = this.#last;
    this.#last = price;
    if (this.#capitalSat === 0) {
      const whole = this.startSat;
      this.#capitalSat = this.#capitalUsd === null ? whole : Math.min(whole, this.#capitalUsd * 1e10 / price.mark);
    }
    if (this.open === null || before === null) return;
    const { open } = this;
    open.maxStep = Math.max(
      open.maxStep,
      move(before.last, price.last),
      move(before.mark, price.mark),
      move(before.bid, price.bid),
      move(before.ask, price.ask),
    );
    open.maxGap = Math.max(
      open.maxGap,
      move(price.mark, price.last),
      move(price.mark, price.bid),
      move(price.mark, price.ask),
    );
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
    if (execution.closedSize > 0) return;
    trade.leastEntry = Math.min(trade.leastEntry, execution.price);
    trade.mostEntry = Math.max(trade.mostEntry, execution.price);
  }

  /** The step of the market that filled the entry was logged before it: how far it went through the price paid counts. */
  #begin(execution: LogExecution): VenueTrade {
    return {
      openedAt: execution.at,
      closedAt: null,
      execIds: new Set(),
      tradedSat: 0,
      fundingSat: 0,
      feesSat: 0,
      maxSize: 0,
      uncoveredMs: 0,
      maxStep: Math.max(
        move(execution.price, this.#last?.last ?? null),
        move(execution.price, this.#last?.mark ?? null),
      ),
      maxGap: 0,
      foreign: false,
      turned: false,
      leastEntry: execution.price,
      mostEntry: execution.price,
      farthestTrigger: null,
      budgetSat: this.#budget(execution.price),
    };
  }

  #budget(priceCents: number): number {
    // External flows shift the base (P-1, F-7.16), at most 90 s later.
    const shifted = this.#capitalSat + this.walletSat - this.startSat;
    const before = this.#last !== null && this.#last.at - this.externalAt < KNOWN_MS ? shifted - this.#lastFlowSat : 0;
    const equitySat = Math.max(shifted, before);
    const equityUsd = equitySat * (this.#last?.mark ?? priceCents) / 1e10;
    const row = CAPS.find((cap) => equityUsd >= cap.fromUsd) ?? { capUsd: 0, pct: 0 };
    return Math.ceil(CAPITAL_TOLERANCE * Math.min(equitySat * row.pct / 100, row.capUsd * 1e10 / priceCents));
  }

  /** `uncoveredMs` = longest unprotected stretch of the trade that this entry ends. */
  onPosition(position: LogPosition, uncoveredMs: number): void {
    const turned = this.#side !== "" && position.side !== "" && position.side !== this.#side;
    this.#side = position.side;
    if (this.open === null) return;
    this.open.turned ||= turned;
    this.open.maxSize = Math.max(this.open.maxSize, position.size);
    if (position.size > 0) return;
    this.open.closedAt = position.at;
    this.open.uncoveredMs = uncoveredMs;
    this.closed.push(this.open);
    this.open = null;
  }

  /** The bot's stops of the open trade. */
  onOrder(order: LogOrder): void {
    const { open } = this;
    if (open === null || order.owner !== "bot" || !order.reduceOnly || order.triggerPrice === 0) return;
    if (order.side === this.#side || (order.cause !== "created" && order.cause !== "amended")) return;
    const farther = order.side === "Sell" ? Math.min : Math.max;
    open.farthestTrigger = farther(open.farthestTrigger ?? order.triggerPrice, order.triggerPrice);
  }

  onWallet(wallet: LogWallet): void {
    this.walletSat = wallet.balanceSat;
    this.movedAt = wallet.at;
    if (wallet.cause !== "deposit" && wallet.cause !== "withdrawal") return;
    this.externalSat += wallet.deltaSat;
    this.#lastFlowSat = wallet.deltaSat;
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
