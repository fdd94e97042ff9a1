import assert from "node:assert/strict";
import { guardedStep } from "../../src/application/engine/guardian.ts";
import { runSeed, type SimIo } from "../../src/cli/sim_run.ts";
import { stateReader } from "../../src/cli/memory.ts";
import { recover } from "../../src/infrastructure/storage/recovery.ts";
import { replay, replayText } from "../../src/infrastructure/storage/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/verify.ts";
import { FaultFiles } from "../support/fault_files.ts";

const SEED = 4;
const DATA_DIR = `out/seed-${SEED}/data`;

/** The whole bot over midnight, under faults that kill it; everything it wrote, and the head it ended with. */
function run(): { readonly files: FaultFiles; readonly head: string; readonly kills: number } {
  const files = new FaultFiles();
  const lines: string[] = [];
  const io: SimIo = {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile: (path, content) => files.writeAtomic(path, content),
    out: (line) => lines.push(line),
    progress: () => undefined,
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
    seed: SEED,
  });
  for (const dir of ["journal", "snapshots"]) files.folders.add(`${DATA_DIR}/${dir}`);
  const json = JSON.parse(lines.at(-1) ?? "{}");
  return { files, head: json.journal_head, kills: json.faults.process_kill ?? 0 };
}

Deno.test("[F-3.3] [F-11.2] the whole bot's journal, with kills and a midnight in it, replays bit for bit and verifies", () => {
  const { files, head, kills } = run();
  assert.ok(kills > 0, "a process was killed");
  const place = { files, dataDir: DATA_DIR };
  const report = replay({ ...place, ...stateReader("dev"), compare: false });
  assert.ok(report.steps > 5_000);
  assert.deepEqual(replayText(report), [`replayed ${report.steps} steps, head ${head}, 0 differences`]);

  const verified = verifyJournal(files, DATA_DIR);
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
