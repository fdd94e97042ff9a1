import type { Event, Outcome } from "../../../domain/events.ts";
import type { Execution, OrderRow } from "../../../domain/orders.ts";
import { type EpochMs, epochMs } from "../../../domain/units.ts";
import type { RestCall, RestClient, RestReply } from "./bybit_rest_client.ts";
import { ParseFailure } from "./parse_decimal.ts";
import { type OddRow, type ReadablePage, readExecutions, readOrders } from "./parse_odd_rows.ts";
import { orderFromExecutions, parseExecutions, parseOrders } from "./parse_rest.ts";
import type { BadFill } from "./parse_rows.ts";
import type { Lane } from "./rate_limiter.ts";
import { executionsByIdQuery, executionsQuery, openOrdersQuery, orderByIdQuery } from "./render.ts";
import { type Endpoint, ENDPOINTS } from "./venue_words.ts";

/** A read that needs several requests ends in one of these. */
export type ReadResult<T> =
  | { readonly kind: "read"; readonly askedAt: EpochMs; readonly value: T }
  | { readonly kind: "failed"; readonly askedAt: EpochMs; readonly outcome: Outcome };
type Fill = { readonly kind: "execution"; readonly execution: Execution } | BadFill;

/** The venue answers only seven days at a time (TRAPS 72). */
const WINDOW_MS = 7 * 86_400_000;
/** A reply that keeps naming further pages is broken; 50 pages are 5,000 rows. */
const PAGES_MAX = 50;
const UNREADABLE: Outcome = { kind: "unknown", cause: "unreadable", code: null };

/** So many different unreadable things are told; what sends more is broken altogether. */
const TOLD_MAX = 200;

type Asked = Omit<RestCall, "done">;
/** What the list of open orders shows; `odd` = rows that stand there and cannot be read. */
export type OpenOrders = { readonly orders: readonly OrderRow[]; readonly odd: readonly OddRow[] };
type Following<T> = {
  rows: readonly T[];
  odd: readonly OddRow[];
  readonly cursors: Set<string>;
  askedAt: EpochMs | null;
  readonly ask: (cursor: string | null) => Asked;
  readonly parse: (result: unknown) => ReadablePage<T>;
  readonly done: (read: ReadResult<readonly T[]>, odd: readonly OddRow[]) => void;
};

/** Reads that take several requests: paged lists, and the look-up of an order in all its places. */
export class VenueReads {
  readonly #rest: RestClient;
  readonly #emit: (event: Event) => void;
  readonly #told = new Set<string>();
  #skipped = 0;

  constructor(options: { readonly rest: RestClient; readonly emit: (event: Event) => void }) {
    this.#rest = options.rest;
    this.#emit = options.emit;
  }

  /** Rows about other markets that were left out so far (TRAPS 33). */
  skipped(): number {
    return this.#skipped;
  }

  /** One request, one parsed value. A reply that cannot be read is one ParseFault and a failed read (F-4.8). */
  one<T>(
    call: Asked,
    how: { readonly parse: (result: unknown) => T; readonly done: (read: ReadResult<T>) => void },
  ): void {
    this.#rest.call({ ...call, done: (reply) => how.done(this.#parsed(reply, { call, parse: how.parse })) });
  }

  /** Rows that could not be read beside others that could: each is told once (F-4.8). */
  tellOdd(endpoint: Endpoint, odd: readonly OddRow[]): void {
    const source = `rest:${endpoint.name}`;
    for (const { detail } of odd) {
      if (this.#isFirst(source, detail)) this.#fault({ source, detail, first: true });
    }
  }

  openOrders(lane: Lane, done: (read: ReadResult<OpenOrders>) => void): void {
    this.#pages<OrderRow>({
      ask: (cursor) => ({ endpoint: ENDPOINTS.realtime, payload: openOrdersQuery(cursor), lane }),
      parse: readOrders,
      done: (read, odd) =>
        done(read.kind === "failed" ? read : { ...read, value: { orders: newestOfEach(read.value), odd } }),
    });
  }

  /** Realtime, then closed, then history, then executions (F-10.4); null = all answered and none knows the id. */
  order(orderLinkId: string, done: (read: ReadResult<OrderRow | null>) => void): void {
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
    const step = (index: number): void => {
      const current = steps[index];
      const first = askedAt ?? this.#rest.serverClock.now();
      if (current === undefined) return done({ kind: "read", askedAt: first, value: null });
      this.one({ ...look, endpoint: current.endpoint, payload: current.payload }, {
        parse: current.parse,
        done: (read) => {
          askedAt ??= read.askedAt;
          // A find is as old as the request that found it; absence and failure are as old as the first look.
          if (read.kind === "failed") return done({ ...read, askedAt });
          if (read.value !== null) return done(read);
          step(index + 1);
        },
      });
    };
    step(0);
  }

  /** Every execution since a time, oldest first, each once. */
  executions(
    since: EpochMs,
    how: { readonly lane: Lane; readonly done: (read: ReadResult<readonly Fill[]>) => void },
  ): void {
    const found: Fill[] = [];
    let askedAt: EpochMs | null = null;
    const range = (from: EpochMs): void => {
      const until = from + WINDOW_MS < this.#rest.serverClock.now() ? epochMs(from + WINDOW_MS) : null;
      this.#pages<Fill>({
        ask: (cursor) => ({
          endpoint: ENDPOINTS.executions,
          payload: executionsQuery({ since: from, until, cursor }),
          lane: how.lane,
        }),
        parse: readExecutions,
        done: (read) => {
          askedAt ??= read.askedAt;
          if (read.kind === "failed") return how.done({ ...read, askedAt });
          found.push(...read.value);
          if (until !== null) return range(until);
          how.done({ kind: "read", askedAt, value: inOrder(found) });
        },
      });
    };
    range(since);
  }

  #parsed<T>(
    reply: RestReply,
    how: { readonly call: Asked; readonly parse: (result: unknown) => T },
  ): ReadResult<T> {
    const { askedAt, outcome, result } = reply;
    if (outcome.kind !== "ok") return { kind: "failed", askedAt, outcome };
    try {
      return { kind: "read", askedAt, value: how.parse(result) };
    } catch (error) {
      if (!(error instanceof ParseFailure)) throw error;
      const source = `rest:${how.call.endpoint.name}`;
      this.#fault({ source, detail: error.message, first: this.#isFirst(source, error.message) });
      return { kind: "failed", askedAt, outcome: UNREADABLE };
    }
  }

  #isFirst(source: string, detail: string): boolean {
    const name = `${source} ${detail}`;
    if (this.#told.has(name) || this.#told.size >= TOLD_MAX) return false;
    this.#told.add(name);
    return true;
  }

  #fault(of: { readonly source: string; readonly detail: string; readonly first: boolean }): void {
    const { source, detail } = of;
    const fault = { kind: "ParseFault", at: this.#rest.serverClock.now(), source, detail } as const;
    this.#emit(of.first ? { ...fault, first: true } : fault);
  }

  #pages<T>(how: Pick<Following<T>, "ask" | "parse" | "done">): void {
    this.#page({ ...how, rows: [], odd: [], cursors: new Set(), askedAt: null }, null);
  }
  /** Follows the cursor to the end; the same cursor twice, or too many pages, is a reply that cannot be read. */
  #page<T>(list: Following<T>, cursor: string | null): void {
    this.one(list.ask(cursor), {
      parse: list.parse,
      done: (read) => {
        const askedAt = list.askedAt ??= read.askedAt;
        if (read.kind === "failed") return list.done({ ...read, askedAt }, list.odd);
        const { rows, skipped, odd, cursor: next } = read.value;
        this.#skipped += skipped;
        this.tellOdd(list.ask(cursor).endpoint, odd);
        list.odd = odd.length === 0 ? list.odd : [...list.odd, ...odd];
        list.rows = list.rows.length === 0 ? rows : [...list.rows, ...rows];
        if (next === null || rows.length + skipped + odd.length === 0) {
          return list.done({ kind: "read", askedAt, value: list.rows }, list.odd);
        }
        if (list.cursors.has(next) || list.cursors.size >= PAGES_MAX) {
          return list.done({ kind: "failed", askedAt, outcome: UNREADABLE }, list.odd);
        }
        list.cursors.add(next);
        this.#page(list, next);
      },
    });
  }
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
