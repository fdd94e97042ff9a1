/**
 * Reads a recording: candles `start_ms,open,high,low,close,volume_usd` or trades `ts_ms,side,price,size_usd`, plain or
 * gzip. Bytes are scanned once into typed arrays (24 bytes a minute), never into an array of strings. Equal rows of trades
 * are real (two fills of one match), so for trades only the order and long silences are checked.
 */
import { Buffer } from "node:buffer";
import { constants, gunzipSync } from "node:zlib";

export const MINUTE_MS = 60_000;
const CANDLE_HEADER = "start_ms,open,high,low,close,volume_usd";
const TRADE_HEADER = "ts_ms,side,price,size_usd";
/** A recording of trades with a longer silence is taken for a damaged file. */
const LONGEST_SILENCE_MS = 3_600_000;
const EARLIEST_MS = 1_230_768_000_000;
const LATEST_MS = 4_102_444_800_000;

/** One-minute bars without gaps; prices in 0.01 USD, volume in USD. */
export type MinuteBars = {
  readonly firstAt: number;
  readonly count: number;
  readonly open: Int32Array;
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly close: Int32Array;
  readonly volumeUsd: Float64Array;
};
/** Trades in order of time; prices in 0.01 USD. */
export type Trades = {
  readonly count: number;
  readonly at: Float64Array;
  readonly price: Int32Array;
  readonly sizeUsd: Float64Array;
  /** 1 = the taker bought. */
  readonly buy: Uint8Array;
};
export type Recording = {
  readonly file: string;
  readonly bars: MinuteBars;
  readonly trades: Trades | null;
  /** 50 or 10: the coarser grid that holds every price. Prices on a finer grid were rounded to 10. */
  readonly tickCents: number;
};

/** A recording that cannot be used: where, and what was expected instead. */
export class DataFileError extends Error {
  readonly line: number;
  readonly column: string;
  constructor(where: { readonly file: string; readonly line: number; readonly column: string }, expected: string) {
    super(`Cannot read market data ${where.file}, line ${where.line}, column ${where.column}: ${expected}`);
    this.name = "DataFileError";
    this.line = where.line;
    this.column = where.column;
  }
}

/** Parses a whole recording. Throws DataFileError on the first thing that is wrong. */
export function readRecording(file: string, bytes: Uint8Array): Recording {
  const rows = new RowScanner(file, plainBytes(file, bytes));
  const header = rows.headerLine();
  if (header === CANDLE_HEADER) return readCandles(rows);
  if (header === TRADE_HEADER) return readTrades(rows);
  throw headerError(file, header);
}

function headerError(file: string, header: string): DataFileError {
  const found = header.split(",");
  const wanted = (found[0] === "ts_ms" || found.includes("side") ? TRADE_HEADER : CANDLE_HEADER).split(",");
  const at = wanted.findIndex((name, index) => name !== found[index]);
  const column = at < 0 ? wanted.length : at;
  return new DataFileError(
    { file, line: 1, column: `${column + 1}` },
    `expected the header "${CANDLE_HEADER}" or "${TRADE_HEADER}", found ${shown(found[column] ?? "")} in "${
      header.slice(0, 120)
    }"`,
  );
}

function plainBytes(file: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) {
    throw new DataFileError({ file, line: 1, column: "1" }, "expected a header, found an empty file");
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DataFileError(
      { file, line: completeLines(bytes) + 1, column: "1" },
      `expected a complete gzip stream, found its end or damage here (${message})`,
    );
  }
}

function completeLines(bytes: Uint8Array): number {
  try {
    const part = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    let lines = 0;
    for (const byte of part) if (byte === 10) lines++;
    return lines;
  } catch {
    return 0;
  }
}

function shown(text: string): string {
  return text === "" ? "nothing" : `"${text.slice(0, 40)}"`;
}

/** Walks the bytes of a CSV file row by row; numbers are read without making strings. */
class RowScanner {
  line = 1;
  column = "1";
  #position: number;
  constructor(readonly file: string, readonly bytes: Uint8Array) {
    this.#position = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  }
  headerLine(): string {
    const from = this.#position;
    const end = this.bytes.indexOf(10, from);
    this.#position = end < 0 ? this.bytes.length : end + 1;
    const text = Buffer.from(this.bytes.subarray(from, end < 0 ? this.bytes.length : end)).toString("utf8");
    return text.endsWith("\r") ? text.slice(0, -1) : text;
  }
  /** Moves to the next row; false at the end of the file. */
  nextRow(): boolean {
    this.line++;
    this.column = "1";
    return this.#position < this.bytes.length;
  }
  rowsLeft(): number {
    let rows = 0;
    for (let index = this.#position; index < this.bytes.length; index++) if (this.bytes[index] === 10) rows++;
    return rows + 1;
  }
  fail(expected: string): DataFileError {
    return new DataFileError({ file: this.file, line: this.line, column: this.column }, expected);
  }
  /** Non-negative decimal × 10^scale. Digits past the scale must be zero unless `cut`. */
  number(
    field: { readonly column: string; readonly scale: number; readonly last: boolean; readonly cut: boolean },
  ): number {
    this.column = field.column;
    const { bytes } = this;
    const from = this.#position;
    let index = from;
    let value = 0;
    let decimals = -1;
    let lost = false;
    let digits = 0;
    for (; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      if (byte >= 48 && byte <= 57) {
        digits++;
        if (decimals < 0) value = value * 10 + byte - 48;
        else if (decimals < field.scale) {
          value = value * 10 + byte - 48;
          decimals++;
        } else if (byte !== 48) lost = true;
      } else if (byte === 46 && decimals < 0) decimals = 0;
      else break;
    }
    const stop = bytes[index];
    const ends = field.last ? stop === 10 || stop === 13 || stop === undefined : stop === 44;
    if (digits === 0 || !ends) throw this.fail(this.#expected(from, field));
    if (lost && !field.cut) throw this.fail(`expected at most ${field.scale} decimals, found ${this.#text(from)}`);
    for (let place = Math.max(decimals, 0); place < field.scale; place++) value *= 10;
    this.#position = index + 1;
    if (stop === 13) this.#position++;
    return value;
  }
  /** The taker's side: true = Buy. */
  side(): boolean {
    this.column = "side";
    const from = this.#position;
    const text = this.#raw(from);
    if (text !== "Buy" && text !== "Sell") throw this.fail(`expected Buy or Sell, found ${shown(text)}`);
    this.#position = from + text.length + 1;
    return text === "Buy";
  }
  #expected(from: number, field: { readonly last: boolean }): string {
    const text = this.#raw(from);
    if (text.startsWith("-")) return `expected a number that is not negative, found "${text.slice(0, 40)}"`;
    if (!/^[0-9]*\.?[0-9]+$/.test(text)) return `expected a plain decimal number, found ${shown(text)}`;
    return field.last
      ? "expected the end of the row, found another field"
      : "expected another field, found the end of the row";
  }
  #text(from: number): string {
    return shown(this.#raw(from));
  }
  #raw(from: number): string {
    let end = from;
    while (end < this.bytes.length && this.bytes[end] !== 44 && this.bytes[end] !== 10 && this.bytes[end] !== 13) end++;
    return Buffer.from(this.bytes.subarray(from, end)).toString("utf8");
  }
}

const TIME = { scale: 0, last: false, cut: false };
const PRICE = { scale: 2, last: false, cut: false };
const OPEN = { ...PRICE, column: "open" };
const HIGH = { ...PRICE, column: "high" };
const LOW = { ...PRICE, column: "low" };
const CLOSE = { ...PRICE, column: "close" };
const START = { ...TIME, column: "start_ms" };
const TRADE_TIME = { ...TIME, column: "ts_ms" };
const TRADE_PRICE = { ...PRICE, column: "price" };
const VOLUME = { column: "volume_usd", scale: 0, last: true, cut: true };
const TRADE_SIZE = { column: "size_usd", scale: 0, last: true, cut: true };

function positivePrice(rows: RowScanner, cents: number): number {
  if (cents <= 0) throw rows.fail("expected a price above 0, found 0");
  if (cents > 2_000_000_000) throw rows.fail(`expected a price below 20,000,000, found ${cents / 100}`);
  return cents < 10 ? 10 : Math.round(cents / 10) * 10;
}

function instant(rows: RowScanner, at: number): number {
  if (at >= EARLIEST_MS && at < LATEST_MS) return at;
  throw rows.fail(`expected milliseconds UTC between 2009 and 2100, found ${at}`);
}

function candleStart(rows: RowScanner, previous: number | null): number {
  const at = instant(rows, rows.number(START));
  if (at % MINUTE_MS !== 0) throw rows.fail(`expected the start of a minute, found ${at}`);
  if (previous === null || at === previous + MINUTE_MS) return at;
  if (at === previous) {
    throw rows.fail(`expected ${previous + MINUTE_MS}, found the minute before again (duplicate row)`);
  }
  if (at < previous) throw rows.fail(`expected ${previous + MINUTE_MS}, found the earlier ${at} (rows not sorted)`);
  const missing = (at - previous) / MINUTE_MS - 1;
  throw rows.fail(`expected ${previous + MINUTE_MS}, found ${at} (gap of ${missing} minutes)`);
}

function emptyBars(firstAt: number, count: number): MinuteBars {
  return {
    firstAt,
    count,
    open: new Int32Array(count),
    high: new Int32Array(count),
    low: new Int32Array(count),
    close: new Int32Array(count),
    volumeUsd: new Float64Array(count),
  };
}

function readCandles(rows: RowScanner): Recording {
  const room = emptyBars(0, rows.rowsLeft());
  let firstAt = 0;
  let previous: number | null = null;
  let count = 0;
  let coarse = true;
  while (rows.nextRow()) {
    const at = candleStart(rows, previous);
    if (previous === null) firstAt = at;
    previous = at;
    const open = positivePrice(rows, rows.number(OPEN));
    const high = positivePrice(rows, rows.number(HIGH));
    if (high < open) throw rows.fail(`expected high not below open ${open / 100}, found ${high / 100}`);
    const low = positivePrice(rows, rows.number(LOW));
    if (low > open) throw rows.fail(`expected low not above open ${open / 100}, found ${low / 100}`);
    const close = positivePrice(rows, rows.number(CLOSE));
    if (close < low || close > high) {
      throw rows.fail(`expected close between low ${low / 100} and high ${high / 100}, found ${close / 100}`);
    }
    room.open[count] = open;
    room.high[count] = high;
    room.low[count] = low;
    room.close[count] = close;
    room.volumeUsd[count] = rows.number(VOLUME);
    coarse &&= open % 50 === 0 && high % 50 === 0 && low % 50 === 0 && close % 50 === 0;
    count++;
  }
  if (count === 0) throw rows.fail("expected at least one candle, found the end of the file");
  return { file: rows.file, bars: { ...room, firstAt, count }, trades: null, tickCents: coarse ? 50 : 10 };
}

function tradeTime(rows: RowScanner, previous: number | null): number {
  const at = instant(rows, rows.number(TRADE_TIME));
  if (previous === null) return at;
  if (at < previous) throw rows.fail(`expected ${previous} or later, found the earlier ${at} (rows not sorted)`);
  if (at - previous <= LONGEST_SILENCE_MS) return at;
  throw rows.fail(`expected a trade within an hour of ${previous}, found ${at} (gap of ${at - previous} ms)`);
}

function readTrades(rows: RowScanner): Recording {
  const room = rows.rowsLeft();
  const at = new Float64Array(room);
  const price = new Int32Array(room);
  const sizeUsd = new Float64Array(room);
  const buy = new Uint8Array(room);
  let count = 0;
  let coarse = true;
  while (rows.nextRow()) {
    at[count] = tradeTime(rows, count === 0 ? null : at[count - 1] ?? 0);
    buy[count] = rows.side() ? 1 : 0;
    const cents = positivePrice(rows, rows.number(TRADE_PRICE));
    price[count] = cents;
    sizeUsd[count] = rows.number(TRADE_SIZE);
    coarse &&= cents % 50 === 0;
    count++;
  }
  if (count === 0) throw rows.fail("expected at least one trade, found the end of the file");
  const trades: Trades = { count, at, price, sizeUsd, buy };
  return { file: rows.file, bars: barsOfTrades(trades), trades, tickCents: coarse ? 50 : 10 };
}

/** One-minute bars of trades; a minute without a trade is flat at the previous close. */
function barsOfTrades(trades: Trades): MinuteBars {
  const firstAt = Math.floor((trades.at[0] ?? 0) / MINUTE_MS) * MINUTE_MS;
  const count = Math.floor(((trades.at[trades.count - 1] ?? 0) - firstAt) / MINUTE_MS) + 1;
  const bars = emptyBars(firstAt, count);
  let index = 0;
  let price = trades.price[0] ?? 0;
  for (let minute = 0; minute < count; minute++) {
    const end = firstAt + (minute + 1) * MINUTE_MS;
    const first = index;
    let high = 0;
    let low = Number.MAX_SAFE_INTEGER;
    let volume = 0;
    for (; index < trades.count && (trades.at[index] ?? 0) < end; index++) {
      const traded = trades.price[index] ?? 0;
      if (traded > high) high = traded;
      if (traded < low) low = traded;
      volume += trades.sizeUsd[index] ?? 0;
    }
    bars.open[minute] = index > first ? trades.price[first] ?? 0 : price;
    if (index > first) price = trades.price[index - 1] ?? 0;
    bars.high[minute] = index > first ? high : price;
    bars.low[minute] = index > first ? low : price;
    bars.close[minute] = price;
    bars.volumeUsd[minute] = volume;
  }
  return bars;
}
