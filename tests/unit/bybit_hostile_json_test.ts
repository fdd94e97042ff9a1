/** Replies and frames that are JSON and no fair ones: too deep, too large, said twice (F-4.8). */
import assert from "node:assert/strict";
import { NAMES, oursOf, readingOf } from "./bybit_samples.ts";

const DEEP = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;

/** Places of values in a JSON text: after a key's colon or a list's comma or bracket. */
function valuesOf(text: string): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  const VALUE = /(?<=[:[,])(?:"(?:[^"\\]|\\.)*"(?!:)|-?\d+(?:\.\d+)?|true|false|null|\[\]|\{\})/g;
  for (const match of text.matchAll(VALUE)) found.push({ start: match.index, end: match.index + match[0].length });
  return found;
}
/** Keys with a plain value; the same key is put behind it once more. */
const PAIR = /"\w+":(?:"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)(?=[,}])/g;

function assertFinite(value: unknown, name: string): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${name}: a number that no journal keeps`);
  if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) {
      assertFinite(each, name);
    }
  }
}

for (
  const [what, hostile] of [["30,000 lists deep", DEEP], ["1e400", "1e400"], ["-1e400", "-1e400"]] as const
) {
  Deno.test(`[F-4.8] any value of any recorded sample may be ${what}: a fault or a reading of finite numbers`, () => {
    let read = 0;
    for (const name of NAMES) {
      const text = oursOf(name);
      for (const { start, end } of valuesOf(text)) {
        read += 1;
        // One in sixteen of the deep ones: each costs a millisecond.
        if (hostile === DEEP && read % 16 !== 0) continue;
        const reading = readingOf(name, text.slice(0, start) + hostile + text.slice(end));
        assertFinite(reading, `${name} at ${start}`);
      }
    }
    assert.ok(read > 1_000, String(read));
  });
}

Deno.test("[F-4.8] a key said twice reads as its last word, everywhere alike", () => {
  let read = 0;
  for (const name of NAMES) {
    const text = oursOf(name);
    for (const match of text.matchAll(PAIR)) {
      const [pair] = match;
      const key = pair.slice(0, pair.indexOf(":"));
      const end = match.index + pair.length;
      const twice = `${text.slice(0, match.index)}${key}:"first",${text.slice(match.index)}`;
      assert.deepEqual(readingOf(name, twice), readingOf(name, text), `${name} at ${end}`);
      read += 1;
    }
  }
  assert.ok(read > 1_000, String(read));
});
