import assert from "node:assert/strict";
import { foldMetrics } from "../../src/application/policy/risk/metrics_tracker.ts";
import { initialBot } from "../../src/application/transition/mod.ts";
import { createLiveSinks } from "../../src/bot/live/sinks.ts";
import { epochMs, picoBtc } from "../../src/domain/units.ts";
import type { Bot } from "../../src/domain/state.ts";
import { openLog } from "../../src/infrastructure/logging/log.ts";
import { createRedactor } from "../../src/infrastructure/logging/redactor.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { DAY, Process } from "../support/journal_rig.ts";

/** What the live program keeps of each record, with the state in the test's hands. */
function rig() {
  const process = new Process();
  const { files, clock, journal } = process;
  const redactor = createRedactor([]);
  const place = { files, clock, dataDir: "data", redactor };
  let bot: Bot = { ...initialBot({ config: defaultTestConfig(), accountUid: "7" }), now: epochMs(DAY) };
  const sinks = createLiveSinks({
    platform: {
      files,
      clock,
      http: { request: () => undefined },
      sockets: { open: () => ({ send: () => undefined, abandon: () => undefined }) },
      random: { next: () => 0 },
      signer: () => ({ sign: () => undefined }),
    },
    dataDir: "data",
    redactor,
    log: openLog({ ...place, level: "info", stdout: null, onTrouble: () => undefined }),
    configHash: "c",
    version: "0.1.0",
    commit: "dev",
    bot: () => bot,
    onRefused: () => undefined,
    onAnswer: () => undefined,
    say: () => undefined,
    stderr: () => undefined,
  });
  const { record } = sinks.sinks(journal);
  const lines = () =>
    files.readText("data/audit/audit-2026-01-05.jsonl").trimEnd().split("\n").map((line) => JSON.parse(line));
  return { record, lines, set: (change: Partial<Bot>) => void (bot = { ...bot, ...change }), bot: () => bot };
}

Deno.test("[P-13] the audit log holds the metrics a process begins with and every change of them", () => {
  const { record, lines, set, bot } = rig();
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
