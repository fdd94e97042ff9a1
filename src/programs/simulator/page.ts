/** One self-contained page of a run: the picture with zoom, the trades, and why each was opened and closed. */
import library from "echarts/dist/echarts.min.js" with { type: "text" };
import script from "./page_script.js" with { type: "text" };
import { escaped, timeText } from "../../common/text.ts";
import { percentText, priceText, resultText, rText, satText } from "../../views/numbers.ts";
import { exitClause, exitWord } from "../../views/trade_words.ts";
import type { Picture } from "./picture.ts";

export type PageParts = {
  readonly report: readonly string[];
  readonly options: { readonly light: unknown; readonly dark: unknown };
  /** How to make it again. */
  readonly command: string;
};

/** JSON inside a script element: nothing in it can end the element. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** What a person may ask of one trade, line by line. */
function tradeStory(trade: Picture["trades"][number]): readonly string[] {
  const side = trade.direction === "long" ? "bought" : "sold short";
  const line = trade.direction === "long" ? "fell to the grid's buy line" : "rose to the grid's sell line";
  const gates = trade.gate_results.length;
  return [
    `${timeText(trade.opened_at_ms)}: ${side} ${trade.contracts} contracts at ${priceText(trade.entry_price_avg)}.`,
    `Why opened: the price ${line}` +
    (gates === 0
      ? "."
      : `, and ${gates === 1 ? "one gate" : `all ${gates} gates`} passed (market: ${
        trade.market_regime.replaceAll("_", " ")
      }).`),
    ...gateStory(trade),
    `Stop: ${trade.stop_price === null ? "unknown" : priceText(trade.stop_price)}.`,
    `${timeText(trade.closed_at_ms)}: closed at ${priceText(trade.exit_price_avg)}, because ${
      exitClause(trade.exit_reason)
    }.`,
    `Result: ${resultText(trade.net_pnl_usd)} (${rText(trade.r_multiple)}); fees ${
      satText(trade.fees_sats)
    }, slippage ${resultText(-trade.slippage_usd)}.`,
  ];
}

/** The figures of the gates that a trader asks about. */
function gateStory({ gate_results }: Picture["trades"][number]): readonly string[] {
  const value = (gate: number, name: string): number | null => {
    const found = gate_results.find((one) => one.gate === gate)?.inputs[name];
    return typeof found === "number" ? found : null;
  };
  const [range, least] = [value(4, "atr_pct_24h"), value(4, "atr_pct_24h_min")];
  const [profit, fee] = [value(5, "profit_e8"), value(5, "fee_e8")];
  return [
    ...(range === null || least === null
      ? []
      : [`Market gate: daily range ${percentText(range)}, needed ${percentText(least)}.`]),
    ...(profit === null || fee === null
      ? []
      : [`Value gate: the target would bring ${percentText(profit / 1e6)}, fees take ${percentText(fee / 1e6)}.`]),
  ];
}

const HEAD = ["#", "opened (UTC)", "side", "contracts", "entry", "exit", "R", "result", "closed by"];

function tableOf(picture: Picture): string {
  const rows = picture.trades.map((trade, index) => {
    const cells = [
      String(index + 1),
      timeText(trade.opened_at_ms).slice(0, 16),
      trade.direction,
      String(trade.contracts),
      priceText(trade.entry_price_avg),
      priceText(trade.exit_price_avg),
      rText(trade.r_multiple),
      resultText(trade.net_pnl_usd),
      exitWord(trade.exit_reason),
    ].map((cell, column) => `<td${column > 2 && column < 8 ? ' class="number"' : ""}>${escaped(cell)}</td>`).join("");
    const kind = trade.net_pnl_sats > 0 ? "won" : "lost";
    return `<tr class="${kind}" data-trade="${index}" tabindex="0" aria-haspopup="dialog">${cells}</tr>`;
  });
  const head = HEAD.map((name) => `<th scope="col">${escaped(name)}</th>`).join("");
  return `<table><caption>Every trade; choose one to see why it was opened and closed</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0; --won: #1a7f37; --lost: #cf222e; }
@media (prefers-color-scheme: dark) {
  :root { --page: #0d1117; --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d; --won: #3fb950; --lost: #ff7b72; }
}
body { margin: 0 auto; max-width: 1400px; padding: 16px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0.5rem 0 0.25rem; }
p.holding { font-size: 1.1rem; margin: 0 0 0.5rem; }
p.hint, caption, footer { color: var(--faint); }
#picture { width: 100%; height: 1060px; }
pre { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; padding: 12px; font-size: 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 8px 0; }
th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number { text-align: right; }
tbody tr { cursor: pointer; }
tbody tr:hover, tbody tr:focus { outline: 2px solid var(--faint); outline-offset: -2px; }
tr.won td:nth-child(8) { color: var(--won); }
tr.lost td:nth-child(8) { color: var(--lost); }
dialog { max-width: 640px; border: 1px solid var(--line); border-radius: 8px; background: var(--page); color: var(--ink); }
dialog button { font: inherit; padding: 4px 16px; }
@media print { #picture { height: 900px; } p.hint { display: none; } }
`;

/** The page as one HTML document that needs nothing else, not even a network. */
export function pageOf(picture: Picture, parts: PageParts): string {
  const stories = picture.trades.map(tradeStory);
  const data = embedded({ options: parts.options, stories, trades: picture.trades.length });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(picture.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(picture.title)}</h1>
<p class="holding">${escaped(picture.subtitle)}</p>
<p class="hint">Zoom with the wheel or the bar under the picture; choose a mark or a row to see the trade. Shaded: paused (amber), halted (red).</p>
<div id="picture" role="img" aria-label="Price with entries and exits, account against just holding, drawdown"></div>
<pre>${escaped(parts.report.filter((line, index) => index > 0 || line !== "").join("\n"))}</pre>
<div class="scroll">${tableOf(picture)}</div>
<dialog id="story" aria-label="One trade"><div id="lines"></div><form method="dialog"><button>Close</button></form></dialog>
<footer><p>Made by <code>${escaped(parts.command)}</code></p></footer>
<script>${library.replaceAll("</script", "<\\/script")}</script>
<script id="data" type="application/json">${data}</script>
<script>${script}</script>
</body>
</html>
`;
}
