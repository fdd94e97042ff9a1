import { unitAt } from "./market_path.ts";
import type { MarketPoint } from "./market_point.ts";

/** What the thin market does to one step. `last` and `volumeUsd` are what prints; the book stands around the true price. */
export type ThinStep = Pick<MarketPoint, "last" | "volumeUsd" | "bid" | "bidSize" | "ask" | "askSize">;
/** The book once the empty side is offered again. */
export type Refilled = Pick<MarketPoint, "bid" | "ask"> & { readonly afterMs: number };
export type ThinMarket = {
  /** What follows the step shaped last; null when it left no side empty. */
  readonly refilled: Refilled | null;
  /** `step` counts the steps inside its minute. */
  shape(
    step: { readonly at: number; readonly price: number; readonly volumeUsd: number; readonly step: number },
  ): ThinStep;
};

const WINDOW_MS = 300_000;
const FREEZE_MS = 600_000;
/** Share of ten-minute windows in which the last price does not move although the index does. */
const FREEZE_SHARE = 0.04;
/** Single prints 30 % away, a day. */
const PRINTS_A_DAY = 2;
const PRINT_STEP = 3;
/** An empty side is offered again after this long: while it lasts no stop and no exit can be filled at all (F-2.1). */
const EMPTY_MS = { from: 200, to: 550 };
const EMPTY_SHARE = 0.04;
const SHALLOW_SHARE = 0.4;

const SALT_SPREAD = 11;
const SALT_EMPTY = 12;
const SALT_FREEZE = 13;
const SALT_PRINT = 14;
const SALT_DEPTH = 15;
const SALT_SIZE = 16;
const SALT_PLACE = 17;
const SALT_REFILL = 18;

/**
 * A market nobody trades, as the testnet often is: for each five minutes a spread of 0.1 – 5 % (half of them below
 * 0.3 %), in one step of eleven an empty side or two for a moment, in two windows of five a best level of 1 – 40 USD;
 * for some ten minutes the last price stands still while mark moves; twice a day one print 30 % away on tiny volume. A
 * fiftieth of the volume trades.
 */
export function thinMarket(seed: number, tickCents: number): ThinMarket {
  let last = 0;
  let refilled: Refilled | null = null;
  return {
    get refilled() {
      return refilled;
    },
    shape({ at, price, volumeUsd, step }) {
      const window = Math.floor(at / WINDOW_MS);
      const drawn = (salt: number): number => unitAt(seed, { at: window, salt });
      const spread = 0.001 * 50 ** (drawn(SALT_SPREAD) ** 2);
      const place = unitAt(seed, { at: Math.floor(at / 1_000), salt: SALT_PLACE });
      const bid = Math.max(tickCents, Math.floor(price * (1 - spread * place) / tickCents) * tickCents);
      const ask = Math.max(bid + tickCents, Math.ceil(bid * (1 + spread) / tickCents) * tickCents);
      const empty = unitAt(seed, { at: Math.floor(at / 1_000), salt: SALT_EMPTY });
      const noBid = empty < EMPTY_SHARE || empty > 1 - EMPTY_SHARE / 3;
      const noAsk = empty >= EMPTY_SHARE && empty < 2 * EMPTY_SHARE || empty > 1 - EMPTY_SHARE / 3;
      const lasts = unitAt(seed, { at: Math.floor(at / 1_000), salt: SALT_REFILL }) * (EMPTY_MS.to - EMPTY_MS.from);
      refilled = noBid || noAsk ? { afterMs: Math.floor(EMPTY_MS.from + lasts), bid, ask } : null;
      const shallow = drawn(SALT_DEPTH) < SHALLOW_SHARE;
      const size = (salt: number): number =>
        Math.floor(1 + unitAt(seed, { at: Math.floor(at / 1_000), salt }) * (shallow ? 40 : 4_000));
      let volume = Math.floor(volumeUsd / 50);
      const frozen = last > 0 && unitAt(seed, { at: Math.floor(at / FREEZE_MS), salt: SALT_FREEZE }) < FREEZE_SHARE;
      if (frozen) volume = 0;
      else last = price;
      const print = frozen ? 0 : printAt(seed, { at, step });
      if (print !== 0) volume = 10 + size(SALT_SIZE) % 200;
      return {
        last: print === 0 ? last : Math.max(tickCents, Math.round(price * print / tickCents) * tickCents),
        volumeUsd: volume,
        bid: noBid ? null : bid,
        bidSize: size(SALT_SIZE),
        ask: noAsk ? null : ask,
        askSize: size(SALT_SIZE + 10),
      };
    },
  };
}

/** 0.7 or 1.3 for the step that prints far away, else 0. */
function printAt(seed: number, options: { readonly at: number; readonly step: number }): number {
  if (options.step !== PRINT_STEP) return 0;
  const drawn = unitAt(seed, { at: Math.floor(options.at / 60_000), salt: SALT_PRINT });
  if (drawn >= PRINTS_A_DAY / 1_440) return 0;
  return drawn < PRINTS_A_DAY / 2_880 ? 0.7 : 1.3;
}
