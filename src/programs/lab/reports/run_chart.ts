// @ts-types="echarts"
import * as echarts from "echarts/dist/echarts.esm.min.mjs";
import type { CandidateResult } from "../driver/types.ts";

const SIZE = { width: 1_200, height: 640 };
const LIGHT = { ink: "#1f2328", page: "#ffffff", price: "#6e7781", equity: "#0969da", r: "#8250df", grid: "#d0d7de" };
const DARK = { ink: "#e6edf3", page: "#0d1117", price: "#9198a1", equity: "#4493f8", r: "#ab7df8", grid: "#30363d" };

/** Equity beside holding the BTC above, cumulated R below; a complete SVG document. */
export function runChart(result: CandidateResult, look: { readonly title: string; readonly dark: boolean }): string {
  const colors = look.dark ? DARK : LIGHT;
  const { days } = result;
  const at = days.map(({ day }) => Date.parse(day));
  const first = days[0];
  const held = first === undefined ? 0 : first.equityUsd / first.closeUsd;
  let sum = 0;
  const cumulated = days.map((day, index) => [at[index], Math.round((sum += day.r) * 1000) / 1000]);
  const axis = { axisLabel: { color: colors.ink }, splitLine: { lineStyle: { color: colors.grid } } };
  const line = (of: { name: string; color: string; data: unknown[]; index: number }) => {
    const { name, color, data, index } = of;
    return {
      name,
      type: "line",
      showSymbol: false,
      xAxisIndex: index,
      yAxisIndex: index,
      lineStyle: { width: 1.5, color },
      itemStyle: { color },
      data,
    };
  };
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  chart.setOption({
    animation: false,
    backgroundColor: colors.page,
    title: { text: look.title, left: "center", textStyle: { color: colors.ink, fontSize: 15 } },
    legend: { itemGap: 24, top: look.title === "" ? 5 : 28, textStyle: { color: colors.ink } },
    grid: [{ left: 70, right: 30, top: 65, height: 310 }, { left: 70, right: 30, top: 430, height: 170 }],
    xAxis: [{ type: "time", gridIndex: 0, ...axis }, { type: "time", gridIndex: 1, ...axis }],
    yAxis: [
      { name: "equity, USD", nameTextStyle: { color: colors.ink }, scale: true, gridIndex: 0, ...axis },
      { name: "sum of R", nameTextStyle: { color: colors.ink }, scale: true, gridIndex: 1, ...axis },
    ],
    series: [
      line({
        name: "equity",
        color: colors.equity,
        data: days.map((day, i) => [at[i], round(day.equityUsd)]),
        index: 0,
      }),
      line({
        name: "the same BTC held",
        color: colors.price,
        data: days.map((day, i) => [at[i], round(day.closeUsd * held)]),
        index: 0,
      }),
      line({ name: "sum of R", color: colors.r, data: cumulated, index: 1 }),
    ],
  });
  const svg = chart.renderToSVGString();
  // Without this the chart's animation clock keeps the process alive.
  chart.dispose();
  return svg;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
