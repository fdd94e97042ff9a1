import assert from "node:assert/strict";
import { DAY, Process, recoverCounting } from "../support/journal_rig.ts";

Deno.test("[F-11.1] recover() gives the state of the process that wrote the journal", () => {
  const process = new Process().run(1_234);
  const found = recoverCounting(process.files.copy());
  assert.equal(found.kind, "recovered");
  if (found.kind !== "recovered") return;
  assert.deepEqual(found.state, process.state);
  assert.deepEqual(found.resume, { seq: 1_234, head: process.journal.head() });
  assert.equal(found.differences, 0);
  assert.equal(found.damaged, null);
});

Deno.test("[F-11.1] recover() starts from the newest snapshot and runs only the tail behind it", () => {
  const process = new Process({ change: { snapshotEvery: 100 } }).run(1_050);
  const found = recoverCounting(process.files.copy());
  assert.equal(found.kind === "recovered" && found.tail, 50);
  assert.deepEqual(found.kind === "recovered" && found.state, process.state);
});

Deno.test("[P-14] the journal goes on in a new file with the first record of a UTC day", () => {
  const process = new Process().run(300, DAY + 86_400_000 - 200_000).run(300, DAY + 86_400_000 - 200_000);
  const names = process.files.list("data/journal");
  assert.deepEqual(names, ["2026-01-05.0000.jsonl", "2026-01-06.0000.jsonl"]);
  const found = recoverCounting(process.files.copy());
  assert.deepEqual(found.kind === "recovered" && found.state, process.state);
});
