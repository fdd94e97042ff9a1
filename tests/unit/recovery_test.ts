import assert from "node:assert/strict";
import { forgetDamage } from "../../src/infrastructure/storage/journal/mend.ts";
import { migrate } from "../../src/infrastructure/storage/journal/migrations.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { countingStep, placeStop, quietEvent } from "../support/counting_core.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { DAY, DIR, Process, recoverCounting } from "../support/journal_rig.ts";
import { gzipSync } from "node:zlib";

const FIRST = "data/journal/2026-01-05.0000.jsonl";
const DAY_MS = 86_400_000;

function cut(files: FaultFiles, size: number): FaultFiles {
  const other = files.copy();
  other.truncate(FIRST, size);
  return other;
}

function recovered(files: FaultFiles, coreHash?: string) {
  const found = recoverCounting(files, coreHash);
  if (found.kind !== "recovered") throw new Error(`not recovered: ${JSON.stringify(found)}`);
  return found;
}

Deno.test("[F-11.3] a last line torn at any byte is cut and reported, nothing else is lost", () => {
  const process = new Process().run(40);
  const whole = process.files.readText(FIRST);
  const before = whole.lastIndexOf("\n", whole.length - 2) + 1;
  const earlier = new Process().run(39);
  for (let size = before; size < whole.length; size += 1) {
    const found = recovered(cut(process.files, size));
    assert.deepEqual(found.state, earlier.state, `cut at ${size}`);
    assert.deepEqual(found.resume, { seq: 39, head: earlier.journal.head() });
    assert.equal(found.damaged, null);
    const reported = found.lines.some((line) => line.includes(`torn last line of ${size - before} bytes`));
    assert.equal(reported, size > before, `cut at ${size}`);
  }
  assert.equal(recovered(cut(process.files, whole.length)).resume.seq, 40);
});

Deno.test("[F-11.3] a torn file is mended on disk and goes on as a whole chain", () => {
  const process = new Process().run(40);
  const files = cut(process.files, process.files.readText(FIRST).length - 5);
  const { state, resume } = recovered(files);
  const next = new Process({ files, state, resume }).run(10, DAY + 100_000);
  assert.deepEqual(verifyJournal(files, DIR), {
    records: 49,
    segments: 2,
    head: next.journal.head(),
    faults: [],
    notes: [],
  });
});

Deno.test("[F-11.3] a loss of power at any moment loses at most the nine newest lines, and no state is wrong", () => {
  const process = new Process({ change: { snapshotEvery: 7 } });
  let lost = 0;
  for (let n = 0; n < 80; n += 1) {
    const seq = process.step(quietEvent(n, DAY + DAY_MS - 40_000));
    for (const keep of [0, 1, 17, 150, 400]) {
      const found = recoverCounting(process.files.copy({ powerLoss: true, keep }));
      if (found.kind !== "recovered") {
        assert.deepEqual([found.kind, seq < 10], ["fresh", true], `power lost after ${seq}`);
        continue;
      }
      assert.ok(found.resume.seq > seq - 10 && found.resume.seq <= seq, `${found.resume.seq} of ${seq}`);
      assert.equal(found.damaged, null);
      assert.deepEqual(found.state, stateAfter(found.resume.seq), `power lost after ${seq}, ${keep} bytes kept`);
      lost += seq - found.resume.seq;
    }
  }
  assert.ok(lost > 100, "lines were lost");
});

Deno.test("[F-11.3] the newest segment, torn and packed by somebody: cut where it is torn, and the chain goes on", () => {
  const process = new Process().run(25);
  const files = process.files.copy();
  const path = "data/journal/2026-01-05.0000.jsonl";
  const whole = files.readBytes(path);
  files.writeAtomic(`${path}.gz`, gzipSync(new Uint8Array([...whole, ...new TextEncoder().encode('["half a li')])));
  files.remove(path);
  const found = recoverCounting(files);
  assert.ok(found.kind === "recovered");
  assert.deepEqual([found.state, found.damaged], [process.state, null]);
  assert.equal(
    found.lines[0],
    "Cut a torn last line of 11 bytes from 2026-01-05.0000.jsonl.gz, which was packed and now is not",
  );
  assert.deepEqual(files.list("data/journal"), ["2026-01-05.0000.jsonl"]);
  assert.deepEqual(files.readBytes(path), whole);
  const next = new Process({ files, state: found.state, resume: found.resume });
  next.run(5);
  assert.ok(next.journal.close());
  assert.deepEqual(verifyJournal(files, DIR).faults, []);
});

Deno.test("[F-11.1] a segment without any record is removed and the chain goes on", () => {
  const process = new Process().run(40);
  const header = process.files.readText(FIRST).indexOf("\n") + 1;
  const empty = cut(process.files, header + 20);
  assert.equal(recoverCounting(empty).kind, "fresh");
  assert.deepEqual(empty.list("data/snapshots"), []);
});

Deno.test("[F-11.1] the two newest snapshots damaged: the older one and a longer tail give the same state", () => {
  const process = new Process({ change: { snapshotEvery: 50 } }).run(230);
  const names = process.files.list("data/snapshots");
  assert.deepEqual(names.map((name) => Number(name.split(".")[2])), [0, 150, 200], "opening and two newest");
  const files = process.files.copy();
  for (const name of names.slice(-2)) {
    const path = `data/snapshots/${name}`;
    files.writeAtomic(path, files.readText(path).replace('"steps":', '"stepz":'));
  }
  const found = recovered(files);
  assert.deepEqual(found.state, process.state);
  assert.equal(found.tail, 230);
  assert.equal(found.lines.filter((line) => line.includes("does not match its state's hash")).length, 2);
});

Deno.test("[F-11.1] a snapshot of another journal, or newer than the journal, is not trusted", () => {
  const process = new Process({ change: { snapshotEvery: 50 } }).run(120);
  const other = new Process({ change: { snapshotEvery: 50, facts: { accountUid: "2", symbol: "X", config: {} } } }).run(
    120,
  );
  const foreign = process.files.copy();
  const name = "data/snapshots/2026-01-05.0000.000000000100.jsonl";
  foreign.writeAtomic(name, other.files.readBytes(name));
  assert.ok(recovered(foreign).lines.some((line) => line.includes("does not chain to the journal")));

  const size = process.files.readText(FIRST).split("\n").slice(0, 90).join("\n").length + 1;
  const found = recovered(cut(process.files, size));
  assert.equal(found.resume.seq, 89);
  assert.equal(found.tail, 39, "from the snapshot after record 50");
});

Deno.test("[F-11.3] an edit in the middle of the tail: the state ends before it, the rest is kept aside", () => {
  const process = new Process().run(60);
  const files = process.files.copy();
  const text = files.readText(FIRST);
  const at = text.indexOf('{"seq":30,');
  const line = text.slice(at, text.indexOf("\n", at));
  const changed = line.replace(/\["?-?\d+/, "[1");
  assert.notEqual(changed, line);
  files.writeAtomic(FIRST, text.replace(line, changed));
  const found = recovered(files);
  assert.match(found.damaged ?? "", /^record 30 in 2026-01-05.0000.jsonl .*does not match its hash/);
  assert.equal(found.resume.seq, 29);
  const aside = files.list("data/journal").filter((name) => name.endsWith(".damaged"));
  assert.equal(aside.length, 1);
  assert.ok(files.readText(`data/journal/${aside[0]}`).startsWith(changed));
  const { faults, notes } = verifyJournal(files, DIR);
  assert.deepEqual(faults, []);
  assert.ok(notes.includes(`${aside[0]} was set aside by a start: what it holds is not in the chain`), "still told of");
});

/** Sixty records, the thirtieth of them edited. */
function edited(): FaultFiles {
  const files = new Process().run(60).files.copy();
  files.writeAtomic(FIRST, files.readText(FIRST).replace('{"seq":30,', '{"seq":31,'));
  return files;
}

Deno.test("[F-11.3] [F-11.6] damage is told by every start until one of them is on record, wherever the others died", () => {
  const whole = edited();
  whole.calls.length = 0;
  const said = recovered(whole).damaged;
  assert.match(said ?? "", /^record 30 in /);
  const calls = whole.calls.length;
  assert.ok(calls >= 3, "the note, the part set aside, the cut");
  for (let at = 0; at < calls; at += 1) {
    const files = edited();
    files.calls.length = 0;
    files.fault = () => {
      if (files.calls.length > at) throw new Error("dead");
    };
    assert.throws(() => recovered(files), /dead/);
    files.fault = null;
    const first = recovered(files);
    const second = recovered(files);
    assert.equal(first.damaged, said, `death at call ${at}`);
    assert.equal(second.damaged, said, `death at call ${at}, and again before its record`);
    assert.equal(second.resume.seq, 29);
    forgetDamage(files, DIR);
    assert.equal(recovered(files).damaged, null, "told and on record");
  }
});

Deno.test("[F-11.3] a line torn in an older segment is damage, not a crash: what stood behind it was whole once", () => {
  const first = new Process().run(12);
  const { state, resume } = recovered(first.files);
  const { files } = new Process({ files: first.files, state, resume }).run(3, DAY + 3_600_000);
  for (const name of files.list("data/snapshots").slice(1)) files.remove(`data/snapshots/${name}`);
  files.truncate(FIRST, files.readBytes(FIRST).length - 5);
  const found = recovered(files);
  assert.match(found.damaged ?? "", /2026-01-05.0000.jsonl at byte \d+: torn$/);
  assert.equal(found.resume.seq, 11);
});

Deno.test("[F-11.7] recorded order intents are facts: another core's tail registers them, not its own decisions", () => {
  const process = new Process().run(38);
  process.put(quietEvent(39, DAY), [placeStop("sent_by_the_old_core")]);
  const found = recovered(process.files.copy(), "core-b");
  assert.equal(found.foreign, true);
  assert.ok(found.state.ids.includes("sent_by_the_old_core"));
  assert.equal(found.differences, 1);
});

Deno.test("[F-11.7] a state of an older schema goes through every migration; a newer one is refused", () => {
  const steps = [
    { from: 1, apply: (state: unknown) => ({ was: state, two: true }) },
    { from: 2, apply: (state: unknown) => ({ was: state, three: true }) },
  ];
  assert.deepEqual(migrate({ a: 1 }, { from: 1, to: 3, steps }), {
    kind: "state",
    state: { was: { was: { a: 1 }, two: true }, three: true },
  });
  assert.deepEqual(migrate({}, { from: 0, to: 3, steps }), {
    kind: "stuck",
    reason: "no migration from state schema 0",
  });
  assert.deepEqual(migrate({}, { from: 4, to: 3, steps }), {
    kind: "stuck",
    reason: "state schema 4 is newer than this program's 3",
  });
});

Deno.test("[P-14] rotation at the boundary loses no line, whatever was waiting for its fsync", () => {
  for (let steps = 1; steps < 45; steps += 1) {
    const process = new Process();
    process.files.syncs = "hold";
    process.run(steps, DAY + DAY_MS - 20_000);
    process.files.answerSyncs();
    process.run(20, DAY + DAY_MS - 20_000);
    const report = verifyJournal(process.files, DIR);
    assert.deepEqual(report.faults, []);
    assert.equal(report.records, steps + 20);
    assert.equal(report.head, process.journal.head());
    const first = process.files.files.get(FIRST);
    if (report.segments === 2) {
      assert.equal(first?.synced, first?.bytes.length, "the old file is synced before the new");
    }
  }
});

Deno.test("[P-14] old days are packed, replaced only when the packed file is there, and read as before", () => {
  const pack = (bytes: Uint8Array, done: (packed: Uint8Array | null) => void): void => done(gzipSync(bytes));
  const process = new Process({ change: { pack } });
  for (let day = 0; day < 4; day += 1) {
    process.n = 0;
    process.run(30, DAY + day * DAY_MS);
  }
  assert.deepEqual(process.files.list("data/journal"), [
    "2026-01-05.0000.jsonl.gz",
    "2026-01-06.0000.jsonl.gz",
    "2026-01-07.0000.jsonl.gz",
    "2026-01-08.0000.jsonl",
  ]);
  const report = verifyJournal(process.files, DIR);
  assert.deepEqual([report.records, report.faults, report.head], [120, [], process.journal.head()]);
});

Deno.test("[P-14] journal_retention_days deletes old days but never what recovery needs", () => {
  const process = new Process({ change: { retentionDays: 2 } });
  for (let day = 0; day < 6; day += 1) {
    process.n = 0;
    process.run(30, DAY + day * DAY_MS);
  }
  assert.deepEqual(process.files.list("data/journal").map((name) => name.slice(0, 10)), [
    "2026-01-08",
    "2026-01-09",
    "2026-01-10",
  ]);
  const zero = new Process({ change: { retentionDays: 0 } });
  for (let day = 0; day < 4; day += 1) {
    zero.n = 0;
    zero.run(30, DAY + day * DAY_MS);
  }
  assert.deepEqual(zero.files.list("data/journal").map((name) => name.slice(0, 10)), ["2026-01-07", "2026-01-08"]);
  const files = zero.files.copy();
  const newest = files.list("data/snapshots").at(-1);
  files.writeAtomic(`data/snapshots/${newest}`, "damaged");
  assert.deepEqual(recovered(files).state, zero.state);
});

Deno.test("[F-11.1] close() leaves a snapshot, so that the next start has no tail", () => {
  const process = new Process().run(77);
  assert.equal(process.journal.close(), true);
  const found = recovered(process.files.copy());
  assert.equal(found.tail, 0);
  assert.deepEqual(found.state, process.state);
  assert.equal(process.clock.pending(), 0, "no timer is left");
});

Deno.test("[F-11.1] a process that dies at every single call of the disk finds its state again", () => {
  const wanted = new Process({ change: { snapshotEvery: 7 } }).run(60, DAY + DAY_MS - 40_000);
  const calls = wanted.files.calls.length;
  let deaths = 0;
  for (let at = 0; at < calls; at += 1) {
    const files = dieAt(at).copy();
    const found = recoverCounting(files);
    if (found.kind === "fresh") continue;
    assert.equal(found.kind, "recovered", `death at call ${at}`);
    if (found.kind !== "recovered") continue;
    deaths += 1;
    assert.equal(found.damaged, null, `death at call ${at}`);
    assert.deepEqual(found.state, stateAfter(found.resume.seq), `death at call ${at}`);
    const { state, resume } = found;
    const next = new Process({ files, state, resume }).run(4, DAY + DAY_MS + 90_000);
    const report = verifyJournal(files, DIR);
    assert.deepEqual([report.faults, report.head], [[], next.journal.head()], `death at call ${at}`);
  }
  assert.ok(deaths > 60, `${deaths} deaths with something to find`);
});

/** The files of a process that died just before its n-th call of the disk. */
function dieAt(call: number): FaultFiles {
  const files = new FaultFiles();
  let dead = false;
  files.fault = (): void => {
    dead ||= files.calls.length > call;
    if (dead) throw new Error("dead");
  };
  try {
    new Process({ files, change: { snapshotEvery: 7 } }).run(60, DAY + DAY_MS - 40_000);
  } catch {
    // Dead while opening.
  }
  return files;
}

function stateAfter(seq: number) {
  let state = new Process().state;
  for (let n = 0; n < seq; n += 1) state = countingStep(state, quietEvent(n, DAY + DAY_MS - 40_000)).state;
  return state;
}
