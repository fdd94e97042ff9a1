// Recovery, replay and memory of a large journal, for docs/performance.md, section "Memory":
//   deno run -A tests/bench/memory_report.ts [days]
import { gzipSync } from "node:zlib";
import { liveClock } from "../../src/infrastructure/platform/live/mod.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { openJournal } from "../../src/infrastructure/storage/journal/journal.ts";
import { sha256 } from "../../src/common/sha256.ts";
import { recover, type Recovered } from "../../src/infrastructure/storage/journal/recovery.ts";
import { replay } from "../../src/infrastructure/storage/journal/replay.ts";
import { listSnapshots, snapshotDir, snapshotFile } from "../../src/infrastructure/storage/journal/snapshots.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import {
  type Counting,
  COUNTING_START,
  countingStep,
  parseCounting,
  quietEvent,
  registerCounting,
} from "../support/counting_core.ts";
import { BUILD, DAY, FACTS } from "../support/journal_rig.ts";

const DAY_MS = 86_400_000;
const STEPS_A_DAY = 86_400;
const days = Number(Deno.args[0] ?? 30);
const dataDir = Deno.makeTempDirSync({ prefix: "abot_memory_" });
const core = { step: countingStep, coreHash: BUILD.coreHash, parseState: parseCounting, migrations: [] };

const rssMb = (): number => Math.round(Deno.memoryUsage().rss / 1e6);
function timed<T>(what: string, run: () => T): T {
  const from = performance.now();
  const result = run();
  console.log(`${what}: ${((performance.now() - from) / 1000).toFixed(2)} s, RSS ${rssMb()} MB`);
  return result;
}

function write(): Counting {
  const journal = openJournal({
    files: {
      ...liveFiles,
      openAppend: (path) => ({ ...liveFiles.openAppend(path), sync: (done) => done(null) }),
    },
    clock: liveClock(),
    dataDir,
    facts: FACTS,
    build: BUILD,
    state: COUNTING_START,
    resume: null,
    onHealth: (health) => {
      if (health.state === "failed") throw new Error(health.detail);
    },
    retentionDays: 365,
    pack: (bytes, done) => done(gzipSync(bytes, { level: 1 })),
  });
  let state = COUNTING_START;
  for (let day = 0; day < days; day += 1) {
    for (let n = 0; n < STEPS_A_DAY; n += 1) {
      const event = quietEvent(n, DAY + day * DAY_MS);
      const step = countingStep(state, event);
      state = step.state;
      journal.append(event, step.intents, { state });
    }
  }
  return state;
}

function recovered(what: string): Recovered<Counting> {
  const found = timed(what, () => recover({ files: liveFiles, dataDir, ...core, register: registerCounting }));
  if (found.kind !== "recovered") throw new Error(JSON.stringify(found));
  console.log(`  tail ${found.tail} records, state ${sha256(JSON.stringify(found.state)).slice(0, 16)}`);
  return found;
}

try {
  const state = timed(`write ${days} days of ${STEPS_A_DAY} records`, write);
  const live = [...Deno.readDirSync(`${dataDir}/journal`)].find((entry) => entry.name.endsWith(".jsonl"));
  if (live !== undefined) {
    console.log(`  a day is ${(Deno.statSync(`${dataDir}/journal/${live.name}`).size / 1e6).toFixed(1)} MB plain`);
  }
  const first = recovered("recovery from the newest snapshot");
  const expected = sha256(JSON.stringify(state));
  for (const name of listSnapshots(liveFiles, dataDir).slice(-2)) {
    Deno.writeTextFileSync(`${snapshotDir(dataDir)}/${snapshotFile(name)}`, "damaged");
  }
  const second = recovered("recovery with both newest snapshots damaged");
  for (const found of [first, second]) {
    if (sha256(JSON.stringify(found.state)) !== expected) throw new Error("another state came back");
  }
  let peak = 0;
  const options = { files: liveFiles, dataDir, ...core, compare: false };
  const step: typeof countingStep = (before, event) => {
    const result = countingStep(before, event);
    if (result.state.steps % STEPS_A_DAY === 0) peak = Math.max(peak, rssMb());
    return result;
  };
  const from = performance.now();
  const report = replay({ ...options, step });
  const rate = Math.round(report.steps / ((performance.now() - from) / 1000));
  console.log(
    `replay: ${report.steps} events, ${report.differences} differences, ${rate} a second, RSS at most ${peak} MB`,
  );
  const verified = timed("verify", () => verifyJournal(liveFiles, dataDir));
  console.log(`  ${verified.records} records, ${verified.faults.length} faults`);
} finally {
  Deno.removeSync(dataDir, { recursive: true });
}
