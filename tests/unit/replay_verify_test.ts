import assert from "node:assert/strict";
import type { Event } from "../../src/domain/events.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { replay, type ReplayReport, replayText } from "../../src/infrastructure/storage/journal/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { type Counting, countingStep, parseCounting } from "../support/counting_core.ts";
import type { FaultFiles } from "../support/fault_files.ts";
import { DAY, DIR, Process, recoverCounting } from "../support/journal_rig.ts";

const BEFORE_MIDNIGHT = DAY + 86_400_000 - 60_000;
const FIRST = "data/journal/2026-01-05.0000.jsonl";

type Stepper = (state: Counting, event: Event) => { readonly state: Counting; readonly intents: readonly Intent[] };

function replayOf(
  files: FaultFiles,
  change: {
    readonly step?: Stepper;
    readonly coreHash?: string;
    readonly equalCores?: readonly string[];
    readonly compare?: boolean;
  } = {},
): ReplayReport {
  return replay({
    files,
    dataDir: DIR,
    step: change.step ?? countingStep,
    coreHash: change.coreHash ?? "core-a",
    equalCores: change.equalCores ?? [],
    parseState: parseCounting,
    migrations: [],
    compare: change.compare ?? false,
  });
}

/** Two days and a restart. */
function threeSegments(): { readonly files: FaultFiles; readonly head: string; readonly steps: number } {
  const first = new Process().run(200, BEFORE_MIDNIGHT);
  const found = recoverCounting(first.files);
  assert.equal(found.kind, "recovered");
  if (found.kind !== "recovered") throw new Error("not recovered");
  const { state, resume } = found;
  const second = new Process({ files: first.files, clock: first.clock, state, resume });
  second.run(150, BEFORE_MIDNIGHT + 200_000);
  return { files: first.files, head: second.journal.head(), steps: 350 };
}

/** Another core: orders under other ids. */
const otherStep: Stepper = (state, event) => {
  const { state: next, intents } = countingStep(state, event);
  return {
    state: next,
    intents: intents.map((intent) => intent.kind === "QueryWallet" ? { kind: "QueryTicker" } : intent),
  };
};

Deno.test("[F-11.2] replay() reproduces every intent over a rotation and a restart", () => {
  const { files, head, steps } = threeSegments();
  const report = replayOf(files);
  assert.deepEqual(replayText(report).at(-1), `replayed ${steps} steps, head ${head}, 0 differences`);
  assert.equal(report.exitCode, 0);
});

Deno.test("[F-11.2] replay() names the first step decided otherwise, with both sides", () => {
  const { files } = threeSegments();
  const report = replayOf(files, { step: otherStep });
  assert.equal(report.exitCode, 1);
  assert.equal(report.differences, 1);
  assert.deepEqual(report.found[0], {
    seq: 6,
    place: "2026-01-05.0000.jsonl",
    event: "Tick",
    what: "intents",
    recorded: '[{"kind":"QueryWallet"}]',
    actual: '[{"kind":"QueryTicker"}]',
  });
});

Deno.test("[F-11.2] replay() sees a state that differs although every intent is the same", () => {
  const { files } = threeSegments();
  const drift: Stepper = (state, event) => {
    const { state: next, intents } = countingStep(state, event);
    return { state: next.steps === 15 ? { ...next, sum: next.sum + 1 } : next, intents };
  };
  const report = replayOf(files, { step: drift });
  assert.equal(report.found[0]?.what, "state");
  assert.equal(report.found[0]?.seq, 20);
});

Deno.test("[F-11.8] replay() names a step whose core throws", () => {
  const { files } = threeSegments();
  const report = replayOf(files, {
    step: (state, event) => {
      if (state.steps === 40) throw new Error("no way");
      return countingStep(state, event);
    },
  });
  assert.deepEqual([report.found[0]?.seq, report.found[0]?.what, report.found[0]?.actual], [41, "throw", "no way"]);
});

Deno.test("[F-11.7] replay() of a foreign core says so with exit 3 and runs nothing", () => {
  const { files } = threeSegments();
  const report = replayOf(files, { coreHash: "core-b", step: otherStep });
  assert.equal(report.exitCode, 3);
  assert.equal(report.steps, 0);
  assert.match(
    report.foreign[0] ?? "",
    /2026-01-05.0000.jsonl was written by core core-a, this program is core core-b/,
  );
});

Deno.test("[F-11.7] replay() of a former core that decides alike is no foreign one", () => {
  const { files, steps } = threeSegments();
  const report = replayOf(files, { coreHash: "core-b", equalCores: ["core-0", "core-a"] });
  assert.deepEqual([report.exitCode, report.steps, report.foreign], [0, steps, []]);
});

Deno.test("[F-11.7] replay() with compare lists every decision another core takes otherwise", () => {
  const { files, steps } = threeSegments();
  const report = replayOf(files, { coreHash: "core-b", step: otherStep, compare: true });
  assert.equal(report.exitCode, 3);
  assert.equal(report.steps, steps);
  assert.equal(report.differences, report.found.length);
  assert.ok(report.differences > 30);
  assert.ok(report.found.every((found) => found.actual.includes("QueryTicker")));
});

Deno.test("[F-11.7] the head does not depend on version, commit, core hash or build date", () => {
  const build = { version: "9", commit: "beef", coreHash: "core-z", buildDate: "2030-01-01" };
  const other = new Process({ change: { build } }).run(200, BEFORE_MIDNIGHT);
  const same = new Process().run(200, BEFORE_MIDNIGHT);
  assert.notEqual(other.files.readText(FIRST), same.files.readText(FIRST));
  assert.equal(other.journal.head(), same.journal.head());
});

Deno.test("[F-11.7] the head depends on the configuration", () => {
  const facts = { accountUid: "1001", symbol: "BTCUSD", config: { symbol: "BTCUSD", max: 1 } };
  assert.notEqual(new Process({ change: { facts } }).run(4).journal.head(), new Process().run(4).journal.head());
});

Deno.test("[F-11.3] verify() finds a whole journal whole", () => {
  const { files, head, steps } = threeSegments();
  const report = verifyJournal(files, DIR);
  assert.deepEqual(report, { records: steps, segments: 3, head, faults: [], notes: [] });
});

Deno.test("[F-11.3] verify() names the record of any edited byte, and that one first", () => {
  const process = new Process().run(60, BEFORE_MIDNIGHT - 3_600_000);
  const { bytes } = process.files.files.get(FIRST)!;
  const lines = process.files.readText(FIRST).split("\n");
  let start = 0;
  for (const [number, line] of lines.slice(0, -1).entries()) {
    const step = number === 0 ? 1 : number % 7 === 1 ? 1 : 13;
    for (let at = start; at <= start + line.length; at += step) {
      const edited = process.files.copy();
      const changed = bytes.slice();
      changed[at] = bytes[at]! ^ (at % 2 === 0 ? 0x01 : 0x80);
      edited.files.set(FIRST, { bytes: changed, synced: changed.length });
      const { faults, notes } = verifyJournal(edited, DIR);
      const named = number === 0 ? "line in 2026-01-05.0000.jsonl at byte 0" : `record ${number} in`;
      const cut = number === lines.length - 2 && at === start + line.length;
      const first = faults[0] ?? (cut ? notes[0]?.replace("line in", `record ${number} in`) : "") ?? "";
      assert.ok(first.startsWith(named), `byte ${at} of line ${number}: ${first}`);
    }
    start += line.length + 1;
  }
});

Deno.test("[F-11.3] verify() names a missing record, a missing segment and swapped records", () => {
  const { files } = threeSegments();
  const lines = files.readText(FIRST).split("\n");
  const put = (other: FaultFiles, text: string): void => other.writeAtomic(FIRST, text);

  const gap = files.copy();
  put(gap, lines.filter((_, index) => index !== 30).join("\n"));
  assert.match(verifyJournal(gap, DIR).faults[0] ?? "", /^record 30 in/);

  const swapped = files.copy();
  put(swapped, lines.map((line, index) => index === 11 ? lines[12]! : index === 12 ? lines[11]! : line).join("\n"));
  assert.match(verifyJournal(swapped, DIR).faults[0] ?? "", /^record 11 in/);

  const missing = files.copy();
  missing.remove("data/journal/2026-01-06.0000.jsonl");
  assert.match(verifyJournal(missing, DIR).faults[0] ?? "", /records 61 to 200 are missing/);
});

Deno.test("[F-11.3] verify() sees a segment put in from another journal", () => {
  const { files } = threeSegments();
  const other = new Process().run(60, BEFORE_MIDNIGHT + 1);
  const mixed = files.copy();
  mixed.writeAtomic(FIRST, other.files.readBytes(FIRST));
  assert.ok(verifyJournal(mixed, DIR).faults.length > 0);
});
