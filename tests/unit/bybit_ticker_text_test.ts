import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMs } from "../../src/domain/units.ts";
import { parseFrame } from "../../src/infrastructure/exchange/bybit/parse_ws.ts";
import { tickerJson } from "../../src/infrastructure/exchange/bybit/ticker_text.ts";
import { NAMES, oursOf } from "./bybit_samples.ts";

const AT = epochMs(1_790_373_926_000);
const READ = ["lastPrice", "markPrice", "indexPrice", "bid1Price", "bid1Size", "ask1Price", "ask1Size", "fundingRate"];
const OTHERS = ["nextFundingTime", "tickDirection", "openInterest", "cs", "", "a_b", "__proto__", "lastPrice"];

/** Ticker frames as the venue may write them, and some as it never does. */
const field = fc.tuple(
  fc.constantFrom(...READ, ...READ, ...READ, ...OTHERS),
  fc.constantFrom('"28904.50"', '"0"', '""', '"12"', '"-0.0000392"', '"PlusTick"', '"a b"', '"1\\u0030"', "12", "null"),
);
const plain = fc.tuple(fc.constantFrom(...READ), fc.constantFrom('"28904.50"', '"7"', '""'));
const often = (usual: string, ...others: readonly string[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const frame = fc.tuple(
  often("delta", "snapshot", "Delta"),
  fc.oneof(fc.array(plain, { maxLength: 9 }), fc.array(field, { maxLength: 5 })),
  often("24988060310", "0", "01", "-1", "1.5", "999999999999999999", '"7"', "1e3", ""),
  often(',"ts":1609461210102', "", ',"ts":01', ',"ts":1.5', ',"ts":"7"', ',"ts":7,"cs":3'),
).map(([type, fields, cs, ts]) => {
  const members = [["symbol", '"BTCUSD"'], ...fields].map(([name, value]) => `"${name}":${value}`);
  return `{"topic":"tickers.BTCUSD","type":"${type}","data":{${members.join(",")}},"cs":${cs}${ts}}`;
});
/** The text with one character taken out, put in or exchanged. */
const changedOnce = (text: string) =>
  fc.tuple(fc.nat(text.length - 1), fc.nat(1), fc.constantFrom("", ...'0a.-+"\\{}[],: \n\u0000é')).map(
    ([at, taken, put]) => text.slice(0, at) + put + text.slice(at + taken),
  );
/** A fault tells the length of a text that is no JSON. */
function read(text: string): unknown {
  const said = parseFrame(text, AT);
  return said.kind === "fault" ? { ...said, detail: said.detail.replace(/of \d+ characters/, "") } : said;
}

Deno.test("[F-4.8] [F-4.6] a ticker read from its text says what the parsed frame says, whatever character was changed", () => {
  let short = 0;
  fc.assert(
    fc.property(frame.chain((text) => fc.oneof(fc.constant(text), changedOnce(text))), (text) => {
      if (tickerJson(text) !== null) short++;
      // A blank before the frame is JSON as well, but not how the venue writes: it is parsed in full.
      assert.equal(tickerJson(` ${text}`), null);
      assert.deepEqual(read(text), read(` ${text}`));
    }),
    { numRuns: 5_000 },
  );
  assert.ok(short > 500, `${short} frames were read the short way`);
});

Deno.test("[F-4.6] recorded tickers are read from their text as changes, with every key they have", () => {
  const tickers = NAMES.filter((name) => name.startsWith("ws_tickers_")).map(oursOf);
  const changes = tickers.map((text) => text.replace('"type":"snapshot"', '"type":"delta"'));
  assert.ok(changes.filter((text) => tickerJson(text) !== null).length >= 3);
  for (const text of [...tickers, ...changes]) assert.deepEqual(read(text), read(` ${text}`));
});
