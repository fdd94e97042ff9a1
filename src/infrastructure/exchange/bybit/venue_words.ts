/** The venue's own words: hosts, paths, topics, limits. No venue name exists outside this folder (law 7). */
export const REST_URL = "https://api-testnet.bybit.com";
export const WS_URL = "wss://stream-testnet.bybit.com";
export const CATEGORY = "inverse";
export const SYMBOL = "BTCUSD";
export const COIN = "BTC";

/** max_active_time makes the venue cut a session we left behind after a minute instead of ten (PROTOCOL §1.3). */
export const PRIVATE_PATH = "/v5/private?max_active_time=60s";
export const PUBLIC_PATH = "/v5/public/inverse";

/** Categorised topics only; they cannot be mixed with the all-in-one ones (F-4.7, PROTOCOL §1.4). */
export const PRIVATE_TOPICS = ["execution.inverse", "order.inverse", "position.inverse", "wallet"] as const;

export type Endpoint = {
  readonly name: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly signed: boolean;
  /** Documented calls per rolling second (PROTOCOL §6). */
  readonly perSecond: number;
  /** `order` = an order request: unlisted answers are unknown outcomes; `setting`, `read` = they are refusals. */
  readonly sort: "order" | "setting" | "read";
  /** Counts into the latency that P-1 judges. */
  readonly core: boolean;
};

type Shape = Pick<Endpoint, "method" | "sort"> & Partial<Pick<Endpoint, "core" | "signed">>;
function endpoint(path: string, perSecond: number, shape: Shape): Endpoint {
  return { name: path.slice(4), path, perSecond, core: false, signed: true, ...shape };
}
const READ = { method: "GET", sort: "read" } as const;
const CORE_READ = { method: "GET", sort: "read", core: true } as const;
const PUBLIC = { method: "GET", sort: "read", signed: false } as const;
const ORDER = { method: "POST", sort: "order", core: true } as const;
const SETTING = { method: "POST", sort: "setting" } as const;
/** Every endpoint the program calls; no decision uses the last two (ADR 0011). No cancel-all (F-10.10). */
export const ENDPOINTS = {
  time: endpoint("/v5/market/time", 50, PUBLIC),
  status: endpoint("/v5/system/status", 50, PUBLIC),
  instruments: endpoint("/v5/market/instruments-info", 50, PUBLIC),
  tickers: endpoint("/v5/market/tickers", 50, PUBLIC),
  kline: endpoint("/v5/market/kline", 50, PUBLIC),
  riskLimit: endpoint("/v5/market/risk-limit", 50, PUBLIC),
  create: endpoint("/v5/order/create", 10, ORDER),
  amend: endpoint("/v5/order/amend", 10, ORDER),
  cancel: endpoint("/v5/order/cancel", 10, ORDER),
  realtime: endpoint("/v5/order/realtime", 50, CORE_READ),
  history: endpoint("/v5/order/history", 50, READ),
  executions: endpoint("/v5/execution/list", 50, READ),
  position: endpoint("/v5/position/list", 50, CORE_READ),
  leverage: endpoint("/v5/position/set-leverage", 10, SETTING),
  account: endpoint("/v5/account/info", 50, READ),
  wallet: endpoint("/v5/account/wallet-balance", 50, CORE_READ),
  feeRate: endpoint("/v5/account/fee-rate", 5, READ),
  key: endpoint("/v5/user/query-api", 10, READ),
  priceAdjust: endpoint("/v5/account/set-limit-px-action", 10, SETTING),
  priceLimit: endpoint("/v5/market/price-limit", 50, PUBLIC),
  closedPnl: endpoint("/v5/position/closed-pnl", 50, READ),
} as const;

/** Bars the link can stream and read, by the venue's interval word (PROTOCOL §2.1). */
export const BAR_WORDS = { "1m": "1", "1h": "60", "1d": "D" } as const;
export const BAR_MS = { "1m": 60_000, "1h": 3_600_000, "1d": 86_400_000 } as const;

export const ORDER_STATUSES = new Set(
  ["New", "PartiallyFilled", "Filled", "Cancelled", "Rejected", "Untriggered", "Triggered", "Deactivated"] as const,
);
export const EXEC_TYPES = new Set(
  ["Trade", "Funding", "AdlTrade", "BustTrade", "Settle", "Delivery", "BlockTrade", "MovePosition"] as const,
);
export const TIMES_IN_FORCE = new Set(["GTC", "IOC", "FOK", "PostOnly"] as const);
export const TRIGGER_SOURCES = new Set(["LastPrice", "MarkPrice", "IndexPrice"] as const);
export const ORDER_TYPES = new Set(["Market", "Limit"] as const);
export const POSITION_STATUSES = new Set(["Normal", "Liq", "Adl"] as const);
export const MARGIN_MODES = new Set(["ISOLATED_MARGIN", "REGULAR_MARGIN", "PORTFOLIO_MARGIN"] as const);
