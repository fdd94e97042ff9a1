import assert from "node:assert/strict";
import type { CliWorld } from "../../src/bot/live/cli_world.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { verifyData } from "../../src/programs/trader/commands/verify.ts";
import { TradeLog } from "../../src/infrastructure/storage/trades/trade_log.ts";
import { tradeFiles } from "../../src/infrastructure/storage/trades/trade_reader.ts";
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
    columns: () => 80,
    out: (line) => lines.push(line),
    error: (line) => lines.push(line),
  };
  return { code: verifyData(world, "data"), lines };
}

Deno.test("[P-13] [F-7.16] verify compares the trade log with the journal and the wallet: a line that is gone is missed", () => {
  const bot = new WholeBot();
  bot.run(2 * HOUR_MS);
  const bare = verify(bot);
  assert.ok(bare.lines.includes("there is no trade log in data (a simulation writes none)"));
  assert.equal(bare.code, 1, "the journal holds trades");
  writeLog(bot);
  const whole = verify(bot);
  assert.match(whole.lines.at(-2) ?? "", /^ledger holds: ([5-9]|\d\d) trades, /);
  assert.match(whole.lines.at(-1) ?? "", /^checked: .*, every trade of the journal in the log \(\d+\), the log's sum/);
  assert.equal(whole.code, 0);
  const { path } = tradeFiles(bot.disk(), "data")[0] ?? { path: "" };
  const lines = bot.disk().readText(path).trimEnd().split("\n");
  // The chain cannot miss its own end; the journal and the wallet do.
  bot.disk().writeAtomic(path, lines.slice(0, 3).join("\n") + "\n");
  const cut = verify(bot);
  assert.ok(cut.lines.some((line) => /^MISSING in the trade log: trade \S+ of record \d+$/.test(line)));
  assert.match(cut.lines.at(-2) ?? "", /^LEDGER DIFFERS by -?0\.\d+ BTC, 0 faulty lines: 3 trades/);
  assert.equal(cut.code, 1);
});

Deno.test("[P-13] verify of a bot that has not traded says that the wallet was not compared, and finds nothing wrong", () => {
  const bot = new WholeBot();
  bot.run(2_000);
  const { lines, code } = verify(bot);
  assert.match(
    lines.at(-1) ?? "",
    /in the log \(0\); NOT checked: the log's sum against the wallet: the journal holds no/,
  );
  assert.equal(code, 0);
});

Deno.test("[P-13] a trade that a crash kept from the log is owed until the next start, not missing", () => {
  const bot = new WholeBot();
  bot.until("a trade", () => bot.journaled.some(({ intents }) => intents.some(isTrade)));
  const { lines, code } = verify(bot);
  assert.ok(
    lines.some((line) => /^not in the trade log yet, the next start writes it: trade \S+ of record/.test(line)),
  );
  assert.equal(code, 0);
});

function isTrade(intent: Intent): boolean {
  return intent.kind === "Record" && intent.record.type === "trade";
}
