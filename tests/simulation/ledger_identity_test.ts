import assert from "node:assert/strict";
import type { CliWorld } from "../../src/cli/cli_world.ts";
import { verifyData } from "../../src/cli/verify.ts";
import { TradeLog } from "../../src/infrastructure/storage/trade_log.ts";
import { tradeFiles } from "../../src/infrastructure/storage/trade_reader.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { WholeBot } from "../support/whole_bot.ts";

const HOUR_MS = 3_600_000;

/** The trade log as the live sinks write it. */
function writeLog(bot: WholeBot): void {
  const log = new TradeLog({
    files: bot.disk(),
    clock: new ManualClock(bot.now),
    dataDir: "data",
    configHash: "0".repeat(64),
    gitCommit: "0".repeat(40),
    appVersion: "1.0.0",
    serverOffsetMs: () => 0,
    onDefect: (message) => assert.fail(message),
    onHealth: () => undefined,
  });
  for (const { seq, intents } of bot.journaled) {
    for (const intent of intents) if (intent.kind === "Record") log.write(intent.record, seq);
  }
}

function verify(bot: WholeBot): { readonly code: number; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const world: CliWorld = {
    files: bot.disk(),
    now: () => bot.now,
    wait: () => Promise.resolve(),
    out: (line) => lines.push(line),
    error: (line) => lines.push(line),
  };
  return { code: verifyData(world, "data"), lines };
}

Deno.test("[P-13] [F-7.16] verify compares the sum of the trade log with the wallet: a line that is gone is missed", () => {
  const bot = new WholeBot();
  bot.run(2 * HOUR_MS);
  assert.match(verify(bot).lines.at(-1) ?? "", /^ledger not compared with the wallet: there is no trade log$/);
  writeLog(bot);
  const whole = verify(bot);
  assert.match(whole.lines.at(-1) ?? "", /^ledger holds: ([5-9]|\d\d) trades, /);
  assert.equal(whole.code, 0);
  const { path } = tradeFiles(bot.disk(), "data")[0] ?? { path: "" };
  const lines = bot.disk().readText(path).trimEnd().split("\n");
  // The chain cannot miss its own end; the wallet does.
  bot.disk().writeAtomic(path, lines.slice(0, 3).join("\n") + "\n");
  const cut = verify(bot);
  assert.match(cut.lines.at(-1) ?? "", /^LEDGER DIFFERS by -?0\.\d+ BTC, 0 faulty lines: 3 trades/);
  assert.equal(cut.code, 1);
});
