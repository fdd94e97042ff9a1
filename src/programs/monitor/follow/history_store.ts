import type { HistoryLine } from "../../../infrastructure/storage/history/history_schema.ts";

const MINUTE_MS = 60_000;
/** Older points are kept one in half an hour. */
const FINE_MS = 8 * 86_400_000;
const COARSE_MS = 30 * MINUTE_MS;

/** What the charts need of one line. Dollars; NaN = not known. */
export type Point = {
  readonly at: number;
  readonly price: number;
  readonly total: number;
  readonly trading: number;
  readonly held: number;
  readonly stop: number;
  readonly target: number;
  readonly contracts: number;
  readonly word: string;
};

function known(value: number | null | undefined): number {
  return value ?? NaN;
}

export function pointOf(line: HistoryLine): Point {
  return {
    at: line.at_ms,
    price: known(line.last_usd),
    total: known(line.equity_usd),
    trading: known(line.trading_usd),
    held: known(line.held_usd),
    stop: known(line.stop_usd),
    target: known(line.target_usd),
    contracts: line.contracts,
    word: line.word,
  };
}

/** Every n-th point by time: the last one of each step, so that a step shows where it ended. */
export function thinned(points: readonly Point[], stepMs: number): readonly Point[] {
  const kept: Point[] = [];
  let step = -1;
  for (const point of points) {
    const now = Math.floor(point.at / stepMs);
    if (now === step) kept[kept.length - 1] = point;
    else kept.push(point);
    step = now;
  }
  return kept;
}

/** The history in memory: a week by the minute, what is before it by the half hour. */
export class HistoryStore {
  /** Oldest first. */
  #fine: Point[] = [];
  #coarse: Point[] = [];

  /** A new line of today. */
  add(line: HistoryLine): void {
    const last = this.#fine.at(-1);
    // A line is never older than the one before it, unless a file was restored: then the store begins anew.
    if (last === undefined || line.at_ms >= last.at) this.#fine.push(pointOf(line));
    if (this.#fine.length % 1_000 === 0) this.#age();
  }

  /** A whole day that is older than everything in here. */
  prepend(lines: readonly HistoryLine[]): void {
    const first = this.#coarse[0]?.at ?? this.#fine[0]?.at ?? Infinity;
    const points = lines.filter((line) => line.at_ms < first).map(pointOf);
    const newest = this.#fine.at(-1)?.at ?? points.at(-1)?.at ?? 0;
    const isFine = (points.at(-1)?.at ?? 0) >= newest - FINE_MS && this.#coarse.length === 0;
    if (isFine) this.#fine = [...points, ...this.#fine];
    else this.#coarse = [...thinned(points, COARSE_MS), ...this.#coarse];
  }

  clear(): void {
    this.#fine = [];
    this.#coarse = [];
  }

  #age(): void {
    const from = (this.#fine.at(-1)?.at ?? 0) - FINE_MS - 86_400_000;
    const cut = this.#fine.findIndex((point) => point.at >= from);
    if (cut <= 0) return;
    this.#coarse = [...this.#coarse, ...thinned(this.#fine.slice(0, cut), COARSE_MS)];
    this.#fine = this.#fine.slice(cut);
  }

  newest(): Point | null {
    return this.#fine.at(-1) ?? this.#coarse.at(-1) ?? null;
  }

  /** Points since a moment, at most one a step. */
  since(from: number, stepMs: number): readonly Point[] {
    const all = from < (this.#fine[0]?.at ?? Infinity) ? [...this.#coarse, ...this.#fine] : this.#fine;
    return thinned(all.filter((point) => point.at >= from), stepMs);
  }
}
