/**
 * A report as one HTML file: charts inside, nothing fetched, light and dark by the reader's setting, printable. Colours
 * stand in the charts as placeholders that become CSS variables, so that one drawing serves both.
 */
// @ts-types="echarts"
import * as echarts from "echarts/dist/echarts.esm.min.mjs";
import { escaped } from "../../../common/text.ts";
import type { Chart, Report, Section, Table } from "./model.ts";

/** Placeholder → CSS variable. */
const INK = { text: "#010101", line: "#020202", grid: "#030303", mark: "#040404" };
const SERIES = ["#0a0101", "#0a0202", "#0a0303", "#0a0404"];
const VARIABLES: readonly (readonly [placeholder: string, name: string])[] = [
  [INK.text, "--text"],
  [INK.line, "--axis"],
  [INK.grid, "--grid"],
  [INK.mark, "--mark"],
  ...SERIES.map((color, at) => [color, `--series-${at + 1}`] as const),
];

const STYLE = `
:root { color-scheme: light dark; --page: #ffffff; --text: #1c2128; --soft: #57606a; --axis: #6e7781; --grid: #d8dee4;
  --mark: #9a3412; --series-1: #0757ba; --series-2: #1a7f37; --series-3: #8250df; --series-4: #b35900; --band: #f4f6f8; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --soft: #9da7b3; --axis: #8b949e;
  --grid: #30363d; --mark: #ffa657; --series-1: #6cb6ff; --series-2: #57d364; --series-3: #d2a8ff; --series-4: #f0b72f;
  --band: #161b22; } }
@media print { :root { color-scheme: light; --page: #ffffff; --text: #000000; --soft: #333333; --axis: #555555;
  --grid: #cccccc; --mark: #9a3412; --series-1: #0757ba; --series-2: #1a7f37; --series-3: #6f42c1; --series-4: #8a4500;
  --band: #f4f6f8; } section { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
.answer { font-size: 1.15rem; border-left: 4px solid var(--series-1); padding: .4rem 0 .4rem 1rem; margin: 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
td.number, th.number { text-align: right; }
tbody tr:nth-child(even) { background: var(--band); }
svg { display: block; width: 100%; height: auto; }
figure { margin: 1rem 0 0; }
footer { margin-top: 3rem; color: var(--soft); border-top: 1px solid var(--grid); padding-top: 1rem; }
pre { overflow-x: auto; background: var(--band); padding: .8rem; margin: .5rem 0 0; color: var(--text); white-space: pre-wrap;
  overflow-wrap: anywhere; }`;

/** The whole page. */
export function reportHtml(report: Report): string {
  const sections = report.sections.map(sectionHtml).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(report.title)}</h1>
<p class="answer">${escaped(report.answer)}</p>
${sections}
<footer>Made by:<pre tabindex="0">${escaped(report.command)}</pre></footer>
</main>
</body>
</html>
`;
}

function sectionHtml({ heading, lines, table, chart }: Section): string {
  const parts = [`<section>\n<h2>${escaped(heading)}</h2>`];
  for (const line of lines ?? []) parts.push(`<p>${escaped(line)}</p>`);
  if (chart !== undefined) parts.push(`<figure>${chartSvg(chart)}</figure>`);
  if (table !== undefined) parts.push(tableHtml(table, heading));
  return `${parts.join("\n")}\n</section>`;
}

function tableHtml({ columns, rows }: Table, heading: string): string {
  const number = columns.map((_, at) =>
    at > 0 && rows.every((row) => /^[+-]?\$?[\d.,]*( ?[%R])?$/.test(row[at] ?? ""))
  );
  const look = (at: number) => number[at] ? ' class="number"' : "";
  const head = columns.map((name, at) => `<th scope="col"${look(at)}>${escaped(name)}</th>`).join("");
  const body = rows.map((row) =>
    `<tr>${
      row.map((cell, at) => at === 0 ? `<th scope="row">${escaped(cell)}</th>` : `<td${look(at)}>${escaped(cell)}</td>`)
        .join("")
    }</tr>`
  ).join("\n");
  return `<div class="scroll" tabindex="0" role="region" aria-label="${
    escaped(heading)
  }, table"><table><thead><tr>${head}</tr></thead>` +
    `<tbody>\n${body}\n</tbody></table></div>`;
}

/** One chart as inline SVG, its colours as CSS variables. */
export function chartSvg(chart: Chart): string {
  const drawing = echarts.init(null, null, { renderer: "svg", ssr: true, width: 900, height: 340 });
  drawing.setOption(optionOf(chart));
  const svg = drawing.renderToSVGString();
  // Without this the chart's animation clock keeps the process alive.
  drawing.dispose();
  const colored = VARIABLES.reduce((text, [placeholder, name]) => text.replaceAll(placeholder, `var(${name})`), svg);
  return colored.replace("<svg ", `<svg role="img" aria-label="${escaped(chart.summary)}" `);
}

function optionOf({ x, y, series, marks }: Chart): echarts.EChartsCoreOption {
  const axis = {
    nameLocation: "middle" as const,
    nameTextStyle: { color: INK.text },
    axisLabel: { color: INK.text, hideOverlap: true },
    axisLine: { lineStyle: { color: INK.line } },
    splitLine: { lineStyle: { color: INK.grid } },
  };
  const kind = x.categories !== undefined ? "category" : x.time === true ? "time" : "value";
  const markLines = (marks ?? []).map(({ name, x: at, y: level }) => ({
    name,
    ...(at === undefined ? { yAxis: level } : { xAxis: at }),
    label: { formatter: name, color: INK.mark, position: at === undefined ? "insideEndTop" : "end" },
  }));
  const marked = (marks ?? []).flatMap(({ x: at }) => at === undefined ? [] : [at]);
  // A mark outside the data is still seen.
  const bounds = marked.length === 0 || kind !== "value" ? {} : {
    min: ({ min }: { min: number }) => Math.min(min, ...marked),
    max: ({ max }: { max: number }) => Math.max(max, ...marked),
  };
  return {
    animation: false,
    backgroundColor: "transparent",
    color: SERIES,
    textStyle: { fontFamily: "system-ui, sans-serif", color: INK.text },
    legend: { show: series.length > 1, top: 0, textStyle: { color: INK.text } },
    grid: { left: 70, right: 40, top: 46, bottom: 52 },
    xAxis: {
      ...axis,
      ...bounds,
      type: kind,
      name: x.name,
      nameGap: 30,
      data: x.categories,
      scale: true,
      splitLine: { show: false },
    },
    yAxis: { ...axis, type: "value", name: y.name, nameGap: 50, scale: series.every(({ kind }) => kind !== "bar") },
    series: series.map(({ name, kind, points }, at) => ({
      name,
      type: kind,
      data: points,
      showSymbol: kind === "scatter",
      symbolSize: 6,
      barWidth: kind === "bar" && x.categories === undefined
        ? Math.max(4, 700 / Math.max(1, points.length))
        : undefined,
      lineStyle: { width: 2, type: at === 0 ? "solid" : "dashed" },
      markLine: at === 0 && markLines.length > 0
        ? { symbol: "none", silent: true, lineStyle: { color: INK.mark, type: "solid", width: 1.5 }, data: markLines }
        : undefined,
    })),
  };
}
