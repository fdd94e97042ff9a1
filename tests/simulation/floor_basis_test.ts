/** `goal.floor_basis` in the whole bot: a crash of the BTC price halts by dollars, not by trading; both replay. */
import { deepEqual, equal } from "node:assert/strict";
import { runSeed, type SimIo } from "../../src/programs/simulator/run.ts";
import { stateReader } from "../../src/bot/state_reader.ts";
import { recover } from "../../src/infrastructure/storage/journal/recovery.ts";
import { replay, replayText } from "../../src/infrastructure/storage/journal/replay.ts";
import { FaultFiles } from "../support/fault_files.ts";

/** The floor stands near the start, so that hours of the crash of January 2021 are enough. */
const FLOOR = "goal:\n  equity_floor_usd: 96\n";

function run(basis: "usd" | "trading") {
  const files = new FaultFiles();
  const lines: string[] = [];
  const io: SimIo = {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) =>
      path === "config/floor.yaml"
        ? `extends: testnet.yaml\n${FLOOR}  floor_basis: ${basis}\n`
        : Deno.readTextFileSync(path),
    writeFile: (path, content) => files.writeAtomic(path, content),
    out: (line) => lines.push(line),
    progress: () => undefined,
    columns: () => 80,
    stopwatch: () => 0,
  };
  runSeed(io, {
    data: "config/recordings/winter-2021.csv.gz",
    config: "config/floor.yaml",
    faults: "none",
    market: "normal",
    from: Date.parse("2021-01-11T03:00Z"),
    to: null,
    hours: 6,
    out: "out",
    json: true,
    seed: 1,
  });
  const dataDir = "out/seed-1/data";
  for (const dir of ["journal", "snapshots"]) files.folders.add(`${dataDir}/${dir}`);
  const json = JSON.parse(lines.at(-1) ?? "{}");
  return { json, place: { files, dataDir } };
}

Deno.test("[F-7.4 floor_basis] a fall of the BTC price halts under usd and not under trading; the journal replays and recovers", () => {
  const halts: Record<string, readonly string[]> = {};
  for (const basis of ["usd", "trading"] as const) {
    const { json, place } = run(basis);
    equal(json.violations, 0);
    halts[basis] = json.halts.map((halt: { readonly reason: string }) => halt.reason);
    const replayed = replay({ ...place, ...stateReader("dev"), compare: false });
    deepEqual(replayText(replayed), [`replayed ${replayed.steps} steps, head ${json.journal_head}, 0 differences`]);
    const found = recover({ ...place, ...stateReader("dev") });
    equal(found.kind, "recovered");
    if (found.kind === "recovered") {
      equal(found.state.bot.config.goal.floor_basis, basis === "trading" ? "trading" : undefined);
    }
  }
  deepEqual(halts, { usd: ["equity_below_floor"], trading: [] });
});
