import { stateReader } from "../../src/bot/state_reader.ts";
import { runWorld, type WorldResult } from "../../src/bot/simulated/world.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import { replay, replayText } from "../../src/infrastructure/storage/journal/replay.ts";
import { verifyJournal } from "../../src/infrastructure/storage/journal/verify.ts";
import { FaultFiles } from "./fault_files.ts";

const DATA = "config/recordings/black-thursday.csv.gz";
const FROM = Date.parse("2020-03-20T20:00Z");
const MINUTES = 38;
/** A process that dies in the last of them needs some time to come back and be judged. */
const AFTERWARDS = 2;
const SEED = 2;
/** A twentieth of the standard spacing: the run is to hold trades enough, one close upon the other. */
const GRID_ATR_MULTIPLE = 0.1;

export type CrashRun = { readonly result: WorldResult; readonly files: FaultFiles };

function setting() {
  const loaded = loadConfig({ readText: (path) => Deno.readTextFileSync(path), path: "config/testnet_scenarios.yaml" });
  if (loaded.kind === "errors") throw new Error(loaded.errors.join("; "));
  const { config } = loaded;
  return {
    recording: readRecording(DATA, Deno.readFileSync(DATA)),
    config: { ...config, strategy: { ...config.strategy, grid_atr_multiple: GRID_ATR_MULTIPLE } },
  };
}
let kept: ReturnType<typeof setting> | null = null;

/**
 * Less than forty minutes with at least five trades; with `dieAtEffect` the process dies right before its n-th write or
 * send, restarts, and has two minutes more.
 */
export function crashRun(dieAtEffect?: number): CrashRun {
  const files = new FaultFiles();
  kept ??= setting();
  const minutes = dieAtEffect === undefined ? MINUTES : MINUTES + AFTERWARDS;
  const result = runWorld({
    ...kept,
    seed: SEED,
    market: "normal",
    faults: "none",
    walletUsd: 100,
    from: FROM,
    to: FROM + minutes * 60_000,
    keepFile: (path, bytes) => files.writeAtomic(path, bytes),
    ...(dieAtEffect === undefined ? {} : { dieAtEffect }),
  });
  for (const dir of ["journal", "snapshots"]) files.folders.add(`data/${dir}`);
  return { result, files };
}

/** Everything wrong with a run: what the observer saw at the venue, and whether the journal is whole and replays. */
export function faultsOf(run: CrashRun, cut: number): readonly string[] {
  const { result, files } = run;
  const found = result.observer.violations.map((one) => `${one.rule} ${one.check}: ${one.detail}`);
  const state = result.finalWord === "DOWN" || result.finalWord === "REFUSED" ? [`ended ${result.finalWord}`] : [];
  const crashes = result.crashes.slice(0, 1).map((line) => line.split("\n")[0] ?? "");
  const place = { files, dataDir: "data" };
  const journal = verifyJournal(files, "data");
  const report = replay({ ...place, ...stateReader("dev"), compare: false });
  const replayed = report.differences === 0 ? [] : replayText(report);
  const heads = journal.head === result.journalHead ? [] : [`the journal ends in ${journal.head}`];
  return [...found, ...state, ...crashes, ...journal.faults, ...heads, ...replayed].map((line) =>
    `cut ${cut}: ${line}`
  );
}
