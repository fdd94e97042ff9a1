import assert from "node:assert/strict";
import fc from "fast-check";
import { parseIntents, parseRecord } from "../../src/infrastructure/storage/journal/parse_record.ts";
import {
  chainHash,
  encodeBody,
  encodeLine,
  GENESIS,
  splitLine,
} from "../../src/infrastructure/storage/journal/record_codec.ts";
import { anyEvent, anyIntent, EVENTS, INTENTS } from "./arbitraries.ts";
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";

/** Through the line and back. */
function again(event: Event, intents: readonly Intent[]): unknown {
  const body = encodeBody(7, event, { intents });
  const hash = chainHash(GENESIS, body);
  const line = encodeLine(body, { hash, stateHash: event.at % 2 === 0 ? hash : null });
  assert.ok(line.endsWith("\n") && !line.slice(0, -1).includes("\n"), "one line");
  const raw = splitLine(line.slice(0, -1));
  assert.deepEqual(raw, { body, hash, stateHash: event.at % 2 === 0 ? hash : null });
  const record = parseRecord(body);
  if (typeof record === "string") return record;
  return { seq: record.seq, event: record.event, intents: parseIntents(record.intentsText) };
}

for (const [name, arbitrary] of Object.entries(EVENTS)) {
  Deno.test(`[F-11.2] parse(serialise(x)) = x for every ${name} event`, () => {
    fc.assert(fc.property(arbitrary, (event: Event) => {
      assert.deepEqual(again(event, []), { seq: 7, event, intents: [] });
      assert.equal(JSON.stringify(again(event, [])), JSON.stringify({ seq: 7, event, intents: [] }), "same order");
    }));
  });
}

for (const [name, arbitrary] of Object.entries(INTENTS)) {
  Deno.test(`[F-11.2] parse(serialise(x)) = x for every ${name} intent`, () => {
    const tick = EVENTS.Tick;
    fc.assert(fc.property(arbitrary, tick, (intent: Intent, event: Event) => {
      assert.deepEqual(again(event, [intent]), { seq: 7, event, intents: [intent] });
    }));
  });
}

Deno.test("[F-11.2] a record keeps the order of its intents", () => {
  fc.assert(fc.property(anyEvent, fc.array(anyIntent, { maxLength: 6 }), (event, intents) => {
    assert.deepEqual(again(event, intents), { seq: 7, event, intents });
  }));
});

Deno.test("[F-11.3] splitLine() refuses what is cut short anywhere", () => {
  const body = encodeBody(1, { kind: "Shutdown", at: fc.sample(EVENTS.Shutdown, 1)[0]!.at }, { intents: [] });
  const hash = chainHash(GENESIS, body);
  for (const stateHash of [null, hash]) {
    const line = encodeLine(body, { hash, stateHash }).slice(0, -1);
    for (let end = 0; end < line.length; end += 1) {
      const raw = splitLine(line.slice(0, end));
      assert.ok(raw === null || raw.body !== body, `cut at ${end}`);
    }
  }
});
