import assert from "node:assert/strict";
import { foldMetrics } from "../../src/application/policy/risk/metrics_tracker.ts";
import { epochMs, picoBtc } from "../../src/domain/units.ts";
import { DAY } from "../support/journal_rig.ts";
import { sinksRig } from "../support/sinks_rig.ts";

Deno.test("[P-13] the audit log holds the metrics a process begins with and every change of them", () => {
  const { open, lines, set, bot } = sinksRig();
  const { record } = open();
  const flow = { type: "cash_flow", at: epochMs(DAY), amountPico: picoBtc(1) } as const;
  record(flow, 4);
  record(flow, 5);
  const { metrics } = foldMetrics(bot().metrics, picoBtc(-5), bot().config.performance);
  set({ metrics, now: epochMs(DAY + 1000) });
  record(flow, 6);
  record(flow, 7);
  const base = { kind: "metrics", audit_version: "0", multiplier: 1 };
  assert.deepEqual(lines(), [
    { ...base, at: DAY, journal_seq: 4, closed: 0, winrate_pct: null, streak: 0 },
    { ...base, at: DAY + 1000, journal_seq: 6, closed: 1, winrate_pct: 0, streak: -1 },
  ]);
});
