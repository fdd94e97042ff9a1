/** A simulation with --out leaves a real data directory: every reader works on it, and the run is the same (B8, B13). */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { runSeed, type SimIo } from "../../src/programs/simulator/run.ts";
import type { CliWorld } from "../../src/bot/live/cli_world.ts";
import { dataDirOf } from "../../src/programs/trader/commands/data_dir.ts";
import { showReport } from "../../src/programs/trader/commands/report.ts";
import { showStatus } from "../../src/programs/trader/commands/status.ts";
import { verifyData } from "../../src/programs/trader/commands/verify.ts";
import { showWhy } from "../../src/programs/trader/commands/why.ts";
import { VirtualDisk } from "../../src/infrastructure/platform/virtual/files.ts";
import type { FileSeam } from "../../src/application/engine/ports.ts";

function disk(): FileSeam {
  return new VirtualDisk().view({ alive: () => true, later: (act) => act(), onWrite: () => undefined });
}

function run(out: string | null) {
  const files = disk();
  const lines: string[] = [];
  const io: SimIo = {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile(path, content) {
      const cut = path.lastIndexOf("/");
      if (cut > 0) files.makeDirectory(path.slice(0, cut));
      files.writeAtomic(path, content);
    },
    out: (line) => lines.push(line),
    progress: () => undefined,
    columns: () => 80,
    stopwatch: () => 0,
  };
  const code = runSeed(io, {
    data: "config/recordings/winter-2021.csv.gz",
    config: "config/testnet_scenarios.yaml",
    faults: "heavy",
    market: "normal",
    from: Date.parse("2021-01-27T10:00Z"),
    to: null,
    hours: 6,
    out,
    json: true,
    seed: 3,
  });
  return { files, lines, code, json: JSON.parse(lines.at(-1) ?? "{}") };
}

/** One run for the tests that only read it. */
const KEPT = run("out");

function world(files: FileSeam) {
  const lines: string[] = [];
  const made: CliWorld = {
    files,
    now: () => Date.parse("2026-12-01T00:00Z"),
    wait: () => Promise.resolve(),
    columns: () => 80,
    out: (line) => lines.push(line),
    error: (line) => lines.push(line),
  };
  return { made, lines };
}

Deno.test("[P-13] [M-1.1] verify, report, why and status read what a simulation left, whichever level is named", () => {
  const { files, json } = KEPT;
  ok(json.trades > 0);
  const { made, lines } = world(files);
  for (const given of ["out", "out/", "out/seed-3", "out/seed-3/data"]) {
    equal(dataDirOf(made, given), "out/seed-3/data");
  }
  equal(dataDirOf(made, "elsewhere"), "elsewhere");
  const dataDir = "out/seed-3/data";
  equal(verifyData(made, dataDir), 0, lines.join("\n"));
  equal(showReport(made, { dataDir, from: 0, to: Infinity, form: "text", trades: true }), 0);
  equal(showWhy(made, { dataDir, last: 2, verbose: false }), 0);
  showStatus(made, { dataDir, json: false, verbose: false });
  const text = lines.join("\n");
  match(text, new RegExp(`\\(${json.trades} trades?, `));
  match(text, /^account {5}\$100\.00 to \$/m);
  match(text, /scenario profile/);
  match(text, /NOT RUNNING/);
  const alerts = [...files.list("out/seed-3/data/alerts")];
  deepEqual(alerts, ["2021-01.jsonl"]);
});

Deno.test("a run is the same with its files and without", () => {
  equal(KEPT.json.journal_head, run(null).json.journal_head);
});

Deno.test("several seeds below one folder are named, not guessed", () => {
  const { files } = KEPT;
  files.makeDirectory("out/seed-4/data/journal");
  files.writeAtomic("out/seed-4/data/journal/2021-01-27.0000.jsonl", "");
  const { made, lines } = world(files);
  equal(dataDirOf(made, "out"), null);
  match(lines.join(), /Cannot choose among 2 runs in out: name one, as out\/seed-3\/data, out\/seed-4\/data/);
});
