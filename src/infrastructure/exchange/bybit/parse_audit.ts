/** Replies that no decision uses: the band of allowed prices, and the venue's own reckoning of closed trades (ADR 0011). */
import { z } from "zod";
import type { EpochMs, PicoBtc, PriceCents, UsdContracts } from "../../../domain/units.ts";
import { cents, contracts, ParseFailure, pico, time } from "./parse_decimal.ts";
import { type Page, pageOf } from "./parse_rest.ts";
import { SYMBOL } from "./venue_words.ts";

/** Highest price a limit order may buy at and lowest it may sell at, cents. */
export type PriceBand = { readonly maxBuy: PriceCents; readonly minSell: PriceCents };

const BandSchema = z.object({ symbol: z.literal(SYMBOL), buyLmt: z.string(), sellLmt: z.string() });

/** Reply of market/price-limit. Throws ParseFailure. */
export function parsePriceBand(result: unknown): PriceBand {
  const { buyLmt, sellLmt } = checked(BandSchema, { what: "price-limit", value: result });
  return { maxBuy: cents("price-limit.buyLmt", buyLmt), minSell: cents("price-limit.sellLmt", sellLmt) };
}

/** What one closing order brought, net of its fees and of the opening fees of what it closed, without funding. */
export type ClosedPnl = {
  readonly orderId: string;
  readonly closed: UsdContracts;
  readonly pnl: PicoBtc;
  readonly updatedAt: EpochMs;
};

const ClosedSchema = z.object({
  orderId: z.string().min(1),
  closedSize: z.string(),
  closedPnl: z.string(),
  updatedTime: z.union([z.string(), z.number()]),
});

/** One page of position/closed-pnl. Throws ParseFailure. */
export function parseClosedPnl(result: unknown): Page<ClosedPnl> {
  return pageOf(result, (row) => {
    const { orderId, closedSize, closedPnl, updatedTime } = checked(ClosedSchema, { what: "closed-pnl", value: row });
    return {
      orderId,
      closed: contracts("closed-pnl.closedSize", closedSize),
      pnl: pico("closed-pnl.closedPnl", closedPnl),
      updatedAt: time("closed-pnl.updatedTime", updatedTime),
    };
  });
}

function checked<Read>(schema: z.ZodType<Read>, given: { readonly what: string; readonly value: unknown }): Read {
  const read = schema.safeParse(given.value);
  if (read.success) return read.data;
  throw new ParseFailure(`Cannot read ${given.what}: ${read.error.issues[0]?.path.join(".")}`);
}
