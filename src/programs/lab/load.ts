import { createHash } from "node:crypto";
import { messageOf } from "../../common/text.ts";
import type { Config } from "../../domain/limits.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { DataFileError, type MinuteBars, readRecording } from "../../infrastructure/market_data/recording.ts";
import type { LabCandles } from "./driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "./io.ts";

/** A configuration file as the bot reads it. Throws LabInputError with every mistake in it. */
export function labConfig(io: LabIo, path: string): { readonly config: Config; readonly configHash: string } {
  const loaded = loadConfig({ readText: io.readText, path });
  if (loaded.kind === "errors") throw new LabInputError(loaded.errors.join("\n"), LAB_EXIT.badData);
  return loaded;
}

/** Candles of a file of candles or trades, in memory that workers can share. Throws LabInputError. */
export function labCandles(io: LabIo, file: string): LabCandles {
  let bytes: Uint8Array;
  try {
    bytes = io.readBytes(file);
  } catch (error) {
    throw new LabInputError(`Cannot read market data ${file}: ${messageOf(error)}`, LAB_EXIT.files);
  }
  try {
    const { bars, tickCents } = readRecording(file, bytes);
    return { ...shared(bars), tickCents, dataHash: hashOf(bars), file };
  } catch (error) {
    if (error instanceof DataFileError) throw new LabInputError(error.message, LAB_EXIT.badData);
    throw error;
  }
}

/** The same bars in shared memory; the decoder's own arrays, which had to guess their length, are let go. */
function shared(bars: MinuteBars): MinuteBars {
  const { firstAt, count } = bars;
  const whole = (from: Int32Array) => {
    const to = new Int32Array(new SharedArrayBuffer(count * 4));
    to.set(from.subarray(0, count));
    return to;
  };
  const volumeUsd = new Float64Array(new SharedArrayBuffer(count * 8));
  volumeUsd.set(bars.volumeUsd.subarray(0, count));
  return {
    firstAt,
    count,
    open: whole(bars.open),
    high: whole(bars.high),
    low: whole(bars.low),
    close: whole(bars.close),
    volumeUsd,
  };
}

/** SHA-256 over the candles themselves, so that the same market in another file has the same name. 16 hex digits. */
function hashOf(bars: MinuteBars): string {
  const hash = createHash("sha256").update(`${bars.firstAt} ${bars.count}`);
  for (const column of [bars.open, bars.high, bars.low, bars.close, bars.volumeUsd]) {
    const part = column.subarray(0, bars.count);
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}
