import assert from "node:assert/strict";
import { guardedStep } from "../../src/application/guardian/guardian.ts";
import { runSeed, type SimIo } from "../../src/programs/simulator/run.ts";
import { stateReader } from "../../src/bot/state_reader.ts";
import { recover } from "../../src/infrastructure/storage/journal/recovery.ts";
import { replay, replayText } from "../../src/infrastructure/storage/journal/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { FaultFiles } from "../support/fault_files.ts";

/** The first of them whose faults kill the process is taken: what a seed draws may change. */
const SEEDS = [1, 2, 3, 4, 5, 6];

type Run = { readonly files: FaultFiles; readonly head: string; readonly kills: number; readonly dataDir: string };

/** The whole bot over midnight, under faults; everything it wrote, and the head it ended with. */
function run(seed: number): Run {
  const dataDir = `out/seed-${seed}/data`;
  const files = new FaultFiles();
  const lines: string[] = [];
  const io: SimIo = {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile: (path, content) => files.writeAtomic(path, content),
    out: (line) => lines.push(line),
    progress: () => undefined,
    columns: () => 80,
    stopwatch: () => 0,
  };
  runSeed(io, {
    data: "config/recordings/winter-2021.csv.gz",
    config: "config/testnet_scenarios.yaml",
    faults: "heavy",
    market: "normal",
    from: Date.parse("2021-01-24T21:00Z"),
    to: null,
    hours: 5,
    out: "out",
    json: true,
    seed,
  });
  for (const dir of ["journal", "snapshots"]) files.folders.add(`${dataDir}/${dir}`);
  const json = JSON.parse(lines.at(-1) ?? "{}");
  return { files, head: json.journal_head, kills: json.faults.process_kill ?? 0, dataDir };
}
function killedRun(): Run {
  for (const seed of SEEDS) {
    const one = run(seed);
    if (one.kills > 0) return one;
  }
  throw new Error(`No process was killed with the seeds ${SEEDS.join()}`);
}

Deno.test("[F-3.3] [F-11.2] the whole bot's journal, with kills and a midnight in it, replays bit for bit and verifies", () => {
  const { files, head, kills, dataDir } = killedRun();
  const place = { files, dataDir };
  const report = replay({ ...place, ...stateReader("dev"), compare: false });
  assert.ok(report.steps > 5_000);
  assert.deepEqual(replayText(report), [`replayed ${report.steps} steps, head ${head}, 0 differences`]);

  const verified = verifyJournal(files, dataDir);
  assert.deepEqual([verified.faults, verified.head, verified.records], [[], head, report.steps]);
  assert.ok(verified.segments > 1 + kills, "a segment a start and one a day");

  const found = recover({ ...place, ...stateReader("dev") });
  assert.equal(found.kind, "recovered");
  if (found.kind !== "recovered") return;
  assert.equal(found.resume.seq, report.steps);
  assert.equal(found.differences, 0);
  assert.deepEqual(JSON.parse(JSON.stringify(found.state)), found.state, "[F-11.1] the state is plain data");

  const other = replay({
    ...place,
    ...stateReader("dev"),
    compare: false,
    step: (state, event) => {
      const step = guardedStep(state, event);
      return event.kind === "Bars" ? { state: step.state, intents: [...step.intents, { kind: "QueryTicker" }] } : step;
    },
  });
  assert.equal(other.exitCode, 1);
  assert.equal(other.found[0]?.event, "Bars");
});
