import { openAt, type OpenPlaces } from "./text_form.ts";

/** What moves with each price in the replies of an endpoint. */
export type MovingFigures = {
  /** Nobody reads them, but for those that `follow` knows. */
  readonly figures: OpenPlaces;
  /**
   * The result of the reply before with what is read of this body's figures; null when the result is not of the form
   * it knows. null = no figure is read.
   */
  readonly follow: ((result: unknown, body: string) => unknown) | null;
};

export const POSITION_FIGURES: MovingFigures = {
  figures: openAt(
    ...["positionValue", "positionBalance", "markPrice", "breakEvenPrice", "unrealisedPnl"],
    ...["positionIM", "positionMM", "positionIMByMp", "positionMMByMp"],
  ),
  follow: null,
};

const PNL = '"unrealisedPnl":"';

/** When a wallet is of one coin and the text has one PnL, it is that coin's. */
function withPnl(result: unknown, body: string): unknown {
  const { list } = (result ?? {}) as { list?: unknown };
  const account: unknown = Array.isArray(list) ? list[0] : null;
  const { coin: coins } = (account ?? {}) as { coin?: unknown };
  const coin: unknown = Array.isArray(coins) && coins.length === 1 ? coins[0] : null;
  const { unrealisedPnl: known } = (coin ?? {}) as { unrealisedPnl?: unknown };
  const place = body.indexOf(PNL);
  if (typeof known !== "string" || place < 0 || body.indexOf(PNL, place + 1) >= 0) return null;
  const from = place + PNL.length;
  const unrealisedPnl = body.slice(from, body.indexOf('"', from));
  if (unrealisedPnl === known) return result;
  return { list: [{ coin: [{ ...(coin as Readonly<Record<string, unknown>>), unrealisedPnl }] }] };
}

export const WALLET_FIGURES: MovingFigures = {
  figures: openAt(
    ...["accountIMRate", "accountMMRate", "accountIMRateByMp", "accountMMRateByMp", "totalEquity"],
    ...["totalWalletBalance", "totalMarginBalance", "totalAvailableBalance", "totalPerpUPL", "totalInitialMargin"],
    ...["totalMaintenanceMargin", "totalInitialMarginByMp", "totalMaintenanceMarginByMp", "equity", "usdValue"],
    ...["unrealisedPnl"],
  ),
  follow: withPnl,
};
