import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DataFileError, readRecording } from "../../src/infrastructure/market_data/recording.ts";

const HEADER = "start_ms,open,high,low,close,volume_usd";
const TRADES = "ts_ms,side,price,size_usd";
const T0 = 1_600_000_020_000;
const GOOD = `${T0},100,101.5,99,100.5,12`;
const SECOND = `${T0 + 60_000},100.5,101,100,100.5,0`;
const bytes = (...lines: string[]): Uint8Array => new TextEncoder().encode(lines.join("\n") + "\n");

const BAD: readonly [name: string, data: Uint8Array, line: number, column: string, expected: RegExp][] = [
  ["empty file", new Uint8Array(0), 1, "1", /header, found an empty file/],
  ["only a header", bytes(HEADER), 2, "1", /at least one candle/],
  ["only a header of trades", bytes(TRADES), 2, "1", /at least one trade/],
  [
    "header misspelt",
    bytes("start_ms,open,high,low,last,volume_usd", GOOD),
    1,
    "5",
    /expected the header .*found "last"/,
  ],
  ["header short", bytes("ts_ms,side,price", GOOD), 1, "4", /found nothing/],
  ["header with one more", bytes(HEADER + ",x", GOOD), 1, "7", /found "x"/],
  ["no header", bytes(GOOD, SECOND), 1, "1", /expected the header/],
  ["gap", bytes(HEADER, GOOD, `${T0 + 180_000},1,1,1,1,1`), 3, "start_ms", /gap of 2 minutes/],
  ["duplicate", bytes(HEADER, GOOD, GOOD), 3, "start_ms", /duplicate row/],
  ["unsorted", bytes(HEADER, SECOND, GOOD), 3, "start_ms", /not sorted/],
  ["not a minute", bytes(HEADER, `${T0 + 1},1,1,1,1,1`), 2, "start_ms", /start of a minute/],
  ["seconds, not ms", bytes(HEADER, "1600000020,1,1,1,1,1"), 2, "start_ms", /milliseconds UTC/],
  ["zero price", bytes(HEADER, `${T0},0,1,1,1,1`), 2, "open", /above 0/],
  ["negative price", bytes(HEADER, `${T0},100,101,-99,100,1`), 2, "low", /not negative, found "-99"/],
  ["price of three decimals", bytes(HEADER, `${T0},100.001,101,99,100,1`), 2, "open", /at most 2 decimals/],
  ["huge price", bytes(HEADER, `${T0},100000000,1,1,1,1`), 2, "open", /below 20,000,000/],
  ["high below open", bytes(HEADER, `${T0},100,99,98,99,1`), 2, "high", /not below open 100, found 99/],
  ["low above open", bytes(HEADER, `${T0},100,102,101,101,1`), 2, "low", /not above open/],
  ["close above high", bytes(HEADER, `${T0},100,102,99,103,1`), 2, "close", /between low 99 and high 102/],
  ["negative volume", bytes(HEADER, `${T0},100,102,99,101,-1`), 2, "volume_usd", /not negative/],
  ["word", bytes(HEADER, `${T0},100,abc,99,101,1`), 2, "high", /plain decimal number, found "abc"/],
  ["empty field", bytes(HEADER, `${T0},100,,99,101,1`), 2, "high", /found nothing/],
  ["exponent", bytes(HEADER, `${T0},1e2,101,99,101,1`), 2, "open", /plain decimal/],
  ["field missing", bytes(HEADER, `${T0},100,101,99,101`), 2, "close", /another field, found the end/],
  ["field too many", bytes(HEADER, `${T0},100,101,99,101,1,1`), 2, "volume_usd", /end of the row/],
  ["blank line", bytes(HEADER, GOOD, "", SECOND), 3, "start_ms", /found nothing/],
  ["side", bytes(TRADES, "1600000020000,buy,100,1"), 2, "side", /Buy or Sell, found "buy"/],
  ["trades unsorted", bytes(TRADES, "1600000020001,Buy,100,1", "1600000020000,Buy,100,1"), 3, "ts_ms", /not sorted/],
  ["trades with a gap", bytes(TRADES, "1600000020000,Buy,100,1", "1600003620001,Buy,100,1"), 3, "ts_ms", /gap of/],
  ["trade at zero", bytes(TRADES, "1600000020000,Buy,0,1"), 2, "price", /above 0/],
];

for (const [name, data, line, column, expected] of BAD) {
  Deno.test(`[data file] refuses: ${name}, naming line and column`, () => {
    throws(() => readRecording("x.csv", data), (error) => {
      ok(error instanceof DataFileError);
      deepEqual([error.line, error.column], [line, column], error.message);
      ok(error.message.includes("x.csv"));
      ok(expected.test(error.message), error.message);
      return true;
    });
  });
}

function manyRows(count: number): string[] {
  const rows = [HEADER];
  for (let index = 0; index < count; index++) {
    const price = 100 + (index * 7919) % 97;
    rows.push(`${T0 + index * 60_000},${price},${price + 1},${price - 1},${price},${(index * 104_729) % 99_991}`);
  }
  return rows;
}

Deno.test("[data file] a gzip cut short names the line where it ends", () => {
  const whole = gzipSync(bytes(...manyRows(20_000)));
  throws(() => readRecording("cut.csv.gz", whole.subarray(0, whole.length >> 1)), (error) => {
    ok(error instanceof DataFileError);
    ok(error.line > 1_000 && error.line < 20_000, `line ${error.line}`);
    ok(/complete gzip stream/.test(error.message), error.message);
    return true;
  });
});

Deno.test("[data file] candles are read alike plain, gzip, with CRLF, with a byte order mark and without a last newline", () => {
  const plain = bytes(...manyRows(50));
  const text = new TextDecoder().decode(plain);
  const wanted = readRecording("a", plain);
  equal(wanted.bars.count, 50);
  equal(wanted.bars.firstAt, T0);
  equal(wanted.tickCents, 50);
  const variants = [
    gzipSync(plain),
    new TextEncoder().encode(text.replaceAll("\n", "\r\n")),
    new TextEncoder().encode("\ufeff" + text),
    new TextEncoder().encode(text.trimEnd()),
  ];
  for (const variant of variants) {
    const { bars } = readRecording("a", variant);
    equal(bars.count, 50);
    deepEqual(bars.close.subarray(0, 50), wanted.bars.close.subarray(0, 50));
    deepEqual(bars.volumeUsd.subarray(0, 50), wanted.bars.volumeUsd.subarray(0, 50));
  }
});

Deno.test("[data file] decimals become cents and the grid is 0.10 unless all prices stand on 0.50", () => {
  const fine = readRecording("a", bytes(HEADER, `${T0},100.1,101.5,99.05,100.5,12.9`));
  deepEqual([fine.bars.open[0], fine.bars.high[0], fine.bars.low[0], fine.bars.close[0]], [10010, 10150, 9910, 10050]);
  equal(fine.bars.volumeUsd[0], 12);
  equal(fine.tickCents, 10);
});

Deno.test("[data file] trades become minute bars; a minute without a trade is flat at the close before", () => {
  const { bars, trades } = readRecording(
    "t",
    bytes(
      TRADES,
      `${T0 + 5},Buy,100,3`,
      `${T0 + 5},Buy,100,3`,
      `${T0 + 900},Sell,99.5,4`,
      `${T0 + 120_000},Buy,101,1`,
    ),
  );
  equal(trades?.count, 4);
  equal(bars.count, 3);
  deepEqual([...bars.open.subarray(0, 3)], [10000, 9950, 10100]);
  deepEqual([...bars.low.subarray(0, 3)], [9950, 9950, 10100]);
  deepEqual([...bars.close.subarray(0, 3)], [9950, 9950, 10100]);
  deepEqual([...bars.volumeUsd.subarray(0, 3)], [10, 0, 1]);
});
