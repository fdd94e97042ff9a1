/** The file of the day renamed away or replaced under a running bot (F-11.9). */
import assert from "node:assert/strict";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import type { FaultFiles } from "../support/fault_files.ts";
import { DAY, DIR, Process, recoverCounting } from "../support/journal_rig.ts";

const FIRST = "data/journal/2026-01-05.0000.jsonl";
const SAVED = "data/saved.jsonl";
const NEXT_DAY = DAY + 86_400_000;

/** What somebody does to the file; all but the first leave another one under its name. */
const DEEDS: Readonly<Record<string, (files: FaultFiles) => void>> = {
  "renamed away": (files) => files.rename(FIRST, SAVED),
  "replaced by an empty file": (files) => {
    files.rename(FIRST, SAVED);
    files.writeAtomic(FIRST, "");
  },
  "replaced by a copy": (files) => {
    files.rename(FIRST, SAVED);
    files.writeAtomic(FIRST, files.readBytes(SAVED));
  },
  "replaced by something longer": (files) => {
    files.rename(FIRST, SAVED);
    files.writeAtomic(FIRST, files.readText(SAVED) + "x".repeat(5_000));
  },
};

for (const [name, deed] of Object.entries(DEEDS)) {
  Deno.test(`[F-11.9] the segment ${name} while the bot runs: told within two seconds, goes on in a new one, nothing set aside`, () => {
    const process = new Process().run(25);
    deed(process.files);
    process.run(4);
    process.clock.pass(2_000);
    assert.deepEqual(process.health[0], {
      state: "failed",
      detail: `${FIRST} is gone, or another file is in its place`,
    });
    process.clock.pass(1_000);
    assert.equal(process.health.at(-1)?.state, "ok");
    const moved = process.files.readBytes(SAVED).length;
    process.run(10);
    process.clock.pass(2_000);
    assert.equal(process.files.readBytes(SAVED).length, moved, "no record goes to the file that was taken away");
    const found = recoverCounting(process.files.copy());
    assert.ok(found.kind === "recovered");
    assert.deepEqual([found.state, found.damaged], [process.state, null]);
    // Put back, it is one whole chain again.
    process.files.rename(SAVED, FIRST);
    if (process.files.list(`${DIR}/journal`).includes("2026-01-05.0001.jsonl")) {
      assert.deepEqual(verifyJournal(process.files, DIR).faults, []);
    }
  });
}

Deno.test("[F-11.9] a segment taken away just before the day turns, or before the stop, is noticed there", () => {
  for (const end of ["day", "stop"] as const) {
    const process = new Process().run(25);
    process.files.rename(FIRST, SAVED);
    process.run(2);
    if (end === "day") {
      process.run(1, NEXT_DAY);
      process.clock.pass(2_000);
      process.run(3, NEXT_DAY);
    }
    assert.ok(process.journal.close(), end);
    assert.equal(process.health[0]?.state, "failed", end);
    const found = recoverCounting(process.files.copy());
    assert.ok(found.kind === "recovered", end);
    assert.deepEqual([found.state, found.damaged], [process.state, null], end);
  }
});
