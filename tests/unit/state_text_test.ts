import assert from "node:assert/strict";
import fc from "fast-check";
import { StateTexts } from "../../src/infrastructure/storage/journal/state_text.ts";

Deno.test("[F-11.7] the text of a state is the text of JSON.stringify, whatever was asked before", () => {
  const part = fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue(), { minLength: 9, maxLength: 20 }));
  const texts = new StateTexts();
  const guarded = fc.record({ bot: fc.dictionary(fc.string(), part), guardian: fc.jsonValue() });
  fc.assert(fc.property(guarded, guarded, (one, other) => {
    assert.equal(texts.textOf(one), JSON.stringify(one));
    // Parts of the first state stand in the second, as those that a step did not change do.
    const next = { bot: { ...one.bot, ...other.bot }, guardian: other.guardian };
    assert.equal(texts.textOf(next), JSON.stringify(next));
  }));
});

Deno.test("[F-11.7] a changed element of a long list, an absent field and a state that is no object", () => {
  const texts = new StateTexts();
  const list = Array.from({ length: 12 }, (_, id) => ({ id }));
  const before = { bot: { past: list, gone: undefined }, guardian: null };
  assert.equal(texts.textOf(before), JSON.stringify(before));
  const after = { bot: { past: list.with(3, { id: 99 }), gone: undefined }, guardian: null };
  assert.equal(texts.textOf(after), JSON.stringify(after));
  for (const value of [null, 7, "text", [1, 2]]) assert.equal(texts.textOf(value), JSON.stringify(value));
});
