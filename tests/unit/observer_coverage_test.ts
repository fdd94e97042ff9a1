/** Which row of the event table a step is, read from the journal alone. */
import { strict as assert } from "node:assert";
import { CauseWatch } from "../../src/observer/journal/causes.ts";
import type { JournalLine } from "../../src/observer/types.ts";
import {
  CoverageCounter,
  coverageLines,
  EVENT_ROWS,
  REFUSAL_CODES,
  resetLines,
  roleOf,
} from "../../src/observer/journal/coverage.ts";
import { evaluation, T0 } from "./observer_kit.ts";

const ID = "grid_a3f8d2e1c4_l";

/** As parsed from a file: only what the counter reads. */
function line(event: Record<string, unknown>, records: readonly unknown[] = []): JournalLine {
  const intents = records.map((record) => ({ kind: "Record", record }));
  return JSON.parse(JSON.stringify({ seq: 1, event: { at: T0, ...event }, intents }));
}
const executed = (orderLinkId: string, leavesQty: number) => ({
  kind: "Executed",
  execution: { orderLinkId, leavesQty },
});
const seen = (orderLinkId: string, status: string) => ({
  kind: "OrderSeen",
  order: { orderLinkId, orderId: orderLinkId, status },
});
const change = (phaseBefore: string, phaseAfter: string) => ({ type: "change", phaseBefore, phaseAfter });
const halt = (reason: string) => ({ type: "snapshot", lid: "HALT", reason });

/** What leads there, the step itself, and the row it is. */
const ROWS: readonly [row: string, before: string, step: JournalLine][] = [
  ["F-1.10", "entry", line(executed(`${ID}_Buy`, 0), [change("entry", "position")])],
  ["F-1.11", "entry", line(executed(`${ID}_Buy`, 40), [change("entry", "position")])],
  ["F-1.12", "entry", line({ kind: "PlaceAnswer", outcome: { kind: "refused" } }, [change("entry", "flat")])],
  ["F-1.13", "entry", line(seen(`${ID}_Buy`, "Cancelled"), [change("entry", "flat")])],
  ["F-1.14", "entry", line(seen(`${ID}_Buy`, "Cancelled"), [change("entry", "position")])],
  ["F-1.15", "position", line(executed(`${ID}_Buy`, 10))],
  ["F-1.16", "position", line(executed(`${ID}_Buy`, 0))],
  ["F-1.17", "position", line(seen(`${ID}_Buy`, "Cancelled"))],
  ["F-1.18", "position", line(executed(`${ID}_stop_Sell`, 40))],
  ["F-1.19", "position", line(executed(`${ID}_tp_Sell`, 0), [change("position", "flat")])],
  ["F-1.20", "position", line(seen(`${ID}_stop_Sell_2`, "Cancelled"))],
  ["F-1.21", "exit", line(executed(`${ID}_exit_Sell`, 10))],
  ["F-1.22", "exit", line(executed(`${ID}_exit_Sell`, 0), [change("exit", "flat")])],
  ["F-1.23", "exit", line(seen(`${ID}_exit_Sell`, "Cancelled"), [change("exit", "position")])],
  ["F-1.24", "position", line({ kind: "PositionSeen" }, [halt("liquidation")])],
  ["F-1.25", "position", line({ kind: "PositionSeen" }, [halt("adl")])],
  ["F-1.26", "flat", line({ kind: "Tick" }, [halt("unexpected_fill")])],
  ["F-1.27", "flat", line({ kind: "InvalidFill" }, [halt("invalid_fill_quantity")])],
  ["F-1.28", "flat", line({ kind: "Tick" }, [halt("foreign_activity")])],
];

for (const [row, before, step] of ROWS) {
  Deno.test(`coverage: the step that is row ${row} is counted as it, and as nothing else`, () => {
    const counter = new CoverageCounter();
    counter.on(line({ kind: "Tick" }, [change("flat", before)]));
    counter.on(step);
    assert.deepEqual(counter.counts, { [row]: 1 });
  });
}

Deno.test("coverage: a second message about a finished order is row F-1.29", () => {
  const counter = new CoverageCounter();
  counter.on(line(seen(`${ID}_exit_Sell`, "Filled")));
  assert.deepEqual(counter.counts, {});
  counter.on(line(seen(`${ID}_exit_Sell`, "New")));
  assert.deepEqual(counter.counts, { "F-1.29": 1 });
  assert.equal(ROWS.length + 1, EVENT_ROWS.length);
});

Deno.test("coverage: every gate that refuses is counted, not only the first", () => {
  const counter = new CoverageCounter();
  const record = evaluation(1, "atr_too_low");
  const gates = [...record.gates.slice(0, 7), { gate: 8, code: "session_risk:daily_loss", inputs: {} }];
  counter.on(line({ kind: "Tick" }, [{ ...record, gates }]));
  assert.deepEqual(counter.counts, { atr_too_low: 1, session_risk: 1 });
  assert.ok(REFUSAL_CODES.includes("atr_too_low") && REFUSAL_CODES.includes("session_risk"));
});

Deno.test("coverage: what sizing refuses is counted beside the gates (P-7)", () => {
  const counter = new CoverageCounter();
  const record = evaluation(1, "atr_too_low");
  counter.on(line({ kind: "Tick" }, [{ ...record, sizing: { code: "qty_below_minimum" } }]));
  assert.deepEqual(counter.counts, { atr_too_low: 1, qty_below_minimum: 1 });
});

Deno.test("coverage: an own id tells its role", () => {
  const roles = ["_Buy", "_Sell_2", "_tp_Sell", "_stop_Sell_3", "_exit_Buy"].map((end) => roleOf(ID + end));
  assert.deepEqual(roles, ["entry", "entry", "target", "stop", "exit"]);
  assert.equal(roleOf("somebody-else"), null);
  assert.equal(roleOf(null), null);
});

Deno.test("causes: refused cancels are answers; only calls without one explain an entry that cannot be ended (F-6.6)", () => {
  const causes = new CauseWatch();
  for (const at of [0, 5_000, 7_000]) causes.fault({ name: at === 5_000 ? "ret_110079" : "ret_110001", at, until: at });
  assert.match(causes.judge("entry_unrecoverable", 8_000) ?? "", /does not explain it \(ret_110001, ret_110079\)/);
});

Deno.test("causes: what flow counts three times is not explained by two", () => {
  const causes = new CauseWatch();
  for (const at of [0, 1_000]) causes.fault({ name: "request_lost", at, until: at });
  assert.match(causes.judge("entry_unrecoverable", 2_000) ?? "", /does not explain it \(request_lost\)/);
  causes.fault({ name: "request_lost", at: 1_900, until: 1_900 });
  assert.equal(causes.judge("entry_unrecoverable", 2_000), null);
  assert.equal(causes.judge("equity_below_floor", 2_000), null);
  assert.equal(causes.judge("kill_switch", 2_000), "nobody asked for it");
  causes.operator(2_000);
  assert.equal(causes.judge("kill_switch", 2_001), null);
  assert.equal(causes.judge("invariant_violation:flat_with_quantity", 2_000), "flow lists no fault for it");
});

Deno.test("coverage: a sweep says what it reached, what it never reached, and which faults fired how often", () => {
  const lines = coverageLines({ "F-1.10": 3, atr_too_low: 2 }, { disconnect: 1, reply_lost: 4 });
  assert.equal(lines[0], "  rows 1 of 20: F-1.10 3");
  assert.match(lines[1] ?? "", /^ {2}rows never reached: F-1\.11, .*F-1\.29$/);
  assert.match(lines[2] ?? "", /^ {2}refusals 1 of \d+: atr_too_low 2$/);
  assert.equal(lines.at(-1), "  faults fired: reply_lost 4, disconnect 1");
});

Deno.test("coverage: a sweep says what came of the resets, the most frequent first, and nothing without one", () => {
  const lines = resetLines({ "refused kill": 1, "evaluated: no_signal": 3 });
  assert.deepEqual(lines, ["  resets followed by: evaluated: no_signal 3, refused kill 1"]);
  assert.deepEqual(resetLines({}), []);
});
