// @ts-types="echarts"
import * as echarts from "echarts/dist/echarts.esm.min.mjs";
import { isStopOut } from "./result.ts";
import type { Picture, Point } from "./picture.ts";

/** Large letters, so that the picture can still be read at half its size. */
const SIZE = { width: 1_400, height: 1_120 };
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";
const TEXT = 17;

export type Look = "light" | "dark";
type Colors = Readonly<
  Record<
    | "page"
    | "ink"
    | "faint"
    | "line"
    | "price"
    | "long"
    | "short"
    | "won"
    | "lost"
    | "total"
    | "trading"
    | "held"
    | "floor",
    string
  > & { readonly pause: string; readonly halt: string }
>;

const COLORS: Readonly<Record<Look, Colors>> = {
  light: {
    page: "#ffffff",
    ink: "#1f2328",
    faint: "#59636e",
    line: "#d1d9e0",
    price: "#8c959f",
    long: "#1a7f37",
    short: "#8250df",
    won: "#0969da",
    lost: "#cf222e",
    total: "#0969da",
    trading: "#cf222e",
    held: "#9a6700",
    floor: "#59636e",
    pause: "rgba(212,167,44,0.20)",
    halt: "rgba(207,34,46,0.20)",
  },
  dark: {
    page: "#0d1117",
    ink: "#f0f6fc",
    faint: "#9198a1",
    line: "#3d444d",
    price: "#818b98",
    long: "#3fb950",
    short: "#ab7df8",
    won: "#58a6ff",
    lost: "#ff7b72",
    total: "#58a6ff",
    trading: "#ff7b72",
    held: "#d29922",
    floor: "#9198a1",
    pause: "rgba(210,153,34,0.25)",
    halt: "rgba(248,81,73,0.28)",
  },
};

/** Words of the time axis, by what begins at a mark. */
const TIMES = { year: "{MMM} {yyyy}", month: "{MMM} {yyyy}", day: "{d} {MMM}", hour: "{HH}:{mm}", minute: "{HH}:{mm}" };

const PANELS = [
  { name: "BTC price, $", top: 160, height: 400 },
  { name: "account, $", top: 665, height: 230 },
  { name: "under its peak, %", top: 965, height: 100 },
];

/** Which panel each series stands in. */
function line(
  name: string,
  of: { readonly panel: number; readonly color: string; readonly width: number; readonly data: readonly Point[] },
) {
  return {
    name,
    type: "line",
    showSymbol: false,
    xAxisIndex: of.panel,
    yAxisIndex: of.panel,
    lineStyle: { width: of.width, color: of.color },
    itemStyle: { color: of.color },
    data: of.data,
  };
}

type Dot = { readonly value: Point; readonly trade: number };

function dots(
  name: string,
  look: { readonly symbol: string; readonly color: string; readonly size: number; readonly data: readonly Dot[] },
) {
  return {
    name,
    type: "scatter",
    symbol: look.symbol,
    symbolSize: look.size,
    itemStyle: { color: look.color },
    data: look.data,
    z: 5,
  };
}

/** Pauses and halts, shaded over the whole height of the price. */
function shades(picture: Picture, colors: Colors) {
  return {
    silent: true,
    data: picture.spans.map(({ from, to, word }) => [
      { xAxis: from, itemStyle: { color: word === "HALT" ? colors.halt : colors.pause } },
      { xAxis: to },
    ]),
  };
}

/** Floor and goal as lines; a goal far above the curves is left to the title, or it would press them flat. */
function marksOf(picture: Picture, colors: Colors) {
  const top = Math.max(...picture.total.map(([, usd]) => usd), ...picture.held.map(([, usd]) => usd));
  const lines = [{ yAxis: picture.floorUsd, name: `floor $${picture.floorUsd}` }];
  if (picture.goalUsd <= top * 1.5) lines.push({ yAxis: picture.goalUsd, name: `goal $${picture.goalUsd}` });
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: colors.floor, type: "dashed", width: 1.5 },
    label: { formatter: "{b}", position: "insideStartTop", color: colors.faint, fontSize: TEXT - 2, fontFamily: FONT },
    data: lines,
  };
}

function seriesOf(picture: Picture, colors: Colors) {
  const at = (kind: "long" | "short"): readonly Dot[] =>
    picture.trades.flatMap((trade, index) =>
      trade.direction === kind ? [{ value: [trade.opened_at_ms, trade.entry_price_avg], trade: index }] : []
    );
  const closed = (stopped: boolean): readonly Dot[] =>
    picture.trades.flatMap((trade, index) =>
      isStopOut(trade.exit_reason) === stopped
        ? [{ value: [trade.closed_at_ms, trade.exit_price_avg], trade: index }]
        : []
    );
  return [
    {
      ...line("BTC price", { panel: 0, color: colors.price, width: 1.5, data: picture.price }),
      markArea: shades(picture, colors),
    },
    dots("long opened", { symbol: "triangle", color: colors.long, size: 13, data: at("long") }),
    dots("short opened", { symbol: "path://M0,0 L10,0 L5,9 z", color: colors.short, size: 13, data: at("short") }),
    dots("closed", { symbol: "circle", color: colors.won, size: 9, data: closed(false) }),
    dots("stopped out", { symbol: "rect", color: colors.lost, size: 10, data: closed(true) }),
    {
      ...line("account", { panel: 1, color: colors.total, width: 3, data: picture.total }),
      markLine: marksOf(picture, colors),
    },
    line("trading only", { panel: 1, color: colors.trading, width: 3, data: picture.trading }),
    line("just held", { panel: 1, color: colors.held, width: 2, data: picture.held }),
    line("account ", { panel: 2, color: colors.total, width: 2, data: picture.drawdown }),
    line("trading only ", { panel: 2, color: colors.trading, width: 2, data: picture.tradingDrawdown }),
  ];
}

/** Shown only in a browser, which can measure letters; the image draws its keys at fixed places. */
function legend(names: readonly string[], { top, colors }: { readonly top: number; readonly colors: Colors }) {
  return {
    show: false,
    data: names.map((name) => ({ name })),
    top,
    left: 80,
    itemGap: 16,
    selectedMode: false,
    textStyle: { color: colors.ink, fontSize: TEXT, fontFamily: FONT },
  };
}

/** The account's axis begins below the floor, so that the floor is always seen. */
function bottomOf({ total, trading, held, floorUsd }: Picture): number {
  const least = [...total, ...trading, ...held].reduce((low, [, usd]) => Math.min(low, usd), floorUsd);
  return Math.floor((least - 1) / 10) * 10;
}

/** The whole picture as an option of the charting library: plain data, for an image and for the page alike. */
export function pictureOption(picture: Picture, look: Look) {
  const colors = COLORS[look];
  const axisText = { color: colors.faint, fontSize: TEXT - 1, fontFamily: FONT };
  return {
    animation: false,
    backgroundColor: colors.page,
    textStyle: { fontFamily: FONT },
    title: {
      text: picture.title,
      subtext: picture.subtitle,
      left: 24,
      top: 14,
      textStyle: { color: colors.ink, fontSize: 25, fontFamily: FONT },
      subtextStyle: { color: colors.faint, fontSize: TEXT, fontFamily: FONT },
    },
    legend: [
      legend(["BTC price", "long opened", "short opened", "closed", "stopped out"], { top: 96, colors }),
      legend(["account", "trading only", "just held"], { top: 600, colors }),
    ],
    useUTC: true,
    graphic: keysOf(colors),
    grid: PANELS.map(({ top, height }) => ({ left: 90, right: 30, top, height })),
    xAxis: PANELS.map((_, gridIndex) => ({
      type: "time",
      gridIndex,
      axisLabel: { ...axisText, hideOverlap: true, formatter: TIMES },
      axisLine: { lineStyle: { color: colors.line } },
      splitLine: { show: false },
    })),
    yAxis: PANELS.map(({ name }, gridIndex) => ({
      ...(gridIndex === 1 ? { min: bottomOf(picture) } : {}),
      name,
      gridIndex,
      scale: gridIndex !== 2,
      nameTextStyle: { ...axisText, align: "left" },
      nameLocation: "end",
      nameGap: 12,
      axisLabel: axisText,
      splitNumber: gridIndex === 2 ? 2 : 5,
      splitLine: { lineStyle: { color: colors.line } },
    })),
    series: seriesOf(picture, colors),
  };
}

type Key = {
  readonly text: string;
  readonly color: string;
  readonly shape: "line" | "up" | "down" | "dot" | "box" | "area";
};

const KEY_WIDTH = 180;
const KEY_LEFT = 90;

/** The sign before a word, 22 × 14. */
function signOf({ color, shape }: Key, at: { readonly x: number; readonly y: number }) {
  const style = { fill: color };
  const { x, y } = at;
  switch (shape) {
    case "line":
      return { type: "rect", shape: { x, y: y + 5, width: 22, height: 4 }, style };
    case "up":
      return { type: "polygon", shape: { points: [[x + 4, y + 14], [x + 18, y + 14], [x + 11, y]] }, style };
    case "down":
      return { type: "polygon", shape: { points: [[x + 4, y], [x + 18, y], [x + 11, y + 14]] }, style };
    case "dot":
      return { type: "circle", shape: { cx: x + 11, cy: y + 7, r: 6 }, style };
    case "box":
      return { type: "rect", shape: { x: x + 5, y: y + 1, width: 12, height: 12 }, style };
    case "area":
      return { type: "rect", shape: { x, y, width: 22, height: 14 }, style };
    default: {
      const never: never = shape;
      return never;
    }
  }
}

/** Sign and word of each key, every one with the same room: no font makes two of them meet. */
function keyRow(keys: readonly Key[], { y, colors }: { readonly y: number; readonly colors: Colors }) {
  return keys.flatMap((key, index) => {
    const x = KEY_LEFT + index * KEY_WIDTH;
    const style = { text: key.text, x: x + 32, y: y - 2, fill: colors.ink, fontSize: TEXT, fontFamily: FONT };
    return [{ ...signOf(key, { x, y }), silent: true }, { type: "text", silent: true, style }];
  });
}

function keysOf(colors: Colors) {
  return [
    ...keyRow([
      { text: "BTC price", color: colors.price, shape: "line" },
      { text: "long opened", color: colors.long, shape: "up" },
      { text: "short opened", color: colors.short, shape: "down" },
      { text: "closed", color: colors.won, shape: "dot" },
      { text: "stopped out", color: colors.lost, shape: "box" },
      { text: "paused", color: colors.pause, shape: "area" },
      { text: "halted", color: colors.halt, shape: "area" },
    ], { y: 98, colors }),
    ...keyRow([
      { text: "account", color: colors.total, shape: "line" },
      { text: "trading only", color: colors.trading, shape: "line" },
      { text: "just held", color: colors.held, shape: "line" },
    ], { y: 606, colors }),
  ];
}

/** The picture as a complete SVG document. */
export function chartSvg(picture: Picture, look: Look): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  chart.setOption(pictureOption(picture, look));
  const svg = chart.renderToSVGString();
  // Without this the chart's animation clock keeps the process alive.
  chart.dispose();
  return svg;
}
