/** What a trader hears beside trouble: a trade opened, a trade closed, a day closed (M-1.3). */
import assert from "node:assert/strict";
import type { Bot } from "../../src/domain/state.ts";
import { epochMs, microUsd } from "../../src/domain/units.ts";
import { aboutOf } from "../../src/infrastructure/logging/alert_line.ts";
import { boot, newRig, open, openNaked } from "../core_rig.ts";
import { DAY } from "../support/journal_rig.ts";
import { sinksRig } from "../support/sinks_rig.ts";
import { trade } from "../support/trade_sample.ts";

const CODES = (rig: ReturnType<typeof sinksRig>) => rig.alerts().map((alert) => alert.code);

Deno.test("[M-1.3] an entry that fills is told once, with price, stop, target and risk", () => {
  const told = sinksRig();
  told.open();
  const rig = boot(newRig());
  const step = () => told.sinks.step(rig.bot);
  step();
  open(rig);
  step();
  step();
  assert.deepEqual(CODES(told), ["trade_opened"]);
  const [alert] = told.alerts();
  const facts = alert === undefined ? {} : aboutOf(alert);
  const position = rig.bot.phase.kind === "position" ? rig.bot.phase.position : null;
  assert.equal(facts["entry_usd"], (position?.entryPrice ?? 0) / 100);
  assert.equal(facts["stop_usd"], (position?.stop.wantedTrigger ?? 0) / 100);
  assert.ok(Number(facts["risk_usd"]) > 0 && Number(facts["risk_usd"]) <= 3);
  assert.ok(Number(facts["target_usd"]) > Number(facts["entry_usd"]));
  assert.match(
    alert?.sentence ?? "",
    /^Trade opened: long \d+ contracts at \$48,899\.50, target \$[\d,.]+, risking \$\d/,
  );
});

Deno.test("[M-1.3] a trade is told as opened once its stop is shown, after ten seconds without one, or at its end", () => {
  const told = sinksRig();
  told.open();
  const rig = boot(newRig());
  const step = (change: Partial<Bot> = {}) => told.sinks.step({ ...rig.bot, ...change });
  step();
  openNaked(rig);
  step();
  assert.deepEqual(CODES(told), [], "no alarm between the fill and its stop");
  step({ now: epochMs(rig.bot.now + 9_000) });
  assert.deepEqual(CODES(told), []);
  step({ now: epochMs(rig.bot.now + 10_001) });
  assert.deepEqual(CODES(told), ["trade_opened"]);
  const short = sinksRig();
  short.open();
  const other = boot(newRig());
  short.sinks.step(other.bot);
  openNaked(other);
  short.sinks.step(other.bot);
  short.sinks.step({ ...other.bot, phase: { kind: "flat", since: other.bot.now } });
  assert.deepEqual(CODES(short), ["trade_opened"], "it was over before it was told");
});

Deno.test("[M-1.3] a position that was there at the start is not told as opened", () => {
  const told = sinksRig();
  told.open();
  const rig = boot(newRig());
  open(rig);
  told.sinks.step(rig.bot);
  told.sinks.step(rig.bot);
  assert.deepEqual(CODES(told), []);
});

Deno.test("[M-1.3] a trade's record is told with R, dollars and why it ended", () => {
  const told = sinksRig();
  told.open().record(trade(0, { exit_reason: "stop_loss", r_multiple: -1.02, net_pnl_usd: -2.8 }), 9);
  const [alert] = told.alerts();
  assert.equal(
    alert?.sentence,
    "Trade closed: -$2.80 (-1.02 R), long 100 contracts from $60,000 to $60,500 in 60 s: the stop was hit.",
  );
  assert.deepEqual(alert && [aboutOf(alert)["r"], aboutOf(alert)["net_usd"]], [-1.02, -2.8]);
});

Deno.test("[M-1.3] a trade whose alert a crash swallowed is told at the next start, one that was told is not", () => {
  const first = sinksRig();
  first.open().record(trade(0, { trade_id: "told" }), 9);
  const again = sinksRig({ platform: { ...first.platform } });
  again.sinks.remembered([{ seq: 9, record: trade(0, { trade_id: "told" }) }, { seq: 12, record: trade(1) }]);
  again.open();
  assert.deepEqual(first.alerts().map((alert) => aboutOf(alert)["trade_id"]), ["told", "t1"]);
});

Deno.test("[M-1.3] the end of a UTC day is told once, with its trades and its result", () => {
  const told = sinksRig();
  told.open();
  const day = (startAt: number, change: Partial<Bot["risk"]> = {}): Bot => ({
    ...told.bot(),
    now: epochMs(startAt),
    risk: {
      ...told.bot().risk,
      day: { startAt: epochMs(startAt), equity: microUsd(101_000_000), realised: microUsd(0) },
      ...change,
    },
  });
  const first = day(DAY, {
    tradesToday: 3,
    day: { startAt: epochMs(DAY), equity: microUsd(100_000_000), realised: microUsd(1_250_000) },
  });
  for (const bot of [first, { ...first }, day(DAY + 86_400_000), day(DAY + 86_400_000)]) told.sinks.step(bot);
  const alerts = told.alerts();
  assert.deepEqual(alerts.map((alert) => alert.code), ["day_closed"]);
  assert.equal(alerts[0]?.sentence, "Day 2026-01-05 closed: 3 trades, +$1.25; the account holds $101.00.");
});
