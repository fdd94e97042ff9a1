import type { FileSeam } from "../../../application/engine/ports.ts";
import { parseObject } from "../../../common/json.ts";
import { chainHash, GENESIS, splitLine } from "../journal/record_codec.ts";
import { isAdjustment, type LedgerLine, parseLedgerLine, tradeLine } from "./trade_schema.ts";

/** What reading needs of the files: a program without the platform can read too. */
export type ReadingFiles = Pick<FileSeam, "exists" | "list" | "readText">;

/** Directory of the trade log below the data directory. */
export function tradeDir(dataDir: string): string {
  return `${dataDir}/trades`;
}
/** `trades-2026-11-21.jsonl`. */
export function tradeFile(day: string): string {
  return `trades-${day}.jsonl`;
}

export type TradeFile = { readonly day: string; readonly path: string };

/** The daily files, oldest first. */
export function tradeFiles(files: ReadingFiles, dataDir: string): readonly TradeFile[] {
  const dir = tradeDir(dataDir);
  if (!files.exists(dir)) return [];
  return files.list(dir).flatMap((name) => {
    const day = /^trades-(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1];
    return day === undefined ? [] : [{ day, path: `${dir}/${name}` }];
  }).sort((a, b) => (a.day < b.day ? -1 : 1));
}

export type LedgerItem =
  | { readonly kind: "line"; readonly line: LedgerLine }
  | { readonly kind: "torn"; readonly path: string; readonly byte: number }
  | { readonly kind: "fault"; readonly where: string; readonly reason: string };

/** Every line of the trade log in order, chain and schema checked: the reader for analysis (P-13). */
export function* readTradeLog(files: ReadingFiles, dataDir: string): Generator<LedgerItem> {
  let head = GENESIS;
  let first = true;
  for (const { path } of tradeFiles(files, dataDir)) {
    const text = files.readText(path);
    const lines = text.split("\n");
    const torn = lines.pop() ?? "";
    for (const [index, line] of lines.entries()) {
      const raw = splitLine(line);
      const where = `line ${index + 1} of ${path}`;
      const value = raw === null ? null : parseObject(line);
      const found = value === null ? "it is not in the form of a line" : parseLedgerLine(value);
      if (raw === null || typeof found === "string") {
        yield { kind: "fault", where, reason: typeof found === "string" ? found : "it has no hash" };
        continue;
      }
      if (!first && found.prev_hash !== head) {
        yield { kind: "fault", where, reason: "it does not follow the one before" };
      }
      if (first && found.prev_hash !== GENESIS) yield { kind: "fault", where, reason: "it does not start the chain" };
      if (chainHash(found.prev_hash, raw.body) !== raw.hash) {
        yield { kind: "fault", where, reason: "its content does not match its hash" };
      }
      head = raw.hash;
      first = false;
      yield { kind: "line", line: found };
    }
    if (torn !== "") yield { kind: "torn", path, byte: new TextEncoder().encode(text.slice(0, -torn.length)).length };
  }
}

export type LedgerEnd = { readonly hash: string; readonly seq: number; readonly keys: readonly string[] };

/** Where writing goes on: cuts a torn last line of the newest file and returns the last line's facts; null when empty. */
export function lastLedgerState(files: FileSeam, dataDir: string): LedgerEnd | null {
  for (const { path } of [...tradeFiles(files, dataDir)].reverse()) {
    const bytes = files.readBytes(path);
    const end = bytes.lastIndexOf(10) + 1;
    if (end < bytes.length) files.truncate(path, end);
    const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\n").slice(0, -1);
    const last = splitLine(lines.at(-1) ?? "");
    const seqOf = (line: string): unknown => parseObject(line)?.["journal_seq"];
    const seq = seqOf(lines.at(-1) ?? "");
    if (last === null || typeof seq !== "number") continue;
    const keys = lines.filter((line) => seqOf(line) === seq).map((line) => {
      const { trade_id: trade, exec_id: exec } = parseObject(line) ?? {};
      return exec === undefined ? String(trade) : `${String(trade)}|${String(exec)}`;
    });
    return { hash: last.hash, seq, keys };
  }
  return null;
}

/** Chain and schema of the whole log; each fault names its line (P-13). */
export function verifyTradeLog(
  files: FileSeam,
  dataDir: string,
): { readonly lines: number; readonly faults: readonly string[] } {
  const faults: string[] = [];
  let lines = 0;
  for (const item of readTradeLog(files, dataDir)) {
    if (item.kind === "line") lines += 1;
    else if (item.kind === "fault") faults.push(`${item.where}: ${item.reason}`);
  }
  return { lines, faults };
}

function cell(value: unknown): string {
  const text = value === null || value === undefined
    ? ""
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The log as CSV (RFC 4180), one row a line, columns as in P-13; lists and objects as JSON in one cell. Adjustments leave
 * what they do not know empty and have their execution in `exec_id`.
 */
export function tradeLogCsv(lines: Iterable<LedgerLine>): string {
  const columns = ["type", ...Object.keys(tradeLine.shape), "exec_id", "at"];
  const rows = [columns.join(",")];
  for (const line of lines) {
    const values: Readonly<Record<string, unknown>> = isAdjustment(line) ? line : { type: "trade", ...line };
    rows.push(columns.map((column) => cell(values[column])).join(","));
  }
  return rows.join("\r\n") + "\r\n";
}
