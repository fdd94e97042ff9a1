import assert from "node:assert/strict";
import type { Guarded } from "../../src/application/guardian/guardian.ts";
import { initialBot } from "../../src/application/transition/mod.ts";
import { startStatusWriter } from "../../src/bot/live/status_writer.ts";
import { epochMs } from "../../src/domain/units.ts";
import { defaultTestConfig } from "../config_fixture.ts";
import { NO_VITALS } from "../core_values.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("[F-13.5] a word hidden by a HALT is shown since the reset, and HALT since its cause", () => {
  const clock = new ManualClock();
  const start = clock.wallNow();
  const fresh = initialBot({ config: defaultTestConfig(), accountUid: "1" });
  const flat = { ...fresh, blocks: [], phase: { kind: "flat", since: epochMs(start - 20_000) } } as const;
  let state: Guarded = { bot: flat, guardian: null };
  const writer = startStatusWriter({
    platform: { clock, files: new FaultFiles() },
    dataDir: "data",
    facts: () => ({
      version: "0.1.0",
      commit: "abc",
      configHash: "00",
      journalSeq: 7,
      journalHead: "ab",
      start: null,
      observe: false,
      vitals: NO_VITALS,
    }),
    state: () => state,
    now: () => epochMs(clock.wallNow()),
    onTrouble: (line) => assert.fail(line),
  });
  const shown = () => [writer.latest()?.word, (writer.latest()?.since_ms ?? 0) - start];
  assert.deepEqual(shown(), ["FLAT", -20_000]);
  clock.pass(5_150);
  state = {
    bot: { ...flat, halt: { reason: "kill_switch", since: epochMs(start + 4_900), detail: "" } },
    guardian: null,
  };
  writer.step();
  assert.deepEqual(shown(), ["HALT", 4_900]);
  clock.pass(6_950);
  state = { bot: flat, guardian: null };
  writer.step();
  assert.deepEqual(shown(), ["FLAT", 12_100]);
  clock.pass(30_000);
  assert.deepEqual(shown(), ["FLAT", 12_100]);
  writer.stop();
});
