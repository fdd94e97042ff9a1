import assert from "node:assert/strict";
import fc from "fast-check";
import { parseEnvelope, parsePositions, parseReply } from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";
import { NAMES, textOf } from "./bybit_samples.ts";

const body = (result: unknown, time: number | string): string =>
  `{"retCode":0,"retMsg":"OK","result":${JSON.stringify(result)},"retExtInfo":{},"time":${time}}`;

Deno.test("[F-4.8] a reply reads the same whatever the endpoint said before, with its own time", () => {
  const result = fc.constantFrom({ list: [] }, { list: [{ orderId: "1" }] }, { list: [], time: 1612232070894 }, null);
  const time = fc.constantFrom<number | string>(1612232070894, 1612232070895, 7, "0123456789012", '"1612232070894"');
  fc.assert(fc.property(fc.array(fc.tuple(result, time), { minLength: 2, maxLength: 12 }), (replies) => {
    for (const [said, at] of replies) {
      const text = body(said, at);
      assert.deepEqual(parseReply(text, ENDPOINTS.realtime), parseEnvelope(text));
    }
  }));
});

Deno.test("[F-4.8] a repeated reply gives the very result of before; another endpoint's, or a changed one, its own", () => {
  const first = parseReply(body({ list: [1] }, 1612232070894), ENDPOINTS.realtime);
  const again = parseReply(body({ list: [1] }, 1612232099999), ENDPOINTS.realtime);
  const other = parseReply(body({ list: [1] }, 1612232070894), ENDPOINTS.position);
  const changed = parseReply(body({ list: [2] }, 1612232070894), ENDPOINTS.realtime);
  assert.equal(again?.result, first?.result);
  assert.equal(again?.time, 1612232099999);
  assert.notEqual(other?.result, first?.result);
  assert.deepEqual(changed?.result, { list: [2] });
});

const POSITION = textOf("rest_position-list_inverse-btcusd-2026.json");
const MOVED: readonly (readonly [string, string])[] = [
  ["markPrice", "28225.10"],
  ["positionValue", "0.01"],
  ["unrealisedPnl", "-0.1"],
  ["breakEvenPrice", "7"],
];
const READ: readonly (readonly [string, string])[] = [["size", "200"], ["liqPrice", "1.5"], ["leverage", "7"]];
function moved(text: string, [name, value]: readonly [string, string]): string {
  return text.replace(new RegExp(`"${name}":"[^"]*"`), `"${name}":"${value}"`);
}
/** The row of a position reply, or why there is none. */
function rowOf(envelope: ReturnType<typeof parseEnvelope>): unknown {
  try {
    return envelope === null ? null : parsePositions(envelope.result);
  } catch (error) {
    return String(error);
  }
}

Deno.test("[F-4.8] a position whose mark price moved is the same row, any other change is read anew", () => {
  const first = parseReply(POSITION, ENDPOINTS.position);
  const again = parseReply(MOVED.reduce(moved, POSITION), ENDPOINTS.position);
  assert.equal(again?.result, first?.result);
  assert.equal(parsePositions(again?.result), parsePositions(first?.result));
  const other = parseReply(moved(POSITION, ["size", "200"]), ENDPOINTS.position);
  assert.equal(parsePositions(other?.result).size, 200);
});

Deno.test("[F-4.8] a position reply reads the same whatever the reply before was, and whatever character was changed", () => {
  const change = fc.oneof(
    fc.constantFrom(...MOVED, ...READ).map((field) => moved(POSITION, field)),
    fc.tuple(fc.nat(POSITION.length - 1), fc.nat(1), fc.constantFrom("", ...'0159.-e"\\{}],: x')).map(
      ([at, taken, put]) => POSITION.slice(0, at) + put + POSITION.slice(at + taken),
    ),
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(POSITION), change), { minLength: 2, maxLength: 8 }), (texts) => {
      for (const text of texts) {
        const [repeated, plain] = [parseReply(text, ENDPOINTS.position), parseEnvelope(text)];
        assert.deepEqual({ ...repeated, result: null }, { ...plain, result: null });
        assert.deepEqual(rowOf(repeated), rowOf(plain));
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("[F-4.8] what a reply leaves open is read by nobody: the row is the same without it", () => {
  const open = ENDPOINTS.position.unread ?? /$^/g;
  const replies = NAMES.filter((name) => name.startsWith("rest_position-list_inverse"));
  assert.ok(replies.length >= 3);
  for (const name of replies) {
    const text = textOf(name);
    const without = text.replaceAll(open, '"nobody":"');
    assert.notEqual(without, text);
    assert.deepEqual(rowOf(parseEnvelope(without)), rowOf(parseEnvelope(text)));
  }
});
