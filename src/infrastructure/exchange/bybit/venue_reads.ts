import type { Event, Outcome } from "../../../domain/events.ts";
import type { Execution, OrderRow } from "../../../domain/orders.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import type { RestCall, RestClient, RestReply } from "./bybit_rest_client.ts";
import { ParseFailure } from "./parse_decimal.ts";
import { orderFromExecutions, type Page, parseExecutions, parseOrders } from "./parse_rest.ts";
import type { BadFill } from "./parse_rows.ts";
import type { Lane } from "./rate_limiter.ts";
import { executionsByIdQuery, executionsQuery, openOrdersQuery, orderByIdQuery } from "./render.ts";
import { ENDPOINTS } from "./venue_words.ts";

/** A read that needs several requests ends in one of these. */
export type ReadResult<T> =
  | { readonly kind: "read"; readonly askedAt: EpochMs; readonly value: T }
  | { readonly kind: "failed"; readonly askedAt: EpochMs; readonly outcome: Outcome };
type Fill = { readonly kind: "execution"; readonly execution: Execution } | BadFill;

export type VenueReads = {
  /** One request, one parsed value. */
  one<T>(
    call: Omit<RestCall, "done">,
    how: { parse: (result: unknown) => T; done: (read: ReadResult<T>) => void },
  ): void;
  openOrders(lane: Lane, done: (read: ReadResult<readonly OrderRow[]>) => void): void;
  /** Realtime, then closed, then history, then executions (F-10.4); null = all answered and none knows the id. */
  order(orderLinkId: string, done: (read: ReadResult<OrderRow | null>) => void): void;
  /** Every execution since a time, oldest first, each once. */
  executions(since: EpochMs, how: { readonly lane: Lane; done: (read: ReadResult<readonly Fill[]>) => void }): void;
  /** Rows about other markets that were left out so far (TRAPS 33). */
  skipped(): number;
};

/** The venue answers only seven days at a time (TRAPS 72). */
const WINDOW_MS = 7 * 86_400_000;
/** A reply that keeps naming further pages is broken; 50 pages are 5,000 rows. */
const PAGES_MAX = 50;
const UNREADABLE: Outcome = { kind: "unknown", cause: "unreadable", code: null };

export function createVenueReads(
  options: { readonly rest: RestClient; readonly emit: (event: Event) => void; readonly now: () => EpochMs },
): VenueReads {
  const { rest } = options;
  let skipped = 0;

  /** A reply that cannot be read is one ParseFault and a failed read (F-4.8). */
  function parsed<T>(
    call: Omit<RestCall, "done">,
    how: { reply: RestReply; parse: (result: unknown) => T },
  ): ReadResult<T> {
    const { askedAt, outcome, result } = how.reply;
    if (outcome.kind !== "ok") return { kind: "failed", askedAt, outcome };
    try {
      return { kind: "read", askedAt, value: how.parse(result) };
    } catch (error) {
      if (!(error instanceof ParseFailure)) throw error;
      options.emit({
        kind: "ParseFault",
        at: options.now(),
        source: `rest:${call.endpoint.name}`,
        detail: error.message,
      });
      return { kind: "failed", askedAt, outcome: UNREADABLE };
    }
  }
  function one<T>(
    call: Omit<RestCall, "done">,
    how: { parse: (result: unknown) => T; done: (read: ReadResult<T>) => void },
  ): void {
    rest.call({ ...call, done: (reply) => how.done(parsed(call, { reply, parse: how.parse })) });
  }

  /** Follows the cursor to the end; the same cursor twice, or too many pages, is a reply that cannot be read. */
  function pages<T>(
    ask: (cursor: string | null) => Omit<RestCall, "done">,
    how: { parse: (result: unknown) => Page<T>; done: (read: ReadResult<readonly T[]>) => void },
  ): void {
    const rows: T[] = [];
    const cursors = new Set<string>();
    let askedAt: EpochMs | null = null;
    function next(cursor: string | null): void {
      one(ask(cursor), {
        parse: how.parse,
        done(read) {
          askedAt ??= read.askedAt;
          if (read.kind === "failed") return how.done({ ...read, askedAt });
          skipped += read.value.skipped;
          rows.push(...read.value.rows);
          const following = read.value.cursor;
          if (following === null || read.value.rows.length + read.value.skipped === 0) {
            return how.done({ kind: "read", askedAt, value: rows });
          }
          if (cursors.has(following) || cursors.size >= PAGES_MAX) {
            return how.done({ kind: "failed", askedAt, outcome: UNREADABLE });
          }
          cursors.add(following);
          next(following);
        },
      });
    }
    next(null);
  }

  function order(orderLinkId: string, done: (read: ReadResult<OrderRow | null>) => void): void {
    const look = { lane: "protective", order: { orderLinkId, act: "look" } } as const;
    const rows = (result: unknown) => newest(parseOrders(result).rows, orderLinkId);
    const fills = (result: unknown) => fromFills(parseExecutions(result).rows, orderLinkId);
    const steps = [
      { endpoint: ENDPOINTS.realtime, payload: orderByIdQuery(orderLinkId, 0), parse: rows },
      { endpoint: ENDPOINTS.realtime, payload: orderByIdQuery(orderLinkId, 1), parse: rows },
      { endpoint: ENDPOINTS.history, payload: orderByIdQuery(orderLinkId, null), parse: rows },
      { endpoint: ENDPOINTS.executions, payload: executionsByIdQuery(orderLinkId), parse: fills },
    ];
    let askedAt: EpochMs | null = null;
    function step(index: number): void {
      const current = steps[index];
      if (current === undefined) return done({ kind: "read", askedAt: askedAt ?? options.now(), value: null });
      one({ ...look, endpoint: current.endpoint, payload: current.payload }, {
        parse: current.parse,
        done(read) {
          askedAt ??= read.askedAt;
          if (read.kind === "failed") return done({ ...read, askedAt });
          // A find is as old as the request that found it; absence as old as the first look (F-10.4).
          if (read.value !== null) return done(read);
          step(index + 1);
        },
      });
    }
    step(0);
  }

  function executions(
    since: EpochMs,
    how: { readonly lane: Lane; done: (read: ReadResult<readonly Fill[]>) => void },
  ): void {
    const found: Fill[] = [];
    let askedAt: EpochMs | null = null;
    function range(from: EpochMs): void {
      const until = from + WINDOW_MS < options.now() ? epochMs(from + WINDOW_MS) : null;
      pages(
        (cursor) => ({
          endpoint: ENDPOINTS.executions,
          payload: executionsQuery({ since: from, until, cursor }),
          lane: how.lane,
        }),
        {
          parse: parseExecutions,
          done(read) {
            askedAt ??= read.askedAt;
            if (read.kind === "failed") return how.done({ ...read, askedAt });
            found.push(...read.value);
            if (until !== null) return range(until);
            how.done({ kind: "read", askedAt, value: inOrder(found) });
          },
        },
      );
    }
    range(since);
  }

  return {
    one,
    order,
    executions,
    openOrders(lane, done) {
      pages((cursor) => ({ endpoint: ENDPOINTS.realtime, payload: openOrdersQuery(cursor), lane }), {
        parse: parseOrders,
        done(read) {
          done(read.kind === "failed" ? read : { ...read, value: newestOfEach(read.value) });
        },
      });
    },
    skipped: () => skipped,
  };
}

/** The venue may list one order twice while it moves (TRAPS 10): the latest row counts. */
function newestOfEach(rows: readonly OrderRow[]): readonly OrderRow[] {
  const byId = new Map<string, OrderRow>();
  for (const row of rows) {
    const known = byId.get(row.orderId);
    if (known === undefined || row.updatedAt >= known.updatedAt) byId.set(row.orderId, row);
  }
  return [...byId.values()];
}
function newest(rows: readonly OrderRow[], orderLinkId: string): OrderRow | null {
  const own = rows.filter((row) => row.orderLinkId === orderLinkId);
  return own.reduce<OrderRow | null>((best, row) => best === null || row.updatedAt > best.updatedAt ? row : best, null);
}
function fromFills(rows: readonly Fill[], orderLinkId: string): OrderRow | null {
  const own = rows.flatMap((row) => row.kind === "execution" ? [row.execution] : []);
  return orderFromExecutions(own.filter((each) => each.orderLinkId === orderLinkId).sort(byTime));
}
/** Oldest first by time, then the venue's sequence, then what was left (PROTOCOL §2.2); each execId once. */
function inOrder(rows: readonly Fill[]): readonly Fill[] {
  const seen = new Set<string>();
  const bad: Fill[] = [];
  const good: Execution[] = [];
  for (const row of rows) {
    const id = row.kind === "execution" ? row.execution.execId : row.execId;
    if (seen.has(id)) continue;
    seen.add(id);
    if (row.kind === "execution") good.push(row.execution);
    else bad.push(row);
  }
  return [...bad, ...good.sort(byTime).map((execution) => ({ kind: "execution", execution }) as const)];
}
function byTime(a: Execution, b: Execution): number {
  return a.execAt - b.execAt || (a.seq ?? 0) - (b.seq ?? 0) || (b.leavesQty ?? 0) - (a.leavesQty ?? 0) ||
    (a.execId < b.execId ? -1 : 1);
}
