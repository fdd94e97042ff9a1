import { entryCents, type Margins, marginsOf, orderMarginSat } from "../trading/account.ts";
import { averageCents, averageText, priceText, priceTrim, rateText, satOfE16, satText, valueSat } from "../money.ts";
import {
  type Core,
  type ExecutionFact,
  leavesOf,
  type OrderState,
  type PositionState,
  type PositionText,
} from "../state.ts";

/**
 * The venue's words for its state, as text. Key sets are those of the newest sample of each endpoint; switches choose
 * between spellings that samples disagree on.
 */

/** The same text as one string: V8 keeps a concatenation as its parts, and walks them again in every text it goes into. */
function inOnePiece(text: string): string {
  return [text, ""].join("");
}

function averageOf(order: OrderState, core: Core): string {
  if (order.cumQty === 0) return core.config.switches.unfilledAvgPrice === "empty" ? "" : "0";
  return averageText(averageCents(order.cumQty, order.cumE16));
}

/** Fields that REST and stream spell alike. */
function orderCommon(order: OrderState, core: Core): string {
  const stop = order.triggerPrice > 0;
  const waitingAll = order.closesAll && order.status === "Untriggered";
  const shownAll = waitingAll && core.config.switches.closeAllShownAs === "position" ? core.state.position.size : 0;
  const qty = waitingAll ? shownAll : order.qty;
  const leaves = waitingAll ? shownAll : leavesOf(order);
  const leavesValue = leaves > 0 && order.price > 0 ? satText(valueSat(leaves, order.price)) : "0";
  return `"symbol":"BTCUSD","orderId":"${order.orderId}","orderLinkId":"${order.linkId}","blockTradeId":"",` +
    `"side":"${order.side}","positionIdx":0,"orderStatus":"${order.status}","cancelType":"${order.cancelType}",` +
    `"rejectReason":"${order.rejectReason}","timeInForce":"${order.tif}","isLeverage":"",` +
    `"price":"${priceTrim(order.price)}","qty":"${qty}","avgPrice":"${
      averageOf(order, core)
    }","leavesQty":"${leaves}",` +
    `"leavesValue":"${leavesValue}","cumExecQty":"${order.cumQty}","cumExecValue":"${
      satText(satOfE16(order.cumE16))
    }",` +
    `"cumExecFee":"${
      satText(order.cumFeeSat)
    }","orderType":"${order.type}","orderIv":"","takeProfit":"","stopLoss":"",` +
    `"tpTriggerBy":"","slTriggerBy":"","triggerDirection":${order.triggerDirection},"placeType":"",` +
    `"lastPriceOnCreated":"${priceTrim(order.lastOnCreated)}","closeOnTrigger":${order.closeOnTrigger},` +
    `"reduceOnly":${order.reduceOnly},"smpGroup":0,"smpType":"${order.smpType}","smpOrderId":"",` +
    `"createdTime":"${order.createdAt}","updatedTime":"${order.updatedAt}",` +
    (stop ? `"triggerPrice":"${priceTrim(order.triggerPrice)}","triggerBy":"${order.triggerBy}",` : "");
}

/** One row of the private `order` topic (captured 2025 key set minus cumFeeDetail). */
export function orderFrameRow(order: OrderState, core: Core): string {
  const stop = order.triggerPrice > 0;
  return `{"category":"inverse",${orderCommon(order, core)}` +
    (stop ? `"stopOrderType":"Stop",` : `"stopOrderType":"","triggerPrice":"","triggerBy":"",`) +
    `"slLimitPrice":"0","tpLimitPrice":"0","tpslMode":"UNKNOWN","createType":"${order.createType}","marketUnit":"",` +
    `"feeCurrency":"","closedPnl":"${satText(order.closedPnlSat)}","slippageTolerance":"0",` +
    `"slippageToleranceType":"UNKNOWN"}`;
}

/**
 * One row of order/realtime and order/history (docs 2026 key set minus cumFeeDetail). Lists are read far more often than
 * orders change: the text is kept until something it shows has changed.
 */
export function orderListRow(order: OrderState, core: Core): string {
  const kept = core.texts.orders.get(order);
  const positionSize = order.closesAll ? core.state.position.size : 0;
  if (kept !== undefined && kept.positionSize === positionSize && looksLike(order, kept.shown)) return kept.text;
  const text = inOnePiece(orderListText(order, core));
  core.texts.orders.set(order, { shown: { ...order }, positionSize, text });
  return text;
}

/** Compares whatever can change in an order and is shown in its row. */
function looksLike(order: OrderState, shown: OrderState): boolean {
  return order.status === shown.status && order.updatedAt === shown.updatedAt && order.orderId === shown.orderId &&
    order.qty === shown.qty && order.price === shown.price && order.cumQty === shown.cumQty &&
    order.cumE16 === shown.cumE16 && order.cumFeeSat === shown.cumFeeSat &&
    order.triggerPrice === shown.triggerPrice && order.triggerBy === shown.triggerBy &&
    order.cancelType === shown.cancelType && order.rejectReason === shown.rejectReason;
}

function orderListText(order: OrderState, core: Core): string {
  const stop = order.triggerPrice > 0;
  return `{${orderCommon(order, core)}` +
    (stop ? `"stopOrderType":"Stop",` : `"stopOrderType":"UNKNOWN","triggerPrice":"0.00","triggerBy":"UNKNOWN",`) +
    (core.config.switches.restCreateType === "present" ? `"createType":"${order.createType}",` : "") +
    `"tpslMode":"","tpLimitPrice":"","slLimitPrice":""}`;
}

function executionCommon(fact: ExecutionFact): string {
  return `"symbol":"BTCUSD","closedSize":"${fact.closedSize}","execFee":"${satText(fact.feeSat)}",` +
    `"execId":"${fact.execId}","execPrice":"${priceTrim(fact.price)}","execQty":"${fact.qty}",` +
    `"execType":"${fact.execType}","execValue":"${satText(fact.valueSat)}","feeRate":"${rateText(fact.feeRateE8)}",` +
    `"tradeIv":"","markIv":"","blockTradeId":"","markPrice":"${priceTrim(fact.mark)}","indexPrice":"",` +
    `"underlyingPrice":"","leavesQty":"${fact.leavesQty}","orderId":"${fact.orderId}",` +
    `"orderLinkId":"${fact.orderLinkId}","orderPrice":"${priceTrim(fact.orderPrice)}","orderQty":"${fact.orderQty}",` +
    `"orderType":"${fact.orderType}","stopOrderType":"${fact.stopOrderType}","side":"${fact.side}",` +
    `"execTime":"${fact.at}","isMaker":${fact.isMaker},"seq":${fact.seq},"marketUnit":"",` +
    `"createType":"${fact.createType}"`;
}

export function executionFrameRow(fact: ExecutionFact, core: Core): string {
  const { extraFees } = core.config.switches;
  return `{"category":"inverse",${executionCommon(fact)},"isLeverage":"0","execPnl":"${satText(fact.pnlSat)}",` +
    (extraFees === "array" ? `"extraFees":[],` : extraFees === "empty" ? `"extraFees":"",` : "") +
    `"feeCurrency":"BTC"}`;
}

/** execution/list row (captured 2025 key set). */
export function executionListRow(fact: ExecutionFact): string {
  return `{${executionCommon(fact)},"feeCurrency":""}`;
}

type Shown = { readonly core: Core; readonly margins: Margins };

/** The position is read far more often than it changes: what does not move with the mark price is written once. */
function positionTextOf(position: PositionState, shown: Shown): PositionText {
  const { core, margins: { imSat, mmSat } } = shown;
  const kept = core.texts.position;
  const same = kept !== null && kept.imSat === imSat && kept.mmSat === mmSat && samePosition(position, kept.shown);
  if (same) return kept;
  const text = newPositionText(position, shown);
  core.texts.position = text;
  return text;
}

/** Compares whatever can change in a position and is shown in its row. */
function samePosition(position: PositionState, shown: PositionState): boolean {
  return position.updatedAt === shown.updatedAt && position.seq === shown.seq && position.side === shown.side &&
    position.size === shown.size && position.entryE16 === shown.entryE16 && position.status === shown.status &&
    position.leverageE2 === shown.leverageE2 && position.autoAddMargin === shown.autoAddMargin &&
    position.liqCents === shown.liqCents && position.bustCents === shown.bustCents &&
    position.curRealisedSat === shown.curRealisedSat && position.cumRealisedSat === shown.cumRealisedSat &&
    position.createdAt === shown.createdAt;
}

function newPositionText(position: PositionState, { core, margins: { imSat, mmSat } }: Shown): PositionText {
  const { instrument, switches } = core.config;
  const flat = position.size === 0;
  const side = !flat ? position.side : switches.flatSide === "None" ? "None" : "";
  const entry = flat ? "0" : averageText(entryCents(position));
  const onTick = (cents: number) =>
    cents === 0 ? "" : priceTrim(Math.round(cents / instrument.tickCents) * instrument.tickCents);
  return {
    shown: { ...position },
    imSat,
    mmSat,
    entry,
    toMark: inOnePiece(
      `"positionIdx":0,"tradeMode":0,"riskId":1,"riskLimitValue":"${instrument.riskLimitBtc}","symbol":"BTCUSD",` +
        `"side":"${side}","size":"${position.size}","leverage":"${satText(position.leverageE2 * 1e6)}",` +
        `"positionValue":"${flat ? "0" : satText(satOfE16(position.entryE16))}","positionBalance":"0","markPrice":"`,
    ),
    toImByMark: inOnePiece(
      `","positionIM":"${satText(imSat)}","positionMM":"${satText(mmSat)}","positionIMByMp":"`,
    ),
    toUpl: `","takeProfit":"0","stopLoss":"0","trailingStop":"0","unrealisedPnl":"`,
    toEnd: inOnePiece(
      `","cumRealisedPnl":"${satText(position.cumRealisedSat)}","curRealisedPnl":"${
        satText(position.curRealisedSat)
      }",` +
        `"createdTime":"${position.createdAt}","updatedTime":"${position.updatedAt}","tpslMode":"Full",` +
        `"liqPrice":"${onTick(position.liqCents)}","bustPrice":"${onTick(position.bustCents)}",` +
        `"positionStatus":"${position.status || "Normal"}","adlRankIndicator":${flat ? 0 : 2},` +
        `"autoAddMargin":${position.autoAddMargin},"leverageSysUpdatedTime":"","seq":${position.seq},` +
        `"isReduceOnly":false,"sessionAvgPrice":"","breakEvenPrice":"${entry}",`,
    ),
  };
}

/** The keys that both rows spell alike, and the average entry under its own name. */
function positionCommon(position: PositionState, row: { readonly core: Core; readonly entryKey: string }): string {
  const { core, entryKey } = row;
  const margins = marginsOf(core);
  const text = positionTextOf(position, { core, margins });
  return text.toMark + priceText(core.state.market.mark) + text.toImByMark + satText(margins.imByMarkSat) +
    `","positionMMByMp":"` + satText(margins.mmByMarkSat) + text.toUpl + satText(margins.uplSat) + text.toEnd +
    `"${entryKey}":"${text.entry}"`;
}

export function positionFrameRow(core: Core): string {
  return `{${
    positionCommon(core.state.position, { core, entryKey: "entryPrice" })
  },"category":"inverse","mmrSysUpdatedTime":""}`;
}

/** position/list row (docs 2026 key set for BTCUSD, with its spelling of mmrSysUpdateTime). */
export function positionListRow(position: PositionState, core: Core): string {
  if (position.seq === -1 && core.config.switches.flatDecimals === "empty") return neverTradedRow(position, core);
  return `{${positionCommon(position, { core, entryKey: "avgPrice" })},"mmrSysUpdateTime":""}`;
}

function neverTradedRow(position: PositionState, core: Core): string {
  return `{"positionIdx":0,"tradeMode":0,"riskId":1,"riskLimitValue":"${core.config.instrument.riskLimitBtc}",` +
    `"symbol":"BTCUSD","side":"","size":"0","leverage":"${satText(position.leverageE2 * 1e6)}","positionValue":"",` +
    `"positionBalance":"","markPrice":"","positionIM":"","positionMM":"","positionIMByMp":"","positionMMByMp":"",` +
    `"takeProfit":"","stopLoss":"","trailingStop":"","unrealisedPnl":"","cumRealisedPnl":"","curRealisedPnl":"",` +
    `"createdTime":"","updatedTime":"","tpslMode":"","liqPrice":"","bustPrice":"","positionStatus":"",` +
    `"adlRankIndicator":0,"autoAddMargin":${position.autoAddMargin},"leverageSysUpdatedTime":"","seq":-1,` +
    `"isReduceOnly":false,"sessionAvgPrice":"","breakEvenPrice":"","avgPrice":"","mmrSysUpdateTime":""}`;
}

/** The account row of wallet-balance and of the `wallet` topic (same keys in both newest samples). */
export function walletRow(core: Core): string {
  const { walletSat, market, position } = core.state;
  const { imSat, mmSat, imByMarkSat, mmByMarkSat, uplSat } = marginsOf(core);
  const orderIm = orderMarginSat(core);
  const equity = walletSat + uplSat;
  const hidden = position.marginMode === "ISOLATED_MARGIN" && core.config.switches.isolatedTotals === "empty";
  const usd = (sat: number) => satText(Math.round(sat * market.index / 100));
  const total = (sat: number) => hidden ? "" : usd(sat);
  const rate = (sat: number) => hidden ? "" : equity <= 0 ? "0" : (sat / equity).toFixed(4);
  const equityUsd = usd(equity);
  return `{"accountIMRate":"${rate(imSat + orderIm)}","accountMMRate":"${rate(mmSat)}",` +
    `"accountIMRateByMp":"${rate(imByMarkSat + orderIm)}","accountMMRateByMp":"${rate(mmByMarkSat)}",` +
    `"totalEquity":"${equityUsd}","totalWalletBalance":"${usd(walletSat)}",` +
    `"totalMarginBalance":"${hidden ? "" : equityUsd}",` +
    `"totalAvailableBalance":"${total(Math.max(0, walletSat - imSat - orderIm))}",` +
    `"totalPerpUPL":"${usd(uplSat)}","totalInitialMargin":"${total(imSat + orderIm)}",` +
    `"totalMaintenanceMargin":"${total(mmSat)}","totalInitialMarginByMp":"${total(imByMarkSat + orderIm)}",` +
    `"totalMaintenanceMarginByMp":"${total(mmByMarkSat)}","coin":[{"coin":"BTC",` +
    `"equity":"${satText(equity)}","usdValue":"${equityUsd}","walletBalance":"${satText(walletSat)}",` +
    `"availableToWithdraw":"","availableToBorrow":"","borrowAmount":"0","accruedInterest":"0",` +
    `"totalOrderIM":"${satText(orderIm)}","totalPositionIM":"${satText(imSat)}",` +
    `"totalPositionMM":"${satText(mmSat)}","unrealisedPnl":"${satText(uplSat)}",` +
    `"cumRealisedPnl":"${satText(position.cumRealisedSat)}","bonus":"0","collateralSwitch":true,` +
    `"marginCollateral":true,"locked":"0","spotHedgingQty":"0","spotBorrow":"0"}],` +
    `"accountLTV":"${hidden ? "" : "0"}","accountType":"UNIFIED"}`;
}
