/** Every sentence that a person reads while operating, as one text (reviewed as a diff). */
import { strict as assert } from "node:assert";
import { refusalOf } from "../../src/views/why.ts";
import { wrap } from "../../src/views/layout.ts";
import { sentences } from "../support/sentences.ts";
import type { EvaluationRecord } from "../../src/domain/records.ts";
import { whySentence } from "../../src/views/refusal_words.ts";

const GOLDEN = "tests/golden/sentences.txt";

function fileText(): string {
  return Deno.readTextFileSync(GOLDEN);
}

Deno.test("golden: the sentences of states, pauses, halts, refusals, exits and checks", () => {
  assert.equal(sentences().join("\n") + "\n", fileText());
});

Deno.test("golden: no sentence carries a rule number, a field name or a number of many digits", () => {
  for (const line of sentences()) {
    if (line.startsWith("#")) continue;
    const [, text = ""] = line.split(" | ");
    // Words in backticks are commands to type.
    const said = text.replace(/`[^`]*`/g, "");
    assert.doesNotMatch(said, /\b[FPLMN]-\d/, line);
    assert.doesNotMatch(said, /[a-z]_[a-z]/, line);
    assert.doesNotMatch(said, /\d\.\d{3,}|\d{7,}/, line);
    assert.match(said, /[.?!:]$/, line);
  }
});

Deno.test("golden: a sentence fits 60, 80 and 120 columns", () => {
  for (const columns of [60, 80, 120]) {
    for (const line of sentences()) for (const part of wrap(line, { columns })) assert.ok(part.length <= columns, part);
  }
});

Deno.test("refusalOf() takes the inputs of the gate that refused, not of the first", () => {
  const record: EvaluationRecord = {
    type: "evaluation",
    at: 0 as EvaluationRecord["at"],
    refusal: "atr_too_low",
    repeated: 0,
    signal: null,
    gates: [
      { gate: 1, code: null, inputs: { halt: null } },
      { gate: 4, code: "atr_too_low", inputs: { atr_pct_24h: 1.5894495695044446, atr_pct_24h_min: 3 } },
    ],
    sizing: {},
  };
  assert.equal(whySentence(refusalOf(record)), "Market too quiet: the daily range is 1.6 %, it needs 3 %.");
});
