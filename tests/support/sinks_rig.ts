import { initialBot } from "../../src/application/transition/mod.ts";
import { createLiveSinks, type LiveSinksOptions } from "../../src/bot/live/sinks.ts";
import type { Bot } from "../../src/domain/state.ts";
import { epochMs } from "../../src/domain/units.ts";
import { recentAlerts } from "../../src/infrastructure/logging/alerts.ts";
import { openLog } from "../../src/infrastructure/logging/log.ts";
import { createRedactor } from "../../src/infrastructure/logging/redactor.ts";
import { alertWords } from "../../src/views/alert_words.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { DAY, Process } from "./journal_rig.ts";

/** What the live program keeps of each record, with the state in the test's hands. */
export function sinksRig(change: Partial<LiveSinksOptions> = {}) {
  const process = new Process();
  const { files, clock, journal } = process;
  const redactor = createRedactor([]);
  const place = { files, clock, dataDir: "data", redactor };
  let bot: Bot = { ...initialBot({ config: defaultTestConfig(), accountUid: "7" }), now: epochMs(DAY) };
  const platform = {
    files,
    clock,
    http: { request: () => undefined },
    sockets: { open: () => ({ send: () => undefined, abandon: () => undefined }) },
    random: { next: () => 0 },
    signer: () => ({ sign: () => undefined }),
  };
  const sinks = createLiveSinks({
    platform,
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
    alertsKeepMonths: 24,
    alertWords,
    ...change,
  });
  const open = () => sinks.sinks(journal);
  const lines = () =>
    files.readText("data/audit/audit-2026-01-05.jsonl").trimEnd().split("\n").map((line) => JSON.parse(line));
  const alerts = () => recentAlerts(files, { dataDir: "data", now: clock.wallNow() });
  return {
    sinks,
    open,
    platform,
    lines,
    alerts,
    set: (change: Partial<Bot>) => void (bot = { ...bot, ...change }),
    bot: () => bot,
  };
}
