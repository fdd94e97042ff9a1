import assert from "node:assert/strict";
import { AppendLog } from "../../src/infrastructure/logging/append_log.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { FaultFiles } from "../support/fault_files.ts";
import { DAY, DIR, Process, recoverCounting } from "../support/journal_rig.ts";
import { ManualClock } from "../support/manual_clock.ts";

const NEXT_DAY = DAY + 86_400_000;
/** Everything that changes the disk; a full disk may refuse any of it. */
const CHANGES = [
  "makeDirectory",
  "openAppend",
  "write",
  "sync",
  "syncNow",
  "writeAtomic",
  "truncate",
  "rename",
  "remove",
];

type Trouble = {
  /** Number of the first change that fails, counted from the start on. */
  readonly from: number;
  /** Number of the first one that works again. */
  readonly to: number;
  /** Bytes of a failing write that reach the file. */
  readonly partial: number;
};

type Life = {
  readonly files: FaultFiles;
  readonly changes: number;
  readonly process: Process | null;
  readonly kept: boolean;
};

/** What a process that was killed in the middle of a line leaves. */
function killed(): FaultFiles {
  const process = new Process().run(13);
  const files = process.files.copy();
  files.openAppend("data/journal/2026-01-05.0000.jsonl").write('["half a li');
  return files;
}

/** One start (tried again while it is refused), a rotation and a stop, over a disk in trouble. */
function live(first: FaultFiles, trouble: Trouble): Life {
  const files = first.copy();
  let changes = 0;
  files.partial = trouble.partial;
  files.fault = (call) => {
    if (!CHANGES.includes(call.op)) return;
    changes += 1;
    if (changes > trouble.from && changes <= trouble.to) throw new Error("ENOSPC");
  };
  let process: Process | null = null;
  for (let tries = 0; tries < 50 && process === null; tries += 1) {
    try {
      const found = recoverCounting(files);
      process = new Process({
        files,
        clock: new ManualClock(DAY),
        ...(found.kind === "recovered" ? { state: found.state, resume: found.resume } : {}),
        change: { snapshotEvery: 8 },
      });
    } catch {
      // The start is refused with the disk's own word; the unit tries again.
    }
  }
  if (process === null) return { files, changes, process, kept: false };
  for (const day of [DAY, NEXT_DAY]) {
    for (let step = 0; step < 11; step += 1) {
      process.run(1, day);
      process.clock.pass(1_200);
    }
  }
  const kept = process.journal.close();
  files.fault = null;
  return { files, changes, process, kept };
}

/** The next start takes the journal as it is, and its chain goes on. */
function assertGoesOn({ files, process, kept }: Life, name: string): void {
  files.fault = null;
  const before = verifyJournal(files, DIR);
  assert.deepEqual(before.faults, [], name);
  const found = recoverCounting(files);
  if (found.kind === "fresh") return assert.ok(!kept, name);
  assert.ok(found.kind === "recovered", name);
  assert.equal(found.damaged, null, name);
  assert.deepEqual(files.list(`${DIR}/journal`).filter((file) => file.endsWith(".damaged")), [], name);
  if (kept) assert.deepEqual(found.state, process?.state, name);
  const next = new Process({ files, clock: new ManualClock(NEXT_DAY), state: found.state, resume: found.resume });
  next.run(5, NEXT_DAY + 60_000);
  assert.ok(next.journal.close(), name);
  const report = verifyJournal(files, DIR);
  assert.deepEqual(report.faults, [], name);
  assert.equal(report.head, next.journal.head(), name);
}

for (
  const [name, disk] of [["after a kill", killed], ["in an empty directory", () => new FaultFiles()]] as const
) {
  Deno.test(`[F-11.9] [F-11.3] a start ${name} on a disk in trouble from any change to any later one: the chain is whole, nothing is set aside`, () => {
    const quiet = live(disk(), { from: 0, to: 0, partial: 0 });
    assert.ok(quiet.kept);
    assertGoesOn(quiet, "no trouble");
    let healed = 0;
    for (let from = 0; from < quiet.changes; from += 1) {
      for (let length = 1; length <= 24; length += 1) {
        const partial = length % 3 === 0 ? 0 : 40;
        const life = live(disk(), { from, to: from + length, partial });
        assertGoesOn(life, `${name}: changes ${from + 1} to ${from + length} fail, ${partial} bytes reach the file`);
        if (life.kept) healed += 1;
      }
    }
    assert.ok(healed > quiet.changes * 12, `only ${healed} lives kept everything`);
  });
}

Deno.test("[F-11.9] a disk that stays full from any change to the end of the process: what is on it is a whole chain", () => {
  const quiet = live(killed(), { from: 0, to: 0, partial: 0 });
  for (let from = 0; from < quiet.changes; from += 1) {
    for (const partial of [0, 40]) {
      const life = live(killed(), { from, to: Number.MAX_SAFE_INTEGER, partial });
      assertGoesOn(life, `from change ${from + 1} on, ${partial} bytes reach the file`);
    }
  }
});

Deno.test("[F-11.9] a log whose file could not be opened at first writes every line once there is room", () => {
  for (let from = 0; from < 12; from += 1) {
    for (let length = 1; length <= 12; length += 1) {
      const files = new FaultFiles();
      const clock = new ManualClock(DAY);
      let changes = 0;
      files.fault = (call) => {
        if (!CHANGES.includes(call.op)) return;
        changes += 1;
        if (changes > from && changes <= from + length) throw new Error("ENOSPC");
      };
      const log = new AppendLog({ files, clock, directory: DIR, onHealth: () => undefined });
      const lines: string[] = [];
      for (let n = 0; n < 8; n += 1) {
        lines.push(`line ${n}`);
        log.write(`line ${n}`, { file: "alerts.jsonl", critical: true });
        clock.pass(400);
      }
      clock.pass(20_000);
      assert.ok(log.close());
      const text = files.readText(`${DIR}/alerts.jsonl`);
      assert.deepEqual(text.trimEnd().split("\n"), lines, `changes ${from + 1} to ${from + length} fail`);
    }
  }
});
