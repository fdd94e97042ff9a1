import type { Connection, Hub } from "./hub.ts";
import type { Candle, MarketFeed } from "../market/market_point.ts";
import { priceText, rateText, satText, valueSat } from "../money.ts";
import { nextSeq, type VenueState } from "../state.ts";
import { newId } from "../state.ts";
import type { Switches } from "../switches.ts";

const QUIET_MS = 5_000;
const SPARSE_KLINE_MS = 600_000;
const BURST_E4 = 10;
const MINUTE = 60_000;
const TICKER = "tickers.BTCUSD";
const BOOK = "orderbook.1.BTCUSD";
const TRADES = "publicTrade.BTCUSD";
const LIMITS = "priceLimit.BTCUSD";

/** kline word → minutes. W and M are served as 7 and 30 days from the epoch: nothing here uses them. */
export const INTERVAL_MINUTES: Readonly<Record<string, number>> = {
  "1": 1,
  "3": 3,
  "5": 5,
  "15": 15,
  "30": 30,
  "60": 60,
  "120": 120,
  "240": 240,
  "360": 360,
  "720": 720,
  D: 1440,
  W: 10080,
  M: 43200,
};

const KLINE_TOPICS: readonly (readonly [string, number])[] = Object.entries(INTERVAL_MINUTES)
  .map(([word, minutes]) => [`kline.${word}.BTCUSD`, minutes]);

type Sent = {
  last: number;
  mark: number;
  index: number;
  bid: number | null;
  bidSize: number;
  ask: number | null;
  askSize: number;
  nextFunding: number;
};

/** Ticker, book, trades and candles as frames; renders only what somebody subscribed to. */
export class PublicStreams {
  readonly #hub: Hub;
  readonly #state: VenueState;
  readonly #feed: MarketFeed;
  readonly #limits: () => { readonly maxBuy: number; readonly minSell: number };
  readonly #sent: Sent = {
    last: 0,
    mark: 0,
    index: 0,
    bid: null,
    bidSize: 0,
    ask: null,
    askSize: 0,
    nextFunding: 0,
  };
  readonly #klineNumbers: Switches["klineNumbers"];
  #tickerAt = 0;
  #bookAt = 0;
  #updateId = 1;
  #crossSeq = 24_987_956_059;
  #sparseAt = 0;
  /** Until then nothing public is pushed but pongs and the first frame of a fresh subscription (frozen_ticker). */
  frozenUntil = 0;

  constructor(
    parts: {
      readonly hub: Hub;
      readonly state: VenueState;
      readonly feed: MarketFeed;
      readonly limits: () => { readonly maxBuy: number; readonly minSell: number };
      readonly klineNumbers: Switches["klineNumbers"];
    },
  ) {
    this.#hub = parts.hub;
    this.#state = parts.state;
    this.#feed = parts.feed;
    this.#limits = parts.limits;
    this.#klineNumbers = parts.klineNumbers;
  }

  /** After each step of the market. */
  onMarket(tradedUsd: number): void {
    const now = this.#state.now;
    if (now < this.frozenUntil) return;
    if (this.#hub.wants(TICKER)) this.#ticker(now);
    // A ticker of the same instant carries the same best quotes: one frame less for every step of a simulation.
    if (this.#hub.wants(BOOK) && !(this.#hub.wants(TICKER) && this.#tickerAt === now)) this.#book(now);
    if (tradedUsd > 0 && this.#hub.wants(TRADES)) this.#trade(tradedUsd);
    if (this.#hub.wants(LIMITS)) {
      const { maxBuy, minSell } = this.#limits();
      this.#hub.publish(
        LIMITS,
        `{"topic":"${LIMITS}","data":{"symbol":"BTCUSD","buyLmt":"${priceText(maxBuy)}","sellLmt":"${
          priceText(minSell)
        }"},"ts":${now}}`,
      );
    }
  }

  /** A full frame, and the first candle, for a fresh subscription. */
  onSubscribed(connection: Connection, topic: string): void {
    if (this.#state.market.last === 0) return;
    if (topic === TICKER) {
      connection.peer.send(this.#frame("snapshot", this.#snapshotFields()), "tickers");
    } else if (topic === BOOK) connection.peer.send(this.#bookFrame(), "orderbook");
    else if (topic.startsWith("kline.")) {
      const candle = this.#candle(topic, this.#state.now);
      if (candle !== null) connection.peer.send(this.#klineFrame(topic, { candle, confirm: false }), "kline");
    }
  }

  /** Closed candles at a minute boundary, and now and then the open ones. */
  onMinute(now: number): void {
    if (now < this.frozenUntil) return;
    const sparse = now - this.#sparseAt >= SPARSE_KLINE_MS;
    if (sparse) this.#sparseAt = now;
    for (const [topic, minutes] of KLINE_TOPICS) {
      if (!this.#hub.wants(topic)) continue;
      if (now % (minutes * MINUTE) === 0) {
        const closed = this.#candle(topic, now - 1);
        if (closed !== null) this.#hub.publish(topic, this.#klineFrame(topic, { candle: closed, confirm: true }));
      } else if (sparse) {
        const open = this.#candle(topic, now);
        if (open !== null) this.#hub.publish(topic, this.#klineFrame(topic, { candle: open, confirm: false }));
      }
    }
  }

  /** The captured key set of 2026, behind the symbol. */
  #snapshotFields(): string {
    const { market } = this.#state;
    const next = nextFundingAfter(this.#state.now);
    this.#remember(next);
    return `,"tickDirection":"ZeroPlusTick","price24hPcnt":"0.001","lastPrice":"${priceText(market.last)}",` +
      `"markPrice":"${priceText(market.mark)}","indexPrice":"${priceText(market.index)}","openInterest":"462590534",` +
      `"openInterestValue":"5518.71","fundingIntervalHour":"8","fundingCap":"0.005","nextFundingTime":"${next}",` +
      `"fundingRate":"${rateText(this.#feed.fundingRateE8(next))}",${this.#sides()}`;
  }

  #remember(nextFunding: number): void {
    const { market } = this.#state;
    const sent = this.#sent;
    sent.last = market.last;
    sent.mark = market.mark;
    sent.index = market.index;
    sent.bid = market.bid;
    sent.bidSize = market.bidSize;
    sent.ask = market.ask;
    sent.askSize = market.askSize;
    sent.nextFunding = nextFunding;
    this.#tickerAt = this.#state.now;
  }

  #sides(): string {
    const { bid, bidSize, ask, askSize } = this.#state.market;
    return (bid === null
      ? `"bid1Price":"","bid1Size":"",`
      : `"bid1Price":"${priceText(bid)}","bid1Size":"${bidSize}",`) +
      (ask === null ? `"ask1Price":"","ask1Size":""` : `"ask1Price":"${priceText(ask)}","ask1Size":"${askSize}"`);
  }

  #ticker(now: number): void {
    const { market } = this.#state;
    const sent = this.#sent;
    const since = now - this.#tickerAt;
    const burst = moved(market.last, sent.last) || moved(market.mark, sent.mark);
    if (since < QUIET_MS && !(burst && since >= 100)) return;
    let fields = "";
    if (market.last !== sent.last) fields += `,"lastPrice":"${priceText(market.last)}"`;
    if (market.mark !== sent.mark) fields += `,"markPrice":"${priceText(market.mark)}"`;
    if (market.index !== sent.index) fields += `,"indexPrice":"${priceText(market.index)}"`;
    const sides = market.bid !== sent.bid || market.ask !== sent.ask || market.bidSize !== sent.bidSize ||
      market.askSize !== sent.askSize;
    if (sides) fields += "," + this.#sides();
    const next = nextFundingAfter(now);
    if (next !== sent.nextFunding) {
      fields += `,"nextFundingTime":"${next}","fundingRate":"${rateText(this.#feed.fundingRateE8(next))}"`;
    }
    if (fields === "") {
      if (since < 2 * QUIET_MS) return;
      fields = `,"markPrice":"${priceText(market.mark)}"`;
    }
    this.#remember(next);
    this.#hub.publish(TICKER, this.#frame("delta", fields));
  }

  /** `fields` each behind a comma. */
  #frame(type: "snapshot" | "delta", fields: string): string {
    this.#crossSeq += 1 + (this.#state.now & 1023);
    return `{"topic":"${TICKER}","type":"${type}","data":{"symbol":"BTCUSD"${fields}},"cs":${this.#crossSeq},` +
      `"ts":${this.#state.now}}`;
  }

  #book(now: number): void {
    if (now - this.#bookAt < QUIET_MS) return;
    this.#bookAt = now;
    this.#updateId++;
    this.#hub.publish(BOOK, this.#bookFrame());
  }

  #bookFrame(): string {
    const { now, market, seq } = this.#state;
    const bids = market.bid === null ? "[]" : `[["${priceText(market.bid)}","${market.bidSize}"]]`;
    const asks = market.ask === null ? "[]" : `[["${priceText(market.ask)}","${market.askSize}"]]`;
    return `{"topic":"${BOOK}","type":"snapshot","ts":${now},"data":{"s":"BTCUSD","b":${bids},"a":${asks},` +
      `"u":${this.#updateId},"seq":${seq}},"cts":${now}}`;
  }

  #trade(tradedUsd: number): void {
    const { now, market } = this.#state;
    const side = market.last >= this.#sent.last ? "Buy" : "Sell";
    this.#hub.publish(
      TRADES,
      `{"topic":"${TRADES}","type":"snapshot","ts":${now},"data":[{"T":${now},"s":"BTCUSD","S":"${side}",` +
        `"v":"${Math.floor(tradedUsd)}","p":"${priceText(market.last)}","L":"${
          side === "Buy" ? "PlusTick" : "MinusTick"
        }","i":"${newId(this.#state)}","BT":false,"RPI":false,"seq":${nextSeq(this.#state)}}]}`,
    );
  }

  #candle(topic: string, at: number): Candle | null {
    const minutes = INTERVAL_MINUTES[topic.split(".")[1] ?? ""] ?? 1;
    const from = Math.floor(at / (minutes * MINUTE)) * minutes * MINUTE;
    return this.#feed.candles({ minutes, from, to: from + 1, now: this.#state.now })[0] ?? null;
  }

  #klineFrame(topic: string, shown: { readonly candle: Candle; readonly confirm: boolean }): string {
    const { candle } = shown;
    const word = topic.split(".")[1] ?? "1";
    const end = candle.startAt + (INTERVAL_MINUTES[word] ?? 1) * MINUTE - 1;
    const now = this.#state.now;
    return `{"topic":"${topic}","data":[{"start":${candle.startAt},"end":${end},"interval":"${word}",` +
      `"open":"${priceText(candle.open)}","close":"${priceText(candle.close)}","high":"${priceText(candle.high)}",` +
      `"low":"${priceText(candle.low)}","volume":"${volumeText(candle.volumeUsd, this.#klineNumbers)}","turnover":"${
        turnover(candle)
      }",` +
      `"confirm":${shown.confirm},"timestamp":${now}}],"ts":${now},"type":"snapshot"}`;
  }
}

/** A volume as the venue spells it: testnet has sent "1.5e+06". */
export function volumeText(usd: number, spelling: Switches["klineNumbers"]): string {
  const whole = Math.floor(usd);
  if (spelling === "plain" || whole < 1_000_000) return String(whole);
  return whole.toExponential().replace(/e\+(\d)$/, "e+0$1");
}

export function turnover(candle: Candle): string {
  return candle.close <= 0 ? "0" : satText(valueSat(Math.floor(candle.volumeUsd), candle.close));
}

const FUNDING_MS = 28_800_000;
export function nextFundingAfter(now: number): number {
  return (Math.floor(now / FUNDING_MS) + 1) * FUNDING_MS;
}

function moved(price: number, sent: number): boolean {
  return Math.abs(price - sent) * 10_000 > sent * BURST_E4;
}
