import assert from "node:assert/strict";
import fc from "fast-check";
import { parseEnvelope, parseReply } from "../../src/infrastructure/exchange/bybit/parse_rest.ts";
import { ENDPOINTS } from "../../src/infrastructure/exchange/bybit/venue_words.ts";

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
