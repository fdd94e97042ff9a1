/**
 * The venue's own record of what happened: the only evidence the observer may use against the bot.
 * Prices are integers of 0.01 USD, quantities integers of USD, money integers of 0.00000001 BTC (satoshi), times UTC ms.
 */

/** Who is behind an order: the account's API key, a human at the web page, another bot on the key, or the venue. */
export type Owner = "bot" | "person" | "second_bot" | "venue";

export type SideWord = "Buy" | "Sell";

/** What a create, amend or cancel asked for, as far as it could be read. */
export type RequestedOrder = {
  readonly action: "create" | "amend" | "cancel" | "cancel_all";
  readonly orderId: string | null;
  readonly orderLinkId: string | null;
  readonly side: SideWord | null;
  readonly orderType: string | null;
  readonly qty: number | null;
  readonly price: number | null;
  readonly triggerPrice: number | null;
  readonly reduceOnly: boolean;
  readonly conditional: boolean;
};

export type LogStart = {
  readonly kind: "start";
  readonly at: number;
  readonly walletSat: number;
  readonly leverageE2: number;
  readonly switches: Readonly<Record<string, string | number | boolean>>;
};

/** One step of the market after overlays (flash crash, gap): what matching, triggers and liquidation used. */
export type LogPrice = {
  readonly kind: "price";
  readonly at: number;
  readonly last: number;
  readonly mark: number;
  readonly index: number;
  readonly bid: number | null;
  readonly ask: number | null;
};

/** One REST request as it arrived, whether answered well, refused or hit by a fault. */
export type LogRequest = {
  readonly kind: "request";
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** As it arrived; tells a look-up of one order from a listing (F-7.10 counts them apart). */
  readonly query: string;
  readonly httpStatus: number;
  /** null when the body was not the JSON envelope. */
  readonly retCode: number | null;
  /** false when the venue did not change anything because of it (refused, or a fault swallowed it). */
  readonly applied: boolean;
  readonly fault: string | null;
  readonly order: RequestedOrder | null;
};

/** An order after every change of status, quantity, price or trigger. `cause` says what changed it. */
export type LogOrder = {
  readonly kind: "order";
  readonly at: number;
  readonly owner: Owner;
  readonly orderId: string;
  readonly orderLinkId: string;
  readonly side: SideWord;
  readonly orderType: "Market" | "Limit";
  readonly timeInForce: string;
  readonly status: string;
  readonly qty: number;
  readonly cumQty: number;
  /** 0 = none. */
  readonly price: number;
  /** 0 = not conditional. */
  readonly triggerPrice: number;
  readonly triggerBy: string;
  readonly triggerDirection: 0 | 1 | 2;
  readonly reduceOnly: boolean;
  readonly closeOnTrigger: boolean;
  /** true = qty "0": closes whatever is open when it triggers. */
  readonly closesAll: boolean;
  readonly createType: string;
  readonly cancelType: string;
  readonly rejectReason: string;
  readonly cause:
    | "created"
    | "amended"
    | "filled"
    | "cancelled"
    | "rejected"
    | "triggered"
    | "shrunk"
    | "expired";
};

export type LogExecution = {
  readonly kind: "execution";
  readonly at: number;
  readonly owner: Owner;
  readonly execId: string;
  readonly execType: "Trade" | "Funding" | "BustTrade" | "AdlTrade";
  readonly orderId: string;
  readonly orderLinkId: string;
  readonly side: SideWord;
  readonly price: number;
  readonly qty: number;
  readonly isMaker: boolean;
  /** Positive = paid. For Funding the payment. */
  readonly feeSat: number;
  /** Gross of fee. */
  readonly pnlSat: number;
  readonly closedSize: number;
  readonly seq: number;
  readonly mark: number;
};

/** The position after every change of size, side, leverage, margin or status. */
export type LogPosition = {
  readonly kind: "position";
  readonly at: number;
  readonly side: "" | SideWord;
  readonly size: number;
  /** Harmonic average entry in 0.01 USD, not rounded to the tick; 0 when flat. */
  readonly entryPrice: number;
  readonly leverageE2: number;
  /** 0 = none. */
  readonly liqPrice: number;
  readonly status: "" | "Normal" | "Liq" | "Adl";
  readonly seq: number;
};

export type WalletCause = "trade" | "funding" | "liquidation" | "adl" | "deposit" | "withdrawal";

export type LogWallet = {
  readonly kind: "wallet";
  readonly at: number;
  readonly balanceSat: number;
  readonly deltaSat: number;
  readonly cause: WalletCause;
  readonly owner: Owner;
  readonly execId: string | null;
};

/** A fault that fired. `untilMs` is set for faults that last. */
export type LogFault = {
  readonly kind: "fault";
  readonly at: number;
  readonly name: string;
  readonly detail: string;
  readonly untilMs: number | null;
};

export type LogSession = {
  readonly kind: "session";
  readonly at: number;
  readonly connection: number;
  readonly path: string;
  readonly event: "opened" | "authenticated" | "auth_refused" | "subscribed" | "refused" | "closed";
  readonly topics: readonly string[];
};

export type VenueLogEntry =
  | LogStart
  | LogPrice
  | LogRequest
  | LogOrder
  | LogExecution
  | LogPosition
  | LogWallet
  | LogFault
  | LogSession;
