// Figures of docs/performance.md, section "Memory": deno bench -A tests/bench/journal_bench.ts
import type { FileSeam } from "../../src/application/engine/ports.ts";
import { liveClock } from "../../src/infrastructure/platform/live/mod.ts";
import { liveFiles } from "../../src/infrastructure/platform/live/files.ts";
import { type Journal, openJournal } from "../../src/infrastructure/storage/journal/journal.ts";
import { chainHash, encodeBody, encodeLine, GENESIS } from "../../src/infrastructure/storage/journal/record_codec.ts";
import { replay } from "../../src/infrastructure/storage/journal/replay.ts";
import { COUNTING_START, countingStep, parseCounting, placeStop, quietEvent } from "../support/counting_core.ts";
import { BUILD, DAY, DIR, FACTS, Process } from "../support/journal_rig.ts";

const events = Array.from({ length: 20_000 }, (_, n) => quietEvent(n, DAY));
let next = 0;
const event = () => events[next = (next + 1) % events.length]!;

const root = Deno.makeTempDirSync({ prefix: "abot_bench_" });
addEventListener("unload", () => Deno.removeSync(root, { recursive: true }));

/** Real files, except that fsync is said to be done at once: what a record costs without it. */
const withoutSync: FileSeam = {
  ...liveFiles,
  openAppend: (path) => ({ ...liveFiles.openAppend(path), sync: (done) => done(null) }),
};

function open(name: string, files: FileSeam): Journal {
  return openJournal({
    files,
    clock: liveClock(),
    dataDir: `${root}/${name}`,
    facts: FACTS,
    build: BUILD,
    state: COUNTING_START,
    resume: null,
    onHealth: (health) => {
      throw new Error(health.detail);
    },
    retentionDays: null,
    pack: null,
    snapshotEvery: 1e9,
  });
}

const options = { state: COUNTING_START };
const line = new TextEncoder().encode(
  encodeLine(encodeBody(1_000_000, event(), { intents: [] }), { hash: GENESIS, stateHash: null }),
);
const bare = Deno.openSync(`${root}/bare`, { append: true, create: true });
const bareSynced = Deno.openSync(`${root}/bare_synced`, { append: true, create: true });
const journal = open("plain", withoutSync);
const synced = open("synced", liveFiles);
const stop = [placeStop("grid_a3f8d2e1c4_l_stop_Sell")];

Deno.bench("bare writeSync of one record's bytes", { group: "append", baseline: true }, () => {
  bare.writeSync(line);
});
Deno.bench("journal.append without fsync", { group: "append" }, () => {
  journal.append(event(), [], options);
});
Deno.bench("encode + hash alone", { group: "append" }, () => {
  const body = encodeBody(1_000_000, event(), { intents: [] });
  encodeLine(body, { hash: chainHash(GENESIS, body), stateHash: null });
});

Deno.bench("bare writeSync + syncDataSync", { group: "durable", baseline: true }, () => {
  bareSynced.writeSync(line);
  bareSynced.syncDataSync();
});
Deno.bench("journal.append of an order intent until durable", { group: "durable" }, async () => {
  await new Promise<void>((resolve, reject) => {
    const { seq } = synced.append(event(), stop, options);
    synced.whenDurable(seq, { atMostMs: null }, (durable) => durable ? resolve() : reject(new Error("not durable")));
  });
});

const recorded = new Process().run(20_000).files;
Deno.bench("replay of 20,000 events", { group: "replay" }, () => {
  const report = replay({
    files: recorded,
    dataDir: DIR,
    step: countingStep,
    coreHash: BUILD.coreHash,
    parseState: parseCounting,
    migrations: [],
    compare: false,
  });
  if (report.steps !== 20_000 || report.differences !== 0) throw new Error("replay differs");
});
