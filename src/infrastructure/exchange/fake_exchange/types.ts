import type { FaultName, FaultPlan } from "./faults.ts";
import type { Candle, MarketFeed, MarketPoint } from "./market/market_point.ts";
import type { InstrumentOptions } from "./instrument.ts";
import type { MatchingRule } from "./matching_rule.ts";
import type { Switches } from "./switches.ts";
import type { SideWord, VenueLogEntry } from "./venue_log.ts";

export type {
  Candle,
  FaultName,
  FaultPlan,
  InstrumentOptions,
  MarketFeed,
  MarketPoint,
  SideWord,
  Switches,
  VenueLogEntry,
};

/** The only time the venue knows. UTC ms. */
export interface VenueClock {
  now(): number;
  /** Runs once at `timeMs`; returns the way to call it off. */
  at(timeMs: number, run: () => void): () => void;
}

export type MarginMode = "ISOLATED_MARGIN" | "REGULAR_MARGIN";

export type VenueAccount = {
  readonly key: string;
  readonly secret: string;
  readonly uid: string;
  /** "0.00512345" */
  readonly walletBtc: string;
  /** Leverage × 100 at the start; 1000 unless given. */
  readonly leverageE2?: number;
  readonly marginMode?: MarginMode;
  readonly autoAddMargin?: 0 | 1;
  /** Key may withdraw and transfer. */
  readonly withdrawRights?: boolean;
  readonly readOnly?: boolean;
  /** Days until the key expires; null = bound to an address, never. */
  readonly daysLeft?: number | null;
  /** 6 = unified 2.0, 1 = classic. */
  readonly unifiedMarginStatus?: number;
};

export type VenueOptions = {
  readonly seed: number;
  readonly clock: VenueClock;
  readonly feed: MarketFeed;
  readonly account: VenueAccount;
  /** Signatures as this venue asks for them: HMAC-SHA256 on a real wire, a cheaper sum in a simulation. */
  readonly signer: (secret: string) => (text: string) => string;
  readonly switches?: Partial<Switches>;
  readonly faults?: FaultPlan;
  readonly instrument?: Partial<InstrumentOptions>;
  readonly fees?: { readonly maker: string; readonly taker: string };
  /** Another fiction about fills; absent = the venue's own. */
  readonly matching?: MatchingRule;
  /** Where the log goes; without it the venue keeps the log in memory. */
  readonly onLog?: (entry: VenueLogEntry) => void;
};

export type RestRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Exact bytes after `?`, "" when none. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type RestReply = {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** The client's end of a WebSocket. `channel` names what may be delayed on its own: a topic's first word or "control". */
export interface VenuePeer {
  send(text: string, channel: string): void;
  close(reason: string): void;
}
export interface VenueConnection {
  receive(text: string): void;
  closed(): void;
}

export type FaultDetail = Readonly<Record<string, string | number | boolean>>;

/** What a test, the fault plan or `/_venue/` may do to the venue. Prices 0.01 USD, money satoshi, leverage × 100. */
export interface VenueControl {
  /** Moves the market so that last and mark are at this price now; the recording's moves go on from there. */
  setPrice(priceCents: number): void;
  /** Fills so much of the first resting order whose link id holds `link`, at its own price; returns what it filled. */
  fillResting(part: { readonly link: string; readonly qty: number }): number;
  personTrades(order: { readonly side: SideWord; readonly qty: number }): void;
  personSetsLeverage(leverageE2: number): void;
  /** Negative = withdrawal. */
  deposit(amountSat: number): void;
  /** Per-opportunity faults fire at their next opportunity, all others now or, with nothing to hit, within a minute of it. */
  injectFault(name: FaultName, detail?: FaultDetail): void;
  adl(qty: number): void;
  liquidateNow(): void;
  /** Announced at once by system/status; refuses everything from `fromMs` to `toMs`. */
  maintenance(window: { readonly fromMs: number; readonly toMs: number }): void;
  /** The maintenance announced last is another time, under the same id. */
  moveMaintenance(window: { readonly fromMs: number; readonly toMs: number }): void;
  outage(untilMs: number): void;
  state(): VenueStateView;
}

export type VenueStateView = {
  readonly at: number;
  readonly last: number;
  readonly mark: number;
  readonly bid: number | null;
  readonly ask: number | null;
  readonly walletSat: number;
  readonly equitySat: number;
  readonly side: "" | SideWord;
  readonly size: number;
  /** 0 when flat. */
  readonly entryPrice: number;
  readonly liqPrice: number;
  readonly leverageE2: number;
  readonly orders: readonly {
    readonly orderId: string;
    readonly orderLinkId: string;
    readonly owner: string;
    readonly side: SideWord;
    readonly status: string;
    readonly qty: number;
    readonly leavesQty: number;
    readonly price: number;
    readonly triggerPrice: number;
    readonly triggerBy: string;
    readonly reduceOnly: boolean;
    readonly closesAll: boolean;
  }[];
};

/** A copy of account, position, orders and book that only prices can move: the counterfactual probe. */
export interface VenueFork {
  /** Triggers, matching and liquidation at this point; the bot is not there. */
  drive(point: MarketPoint): void;
  state(): VenueStateView;
  /** What is open, as in `state`. */
  readonly size: number;
  /** True once the position was taken over at its bankruptcy price. */
  readonly liquidated: boolean;
  /** Everything the copy did, as log entries. */
  readonly log: readonly VenueLogEntry[];
}

export interface Venue {
  /** Begins to walk the feed, candles and funding by the clock. */
  start(): void;
  /** Applied at once; the network adds the latency around it. */
  rest(request: RestRequest): RestReply;
  connect(pathAndQuery: string, peer: VenuePeer): VenueConnection;
  readonly control: VenueControl;
  /** Empty when `onLog` was given. */
  readonly log: readonly VenueLogEntry[];
  readonly switchesDrawn: Switches;
  /** Firings by name so far. */
  faultCounts(): Readonly<Record<string, number>>;
  fork(): VenueFork;
}
