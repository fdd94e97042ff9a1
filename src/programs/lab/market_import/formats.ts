/** Archives of exchanges and of ccxt, row by row, into candles or trades (L-7.4). Nothing is repaired silently. */
export const FORMATS = ["bybit-trades", "bybit-kline", "binance-kline", "ccxt"] as const;
export type Format = (typeof FORMATS)[number];

/** One minute candle; prices in USD, volume in USD. */
export type CandleRow = {
  readonly at: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volumeUsd: number;
};
export type TradeRow = {
  readonly at: number;
  readonly side: "Buy" | "Sell";
  readonly price: number;
  readonly sizeUsd: number;
};

/** What is wrong with a row, and where; column counts from 1. */
export type RowFault = { readonly column: number; readonly text: string };
export type Read<Row> = { readonly kind: "row"; readonly row: Row } | {
  readonly kind: "fault";
  readonly fault: RowFault;
};

type Columns = {
  /** Names that a header gives the column, lower case, or its place without a header. */
  readonly names: readonly string[];
  readonly place: number;
};
/** Where each value stands; a header wins over places. */
const CANDLE_COLUMNS: Readonly<Record<Exclude<Format, "bybit-trades">, Readonly<Record<string, Columns>>>> = {
  // start,open,high,low,close,volume,turnover: BTCUSD inverse counts volume in USD and turnover in BTC.
  "bybit-kline": columns(["start", "starttime", "start_at", "timestamp", "open_time"], ["volume"], 5),
  // open_time,open,high,low,close,volume,close_time,quote_volume,…: COIN-M counts volume in contracts of 100 USD.
  "binance-kline": columns(["open_time", "opentime"], ["volume"], 5),
  // timestamp,open,high,low,close,volume as fetchOHLCV gives it.
  ccxt: columns(["timestamp", "time", "date"], ["volume"], 5),
};
/** Dollars in one unit of volume, where the archive counts contracts. */
const USD_A_UNIT: Readonly<Record<Exclude<Format, "bybit-trades">, number>> = {
  "bybit-kline": 1,
  "binance-kline": 100,
  ccxt: 1,
};

function columns(time: readonly string[], volume: readonly string[], place: number): Readonly<Record<string, Columns>> {
  return {
    at: { names: time, place: 0 },
    open: { names: ["open"], place: 1 },
    high: { names: ["high"], place: 2 },
    low: { names: ["low"], place: 3 },
    close: { names: ["close"], place: 4 },
    volume: { names: volume, place },
  };
}
/** timestamp,symbol,side,size,price,…: Bybit's public trades; seconds with decimals, size in USD. */
const TRADE_COLUMNS: Readonly<Record<string, Columns>> = {
  at: { names: ["timestamp"], place: 0 },
  side: { names: ["side"], place: 2 },
  size: { names: ["size"], place: 3 },
  price: { names: ["price"], place: 4 },
};

/** Places of the columns by a header; null when the first line is no header. */
export type Layout = ReadonlyMap<string, number>;

/** Reads the first line: a header, or the first row already. Throws RangeError for a header that lacks a column. */
export function layoutOf(format: Format, line: string): { readonly layout: Layout; readonly header: boolean } {
  const wanted = format === "bybit-trades" ? TRADE_COLUMNS : CANDLE_COLUMNS[format];
  const cells = line.split(",").map((cell) => cell.trim().toLowerCase());
  if (/^[\d."]/.test(line.trim())) {
    return { layout: new Map(Object.entries(wanted).map(([name, { place }]) => [name, place])), header: false };
  }
  const layout = new Map<string, number>();
  for (const [name, { names }] of Object.entries(wanted)) {
    const place = cells.findIndex((cell) => names.includes(cell));
    if (place < 0) {
      throw new RangeError(`column ${names[0]} is missing in the header; expected one of ${names.join(", ")}`);
    }
    layout.set(name, place);
  }
  return { layout, header: true };
}

/** Seconds, milliseconds or microseconds since 1970, by their size; ISO text too. NaN for neither. */
export function timeOf(text: string): number {
  const value = Number(text);
  if (text === "" || Number.isNaN(value)) {
    return /^\d{4}-\d{2}-\d{2}[T ]/.test(text) ? Date.parse(text.replace(" ", "T")) : NaN;
  }
  const size = Math.abs(value);
  return size >= 1e14 ? Math.floor(value / 1000) : size >= 1e11 ? Math.floor(value) : Math.floor(value * 1000 + 1e-6);
}

function cell(cells: readonly string[], place: number): string {
  return (cells[place] ?? "").trim().replace(/^"|"$/g, "");
}
function numberAt(cells: readonly string[], place: number): number {
  const text = cell(cells, place);
  return /^[+]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : NaN;
}

const EARLIEST_MS = 1_230_768_000_000;
const LATEST_MS = 4_102_444_800_000;
const MINUTE_MS = 60_000;

function timeFault(at: number, place: number, text: string): RowFault | null {
  if (at >= EARLIEST_MS && at <= LATEST_MS) return null;
  return { column: place + 1, text: `expected a time in s, ms or µs since 1970, found "${text.slice(0, 40)}"` };
}

/** One line of candles. */
export function candleRow(
  format: Exclude<Format, "bybit-trades">,
  of: { readonly line: string; readonly layout: Layout },
): Read<CandleRow> {
  const cells = of.line.split(",");
  const place = (name: string) => of.layout.get(name) ?? 0;
  const at = timeOf(cell(cells, place("at")));
  const late = timeFault(at, place("at"), cell(cells, place("at")));
  if (late !== null) return { kind: "fault", fault: late };
  if (at % MINUTE_MS !== 0) {
    return {
      kind: "fault",
      fault: { column: place("at") + 1, text: `expected the start of a minute, found ${new Date(at).toISOString()}` },
    };
  }
  const values: Record<string, number> = {};
  for (const name of ["open", "high", "low", "close", "volume"]) {
    const value = numberAt(cells, place(name));
    if (Number.isNaN(value) || (name !== "volume" && value <= 0)) {
      const text = `expected ${name} as a number above 0, found "${cell(cells, place(name)).slice(0, 40)}"`;
      return { kind: "fault", fault: { column: place(name) + 1, text } };
    }
    values[name] = value;
  }
  const { open = 0, high = 0, low = 0, close = 0, volume = 0 } = values;
  if (high < Math.max(open, close)) {
    return {
      kind: "fault",
      fault: {
        column: place("high") + 1,
        text: `expected high not below open ${open} and close ${close}, found ${high}`,
      },
    };
  }
  if (low > Math.min(open, close)) {
    return {
      kind: "fault",
      fault: { column: place("low") + 1, text: `expected low not above open ${open} and close ${close}, found ${low}` },
    };
  }
  return { kind: "row", row: { at, open, high, low, close, volumeUsd: volume * USD_A_UNIT[format] } };
}

/** One line of trades. */
export function tradeRow(of: { readonly line: string; readonly layout: Layout }): Read<TradeRow> {
  const cells = of.line.split(",");
  const place = (name: string) => of.layout.get(name) ?? 0;
  const at = timeOf(cell(cells, place("at")));
  const late = timeFault(at, place("at"), cell(cells, place("at")));
  if (late !== null) return { kind: "fault", fault: late };
  const word = cell(cells, place("side")).toLowerCase();
  if (word !== "buy" && word !== "sell") {
    return {
      kind: "fault",
      fault: { column: place("side") + 1, text: `expected Buy or Sell, found "${word.slice(0, 40)}"` },
    };
  }
  const price = numberAt(cells, place("price"));
  const sizeUsd = numberAt(cells, place("size"));
  for (const [name, value] of [["price", price], ["size", sizeUsd]] as const) {
    if (value > 0) continue;
    const text = `expected ${name} as a number above 0, found "${cell(cells, place(name)).slice(0, 40)}"`;
    return { kind: "fault", fault: { column: place(name) + 1, text } };
  }
  return { kind: "row", row: { at, side: word === "buy" ? "Buy" : "Sell", price, sizeUsd } };
}
