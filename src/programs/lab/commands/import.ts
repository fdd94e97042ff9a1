/** `lab import`: archives of candles and trades into the project's format; every odd row is named (L-7.4). */
import { gzipSync } from "node:zlib";
import { messageOf } from "../../../common/text.ts";
import { isoOf } from "../driver/candles.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { type CandleRow, candleRow, type Format, layoutOf, type TradeRow, tradeRow } from "../market_import/formats.ts";
import { unpack } from "../market_import/unpack.ts";
import { row } from "../reports/run_text.ts";

export type ImportFlags = { readonly format: Format; readonly out: string; readonly json?: boolean };

const MINUTE_MS = 60_000;
const SHOWN = 20;
const WHOLE = new Intl.NumberFormat("en-US");

type Placed<Row> = { readonly row: Row; readonly where: string };
type Found<Row> = { readonly rows: Placed<Row>[]; readonly faults: string[] };

/** Reads every file; writes one file of candles or trades only when no row is odd. */
export function importData(io: LabIo, files: readonly string[], flags: ImportFlags): number {
  const { format } = flags;
  const texts = files.flatMap((file) => unpacked(io, file));
  const lines = format === "bybit-trades"
    ? tradeLines(collect(format, texts, (line, layout) => tradeRow({ line, layout })))
    : candleLines(collect(format, texts, (line, layout) => candleRow(format, { line, layout })));
  const { faults } = lines;
  if (faults.length > 0) {
    for (const fault of faults.slice(0, SHOWN)) io.error(fault);
    if (faults.length > SHOWN) io.error(`… and ${WHOLE.format(faults.length - SHOWN)} more`);
    if (flags.json === true) io.out(JSON.stringify({ rows: lines.count, faults: faults.length, out: null }));
    throw new LabInputError(
      `Cannot import: ${
        WHOLE.format(faults.length)
      } rows are odd, nothing was written; take them out or download again`,
      LAB_EXIT.badData,
    );
  }
  const bytes = new TextEncoder().encode(lines.text);
  io.writeFile(flags.out, flags.out.endsWith(".gz") ? new Uint8Array(gzipSync(bytes, { level: 9 })) : bytes);
  io.out(row(lines.what, `${WHOLE.format(lines.count)}, ${isoOf(lines.from)} to ${isoOf(lines.to)}`));
  io.out(row("written", flags.out));
  if (flags.json === true) io.out(JSON.stringify({ rows: lines.count, faults: 0, out: flags.out }));
  return LAB_EXIT.done;
}

function unpacked(io: LabIo, file: string) {
  let bytes: Uint8Array;
  try {
    bytes = io.readBytes(file);
  } catch (error) {
    throw new LabInputError(`Cannot read ${file}: ${messageOf(error)}`, LAB_EXIT.files);
  }
  try {
    return unpack(file, bytes);
  } catch (error) {
    throw new LabInputError(`Cannot read ${file}: ${messageOf(error)}`, LAB_EXIT.badData);
  }
}

function collect<Row extends { readonly at: number }>(
  format: Format,
  texts: readonly { readonly name: string; readonly text: string }[],
  read: (line: string, layout: ReturnType<typeof layoutOf>["layout"]) =>
    | { readonly kind: "row"; readonly row: Row }
    | { readonly kind: "fault"; readonly fault: { readonly column: number; readonly text: string } },
): Found<Row> {
  const found: Found<Row> = { rows: [], faults: [] };
  for (const { name, text } of texts) {
    const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
    if (lines.at(-1) === "") lines.pop();
    const [first = ""] = lines;
    let begun: ReturnType<typeof layoutOf>;
    try {
      begun = layoutOf(format, first);
    } catch (error) {
      found.faults.push(`${name}:1:1: ${messageOf(error)}`);
      continue;
    }
    for (let index = begun.header ? 1 : 0; index < lines.length; index++) {
      const read1 = read(lines[index] ?? "", begun.layout);
      if (read1.kind === "row") found.rows.push({ row: read1.row, where: `${name}:${index + 1}` });
      else found.faults.push(`${name}:${index + 1}:${read1.fault.column}: ${read1.fault.text}`);
    }
  }
  found.rows.sort((a, b) => a.row.at - b.row.at);
  return found;
}

type Lines = {
  readonly what: string;
  readonly text: string;
  readonly count: number;
  readonly from: number;
  readonly to: number;
  readonly faults: readonly string[];
};

function candleLines({ rows, faults }: Found<CandleRow>): Lines {
  const all = [...faults];
  rows.forEach(({ row: { at }, where }, index) => {
    const before = rows[index - 1];
    if (before === undefined) return;
    if (at === before.row.at) all.push(`${where}:1: a second candle of ${isoOf(at)}, the first is ${before.where}`);
    else if (at !== before.row.at + MINUTE_MS) {
      const missing = (at - before.row.at) / MINUTE_MS - 1;
      all.push(`${where}:1: ${missing} minutes are missing before ${isoOf(at)}`);
    }
  });
  if (rows.length === 0 && all.length === 0) all.push("no row was found");
  const text = "start_ms,open,high,low,close,volume_usd\n" +
    rows.map(({ row: r }) => `${r.at},${r.open},${r.high},${r.low},${r.close},${Math.round(r.volumeUsd)}\n`).join("");
  const from = rows[0]?.row.at ?? 0;
  return { what: "candles", text, count: rows.length, from, to: (rows.at(-1)?.row.at ?? 0) + MINUTE_MS, faults: all };
}

function tradeLines({ rows, faults }: Found<TradeRow>): Lines {
  const all = rows.length === 0 && faults.length === 0 ? ["no row was found"] : faults;
  const text = "ts_ms,side,price,size_usd\n" +
    rows.map(({ row: r }) => `${r.at},${r.side},${r.price},${r.sizeUsd}\n`).join("");
  const [from, to] = [rows[0]?.row.at ?? 0, rows.at(-1)?.row.at ?? 0];
  return { what: "trades", text, count: rows.length, from, to, faults: all };
}
