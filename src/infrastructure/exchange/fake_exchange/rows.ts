import { entryCents, type Margins, marginsOf, orderMarginSat } from "./account.ts";
import { averageCents, averageText, priceText, priceTrim, rateText, satOfE16, satText, valueSat } from "./money.ts";
import { type Core, type ExecutionFact, leavesOf, type OrderState, type PositionState } from "./state.ts";

/**
 * The venue's words for its state, as text. Key sets are those of the newest sample of each endpoint; switches choose
 * between spellings that samples disagree on.
 */

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

/** One row of order/realtime and order/history (docs 2026 key set minus cumFeeDetail). */
export function orderListRow(order: OrderState, core: Core): string {
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

type PositionNumbers = {
  readonly side: string;
  readonly entry: string;
  readonly value: string;
  readonly liq: string;
  readonly bust: string;
  readonly margins: Margins;
};

function positionNumbers(position: PositionState, core: Core): PositionNumbers {
  const flat = position.size === 0;
  const flatSide = core.config.switches.flatSide === "None" ? "None" : "";
  const tick = core.config.instrument.tickCents;
  return {
    side: flat ? flatSide : position.side,
    entry: flat ? "0" : averageText(entryCents(position)),
    value: flat ? "0" : satText(satOfE16(position.entryE16)),
    liq: position.liqCents === 0 ? "" : priceTrim(Math.round(position.liqCents / tick) * tick),
    bust: position.bustCents === 0 ? "" : priceTrim(Math.round(position.bustCents / tick) * tick),
    margins: marginsOf(core),
  };
}

function positionCommon(position: PositionState, core: Core): string {
  const n = positionNumbers(position, core);
  const m = n.margins;
  return `"positionIdx":0,"tradeMode":0,"riskId":1,"riskLimitValue":"${core.config.instrument.riskLimitBtc}",` +
    `"symbol":"BTCUSD","side":"${n.side}","size":"${position.size}","leverage":"${
      satText(position.leverageE2 * 1e6)
    }",` +
    `"positionValue":"${n.value}","positionBalance":"0","markPrice":"${priceText(core.state.market.mark)}",` +
    `"positionIM":"${satText(m.imSat)}","positionMM":"${satText(m.mmSat)}",` +
    `"positionIMByMp":"${satText(m.imByMarkSat)}","positionMMByMp":"${satText(m.mmByMarkSat)}",` +
    `"takeProfit":"0","stopLoss":"0","trailingStop":"0","unrealisedPnl":"${satText(m.uplSat)}",` +
    `"cumRealisedPnl":"${satText(position.cumRealisedSat)}","curRealisedPnl":"${satText(position.curRealisedSat)}",` +
    `"createdTime":"${position.createdAt}","updatedTime":"${position.updatedAt}","tpslMode":"Full",` +
    `"liqPrice":"${n.liq}","bustPrice":"${n.bust}","positionStatus":"${position.status || "Normal"}",` +
    `"adlRankIndicator":${position.size === 0 ? 0 : 2},"autoAddMargin":${position.autoAddMargin},` +
    `"leverageSysUpdatedTime":"","seq":${position.seq},"isReduceOnly":false,"sessionAvgPrice":"",` +
    `"breakEvenPrice":"${n.entry}"`;
}

export function positionFrameRow(core: Core): string {
  const { position } = core.state;
  const entry = position.size === 0 ? "0" : averageText(entryCents(position));
  return `{${positionCommon(position, core)},"entryPrice":"${entry}","category":"inverse","mmrSysUpdatedTime":""}`;
}

/** position/list row (docs 2026 key set for BTCUSD, with its spelling of mmrSysUpdateTime). */
export function positionListRow(position: PositionState, core: Core): string {
  if (position.seq === -1 && core.config.switches.flatDecimals === "empty") return neverTradedRow(position, core);
  const entry = position.size === 0 ? "0" : averageText(entryCents(position));
  return `{${positionCommon(position, core)},"avgPrice":"${entry}","mmrSysUpdateTime":""}`;
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
  const { state } = core;
  const margins = marginsOf(core);
  const orderIm = orderMarginSat(core);
  const usd = (sat: number) => satText(Math.round(sat * state.market.index / 100));
  const equity = state.walletSat + margins.uplSat;
  const hidden = state.position.marginMode === "ISOLATED_MARGIN" && core.config.switches.isolatedTotals === "empty";
  const total = (sat: number) => hidden ? "" : usd(sat);
  const rate = (sat: number) => hidden ? "" : equity <= 0 ? "0" : (sat / equity).toFixed(4);
  const available = state.walletSat - margins.imSat - orderIm;
  return `{"accountIMRate":"${rate(margins.imSat + orderIm)}","accountMMRate":"${rate(margins.mmSat)}",` +
    `"accountIMRateByMp":"${rate(margins.imByMarkSat + orderIm)}","accountMMRateByMp":"${rate(margins.mmByMarkSat)}",` +
    `"totalEquity":"${usd(equity)}","totalWalletBalance":"${usd(state.walletSat)}",` +
    `"totalMarginBalance":"${total(equity)}","totalAvailableBalance":"${total(Math.max(0, available))}",` +
    `"totalPerpUPL":"${usd(margins.uplSat)}","totalInitialMargin":"${total(margins.imSat + orderIm)}",` +
    `"totalMaintenanceMargin":"${total(margins.mmSat)}","totalInitialMarginByMp":"${
      total(margins.imByMarkSat + orderIm)
    }","totalMaintenanceMarginByMp":"${total(margins.mmByMarkSat)}","coin":[{"coin":"BTC",` +
    `"equity":"${satText(equity)}","usdValue":"${usd(equity)}","walletBalance":"${satText(state.walletSat)}",` +
    `"availableToWithdraw":"","availableToBorrow":"","borrowAmount":"0","accruedInterest":"0",` +
    `"totalOrderIM":"${satText(orderIm)}","totalPositionIM":"${satText(margins.imSat)}",` +
    `"totalPositionMM":"${satText(margins.mmSat)}","unrealisedPnl":"${satText(margins.uplSat)}",` +
    `"cumRealisedPnl":"${satText(state.position.cumRealisedSat)}","bonus":"0","collateralSwitch":true,` +
    `"marginCollateral":true,"locked":"0","spotHedgingQty":"0","spotBorrow":"0"}],` +
    `"accountLTV":"${hidden ? "" : "0"}","accountType":"UNIFIED"}`;
}
