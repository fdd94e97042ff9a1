import { refreshLiquidation } from "../trading/account.ts";
import type { History } from "../trading/history.ts";
import { averageCents, averageText, priceTrim, satOfE16, satText } from "../money.ts";
import { type Fields, refuse, text, wrongMarket } from "../trading/order_params.ts";
import type { Answer, Query } from "./rest_market.ts";
import { executionListRow, orderListRow, positionListRow, walletRow } from "./rows.ts";
import type { Core, ExecutionFact, OrderState } from "../state.ts";
import type { VenueAccount } from "../types.ts";

export type AccountContext = { readonly core: Core; readonly history: History; readonly account: VenueAccount };
export type QueryHandler = (context: AccountContext, query: Query) => Answer;
export type PostHandler = (context: AccountContext, fields: Fields) => Answer;

const DAY = 86_400_000;
const WEEK = 7 * DAY;

export const QUERY_HANDLERS: Readonly<Record<string, QueryHandler>> = {
  "/v5/order/realtime": (context, query) => inverseOnly(query, () => realtime(context, query)),
  "/v5/order/history": (context, query) => inverseOnly(query, () => orderHistory(context, query)),
  "/v5/execution/list": (context, query) => inverseOnly(query, () => executionList(context, query)),
  "/v5/position/list": (context, query) => inverseOnly(query, () => positionList(context, query)),
  "/v5/position/closed-pnl": (context, query) => inverseOnly(query, () => closedPnl(context, query)),
  "/v5/account/info": accountInfo,
  "/v5/account/wallet-balance": ({ core }, query) =>
    query("accountType") === "UNIFIED"
      ? `{"list":[${walletRow(core)}]}`
      : refuse(10001, "accountType only support UNIFIED."),
  "/v5/account/fee-rate": ({ core }, query) =>
    inverseOnly(
      query,
      () =>
        `{"list":[{"symbol":"BTCUSD","takerFeeRate":"${core.config.fees.taker}","makerFeeRate":"${core.config.fees.maker}"}]}`,
    ),
  "/v5/account/transaction-log": transactionLog,
  "/v5/account/user-setting-config": ({ core }) =>
    `{"lpaSpot":false,"lpaPerp":${!core.state.adjustPrices},"smsef":false,"fmsef":false}`,
  "/v5/user/query-api": keyInfo,
};

export const POST_HANDLERS: Readonly<Record<string, PostHandler>> = {
  "/v5/position/set-leverage": setLeverage,
  "/v5/position/trading-stop": ({ core }, fields) =>
    wrongMarket(fields) ??
      (core.state.position.size === 0
        ? refuse(10001, "can not set tp/sl/ts for zero position")
        : refuse(10001, "trading-stop is not served by this venue")),
  "/v5/account/set-margin-mode": setMarginMode,
  "/v5/account/set-limit-px-action": ({ core }, fields) => {
    if (fields["category"] !== "inverse" && fields["category"] !== "linear") return refuse(10001, "Illegal category");
    if (typeof fields["modifyEnable"] !== "boolean") return refuse(10001, "params error: modifyEnable invalid");
    core.state.adjustPrices = fields["modifyEnable"];
    return "{}";
  },
};

function inverseOnly(query: Query, answer: () => Answer): Answer {
  return query("category") === "inverse" ? answer() : refuse(10001, "Illegal category");
}

type Page<T> = { readonly rows: readonly T[]; readonly cursor: string };

/** One page by the id of the last row sent; a cursor may come back encoded once more (PROTOCOL §1.1). */
function page<T>(
  all: readonly T[],
  how: { readonly query: Query; readonly most: number; readonly id: (row: T) => string },
): Page<T> {
  const limit = Math.max(1, Math.min(how.most, Number(how.query("limit")) || Math.min(20, how.most)));
  const cursor = how.query("cursor");
  if (cursor === "" && all.length <= limit) return { rows: all, cursor: "" };
  const after = cursor === "" ? "" : decodeURIComponent(decodeURIComponent(cursor)).split(":")[0] ?? "";
  const start = after === "" ? 0 : all.findIndex((row) => how.id(row) === after) + 1;
  const rows = all.slice(start, start + limit);
  const last = rows.at(-1);
  const more = last !== undefined && start + limit < all.length;
  return { rows, cursor: more && last !== undefined ? `${how.id(last)}%3A${start + limit}` : "" };
}

function listOf(rows: readonly string[], cursor: string): string {
  let list = rows[0] ?? "";
  for (let i = 1; i < rows.length; i++) list += "," + rows[i];
  return `{"list":[${list}],"nextPageCursor":"${cursor}","category":"inverse"}`;
}

/** What a list of orders is asked for; the query is read once, not for every order. */
function matcher(query: Query): (order: OrderState) => boolean {
  const orderId = query("orderId");
  const linkId = query("orderLinkId");
  const filter = query("orderFilter");
  const symbol = query("symbol");
  if (symbol !== "" && symbol !== "BTCUSD") return () => false;
  if (orderId !== "") return (order) => order.orderId === orderId;
  if (linkId !== "") return (order) => order.linkId === linkId;
  return (order) => filter === "" || (filter === "StopOrder") === (order.triggerPrice > 0);
}

function realtime({ core, history }: AccountContext, query: Query): Answer {
  const now = core.state.now;
  const asOf = now - core.config.switches.orderLagMs;
  const all = query("openOnly") === "1" ? history.closedAsOf(asOf, now).slice(0, 500) : history.openAsOf(core, asOf);
  const { rows, cursor } = page(all.filter(matcher(query)), {
    query,
    most: 50,
    id: (order) => order.orderId,
  });
  return listOf(rows.map((order) => orderListRow(order, core)), cursor);
}

type Window = { readonly from: number; readonly to: number } | null;

/** startTime/endTime, at most 7 days apart; the last 7 days without them; null when too wide. */
function windowOf(query: Query, now: number): Window {
  const start = query("startTime") === "" ? null : Number(query("startTime"));
  const end = query("endTime") === "" ? null : Number(query("endTime"));
  const from = start ?? (end ?? now) - WEEK;
  const to = end ?? from + WEEK;
  return to - from > WEEK || to < from ? null : { from, to };
}
const WRONG_WINDOW = refuse(10001, "The time range between startTime and endTime cannot exceed 7 days");

function orderHistory({ core, history }: AccountContext, query: Query): Answer {
  const now = core.state.now;
  const window = windowOf(query, now);
  if (window === null) return WRONG_WINDOW;
  const status = query("orderStatus");
  const matches = matcher(query);
  const all = history.closedAsOf(now - core.config.switches.historyLagMs, now).filter((order) =>
    matches(order) && order.createdAt >= window.from && order.createdAt <= window.to &&
    (status === "" || order.status === status)
  );
  const { rows, cursor } = page(all, { query, most: 50, id: (order) => order.orderId });
  return listOf(rows.map((order) => orderListRow(order, core)), cursor);
}

function executionList({ core, history }: AccountContext, query: Query): Answer {
  const now = core.state.now;
  const window = windowOf(query, now);
  if (window === null) return WRONG_WINDOW;
  const wanted = (fact: ExecutionFact) =>
    fact.at <= window.to &&
    (query("orderId") === "" || fact.orderId === query("orderId")) &&
    (query("orderLinkId") === "" || fact.orderLinkId === query("orderLinkId")) &&
    (query("execType") === "" || fact.execType === query("execType")) &&
    (query("symbol") === "" || query("symbol") === "BTCUSD");
  const all = history.executionsAsOf(now - core.config.switches.historyLagMs, window.from).filter(wanted);
  const byDefault: Query = (name) => name === "limit" ? query("limit") || "50" : query(name);
  const { rows, cursor } = page(all, { query: byDefault, most: 100, id: (fact) => fact.execId });
  return listOf(rows.map(executionListRow), cursor);
}

function positionList({ core, history }: AccountContext, query: Query): Answer {
  const position = history.positionAsOf(core, core.state.now - core.config.switches.positionLagMs);
  const named = query("symbol");
  if (named === "" && query("settleCoin") === "" && query("baseCoin") === "" && position.size === 0) {
    return listOf([], "");
  }
  if (named !== "" && named !== "BTCUSD") return refuse(10001, "Not supported symbols");
  return listOf([positionListRow(position, core)], "");
}

function closedPnl({ core, history }: AccountContext, query: Query): Answer {
  const now = core.state.now;
  const window = windowOf(query, now);
  if (window === null) return WRONG_WINDOW;
  const all = history.closedAsOf(now - core.config.switches.historyLagMs, now).filter((order) =>
    order.closedSize > 0 && order.updatedAt >= window.from && order.updatedAt <= window.to
  );
  const { rows, cursor } = page(all, { query, most: 100, id: (order) => order.orderId });
  return listOf(rows.map((order) => closedPnlRow(order, core)), cursor);
}

function closedPnlRow(order: OrderState, core: Core): string {
  const average = (value: bigint) => averageText(averageCents(order.closedSize, value));
  return `{"symbol":"BTCUSD","orderType":"${order.type}","leverage":"${
    satText(core.state.position.leverageE2 * 1e6)
  }","updatedTime":"${order.updatedAt}","side":"${order.side}","orderId":"${order.orderId}",` +
    `"closedPnl":"${satText(order.closedPnlSat)}","avgEntryPrice":"${average(order.closedEntryE16)}",` +
    `"qty":"${order.qty}","cumEntryValue":"${satText(satOfE16(order.closedEntryE16))}",` +
    `"createdTime":"${order.createdAt}","orderPrice":"${priceTrim(order.price)}","closedSize":"${order.closedSize}",` +
    `"avgExitPrice":"${average(order.closedExitE16)}","execType":"Trade","fillCount":"${order.fills}",` +
    `"cumExitValue":"${satText(satOfE16(order.closedExitE16))}"}`;
}

function accountInfo({ core, account }: AccountContext): Answer {
  return `{"marginMode":"${core.state.position.marginMode}","updatedTime":"1697078946000",` +
    `"unifiedMarginStatus":${account.unifiedMarginStatus ?? 6},"dcpStatus":"OFF","timeWindow":10,"smpGroup":0,` +
    `"isMasterTrader":false,"spotHedgingStatus":"OFF"}`;
}

function transactionLog({ core, history }: AccountContext, query: Query): Answer {
  const now = core.state.now;
  const window = windowOf(query, now);
  if (window === null) return WRONG_WINDOW;
  const rows: { at: number; row: string }[] = [];
  for (const fact of history.executionsAsOf(now, window.from)) {
    if (fact.at <= window.to) rows.push({ at: fact.at, row: executionLogRow(fact) });
  }
  for (const flow of history.flows) {
    if (flow.at >= window.from && flow.at <= window.to) rows.push({ at: flow.at, row: flowLogRow(flow) });
  }
  rows.sort((a, b) => b.at - a.at);
  const limit = Math.min(50, Number(query("limit")) || 20);
  return `{"nextPageCursor":"","list":[${rows.slice(0, limit).map((row) => row.row).join(",")}]}`;
}

function executionLogRow(fact: ExecutionFact): string {
  const funding = fact.execType === "Funding";
  const type = funding
    ? "SETTLEMENT"
    : fact.execType === "BustTrade"
    ? "LIQUIDATION"
    : fact.execType === "AdlTrade"
    ? "ADL"
    : "TRADE";
  const change = fact.pnlSat - fact.feeSat;
  return `{"transSubType":"","id":"${fact.execId}","symbol":"BTCUSD","side":"${fact.side}",` +
    `"funding":"${funding ? satText(-fact.feeSat) : ""}","orderLinkId":"${fact.orderLinkId}",` +
    `"orderId":"${fact.orderId}","fee":"${funding ? "0" : satText(fact.feeSat)}","change":"${satText(change)}",` +
    `"cashFlow":"${satText(fact.pnlSat)}","transactionTime":"${fact.at}","type":"${type}",` +
    `"feeRate":"${satText(fact.feeRateE8)}","bonusChange":"","size":"${fact.qty}","qty":"${fact.qty}",` +
    `"cashBalance":"","currency":"BTC","category":"inverse","tradePrice":"${priceTrim(fact.price)}",` +
    `"tradeId":"${fact.execId}","extraFees":""}`;
}

function flowLogRow(flow: History["flows"][number]): string {
  return `{"transSubType":"","id":"flow-${flow.at}","symbol":"","side":"None","funding":"","orderLinkId":"",` +
    `"orderId":"","fee":"0","change":"${satText(flow.sat)}","cashFlow":"${satText(flow.sat)}",` +
    `"transactionTime":"${flow.at}","type":"${flow.type}","feeRate":"0","bonusChange":"","size":"0","qty":"0",` +
    `"cashBalance":"${satText(flow.balance)}","currency":"BTC","category":"inverse","tradePrice":"0","tradeId":"",` +
    `"extraFees":""}`;
}

function keyInfo({ core, account }: AccountContext): Answer {
  const rights = account.withdrawRights === true ? `"AccountTransfer","SubMemberTransfer","Withdraw"` : "";
  const days = account.daysLeft === undefined ? 90 : account.daysLeft;
  const expires = days === null ? 0 : core.state.now + days * DAY;
  const uid = JSON.stringify(account.uid);
  return `{"id":"2208369","note":"fake venue","apiKey":${JSON.stringify(account.key)},` +
    `"readOnly":${account.readOnly === true ? 1 : 0},"secret":"","permissions":{"ContractTrade":["Order","Position"],` +
    `"Spot":[],"Wallet":[${rights}],"Options":[],"Derivatives":["DerivativesTrade"],"CopyTrading":[],"BlockTrade":[],"Exchange":[],` +
    `"NFT":[],"Affiliate":[],"Earn":[],"FiatP2P":[],"FiatConvertBroker":[],"FiatGlobalPay":[],"FiatBitPay":[],` +
    `"BitCard":[],"ByXPost":[]},"ips":[${days === null ? `"127.0.0.1"` : `"*"`}],"type":1,` +
    `"deadlineDay":${days ?? -2},"expiredAt":"${isoSeconds(expires)}","createdAt":"2025-10-13T03:20:45Z",` +
    `"unified":0,"uta":1,"userID":${Number(account.uid) || 1},"inviterID":0,"vipLevel":"No VIP","mktMakerLevel":"0",` +
    `"affiliateID":0,"rsaPublicKey":"","isMaster":true,"parentUid":"0","kycLevel":"LEVEL_1","kycRegion":"MYS",` +
    `"userIDInt64":${uid},"inviterIDInt64":"0","affiliateIDInt64":"0"}`;
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

function setLeverage({ core }: AccountContext, fields: Fields): Answer {
  const market = wrongMarket(fields);
  if (market !== null) return market;
  const buy = Number(text(fields, "buyLeverage"));
  if (text(fields, "buyLeverage") !== text(fields, "sellLeverage")) {
    return refuse(10001, "buy leverage must equal sell leverage in one-way mode");
  }
  const leverageE2 = Math.round(buy * 100);
  if (!(buy >= 1) || leverageE2 > core.config.instrument.maxLeverageE2) return refuse(110013, "leverage invalid");
  if (leverageE2 === core.state.position.leverageE2) return refuse(110043, "Set leverage not modified");
  changeLeverage(core, leverageE2);
  return "{}";
}

/** Sets the leverage of position and orders, by whoever. */
export function changeLeverage(core: Core, leverageE2: number): void {
  core.state.position.leverageE2 = leverageE2;
  core.state.position.updatedAt = core.state.now;
  refreshLiquidation(core);
  core.effects.position();
}

function setMarginMode({ core }: AccountContext, fields: Fields): Answer {
  const mode = fields["setMarginMode"];
  if (mode !== "ISOLATED_MARGIN" && mode !== "REGULAR_MARGIN") return refuse(10001, "params error: setMarginMode");
  if (core.state.position.size > 0 || core.state.orders.length > 0) {
    return refuse(3400045, "Set margin mode failed");
  }
  core.state.position.marginMode = mode;
  return `{"reasons":[]}`;
}
