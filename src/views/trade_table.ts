/** The list of trades: for a terminal, and as a table for other programs. */
import { ageText } from "../common/text.ts";
import { resultText, rText } from "./numbers.ts";
import { exitWord } from "./trade_words.ts";

/** A closed trade, as much as a list needs; a line of the trade log is one. */
export type ListedTrade = {
  readonly direction: "long" | "short";
  readonly contracts: number;
  readonly entry_price_avg: number;
  readonly exit_price_avg: number;
  readonly opened_at_ms: number;
  readonly closed_at_ms: number;
  readonly exit_reason: string;
  readonly r_multiple: number | null;
  readonly net_pnl_sats: number;
  readonly net_pnl_usd: number;
};

const HEAD = ["opened (UTC)", "side", "size", "entry", "exit", "held", "R", "result", "closed by"];
/** Numbers stand right. */
const RIGHT = [false, false, true, true, true, true, true, true, false];

function cells(trade: ListedTrade): readonly string[] {
  return [
    new Date(trade.opened_at_ms).toISOString().slice(0, 16).replace("T", " "),
    trade.direction,
    String(trade.contracts),
    trade.entry_price_avg.toFixed(1),
    trade.exit_price_avg.toFixed(1),
    ageText(trade.closed_at_ms - trade.opened_at_ms),
    trade.r_multiple === null ? "" : rText(trade.r_multiple).replace(" R", ""),
    resultText(trade.net_pnl_usd),
    exitWord(trade.exit_reason),
  ];
}

/** One line a trade under a head; at most 80 columns for prices below $1,000,000. */
export function tradeTable(trades: readonly ListedTrade[]): readonly string[] {
  if (trades.length === 0) return ["No trade was closed."];
  const rows = [HEAD, ...trades.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return RIGHT[column] === true ? cell.padStart(width) : cell.padEnd(width);
    }).join(" ").trimEnd()
  );
}

const COLUMNS = [
  "opened_at",
  "closed_at",
  "direction",
  "contracts",
  "entry_usd",
  "exit_usd",
  "exit_reason",
  "r",
  "net_usd",
  "net_sats",
] as const;

/** The same as comma-separated values with a head. */
export function tradeCsv(trades: readonly ListedTrade[]): readonly string[] {
  const rows = trades.map((trade) =>
    [
      new Date(trade.opened_at_ms).toISOString(),
      new Date(trade.closed_at_ms).toISOString(),
      trade.direction,
      trade.contracts,
      trade.entry_price_avg,
      trade.exit_price_avg,
      trade.exit_reason,
      trade.r_multiple ?? "",
      trade.net_pnl_usd,
      trade.net_pnl_sats,
    ].join(",")
  );
  return [COLUMNS.join(","), ...rows];
}
