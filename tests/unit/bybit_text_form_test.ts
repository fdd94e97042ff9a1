import assert from "node:assert/strict";
import fc from "fast-check";
import { epochMs } from "../../src/domain/units.ts";
import { Session } from "../../src/infrastructure/exchange/bybit/bybit_ws_client.ts";
import { MarketView } from "../../src/infrastructure/exchange/bybit/market_view.ts";
import { formOf, openAt } from "../../src/infrastructure/exchange/bybit/text_form.ts";
import { textOf } from "./bybit_samples.ts";

const AT = epochMs(1_790_373_926_000);
const OPEN = openAt("mark", "value");

/** The text with one character taken out, put in or exchanged. */
const changedOnce = (text: string) =>
  fc.tuple(fc.nat(text.length - 1), fc.nat(1), fc.constantFrom("", ...'0129.-+eE"\\{}[],: x\n')).map(
    ([at, taken, put]) => text.slice(0, at) + put + text.slice(at + taken),
  );
/** What the text says but for its open places, undefined for a text that is no JSON. */
function elsewhere(text: string): unknown {
  const shut = (key: string, value: unknown) =>
    key === "mark" || key === "value" ? String(value).replace(/^[0-9.-]+/, "") : value;
  try {
    return JSON.parse(text, shut);
  } catch {
    return undefined;
  }
}

Deno.test("[F-4.8] a text of the same form is JSON and says the same but for its open decimals", () => {
  let fitting = 0;
  const decimal = fc.constantFrom("0", "-0.00011", "28903.60", "", "1e3", "12x", 'a\\"b');
  const row = fc.tuple(decimal, decimal, fc.constantFrom("1", "2")).map(([mark, value, size]) =>
    `{"list":[{"size":"${size}","mark":"${mark}","seq":7,"value":"${value}"}]}`
  );
  fc.assert(
    fc.property(row, row.chain((text) => fc.oneof(fc.constant(text), changedOnce(text))), (first, next) => {
      const form = formOf(first, { end: first.length, open: OPEN });
      assert.ok(form.fits(first, first.length));
      if (!form.fits(next, next.length)) return;
      if (next !== first) fitting++;
      assert.notEqual(elsewhere(next), undefined);
      assert.deepEqual(elsewhere(next), elsewhere(first));
    }),
    { numRuns: 3_000 },
  );
  assert.ok(fitting > 20, `${fitting} texts of the form of another`);
});

Deno.test("[F-4.8] a form fits no text that is longer, shorter or cut, and opens only what it is told to", () => {
  const text = '{"mark":"1.5","list":["7"]}';
  const form = formOf(text, { end: text.length, open: OPEN });
  const others = [`${text} `, text.slice(0, -1), "", '{"mark":"1.5"', '{"mark":"1.5","list":["8"]}', `{"a":1,${text}`];
  for (const other of others) assert.ok(!form.fits(other, other.length), other);
  assert.ok(form.fits('{"mark":"-20","list":["7"]}', text.length));
  assert.ok(!formOf(text, { end: text.length, open: null }).fits('{"mark":"-20","list":["7"]}', text.length));
  // What stands behind `end` is not the form's.
  assert.ok(formOf(text, { end: 10, open: OPEN }).fits(`${text.slice(0, 10)}nonsense`, 10));
  assert.ok(!formOf(text, { end: 10, open: OPEN }).fits('{"mark":"2.5', 10));
});

const PONGS = ["ws_pong_private.json", "ws_pong_public.json", "ws_pong_public-real.json", "ws_pong_option.json"];

Deno.test("[F-7.22] [F-4.8] after a pong every frame is read as by a session that saw none", () => {
  const session = () => new Session({ stream: "private", topics: [], market: new MarketView(() => {}), onBars() {} });
  const pong = fc.constantFrom(...PONGS.map(textOf));
  fc.assert(
    fc.property(pong, pong.chain((text) => fc.oneof(fc.constant(text), changedOnce(text))), (first, next) => {
      const [used, fresh] = [session(), session()];
      used.onText(first, AT);
      used.onText(first.replace(/\d{13}/, "1675418565633"), AT);
      assert.equal(used.ignored(), 0);
      assert.deepEqual(used.onText(next, AT), fresh.onText(next, AT));
      assert.equal(used.ignored(), fresh.ignored());
      assert.equal(used.lost(), fresh.lost());
    }),
    { numRuns: 2_000 },
  );
});
