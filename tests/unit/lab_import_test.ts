/** Archives into the project's format (L-7.4). The rows are as the venues spell them. */
import { strict as assert } from "node:assert";
import { Buffer } from "node:buffer";
import { deflateRawSync, gzipSync } from "node:zlib";
import { importData } from "../../src/programs/lab/commands/import.ts";
import type { LabIo } from "../../src/programs/lab/io.ts";
import type { Format } from "../../src/programs/lab/market_import/formats.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";

type Files = Map<string, Uint8Array>;
function fileIo(files: Files, errors: string[]): LabIo {
  const bytes = (path: string) => files.get(path) ?? new Uint8Array();
  return {
    readBytes: bytes,
    readText: (path) => new TextDecoder().decode(bytes(path)),
    exists: (path) => files.has(path),
    list: () => [],
    folders: () => [],
    writeFile: (path, content) =>
      void files.set(path, typeof content === "string" ? new TextEncoder().encode(content) : content),
    append: () => {},
    out: () => {},
    error: (line) => void errors.push(line),
    progress: () => {},
    stopwatch: () => 0,
    env: () => undefined,
  };
}

function imported(format: Format, texts: readonly (string | Uint8Array)[]) {
  const files: Files = new Map(texts.map((text, index) => [
    `f${index}`,
    typeof text === "string" ? new TextEncoder().encode(text) : text,
  ]));
  const errors: string[] = [];
  let code: number | string;
  try {
    code = importData(fileIo(files, errors), [...files.keys()], { format, out: "out.csv" });
  } catch (error) {
    code = error instanceof Error ? error.message : String(error);
  }
  return { code, errors, out: files.get("out.csv") ?? null };
}

/** A zip of one deflated file, as archives are published. */
function zipOf(name: string, text: string): Uint8Array {
  const packed = deflateRawSync(text);
  const local = Buffer.alloc(30 + name.length);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt16LE(name.length, 26);
  local.write(name, 30);
  const central = Buffer.alloc(46 + name.length);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt16LE(name.length, 28);
  central.write(name, 46);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length + packed.length, 16);
  return new Uint8Array(Buffer.concat([local, packed, central, end]));
}

const AT = 1_569_888_000_000;
const BYBIT = "start,open,high,low,close,volume,turnover\n" +
  `${AT},8297.5,8299,8297,8298.5,10041,1.21\n${AT + 60_000},8298.5,8301,8298,8300,2000,0.24\n`;
const BINANCE = `${AT},8297.5,8299.0,8297.0,8298.5,100,${AT + 59_999},1.2,10,50,0.6,0\n` +
  `${AT + 60_000},8298.5,8301.0,8298.0,8300.0,20,${AT + 119_999},0.2,4,10,0.1,0\n`;

Deno.test("[L-7.4] every format of candles becomes the same candles, with a header or not, in s, ms or µs, gzip or zip", () => {
  const wanted = `start_ms,open,high,low,close,volume_usd\n${AT},8297.5,8299,8297,8298.5,10041\n` +
    `${AT + 60_000},8298.5,8301,8298,8300,2000\n`;
  const seconds = BYBIT.replaceAll(`${AT}`, `${AT / 1000}`).replaceAll(`${AT + 60_000}`, `${AT / 1000 + 60}`);
  const micros = BYBIT.replaceAll(`${AT}`, `${AT}000`).replaceAll(`${AT + 60_000}`, `${AT + 60_000}000`);
  const bare = BYBIT.slice(BYBIT.indexOf("\n") + 1);
  for (const given of [BYBIT, seconds, micros, bare, gzipSync(BYBIT), zipOf("a.csv", BYBIT)]) {
    const { code, out, errors } = imported("bybit-kline", [given]);
    assert.equal(code, 0, errors.join());
    assert.equal(new TextDecoder().decode(out ?? new Uint8Array()), wanted);
  }
  const ccxt = imported("ccxt", ["timestamp,open,high,low,close,volume\n" + bare.replaceAll(/,[\d.]+\n/g, "\n")]);
  assert.equal(new TextDecoder().decode(ccxt.out ?? new Uint8Array()), wanted);
  const contracts = imported("binance-kline", [BINANCE]);
  assert.match(new TextDecoder().decode(contracts.out ?? new Uint8Array()), new RegExp(`${AT},.*,10000\n.*,2000\n$`));
  const recording = readRecording("out.csv", contracts.out ?? new Uint8Array());
  assert.equal(recording.bars.count, 2);
});

Deno.test("[L-7.4] public trades of the venue become trades that the project reads", () => {
  const text = "timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional\n" +
    "1569888000.719,BTCUSD,Buy,3,8297.5,PlusTick,aa,36155,0.00036155,3\n" +
    "1569888000.719,BTCUSD,Buy,10038,8298.5,PlusTick,ab,120961619,1.20961619,10038\n" +
    "1569888004.7472,BTCUSD,Sell,260,8299,PlusTick,ac,3132907,0.03132907,260\n";
  const { code, out, errors } = imported("bybit-trades", [text]);
  assert.equal(code, 0, errors.join());
  const recording = readRecording("out.csv", out ?? new Uint8Array());
  assert.equal(recording.trades?.count, 3);
  assert.deepEqual([...recording.trades?.at.subarray(0, 3) ?? []], [1569888000719, 1569888000719, 1569888004747]);
  assert.deepEqual([...recording.trades?.buy.subarray(0, 3) ?? []], [1, 1, 0]);
});

Deno.test("[L-7.4] gaps, duplicates and impossible rows are named with line and column, and nothing is written", () => {
  const rows = BYBIT.split("\n");
  const [head = "", one = "", two = ""] = rows;
  const later = two.replace(String(AT + 60_000), String(AT + 240_000));
  const cases: readonly (readonly [string, RegExp])[] = [
    [`${head}\n${one}\n${one}\n`, /^f0:3:1: a second candle of 2019-10-01T00:00Z, the first is f0:2$/],
    [`${head}\n${one}\n${later}\n`, /^f0:3:1: 3 minutes are missing before 2019-10-01T00:04Z$/],
    [`${head}\n${one.replace(",8299,", ",8290,")}\n`, /^f0:2:3: expected high not below/],
    [`${head}\n${one.replace(",8297,", ",8298.9,")}\n`, /^f0:2:4: expected low not above/],
    [`${head}\n${one.replace("8297.5", "-1")}\n`, /^f0:2:2: expected open as a number above 0, found "-1"$/],
    [`${head}\n${one.replace(String(AT), "12")}\n`, /^f0:2:1: expected a time/],
    [`${head.replace("close", "klose")}\n${one}\n`, /^f0:1:1: column close is missing/],
  ];
  for (const [text, expected] of cases) {
    const { code, errors, out } = imported("bybit-kline", [text]);
    assert.match(String(code), /nothing was written/, text);
    assert.match(errors[0] ?? "", expected);
    assert.equal(out, null);
  }
  assert.match(String(imported("bybit-kline", [zipOf("a", BYBIT).slice(0, 60)]).code), /not downloaded whole/);
});
