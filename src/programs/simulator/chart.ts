// @ts-types="echarts"
import * as echarts from "echarts/dist/echarts.esm.min.mjs";
import type { Mark } from "../../bot/simulated/figures.ts";
import type { WorldResult } from "../../bot/simulated/world.ts";

const SIZE = { width: 1_400, height: 760 };
const LOOK: Readonly<Record<Mark["kind"], { readonly name: string; readonly symbol: string; readonly color: string }>> =
  {
    long: { name: "long opened", symbol: "triangle", color: "#1a7f37" },
    short: { name: "short opened", symbol: "path://M0,0 L10,0 L5,9 z", color: "#8250df" },
    close: { name: "closed at target", symbol: "circle", color: "#0969da" },
    stop: { name: "stopped out", symbol: "rect", color: "#cf222e" },
    halt: { name: "HALT", symbol: "diamond", color: "#000000" },
  };
const SCATTER = "scatter";
const KINDS: readonly Mark["kind"][] = ["long", "short", "close", "stop", "halt"];

/** Price above, equity below, trades, stops and halts marked on the price; a complete SVG document. */
export function chartSvg(result: WorldResult, title: string): string {
  const samples = result.samples.filter((sample) => sample.price > 0);
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: { text: title, left: "center" },
    legend: { top: 30 },
    grid: [{ left: 70, right: 40, top: 70, height: 390 }, { left: 70, right: 40, top: 510, height: 200 }],
    xAxis: [{ type: "time", gridIndex: 0 }, { type: "time", gridIndex: 1 }],
    yAxis: [
      { name: "BTC, USD", scale: true, gridIndex: 0 },
      { name: "equity, USD", scale: true, gridIndex: 1 },
    ],
    series: [
      {
        name: "price",
        type: "line",
        showSymbol: false,
        lineStyle: { width: 1, color: "#6e7781" },
        itemStyle: { color: "#6e7781" },
        data: samples.map((sample) => [sample.at, sample.price]),
      },
      {
        name: "equity",
        type: "line",
        showSymbol: false,
        xAxisIndex: 1,
        yAxisIndex: 1,
        lineStyle: { width: 1.5, color: "#0969da" },
        itemStyle: { color: "#0969da" },
        data: samples.map((sample) => [sample.at, Math.round(sample.equityUsd * 100) / 100]),
      },
      ...KINDS.map((kind) => ({
        name: LOOK[kind].name,
        type: SCATTER,
        symbol: LOOK[kind].symbol,
        symbolSize: kind === "halt" ? 18 : 9,
        itemStyle: { color: LOOK[kind].color },
        data: result.marks.filter((mark) => mark.kind === kind).map((mark) => [mark.at, priceAt(samples, mark.at)]),
      })),
    ],
  });
  const svg = chart.renderToSVGString();
  // Without this the chart's animation clock keeps the process alive.
  chart.dispose();
  return svg;
}

/** The hourly price around a moment. */
function priceAt(samples: WorldResult["samples"], at: number): number {
  let low = 0;
  let high = samples.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return samples[low]?.price ?? 0;
}
