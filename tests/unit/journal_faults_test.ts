import assert from "node:assert/strict";
import { epochMs } from "../../src/domain/units.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { placeStop, quietEvent } from "../support/counting_core.ts";
import type { Call } from "../support/fault_files.ts";
import { DAY, DIR, Process, recoverCounting } from "../support/journal_rig.ts";

const FIRST = "data/journal/2026-01-05.0000.jsonl";

/** A disk that refuses these operations. */
function refuse(error: string, ...ops: readonly string[]): (call: Call) => void {
  return (call) => {
    if (ops.includes(call.op)) throw new Error(error);
  };
}

/** The journal on disk is whole and ends in what the process knows. */
function assertWhole(process: Process): void {
  const report = verifyJournal(process.files, DIR);
  assert.deepEqual(report.faults, []);
  assert.equal(report.head, process.journal.head());
  const found = recoverCounting(process.files.copy());
  assert.deepEqual(found.kind === "recovered" && found.state, process.state);
}

for (
  const [name, error, ops] of [
    ["a full disk", "ENOSPC", ["write"]],
    ["an I/O error on write", "EIO", ["write"]],
    ["an I/O error on fsync", "EIO", ["sync", "syncNow"]],
    ["a read-only file system", "EROFS", ["write", "openAppend", "writeAtomic", "truncate", "makeDirectory"]],
  ] as const
) {
  Deno.test(`[F-11.9] ${name}: append() goes on, health says failed once, and heals with nothing lost`, () => {
    const process = new Process().run(25);
    process.files.fault = refuse(error, ...ops);
    process.run(25);
    process.clock.pass(10_000);
    process.run(5);
    assert.deepEqual(process.health, [{ state: "failed", detail: error }]);
    assert.equal(process.journal.healthy(), false);
    assert.equal(process.journal.lastSeq(), 55);
    process.files.fault = null;
    process.clock.pass(1_000);
    assert.deepEqual(process.health.at(-1), { state: "ok", detail: "" });
    assertWhole(process);
    process.run(20);
    assertWhole(process);
  });
}

Deno.test("[F-11.9] half a line that a full disk took is gone when it heals", () => {
  const process = new Process().run(25);
  process.files.fault = refuse("ENOSPC", "write");
  process.files.partial = 40;
  process.run(3);
  assert.ok(!process.files.readText(FIRST).endsWith("\n"), "the disk took a part");
  process.files.fault = null;
  process.clock.pass(1_000);
  assertWhole(process);
});

Deno.test("[F-11.9] what was acknowledged before the trouble is never cut", () => {
  const process = new Process().run(40);
  const before = process.files.copy({ powerLoss: true }).readText(FIRST);
  process.files.fault = refuse("EIO", "write", "sync");
  process.files.partial = 9;
  process.run(30);
  process.clock.pass(5_000);
  process.files.fault = null;
  process.clock.pass(2_000);
  assert.ok(process.files.readText(FIRST).startsWith(before));
});

Deno.test("[F-11.9] a deleted directory is noticed within two seconds and the journal goes on in a new file", () => {
  const process = new Process().run(25);
  process.files.files.clear();
  process.files.folders.clear();
  process.run(4);
  process.clock.pass(2_000);
  assert.equal(process.health[0]?.state, "failed");
  assert.equal(process.journal.lastSeq(), 29);
  process.clock.pass(1_000);
  assert.equal(process.health.at(-1)?.state, "ok");
  process.run(10);
  assert.deepEqual(process.files.list("data/journal"), ["2026-01-05.0000.jsonl"]);
  const found = recoverCounting(process.files.copy());
  assert.deepEqual(found.kind === "recovered" && found.state, process.state);
  assert.deepEqual(verifyJournal(process.files, DIR).notes, [
    "The journal begins with record 30: earlier days are not kept",
  ]);
});

Deno.test("[F-11.9] a journal whose newest file is lost says which records are missing", () => {
  const process = new Process({}).run(25);
  process.files.writeAtomic("data/journal/2026-01-04.0000.jsonl", process.files.readBytes(FIRST));
  process.files.remove(FIRST);
  process.run(4);
  process.clock.pass(3_000);
  process.run(1);
  const [fault] = verifyJournal(process.files, DIR).faults;
  assert.match(fault ?? "", /records 26 to 29 are missing \(segment starts by disk\)/);
});

Deno.test("[F-11.9] a volume that stalls for 10 s: failed after 5 s, ok when it answers, every line there", () => {
  const process = new Process().run(20);
  process.files.syncs = "hold";
  process.run(10);
  process.clock.pass(3_000);
  assert.equal(process.health.length, 0);
  assert.ok(process.journal.lagMs() > 2_000, "P-14: more than 2 s blocks entries");
  process.clock.pass(3_000);
  assert.match(process.health[0]?.detail ?? "", /no answer to fsync in 5000 ms/);
  process.run(10);
  process.clock.pass(4_000);
  const writes = process.files.count("write");
  assert.equal(process.files.answerSyncs(), 1);
  assert.equal(process.files.count("write"), writes + 1, "what came meanwhile leaves in one write");
  assert.equal(process.health.at(-1)?.state, "ok");
  process.files.answerSyncs();
  assertWhole(process);
});

Deno.test("[F-10.7] whenDurable() waits for the fsync that covers its record, in the order of asking", () => {
  const process = new Process();
  process.files.syncs = "hold";
  const acts: string[] = [];
  const first = process.put(quietEvent(1, DAY), [placeStop("a")]);
  process.journal.whenDurable(first, { atMostMs: null }, (durable) => acts.push(`a ${durable}`));
  const second = process.put(quietEvent(3, DAY), [placeStop("b")]);
  process.journal.whenDurable(second, { atMostMs: null }, (durable) => acts.push(`b ${durable}`));
  process.journal.whenDurable(first, { atMostMs: 250 }, (durable) => acts.push(`a again ${durable}`));
  assert.equal(acts.length, 0);
  process.files.answerSyncs();
  assert.deepEqual(acts, ["a true"], "the second record was written after that fsync began");
  process.files.answerSyncs();
  assert.deepEqual(acts, ["a true", "b true", "a again true"]);
  process.journal.whenDurable(first, { atMostMs: null }, (durable) => acts.push(`late ${durable}`));
  assert.equal(acts.at(-1), "late true");
});

Deno.test("[F-10.7] a protective intent waits 250 ms for durability, an entry without limit", () => {
  const process = new Process();
  process.files.syncs = "hold";
  const acts: string[] = [];
  const seq = process.put(quietEvent(1, DAY), [placeStop("a")]);
  process.journal.whenDurable(seq, { atMostMs: null }, (durable) => acts.push(`entry ${durable}`));
  process.journal.whenDurable(seq, { atMostMs: 250 }, (durable) => acts.push(`stop ${durable}`));
  process.clock.pass(249);
  assert.equal(acts.length, 0);
  process.clock.pass(1);
  assert.deepEqual(acts, ["stop false"]);
  process.files.answerSyncs();
  assert.deepEqual(acts, ["stop false", "entry true"]);
});

Deno.test("[F-11.9] while the disk is away entries are told so at once, and protection too", () => {
  const process = new Process().run(5);
  const acts: boolean[] = [];
  process.files.fault = refuse("ENOSPC", "write");
  const seq = process.put(quietEvent(9, DAY), [placeStop("a")]);
  process.journal.whenDurable(seq, { atMostMs: null }, (durable) => acts.push(durable));
  process.journal.whenDurable(seq, { atMostMs: 250 }, (durable) => acts.push(durable));
  assert.deepEqual(acts, [false, false]);
});

Deno.test("[F-11.9] waiters of a failing fsync are told that nothing is durable", () => {
  const process = new Process();
  process.files.syncs = "hold";
  const acts: boolean[] = [];
  const seq = process.put(quietEvent(1, DAY), [placeStop("a")]);
  process.journal.whenDurable(seq, { atMostMs: null }, (durable) => acts.push(durable));
  process.files.answerSyncs(new Error("EIO"));
  assert.deepEqual(acts, [false]);
  process.clock.pass(1_000);
  assert.equal(verifyJournal(process.files, DIR).head, process.journal.head());
});

Deno.test("[P-14] one write call per line, fsync every 10 lines", () => {
  const process = new Process();
  process.step(quietEvent(0, DAY));
  process.files.calls = [];
  for (let n = 1; n < 10; n += 1) process.step({ kind: "Dropped", at: epochMs(DAY + n), channel: "public", count: n });
  assert.equal(process.files.count("write"), 9);
  assert.equal(process.files.count("sync"), 1, "the tenth line");
  for (let n = 10; n < 19; n += 1) process.step({ kind: "Dropped", at: epochMs(DAY + n), channel: "public", count: n });
  assert.equal(process.files.count("sync"), 1);
  assert.equal(process.files.count("write"), 18);
});

Deno.test("[P-14] fsync after one second at the latest", () => {
  const process = new Process();
  process.step(quietEvent(0, DAY));
  process.files.calls = [];
  process.clock.pass(999);
  assert.equal(process.files.count("sync"), 0);
  assert.equal(process.journal.lagMs(), 999);
  process.clock.pass(1);
  assert.equal(process.files.count("sync"), 1);
  assert.equal(process.journal.lagMs(), 0);
  process.clock.pass(10_000);
  assert.equal(process.files.count("sync"), 1, "nothing new, nothing to sync");
});

Deno.test("[P-14] critical lines are synced at once", () => {
  const at = epochMs(DAY + 5);
  const critical: readonly [string, (process: Process) => void][] = [
    ["order intent", (p) => p.put(quietEvent(1, DAY), [placeStop("a")])],
    [
      "operator command",
      (p) => p.put({ kind: "OperatorCommand", at, id: "1", command: "halt", reason: "r", accept: false }, []),
    ],
    ["kill switch", (p) => p.put({ kind: "KillSwitch", at, present: true }, [])],
    ["fill refused", (p) => p.put({ kind: "InvalidFill", at, execId: "e", rawQty: "0.5" }, [])],
    ["halt snapshot", (p) =>
      p.put(quietEvent(1, DAY), [{
        kind: "Record",
        record: { type: "snapshot", at, reason: "adl", lid: "HALT", context: {} },
      }])],
    ["change of word", (p) =>
      p.put(quietEvent(1, DAY), [{
        kind: "Record",
        record: {
          type: "change",
          at,
          wordBefore: "FLAT",
          wordAfter: "HALT",
          phaseBefore: "flat",
          phaseAfter: "flat",
          cause: "adl",
        },
      }])],
    [
      "critical alert",
      (p) => p.put(quietEvent(1, DAY), [{ kind: "Alert", severity: "critical", code: "leverage", text: "t" }]),
    ],
  ];
  for (const [name, put] of critical) {
    const process = new Process().run(1);
    const before = process.files.count("sync");
    put(process);
    assert.equal(process.files.count("sync"), before + 1, name);
  }
  const quiet = new Process().run(1);
  quiet.put(quietEvent(1, DAY), [{ kind: "QueryWallet" }, {
    kind: "Alert",
    severity: "info",
    code: "leverage",
    text: "t",
  }]);
  assert.equal(quiet.files.count("sync"), 0, "a quiet line waits for its group");
});

Deno.test("[P-14] lines written during an fsync wait for the next one", () => {
  const process = new Process().run(1);
  process.files.syncs = "hold";
  process.put(quietEvent(1, DAY), [placeStop("a")]);
  process.put(quietEvent(3, DAY), [placeStop("b")]);
  process.put(quietEvent(5, DAY), [placeStop("c")]);
  assert.equal(process.files.count("sync"), 1);
  process.files.answerSyncs();
  assert.equal(process.files.count("sync"), 2, "one more for both");
  process.files.answerSyncs();
  assert.equal(process.files.count("sync"), 2);
  assert.equal(process.journal.lagMs(), 0);
});
