/** What the charts draw, and the same numbers as a table beside them (M-3.3). */
import type { DataDirectory } from "../follow/data_directory.ts";
import { type Point, thinned } from "../follow/history_store.ts";
import { clock, type Fragment, price, table } from "./markup.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Ranges a reader may ask for, and how far back they go. */
export const RANGES = {
  "1d": { label: "1 day", ms: DAY_MS },
  "7d": { label: "7 days", ms: 7 * DAY_MS },
  "30d": { label: "30 days", ms: 30 * DAY_MS },
  all: { label: "all", ms: Infinity },
} as const;
export type RangeName = keyof typeof RANGES;

export function rangeOf(text: string | null): RangeName {
  return text === "7d" || text === "30d" || text === "all" ? text : "1d";
}

/** Most points of one chart; a screen has no more columns. */
const MOST_POINTS = 1_500;

export type ChartData = {
  /** Seconds, as the chart library wants them. */
  readonly at: readonly number[];
  readonly price: readonly (number | null)[];
  readonly stop: readonly (number | null)[];
  readonly target: readonly (number | null)[];
  readonly total: readonly (number | null)[];
  readonly trading: readonly (number | null)[];
  readonly held: readonly (number | null)[];
  readonly marks: readonly {
    readonly at: number;
    readonly usd: number;
    readonly kind: "entry" | "exit";
    readonly long: boolean;
  }[];
  readonly shades: readonly { readonly from: number; readonly to: number; readonly word: string }[];
  readonly floor: number | null;
  readonly goal: number | null;
  /** Days of history that are still being read. */
  readonly waitingDays: number;
};

/** Every point of a short history, and of a long one as many as a screen can show. */
function pointsOf(directory: DataDirectory, range: RangeName): readonly Point[] {
  const { ms } = RANGES[range];
  const newest = directory.history.newest()?.at ?? 0;
  const from = ms === Infinity ? 0 : newest - ms;
  const points = directory.history.since(from, SECOND_MS);
  if (points.length <= MOST_POINTS) return points;
  const first = points[0]?.at ?? 0;
  return thinned(points, Math.ceil((newest - first) / MOST_POINTS / MINUTE_MS) * MINUTE_MS);
}

function column(points: readonly Point[], of: (point: Point) => number): (number | null)[] {
  return points.map((point) => {
    const value = of(point);
    return Number.isFinite(value) ? value : null;
  });
}

/** Halts and cooldowns as spans of time. */
export function shadesOf(points: readonly Point[]): ChartData["shades"] {
  const shades: { from: number; to: number; word: string }[] = [];
  for (const { at, word } of points) {
    const last = shades.at(-1);
    const open = last !== undefined && last.to === -1;
    if (open && last.word !== word) last.to = at / 1000;
    if ((word === "HALT" || word === "COOLDOWN") && !(open && last.word === word)) {
      shades.push({ from: at / 1000, to: -1, word });
    }
  }
  const end = (points.at(-1)?.at ?? 0) / 1000;
  return shades.map((shade) => (shade.to === -1 ? { ...shade, to: end } : shade));
}

function marksOf(directory: DataDirectory, from: number): ChartData["marks"] {
  return directory.trades.filter((trade) => trade.closedAt >= from).flatMap((trade) => {
    const long = trade.direction === "long";
    return [
      { at: trade.openedAt / 1000, usd: trade.entryUsd, kind: "entry" as const, long },
      { at: trade.closedAt / 1000, usd: trade.exitUsd, kind: "exit" as const, long },
    ];
  });
}

export function chartData(directory: DataDirectory, range: RangeName): ChartData {
  const points = pointsOf(directory, range);
  const seen = directory.seen();
  return {
    at: points.map((point) => Math.round(point.at / 1000)),
    price: column(points, (point) => point.price),
    stop: column(points, (point) => point.stop),
    target: column(points, (point) => point.target),
    total: column(points, (point) => point.total),
    trading: column(points, (point) => point.trading),
    held: column(points, (point) => point.held),
    marks: marksOf(directory, points[0]?.at ?? Infinity),
    shades: shadesOf(points),
    floor: seen.kind === "status" ? seen.status.floor_usd : null,
    goal: seen.kind === "status" ? seen.status.goal_usd : null,
    waitingDays: directory.waitingDays(),
  };
}

/** The numbers of the charts, a dozen rows. */
export function chartTable(directory: DataDirectory, range: RangeName): Fragment {
  const points = pointsOf(directory, range);
  const span = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  const every = Math.max(1, Math.ceil(points.length / 14));
  const chosen = points.filter((_, index) => index % every === 0 || index === points.length - 1).toReversed();
  const now = span > DAY_MS ? 0 : points.at(-1)?.at ?? 0;
  return table("Price and account over time", [
    { name: "At" },
    { name: "Price", num: true },
    { name: "Total", num: true },
    { name: "Trading only", num: true },
    { name: "Just held", num: true },
    { name: "Stop", num: true },
    { name: "Word" },
  ], {
    cells: chosen.map((point) => [
      clock(point.at, now),
      price(point.price),
      price(point.total),
      price(point.trading),
      price(point.held),
      Number.isFinite(point.stop) ? price(point.stop) : "–",
      point.word.toLowerCase().replaceAll("_", " "),
    ]),
    empty: "The history begins with the bot's first minute.",
    narrow: "scroll",
  });
}
