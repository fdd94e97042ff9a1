import assert from "node:assert/strict";
import { outcomeText } from "../../src/bot/outcome_text.ts";
import { classOfHalt, classOfOutcome, isTransient } from "../../src/programs/rehearsal/failure_class.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import { SCENARIOS } from "../../src/programs/rehearsal/list.ts";
import { dryRunStrategyOf, runsBefore, strategyOf } from "../../src/programs/rehearsal/run.ts";
import { observeSwitches } from "../../src/programs/rehearsal/venue_facts.ts";
import type { Outcome, RefusalCause } from "../../src/domain/events.ts";

const refused = (cause: RefusalCause): Outcome => ({ kind: "refused", refusal: { cause, code: 1, message: "no" } });

Deno.test("[F-11.4] a rehearsal's failure has one of five classes, and only what passes by itself is tried again", () => {
  const cases: readonly (readonly [Outcome, string])[] = [
    [refused("credentials"), "permission"],
    [refused("margin_mode"), "permission"],
    [refused("rate_limit"), "rate_limit"],
    [refused("clock"), "network"],
    [refused("symbol_state"), "market"],
    [refused("parameter"), "schema"],
    [{ kind: "notSent", reason: "connection_refused" }, "network"],
    [{ kind: "notSent", reason: "rest_budget_exhausted" }, "rate_limit"],
    [{ kind: "unknown", cause: "timeout", code: null }, "network"],
    [{ kind: "unknown", cause: "server", code: 503 }, "network"],
    [{ kind: "unknown", cause: "rate_limit", code: 10006 }, "rate_limit"],
    [{ kind: "unknown", cause: "unreadable", code: null }, "schema"],
  ];
  for (const [outcome, expected] of cases) assert.equal(classOfOutcome(outcome), expected, outcomeText(outcome));
  const classes = ["network", "permission", "schema", "rate_limit", "market"] as const;
  assert.deepEqual(classes.filter(isTransient), ["network", "rate_limit"]);
});

Deno.test("[F-1.2] a HALT nobody asked for is classed by its reason", () => {
  assert.equal(classOfHalt("network_failure"), "network");
  assert.equal(classOfHalt("credentials"), "permission");
  assert.equal(classOfHalt("ip_banned"), "rate_limit");
  assert.equal(classOfHalt("venue_maintenance"), "market");
  assert.equal(classOfHalt("startup_check:margin_mode"), "permission");
  assert.equal(classOfHalt("startup_check:clock"), "network");
  assert.equal(classOfHalt("second_instance"), "schema");
});

Deno.test("[F-11.4 F-10.1] every try of twenty runs in a row has a strategy name of its own, all below one prefix", () => {
  const names = new Set<string>();
  for (let run = 3; run < 23; run += 1) {
    for (let index = 0; index < SCENARIOS.length; index += 1) {
      for (let attempt = 1; attempt <= 3; attempt += 1) names.add(strategyOf({ run, index, attempt }));
    }
  }
  assert.equal(names.size, 20 * SCENARIOS.length * 3);
  for (const name of names) assert.match(name, /^sc[a-z]{2}$/);
});

Deno.test("[F-11.4 F-10.1] a dry run has another name than the hundreds before it, and than every rehearsal", () => {
  const names = new Set(Array.from({ length: 600 }, (_, run) => dryRunStrategyOf(run)));
  assert.equal(names.size, 600);
  for (const name of names) assert.match(name, /^dr[a-z]{2}$/);
});

Deno.test("[F-11.4] the runs of a data directory are counted by their evidence", () => {
  const files = new MemoryFiles();
  assert.equal(runsBefore({ files }), 0);
  files.writeAtomic("data/scenarios/2026-11-21T02-04-43.123Z", "");
  files.writeAtomic("data/scenarios/2026-11-21T02-05-43.123Z", "");
  assert.equal(runsBefore({ files }), 2);
});

const frame = (topic: string, rows: readonly Record<string, unknown>[]) =>
  JSON.stringify({ at: 1, way: "in", stream: "private", text: JSON.stringify({ topic, data: rows }) });
const reply = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  JSON.stringify({ at: 1, way: "in", rest: `GET ${path}`, status: 200, headers, body: JSON.stringify(body) });
const list = (row: Record<string, unknown>) => ({ retCode: 0, result: { list: [row] } });

Deno.test("[F-4.7 F-4.8] the answers of a wire log are read from its frames, and nothing is guessed", () => {
  const stop = { orderLinkId: "s", orderId: "1", orderStatus: "Untriggered", createType: "CreateByUser" };
  const answers = observeSwitches([
    "not json",
    reply("/v5/position/list", list({ symbol: "BTCUSD", size: "0", side: "None", avgPrice: "" })),
    reply("/v5/order/realtime", list({ cumExecQty: "0", avgPrice: "", createType: "CreateByUser" })),
    reply("/v5/account/fee-rate", { retCode: 10006 }, { "x-bapi-limit-reset-timestamp": "5" }),
    frame("order.inverse", [stop]),
    frame("order.inverse", [{ ...stop, orderStatus: "New" }]),
    frame("execution.inverse", [{ execType: "Trade", orderId: "2" }]),
    frame("order.inverse", [{ ...stop, orderId: "2", orderStatus: "Filled" }]),
    frame("order", [{
      timeInForce: "PostOnly",
      rejectReason: "EC_PostOnlyWillTakeLiquidity",
      orderStatus: "Rejected",
    }]),
  ]);
  assert.deepEqual(Object.fromEntries(answers), {
    flatSide: "None",
    flatDecimals: "empty",
    restCreateType: "present",
    unfilledAvgPrice: "empty",
    limitHeadersOn10006: "present",
    topicName: "categorised",
    stopCreateType: "CreateByUser",
    triggeredStatus: "skipped",
    extraFees: "absent",
    frameOrder: "execution_first",
    orderIdAfterTrigger: "new",
    postOnlyRefusal: "Rejected",
  });
  assert.equal(observeSwitches([]).size, 0);
});
