/** The bot's trades beside the venue's own reckoning of them (position/closed-pnl, ADR 0011). */
import type { AdjustmentRecord, TradeRecord } from "../../domain/records.ts";
import { epochMs } from "../../domain/units.ts";
import { type ClosedPnl, parseClosedPnl } from "../../infrastructure/exchange/bybit/parse_audit.ts";
import type { Page } from "../../infrastructure/exchange/bybit/parse_rest.ts";
import { closedPnlQuery } from "../../infrastructure/exchange/bybit/render.ts";
import { ENDPOINTS } from "../../infrastructure/exchange/bybit/venue_words.ts";
import type { ScenarioContext } from "./context.ts";
import { ScenarioFailure } from "./failure_class.ts";
import { atDesk, type Desk } from "./desk.ts";

const PICO_PER_SAT = 10_000;
/** The venue answers seven days at a time. */
const WINDOW_MS = 7 * 86_400_000;
/** A closing order may have been created before the fill that opened the trade. */
const EARLIER_MS = 3_600_000;
const PAGES_MAX = 50;
/** A closing order may have been changed last a moment after the fill that closed the trade was read. */
const SETTLE_MS = 2_000;
/** Histories of the venue may lag behind its streams. */
const LOOK_EVERY_MS = 2_000;
const LOOKS = 15;

/** What is compared of a trade; satoshis. */
export type OwnTrade = Pick<
  TradeRecord,
  "trade_id" | "opened_at_ms" | "closed_at_ms" | "fills" | "gross_pnl_sats" | "fees_sats"
>;
type Late = Pick<AdjustmentRecord, "trade_id" | "gross_pnl_sats" | "fees_sats">;
export type OwnLedger = { readonly trades: readonly OwnTrade[]; readonly late: readonly Late[] };

/** One trade in both books, satoshis net of fees and without funding, which the venue keeps apart. */
export type BothBooks = {
  readonly trade_id: string;
  readonly own: number;
  readonly venue: number;
  readonly contracts: number;
  readonly venueContracts: number;
  readonly same: boolean;
};

/**
 * Puts every closing order to the trade that was open when it filled. Equal = the same contracts, and the same money to
 * the satoshi the venue rounds each fill to. Orders from before the first trade are not the bot's; those from after the
 * last one belong to a trade whose record is still to come.
 */
export function bothBooks({ trades, late }: OwnLedger, rows: readonly ClosedPnl[]): readonly BothBooks[] {
  const inOrder = [...trades].sort((a, b) => a.opened_at_ms - b.opened_at_ms);
  return inOrder.map((trade, index) => {
    const next = inOrder[index + 1]?.opened_at_ms ?? trade.closed_at_ms + SETTLE_MS;
    const its = rows.filter(({ updatedAt }) => updatedAt >= trade.opened_at_ms && updatedAt < next);
    const parts = [trade, ...late.filter(({ trade_id }) => trade_id === trade.trade_id)];
    const own = parts.reduce((sum, part) => sum + part.gross_pnl_sats - part.fees_sats, 0);
    const venue = its.reduce((sum, row) => sum + row.pnl / PICO_PER_SAT, 0);
    const contracts = trade.fills.reduce((sum, { role, qty }) => (role === "entry" ? sum : sum + qty), 0);
    const venueContracts = its.reduce((sum, row) => sum + row.closed, 0);
    const same = contracts === venueContracts && Math.abs(own - venue) <= trade.fills.length;
    return { trade_id: trade.trade_id, own, venue, contracts, venueContracts, same };
  });
}

/** One line for each trade the two books do not agree on. */
export function differencesOf(books: readonly BothBooks[]): readonly string[] {
  return books.filter(({ same }) => !same).map(({ trade_id, own, venue, contracts, venueContracts }) =>
    contracts === venueContracts
      ? `${trade_id}: net without funding is ${own.toFixed(2)} sats in the log, ${venue.toFixed(2)} at the venue`
      : `${trade_id}: ${contracts} contracts closed in the log, ${venueContracts} at the venue`
  );
}

/** Closing orders last changed in this time, of all pages. Throws ScenarioFailure. */
export async function readClosedPnl(
  desk: Desk,
  range: { readonly since: number; readonly until: number },
): Promise<readonly ClosedPnl[]> {
  const rows: ClosedPnl[] = [];
  for (let since = range.since; since <= range.until; since += WINDOW_MS) {
    const until = epochMs(Math.min(since + WINDOW_MS - 1, range.until));
    let cursor: string | null = null;
    for (let pages = 1;; pages++) {
      const query: string = closedPnlQuery({ since: epochMs(since), until, cursor });
      const page: Page<ClosedPnl> = await desk.read(ENDPOINTS.closedPnl, query, { parse: parseClosedPnl });
      rows.push(...page.rows);
      // The venue names a next page also behind the last row.
      if (page.cursor === null || page.cursor === cursor || page.rows.length + page.skipped === 0) break;
      if (pages >= PAGES_MAX) throw new ScenarioFailure("schema", "closed-pnl has no last page");
      cursor = page.cursor;
    }
  }
  return rows;
}

/** Both books once the venue's shows every close, or after 30 s as they then are. Throws ScenarioFailure. */
export async function readBothBooks(context: ScenarioContext, ledger: OwnLedger): Promise<readonly BothBooks[]> {
  const since = Math.min(...ledger.trades.map((trade) => trade.opened_at_ms)) - EARLIER_MS;
  return await atDesk(context, async (desk) => {
    for (let looks = 1;; looks++) {
      const until = desk.rest.serverClock.now() + EARLIER_MS;
      const books = bothBooks(ledger, await readClosedPnl(desk, { since, until }));
      const whole = books.every(({ contracts, venueContracts }) => contracts <= venueContracts);
      if (whole || looks >= LOOKS) return books;
      await context.world.wait(LOOK_EVERY_MS);
    }
  });
}

/** For a rehearsal: says that the venue reckons the trades alike. Throws ScenarioFailure of class `schema` otherwise. */
export async function agreeWithVenue(context: ScenarioContext, trades: readonly OwnTrade[]): Promise<void> {
  const books = await readBothBooks(context, { trades, late: [] });
  const differences = differencesOf(books);
  if (differences.length > 0) throw new ScenarioFailure("schema", differences.join("; "));
  const sum = books.reduce((total, { venue }) => total + venue, 0);
  context.saw(`the venue's closed profit and loss is the log's: ${sum.toFixed(0)} sats in ${books.length} trades`);
}
