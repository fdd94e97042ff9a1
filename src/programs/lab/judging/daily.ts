/** Results by UTC day, wherever they come from. */
import type { ResultLine } from "../driver/types.ts";

const DAY_MS = 86_400_000;

export type DailySeries = {
  /** For people: `config/testnet.yaml`, `data`. */
  readonly source: string;
  /** YYYY-MM-DD of the first day. */
  readonly firstDay: string;
  readonly r: Float64Array;
  readonly trades: Float64Array;
};

/** YYYY-MM-DD of a moment. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Sums R and counts trades by the day they closed; every day from `from` to before `to` is there. */
export function dailyFrom(
  source: string,
  trades: readonly { readonly closedAt: number; readonly r: number | null }[],
  { from, to }: { readonly from: number; readonly to: number },
): DailySeries {
  const first = Math.floor(from / DAY_MS);
  const count = Math.max(0, Math.ceil(to / DAY_MS) - first);
  const [r, counts] = [new Float64Array(count), new Float64Array(count)];
  for (const trade of trades) {
    const day = Math.floor(trade.closedAt / DAY_MS) - first;
    if (day < 0 || day >= count || trade.r === null) continue;
    r[day] = (r[day] ?? 0) + trade.r;
    counts[day] = (counts[day] ?? 0) + 1;
  }
  return { source, firstDay: dayOf(first * DAY_MS), r, trades: counts };
}

/** The days of one candidate of a sweep or run. */
export function dailyOf(source: string, line: Pick<ResultLine, "first_day" | "days">): DailySeries {
  return {
    source,
    firstDay: line.first_day,
    r: Float64Array.from(line.days, ([r]) => r),
    trades: Float64Array.from(line.days, ([, trades]) => trades),
  };
}
