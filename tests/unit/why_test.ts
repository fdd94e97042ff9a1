/** `abot why`: sentences, and what belongs to which record (A4). */
import { deepEqual, ok } from "node:assert/strict";
import type { EvaluationRecord } from "../../src/domain/records.ts";
import { epochMs } from "../../src/domain/units.ts";
import { evaluationLines } from "../../src/views/why.ts";

function record(change: Partial<EvaluationRecord>): EvaluationRecord {
  return {
    type: "evaluation",
    at: epochMs(Date.UTC(2026, 10, 21, 1)),
    refusal: "atr_too_low",
    repeated: 7,
    signal: null,
    gates: [
      { gate: 1, code: null, inputs: { halt: null } },
      { gate: 4, code: "atr_too_low", inputs: { atr_pct_24h: 1.5894495695044446, atr_pct_24h_min: 3 } },
      { gate: 8, code: "hedge_mode_detected", inputs: { hedge_mode: true } },
    ],
    sizing: {},
    ...change,
  };
}

Deno.test("[P-4] what was found again is told with the record that it is like, never with the entry that followed", () => {
  const sent = record({
    refusal: null,
    signal: { signalId: "grid_1", side: "Buy" },
    gates: [],
    sizing: { contracts: 141 },
  });
  const layout = { verbose: false, columns: 80 };
  deepEqual(evaluationLines({ record: sent, again: 0 }, layout), [
    "2026-11-21 01:00:00Z  Entry sent: buy 141 contracts.",
  ]);
  deepEqual(evaluationLines({ record: record({}), again: 7 }, layout), [
    "2026-11-21 01:00:00Z  No entry. Market too quiet: the daily range is 1.6 %, it",
    "    needs 3 %.",
    "    also: The account is in hedge mode, the bot needs one-way mode.",
    "    The same 7 more times.",
  ]);
});

Deno.test("[P-4] --verbose adds every gate with its inputs; no line is wider than the terminal, but for one word", () => {
  for (const columns of [60, 80, 120]) {
    const lines = evaluationLines({ record: record({}), again: 0 }, { verbose: true, columns });
    ok(/gate 4, market: refused \(atr_too_low\)\s+atr_pct_24h=1\.589/.test(lines.join("\n")));
    for (const line of lines) ok(line.length <= columns, line);
  }
});
