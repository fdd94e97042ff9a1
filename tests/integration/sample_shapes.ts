/** Key sets and value types of the newest official or captured sample of each endpoint: s text, n number, b boolean, a array. */
export const SAMPLE_SHAPES: Readonly<Record<string, string>> = {
  // rest_market-time_ok
  time: "s: timeNano timeSecond",
  // rest_instruments-info_linear-2026-full-fields
  instrument: "b: isPreListing unifiedMarginTrade | n: fundingInterval symbolId | null: preListingInfo | s: baseCoin " +
    "contractType copyTrading deliveryFeeRate deliveryTime launchTime leverageFilter.leverageStep " +
    "leverageFilter.maxLeverage leverageFilter.minLeverage lotSizeFilter.maxMktOrderQty " +
    "lotSizeFilter.maxOrderQty lotSizeFilter.minNotionalValue lotSizeFilter.minOrderQty " +
    "lotSizeFilter.postOnlyMaxOrderQty lotSizeFilter.qtyStep lowerFundingRate priceFilter.maxPrice " +
    "priceFilter.minPrice priceFilter.tickSize priceScale quoteCoin riskParameters.priceLimitRatioX " +
    "riskParameters.priceLimitRatioY settleCoin status symbol symbolType upperFundingRate",
  // rest_tickers_inverse-btcusd-2026
  ticker: "s: ask1Price ask1Size basis basisRate basisRateYear bid1Price bid1Size curPreListingPhase deliveryFeeRate " +
    "deliveryTime fundingCap fundingIntervalHour fundingRate highPrice24h indexPrice lastPrice lowPrice24h " +
    "markPrice nextFundingTime openInterest openInterestValue preOpenPrice preQty predictedDeliveryPrice " +
    "prevPrice1h prevPrice24h price24hPcnt symbol turnover24h volume24h",
  // rest_risk-limit_inverse-btcusd-tier1
  riskLimit: "n: id isLowestRisk | s: initialMargin maintenanceMargin maxLeverage riskLimitValue symbol",
  // rest_order-realtime_docs-2026
  order: "b: closeOnTrigger reduceOnly | n: positionIdx smpGroup triggerDirection | s: avgPrice blockTradeId " +
    "cancelType createdTime cumExecFee cumExecQty cumExecValue isLeverage lastPriceOnCreated leavesQty " +
    "leavesValue orderId orderIv orderLinkId orderStatus orderType placeType price qty rejectReason side " +
    "slLimitPrice slTriggerBy smpOrderId smpType stopLoss stopOrderType symbol takeProfit timeInForce " +
    "tpLimitPrice tpTriggerBy tpslMode triggerBy triggerPrice updatedTime",
  // rest_execution-list_funding-row-real-2025
  execution: "b: isMaker | n: seq | s: blockTradeId closedSize createType execFee execId execPrice execQty execTime " +
    "execType execValue feeCurrency feeRate indexPrice leavesQty markIv markPrice marketUnit orderId " +
    "orderLinkId orderPrice orderQty orderType side stopOrderType symbol tradeIv underlyingPrice",
  // rest_position-list_inverse-btcusd-2026
  position: "b: isReduceOnly | n: adlRankIndicator autoAddMargin positionIdx riskId seq tradeMode | s: avgPrice " +
    "breakEvenPrice bustPrice createdTime cumRealisedPnl curRealisedPnl leverage leverageSysUpdatedTime " +
    "liqPrice markPrice mmrSysUpdateTime positionBalance positionIM positionIMByMp positionMM positionMMByMp " +
    "positionStatus positionValue riskLimitValue sessionAvgPrice side size stopLoss symbol takeProfit tpslMode " +
    "trailingStop unrealisedPnl updatedTime",
  // rest_closed-pnl_docs-2026
  closedPnl: "s: avgEntryPrice avgExitPrice closedPnl closedSize createdTime cumEntryValue cumExitValue execType " +
    "fillCount leverage orderId orderPrice orderType qty side symbol updatedTime",
  // rest_account-info_2026
  accountInfo: "b: isMasterTrader | n: smpGroup timeWindow unifiedMarginStatus | s: dcpStatus marginMode " +
    "spotHedgingStatus updatedTime",
  // rest_wallet-balance_unified-2026
  wallet: "b: coin.collateralSwitch coin.marginCollateral | s: accountIMRate accountIMRateByMp accountLTV " +
    "accountMMRate accountMMRateByMp accountType coin.accruedInterest coin.availableToBorrow " +
    "coin.availableToWithdraw coin.bonus coin.borrowAmount coin.coin coin.cumRealisedPnl coin.equity " +
    "coin.locked coin.spotBorrow coin.spotHedgingQty coin.totalOrderIM coin.totalPositionIM " +
    "coin.totalPositionMM coin.unrealisedPnl coin.usdValue coin.walletBalance totalAvailableBalance " +
    "totalEquity totalInitialMargin totalInitialMarginByMp totalMaintenanceMargin totalMaintenanceMarginByMp " +
    "totalMarginBalance totalPerpUPL totalWalletBalance",
  // rest_fee-rate_ok
  feeRate: "s: makerFeeRate symbol takerFeeRate",
  // rest_apikey-info_testnet
  apiKey: "a: ips permissions.Affiliate permissions.BitCard permissions.BlockTrade permissions.ByXPost " +
    "permissions.ContractTrade permissions.CopyTrading permissions.Derivatives permissions.Earn " +
    "permissions.Exchange permissions.FiatBitPay permissions.FiatConvertBroker permissions.FiatGlobalPay " +
    "permissions.FiatP2P permissions.NFT permissions.Options permissions.Spot permissions.Wallet | b: isMaster " +
    "| n: affiliateID deadlineDay inviterID readOnly type unified userID uta | s: affiliateIDInt64 apiKey " +
    "createdAt expiredAt id inviterIDInt64 kycLevel kycRegion mktMakerLevel note parentUid rsaPublicKey secret " +
    "userIDInt64 vipLevel",
  // rest_user-setting-config_2026
  setting: "b: fmsef lpaPerp lpaSpot smsef",
  // rest_orderbook_ok
  orderbook: "a: a b | n: cts seq ts u | s: s",
  // rest_funding-history_ok
  funding: "s: fundingRate fundingRateTimestamp symbol",
  // rest_recent-trade_ok
  trade: "b: isBlockTrade isRPITrade | s: execId price seq side size symbol time",
  // rest_transaction-log_uta
  transaction:
    "s: bonusChange cashBalance cashFlow category change currency extraFees fee feeRate funding id orderId " +
    "orderLinkId qty side size symbol tradeId tradePrice transSubType transactionTime type",
  // rest_system-status_ok
  maintenance: "a: product serviceTypes uidSuffix | n: env maintainType | s: begin end href id state title",
  // ws_order_filled-fok-real-2025
  orderFrame: "b: closeOnTrigger reduceOnly | n: positionIdx smpGroup triggerDirection | s: avgPrice blockTradeId " +
    "cancelType category closedPnl createType createdTime cumExecFee cumExecQty cumExecValue feeCurrency " +
    "isLeverage lastPriceOnCreated leavesQty leavesValue marketUnit orderId orderIv orderLinkId orderStatus " +
    "orderType placeType price qty rejectReason side slLimitPrice slTriggerBy slippageTolerance " +
    "slippageToleranceType smpOrderId smpType stopLoss stopOrderType symbol takeProfit timeInForce " +
    "tpLimitPrice tpTriggerBy tpslMode triggerBy triggerPrice updatedTime",
  // ws_execution_docs-2026
  executionFrame:
    "a: extraFees | b: isMaker | n: seq | s: blockTradeId category closedSize createType execFee execId " +
    "execPnl execPrice execQty execTime execType execValue feeCurrency feeRate indexPrice isLeverage leavesQty " +
    "markIv markPrice marketUnit orderId orderLinkId orderPrice orderQty orderType side stopOrderType symbol " +
    "tradeIv underlyingPrice",
  // ws_position_docs-2026
  positionFrame:
    "b: isReduceOnly | n: adlRankIndicator autoAddMargin positionIdx riskId seq tradeMode | s: breakEvenPrice " +
    "bustPrice category createdTime cumRealisedPnl curRealisedPnl entryPrice leverage leverageSysUpdatedTime " +
    "liqPrice markPrice mmrSysUpdatedTime positionBalance positionIM positionIMByMp positionMM positionMMByMp " +
    "positionStatus positionValue riskLimitValue sessionAvgPrice side size stopLoss symbol takeProfit tpslMode " +
    "trailingStop unrealisedPnl updatedTime",
  // ws_wallet_real-2025
  walletFrame: "b: coin.collateralSwitch coin.marginCollateral | s: accountIMRate accountIMRateByMp accountLTV " +
    "accountMMRate accountMMRateByMp accountType coin.accruedInterest coin.availableToBorrow " +
    "coin.availableToWithdraw coin.bonus coin.borrowAmount coin.coin coin.cumRealisedPnl coin.equity " +
    "coin.locked coin.spotBorrow coin.spotHedgingQty coin.totalOrderIM coin.totalPositionIM " +
    "coin.totalPositionMM coin.unrealisedPnl coin.usdValue coin.walletBalance totalAvailableBalance " +
    "totalEquity totalInitialMargin totalInitialMarginByMp totalMaintenanceMargin totalMaintenanceMarginByMp " +
    "totalMarginBalance totalPerpUPL totalWalletBalance",
  // ws_tickers_btcusd-snapshot-real-2026
  tickerFrame:
    "s: ask1Price ask1Size bid1Price bid1Size fundingCap fundingIntervalHour fundingRate indexPrice lastPrice " +
    "markPrice nextFundingTime openInterest openInterestValue price24hPcnt symbol tickDirection",
  // ws_kline_confirm-false-docs
  klineFrame: "b: confirm | n: end start timestamp | s: close high interval low open turnover volume",
  // ws_public-trade_btcusd-real-2026-a
  tradeFrame: "b: BT RPI | n: T seq | s: L S i p s v",
};

/** The same notation for a value the venue sent; one level of objects is joined with dots, `coin` rows by their first. */
export function shapeOf(value: unknown): string {
  const byType = new Map<string, string[]>();
  collect(value, { prefix: "", byType });
  return [...byType].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, keys]) => `${type}: ${keys.sort().join(" ")}`)
    .join(" | ");
}

function collect(value: unknown, into: { readonly prefix: string; readonly byType: Map<string, string[]> }): void {
  if (typeof value !== "object" || value === null) throw new Error(`Cannot take the shape of ${JSON.stringify(value)}`);
  for (const [key, part] of Object.entries(value)) {
    const name = into.prefix + key;
    if (Array.isArray(part) && key === "coin") collect(part[0], { ...into, prefix: `${name}.` });
    else if (typeof part === "object" && part !== null && !Array.isArray(part)) {
      collect(part, { ...into, prefix: `${name}.` });
    } else {
      const type = part === null
        ? "null"
        : Array.isArray(part)
        ? "a"
        : typeof part === "string"
        ? "s"
        : typeof part === "boolean"
        ? "b"
        : "n";
      byTypeOf(into.byType, type).push(name);
    }
  }
}

function byTypeOf(byType: Map<string, string[]>, type: string): string[] {
  const keys = byType.get(type) ?? [];
  byType.set(type, keys);
  return keys;
}
