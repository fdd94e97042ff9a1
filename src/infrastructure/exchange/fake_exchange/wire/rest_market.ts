import type { MarketFeed } from "../market/market_point.ts";
import { priceText, rateText } from "../money.ts";
import { priceBand } from "../trading/order_checks.ts";
import { type Refusal, refuse } from "../trading/order_params.ts";
import { INTERVAL_MINUTES, nextFundingAfter, turnover, volumeText } from "./public_streams.ts";
import type { Core } from "../state.ts";

export type Query = (name: string) => string;
/** The `result` as JSON text. */
export type Answer = string | Refusal;
export type MarketHandler = (context: MarketContext, query: Query) => Answer;
export type MarketContext = {
  readonly core: Core;
  readonly feed: MarketFeed;
  maintenanceRows(): string;
};

const MINUTE = 60_000;
const DAY = 86_400_000;

export const MARKET_HANDLERS: Readonly<Record<string, MarketHandler>> = {
  "/v5/market/time": ({ core }) => {
    const now = core.state.now;
    return `{"timeSecond":"${Math.floor(now / 1000)}","timeNano":"${now}000000"}`;
  },
  "/v5/market/instruments-info": (context, query) =>
    forInverse(
      query,
      () =>
        `{"category":"inverse","list":[${wantsOther(query) ? "" : instrumentRow(context.core)}],"nextPageCursor":""}`,
    ),
  "/v5/market/tickers": (context, query) =>
    forInverse(query, () => `{"category":"inverse","list":[${wantsOther(query) ? "" : tickerRow(context)}]}`),
  "/v5/market/kline": (context, query) => forSymbol(query, () => kline(context, query)),
  "/v5/market/orderbook": ({ core }, query) => forSymbol(query, () => orderbook(core)),
  "/v5/market/funding/history": (context, query) => forSymbol(query, () => fundingHistory(context, query)),
  "/v5/market/recent-trade": ({ core }, query) => forSymbol(query, () => recentTrade(core)),
  "/v5/market/risk-limit": ({ core }, query) => forInverse(query, () => riskLimit(core)),
  "/v5/market/price-limit": ({ core }) => {
    const band = priceBand(core);
    return `{"symbol":"BTCUSD","buyLmt":"${priceText(band.maxBuy)}","sellLmt":"${priceText(band.minSell)}",` +
      `"ts":"${core.state.now}"}`;
  },
  "/v5/system/status": (context) => `{"list":[${context.maintenanceRows()}]}`,
};

function forInverse(query: Query, answer: () => Answer): Answer {
  return query("category") === "inverse" ? answer() : refuse(10001, "Illegal category");
}

/** Kline and order book default to linear; only BTCUSD inverse is listed. */
function forSymbol(query: Query, answer: () => Answer): Answer {
  if (query("category") !== "inverse") return refuse(10001, "Illegal category");
  return query("symbol") === "BTCUSD" ? answer() : refuse(10001, "Not supported symbols");
}

function wantsOther(query: Query): boolean {
  return query("symbol") !== "" && query("symbol") !== "BTCUSD";
}

function instrumentRow(core: Core): string {
  const { instrument } = core.config;
  const qty = (value: number) => String(value);
  return `{"symbol":"BTCUSD","symbolId":1,"contractType":"InversePerpetual","status":"${core.state.instrumentStatus}",` +
    `"baseCoin":"BTC","quoteCoin":"USD","launchTime":"1542240000000","deliveryTime":"0","deliveryFeeRate":"",` +
    `"priceScale":"2","leverageFilter":{"minLeverage":"1","maxLeverage":"${
      (instrument.maxLeverageE2 / 100).toFixed(2)
    }","leverageStep":"0.01"},"priceFilter":{"minPrice":"${priceText(instrument.minPriceCents)}",` +
    `"maxPrice":"${priceText(instrument.maxPriceCents)}","tickSize":"${priceText(instrument.tickCents)}"},` +
    `"lotSizeFilter":{"maxOrderQty":"${qty(instrument.maxQty)}","minOrderQty":"${qty(instrument.minQty)}",` +
    `"qtyStep":"${qty(instrument.qtyStep)}","postOnlyMaxOrderQty":"${qty(instrument.maxQty)}",` +
    `"maxMktOrderQty":"${qty(instrument.maxMarketQty)}","minNotionalValue":"${qty(instrument.minNotionalUsd)}"},` +
    `"unifiedMarginTrade":true,"fundingInterval":480,"settleCoin":"BTC","copyTrading":"none",` +
    `"upperFundingRate":"0.005","lowerFundingRate":"-0.005","isPreListing":false,"preListingInfo":null,` +
    `"riskParameters":{"priceLimitRatioX":"${rateText(instrument.bandXE8)}","priceLimitRatioY":"${
      rateText(instrument.bandYE8)
    }"},"symbolType":""}`;
}

function tickerRow({ core, feed }: MarketContext): string {
  const { market, now } = core.state;
  const next = nextFundingAfter(now);
  const candles = feed.candles({ minutes: 60, from: now - DAY, to: now, now });
  let high = market.last;
  let low = market.last;
  let volume = 0;
  for (const candle of candles) {
    high = Math.max(high, candle.high);
    low = Math.min(low, candle.low);
    volume += candle.volumeUsd;
  }
  const before = candles[0]?.open ?? market.last;
  const hourBefore = candles.at(-1)?.open ?? market.last;
  const side = (price: number | null) => price === null ? "" : priceText(price);
  return `{"symbol":"BTCUSD","lastPrice":"${priceText(market.last)}","indexPrice":"${priceText(market.index)}",` +
    `"markPrice":"${priceText(market.mark)}","prevPrice24h":"${priceText(before)}",` +
    `"price24hPcnt":"${((market.last - before) / before).toFixed(6)}","highPrice24h":"${priceText(high)}",` +
    `"lowPrice24h":"${priceText(low)}","prevPrice1h":"${priceText(hourBefore)}","openInterest":"462590534",` +
    `"openInterestValue":"5518.71","turnover24h":"${((volume * 100) / market.last).toFixed(4)}",` +
    `"volume24h":"${volume.toFixed(4)}","fundingRate":"${rateText(feed.fundingRateE8(next))}",` +
    `"nextFundingTime":"${next}","predictedDeliveryPrice":"","basisRate":"","deliveryFeeRate":"","deliveryTime":"0",` +
    `"ask1Size":"${market.ask === null ? "" : market.askSize}","bid1Price":"${side(market.bid)}",` +
    `"ask1Price":"${side(market.ask)}","bid1Size":"${market.bid === null ? "" : market.bidSize}","basis":"",` +
    `"preOpenPrice":"","preQty":"","curPreListingPhase":"","fundingIntervalHour":"8","basisRateYear":"",` +
    `"fundingCap":"0.005"}`;
}

/** Newest first, the open candle included (PROTOCOL §2.1). */
function kline({ core, feed }: MarketContext, query: Query): Answer {
  const minutes = INTERVAL_MINUTES[query("interval")];
  if (minutes === undefined) return refuse(10001, "params error: interval invalid");
  const limit = Math.min(1000, Number(query("limit")) || 200);
  const now = core.state.now;
  const length = minutes * MINUTE;
  const end = Math.min(now, query("end") === "" ? now : Number(query("end")));
  const newest = Math.floor(end / length) * length;
  const start = query("start") === "" ? newest - (limit - 1) * length : Number(query("start"));
  const from = Math.max(start, newest - (limit - 1) * length);
  const rows = feed.candles({ minutes, from, to: newest + 1, now }).slice(-limit).reverse();
  const list = rows.map((candle) =>
    `["${candle.startAt}","${priceText(candle.open)}","${priceText(candle.high)}","${priceText(candle.low)}",` +
    `"${priceText(candle.close)}","${volumeText(candle.volumeUsd, core.config.switches.klineNumbers)}","${
      turnover(candle)
    }"]`
  );
  return `{"symbol":"BTCUSD","category":"inverse","list":[${list.join(",")}]}`;
}

function orderbook(core: Core): string {
  const { market, now, seq } = core.state;
  const level = (price: number | null, size: number) => price === null ? "[]" : `[["${priceText(price)}","${size}"]]`;
  return `{"s":"BTCUSD","a":${level(market.ask, market.askSize)},"b":${
    level(market.bid, market.bidSize)
  },"ts":${now},` +
    `"u":${seq},"seq":${seq},"cts":${market.at}}`;
}

function fundingHistory({ core, feed }: MarketContext, query: Query): Answer {
  if (query("startTime") !== "" && query("endTime") === "") return refuse(10001, "params error: endTime is required");
  const limit = Math.min(200, Number(query("limit")) || 200);
  const end = query("endTime") === "" ? core.state.now : Math.min(core.state.now, Number(query("endTime")));
  const start = query("startTime") === "" ? 0 : Number(query("startTime"));
  const rows: string[] = [];
  for (let at = nextFundingAfter(end) - 28_800_000; at >= start && rows.length < limit; at -= 28_800_000) {
    rows.push(
      `{"symbol":"BTCUSD","fundingRate":"${rateText(feed.fundingRateE8(at))}","fundingRateTimestamp":"${at}"}`,
    );
  }
  return `{"category":"inverse","list":[${rows.join(",")}]}`;
}

function recentTrade(core: Core): string {
  const { market, seq } = core.state;
  return `{"category":"inverse","list":[{"execId":"00000000-0000-4000-a000-${String(seq).padStart(12, "0")}",` +
    `"symbol":"BTCUSD","price":"${priceText(market.last)}","size":"1","side":"Buy","time":"${market.at}",` +
    `"isBlockTrade":false,"isRPITrade":false,"seq":"${seq}"}]}`;
}

function riskLimit(core: Core): string {
  const { instrument, switches } = core.config;
  const scale = switches.riskLimitUnit === "percent" ? 100 : 1;
  const maintenance = rateText(instrument.maintenanceE8 * scale);
  const initial = rateText((1e10 / instrument.maxLeverageE2) * scale);
  return `{"category":"inverse","list":[{"id":1,"symbol":"BTCUSD","riskLimitValue":"${instrument.riskLimitBtc}",` +
    `"maintenanceMargin":"${maintenance}","initialMargin":"${initial}","isLowestRisk":1,` +
    `"maxLeverage":"${(instrument.maxLeverageE2 / 100).toFixed(2)}"}]}`;
}
