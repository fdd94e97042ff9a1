import type { Bar, BarInterval } from "../../../domain/market.ts";
import type { Execution, OrderRow } from "../../../domain/orders.ts";
import { ParseFailure } from "./parse_decimal.ts";
import { listOf, type Page, parseBars } from "./parse_rest.ts";
import { type BadFill, isOurs, parseExecution, parseOrder } from "./parse_rows.ts";

/** A row about our market that cannot be read; `linkId` null when it names none. */
export type OddRow = { readonly linkId: string | null; readonly detail: string };
/** A page of what can be read, and what cannot. */
export type ReadablePage<T> = Page<T> & { readonly odd: readonly OddRow[] };

/** A row's own name, for people; at most 40 characters of the venue's. */
function nameOf(row: unknown): string {
  if (typeof row !== "object" || row === null) return "a row that is no object";
  const { execId, orderLinkId, orderId } = row as Record<string, unknown>;
  for (const [key, value] of Object.entries({ execId, orderLinkId, orderId })) {
    if (typeof value === "string" && value !== "") return `row ${key} ${value.slice(0, 40)}`;
  }
  return Array.isArray(row) ? `row ${String(row[0]).slice(0, 40)}` : "a row without a name";
}

function oddRow(row: unknown, failure: ParseFailure): OddRow {
  const linkId = (row as { orderLinkId?: unknown } | null)?.orderLinkId;
  return {
    linkId: typeof linkId === "string" && linkId !== "" ? linkId : null,
    detail: `${nameOf(row)}: ${failure.message}`,
  };
}

/** Reads what can be read of a page; a row that cannot does not spoil the others, and is never guessed (F-4.8). */
function readablePageOf<T>(result: unknown, parse: (row: unknown) => T): ReadablePage<T> {
  const { list, category, cursor } = listOf(result);
  const rows: T[] = [];
  const odd: OddRow[] = [];
  let skipped = 0;
  for (const row of list) {
    if (!isOurs(row, category)) skipped++;
    else keepReadable(row, { parse, rows, odd });
  }
  return { rows, skipped, cursor, odd };
}

function keepReadable<T>(
  row: unknown,
  of: { readonly parse: (row: unknown) => T; readonly rows: T[]; readonly odd: OddRow[] },
): void {
  try {
    of.rows.push(of.parse(row));
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error;
    of.odd.push(oddRow(row, error));
  }
}

export function readOrders(result: unknown): ReadablePage<OrderRow> {
  return readablePageOf(result, parseOrder);
}
export function readExecutions(
  result: unknown,
): ReadablePage<{ readonly kind: "execution"; readonly execution: Execution } | BadFill> {
  return readablePageOf(result, parseExecution);
}

/** Closed candles, oldest first, and the rows that are none. Throws ParseFailure when no row is one: another interval. */
export function readBars(
  result: unknown,
  how: { readonly interval: BarInterval; readonly now: number },
): { readonly bars: readonly Bar[]; readonly odd: readonly OddRow[] } {
  const rows: Bar[][] = [];
  const odd: OddRow[] = [];
  const parse = (row: unknown) => parseBars({ list: [row] }, how);
  for (const row of listOf(result).list) keepReadable(row, { parse, rows, odd });
  const [first] = odd;
  if (first !== undefined && rows.length === 0) throw new ParseFailure(first.detail);
  return { bars: rows.flat().sort((a, b) => a.startAt - b.startAt), odd };
}
