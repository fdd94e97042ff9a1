/** A bot that is gone is told as gone at once, with what it left (F-13.3, F-13.6). */
import assert from "node:assert/strict";
import type { CliWorld } from "../../src/bot/live/cli_world.ts";
import { epochMs } from "../../src/domain/units.ts";
import { MemoryFiles } from "../../src/infrastructure/platform/memory_files.ts";
import { awaitDataDirectory } from "../../src/infrastructure/safety/single_instance.ts";
import { makeControlFolder } from "../../src/infrastructure/safety/control_files.ts";
import { operate } from "../../src/programs/trader/commands/operate.ts";
import { showStatus } from "../../src/programs/trader/commands/status.ts";
import { statusOf } from "../../src/views/status.ts";
import { boot, newRig, open, openNaked, type Rig } from "../core_rig.ts";
import { NO_VITALS } from "../core_values.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** A data directory with the last word of a bot, two seconds old. */
function left(rig: Rig) {
  const files = new MemoryFiles();
  const lines: string[] = [];
  let now = rig.now + 2_000;
  const status = statusOf({ bot: rig.bot, guardian: null }, {
    writtenAt: epochMs(rig.now),
    version: "0.1.0",
    commit: "abc",
    configHash: "00",
    journalSeq: 7,
    journalHead: "ab",
    start: null,
    observe: false,
    vitals: NO_VITALS,
  });
  files.writeAtomic("data/status.json", JSON.stringify(status));
  const world: CliWorld = {
    files,
    columns: () => 80,
    now: () => now,
    wait: (ms) => Promise.resolve(void (now += ms)),
    out: (line) => void lines.push(line),
    error: (line) => void lines.push(line),
  };
  return { world, files, lines };
}

function protectedRig(): Rig {
  const rig = boot(newRig());
  open(rig);
  return rig;
}
function nakedRig(): Rig {
  const rig = boot(newRig());
  openNaked(rig);
  return rig;
}

Deno.test("[F-13.3] a word of two seconds ago is a live bot's only while somebody holds the lock", () => {
  const { world, files, lines } = left(protectedRig());
  const lock = files.lock("data/lock", "abot 0.1.0, process 7");
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 0);
  assert.match(lines[0] ?? "", /^PROTECTED for 2 s/);
  if (lock.kind === "locked") lock.release();
  lines.length = 0;
  assert.equal(showStatus(world, { dataDir: "data", json: false, verbose: false }), 1);
  assert.deepEqual(lines.slice(0, 4), [
    "NOT RUNNING. Its last word is 2 s old (2026-01-05 00:30:06Z).",
    "A long position of 90 contracts was open, and nobody watches it.",
    "Its stop at 47399.6 stays at the venue. To close it now use the venue's page, or start the bot.",
    "It said then:",
  ]);
  assert.equal(showStatus(world, { dataDir: "data", json: true, verbose: false }), 1);
});

Deno.test("[F-13.3] a bot that holds the lock and says nothing is running but silent", () => {
  const { world, files, lines } = left(boot(newRig()));
  files.lock("data/lock", "abot 0.1.0, process 7");
  const later = { ...world, now: () => world.now() + 60_000 };
  assert.equal(showStatus(later, { dataDir: "data", json: false, verbose: false }), 1);
  assert.match(lines[0] ?? "", /^RUNNING BUT SILENT\. Its last word is 62 s old/);
});

Deno.test("[F-13.6] close without a bot does nothing and says at once what to do about what is open", async () => {
  for (
    const [rig, said] of [
      [protectedRig(), /^Its stop at [\d.]+ stays at the venue\. To close it now use the venue's page/],
      [nakedRig(), /^The venue had not shown its stop: look at the venue's page NOW\. To close it now/],
      [boot(newRig()), /^Its last word knew of no open position\.$/],
    ] as const
  ) {
    const { world, lines } = left(rig);
    const before = world.now();
    assert.equal(await operate(world, { command: "close", reason: "x", accept: false, dataDir: "data" }), 1);
    assert.equal(world.now(), before, "nobody is waited for");
    assert.equal(lines[0], "No bot is running in data: nothing was done. `abot close` works while it runs.");
    assert.match(lines.at(-1) ?? "", said);
  }
});

Deno.test("[F-13.6] no bot is running is said only when the lock is free", async () => {
  for (const command of ["reset", "close", "halt"] as const) {
    for (const folder of [true, false]) {
      const { world, files, lines } = left(boot(newRig()));
      files.lock("data/lock", "abot 0.1.0, process 7, since noon");
      if (folder) makeControlFolder({ files, dataDir: "data" });
      const code = await operate(world, { command, reason: "x", accept: false, dataDir: "data" });
      assert.equal(code, command === "halt" ? 0 : 1);
      assert.equal(files.exists("data/KILL"), command === "halt");
      assert.ok(!lines.join().includes("No bot is running"), lines.join());
      if (command !== "halt") assert.match(lines[0] ?? "", /^abot 0\.1\.0, process 7, since noon is running in data/);
    }
  }
});

Deno.test("[F-11.4] a start waits out a reader that looks at the lock, and no other holder", async () => {
  for (const [heldMs, kind] of [[400, "alone"], [5_000, "taken"]] as const) {
    const files = new MemoryFiles();
    const clock = new ManualClock();
    const lock = files.lock("data/lock", "somebody");
    let waited = 0;
    const options = { files, clock, dataDir: "data", processId: 9, program: "abot 0.1.0" };
    const got = await awaitDataDirectory(options, (ms) => {
      waited += ms;
      if (waited >= heldMs && lock.kind === "locked") lock.release();
      return Promise.resolve();
    });
    assert.equal(got.kind, kind);
    assert.ok(waited <= 1_000);
  }
});
