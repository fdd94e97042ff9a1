import { escaped } from "../../../common/text.ts";
import type { CandidateResult } from "../driver/types.ts";
import type { LabIo } from "../io.ts";
import { type RunHead, runLines } from "./run_text.ts";

/** Writes trades, picture and page of a run; returns their paths. The charting library is loaded only here. */
export async function runFiles(
  io: LabIo,
  of: { readonly head: RunHead; readonly result: CandidateResult; readonly directory: string },
): Promise<readonly string[]> {
  const { head, result, directory } = of;
  const trades = `${directory}/trades.jsonl`;
  const days = `${directory}/days.jsonl`;
  io.writeFile(trades, result.trades.map((trade) => JSON.stringify(trade) + "\n").join(""));
  io.writeFile(days, result.days.map((day) => JSON.stringify(day) + "\n").join(""));
  const { runChart } = await import("./run_chart.ts");
  const picture = `${directory}/run.svg`;
  io.writeFile(picture, runChart(result, { title: head.flags.config, dark: false }));
  const page = `${directory}/run.html`;
  const text = runLines(head, { result, wallMs: null }).join("\n").trim();
  const charts = {
    light: runChart(result, { title: "", dark: false }),
    dark: runChart(result, { title: "", dark: true }),
  };
  io.writeFile(page, pageOf({ text, charts, command: commandOf(head), result }));
  return [trades, days, picture, page];
}

function commandOf({ flags, from, to }: RunHead): string {
  const iso = (at: number) => new Date(at).toISOString().slice(0, 16) + "Z";
  return `deno task lab run --data ${flags.data} --config ${flags.config} --from ${iso(from)} --to ${
    iso(to)
  } --path ${flags.path} --seed ${flags.seed} --fill ${flags.fill} --halts ${flags.halts} --slippage-bps ${flags.slippageBps} --wallet ${flags.wallet}`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --page: #ffffff; --line: #d0d7de; --soft: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --page: #0d1117; --line: #30363d; --soft: #9198a1; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); margin: 2rem auto; max-width: 1100px; padding: 0 1rem; }
pre { font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap; border: 1px solid var(--line); padding: 1rem; border-radius: 6px; }
svg { width: 100%; height: auto; }
.dark { display: none; }
@media (prefers-color-scheme: dark) { .light { display: none; } .dark { display: block; } }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.5rem; text-align: right; }
th:first-child, td:first-child { text-align: left; }
footer { color: var(--soft); font-size: 14px; margin-top: 2rem; }
@media print { .dark { display: none; } .light { display: block; } body { color: #000; background: #fff; } }
`;

/** Results by month: a table that a screen reader reads, beside the picture. */
function monthRows(result: CandidateResult): string {
  const months = new Map<string, { r: number; trades: number; blocked: number; equityUsd: number }>();
  for (const day of result.days) {
    const month = day.day.slice(0, 7);
    const sum = months.get(month) ?? { r: 0, trades: 0, blocked: 0, equityUsd: 0 };
    sum.r += day.r;
    sum.trades += day.trades;
    sum.blocked += day.blocked ? 1 : 0;
    sum.equityUsd = day.equityUsd;
    months.set(month, sum);
  }
  return [...months].map(([month, { r, trades, blocked, equityUsd }]) =>
    `<tr><td>${month}</td><td>${trades}</td><td>${r.toFixed(2)}</td><td>${blocked}</td><td>$${
      equityUsd.toFixed(2)
    }</td></tr>`
  ).join("\n");
}

function pageOf(
  of: {
    readonly text: string;
    readonly charts: { readonly light: string; readonly dark: string };
    readonly command: string;
    readonly result: CandidateResult;
  },
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>abot lab: one run</title>
<style>${STYLE}</style>
</head>
<body>
<h1>One run of the lab</h1>
<pre>${escaped(of.text)}</pre>
<div class="light">${of.charts.light}</div>
<div class="dark">${of.charts.dark}</div>
<h2>By month</h2>
<table>
<thead><tr><th>month</th><th>trades</th><th>R</th><th>blocked days</th><th>equity at the end</th></tr></thead>
<tbody>
${monthRows(of.result)}
</tbody>
</table>
<footer>Again: <code>${escaped(of.command)}</code></footer>
</body>
</html>
`;
}
