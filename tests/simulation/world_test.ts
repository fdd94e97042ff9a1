import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readRecordings } from "../../src/programs/simulator/conformance/recordings.ts";
import {
  preparer,
  runDemo,
  runSeed,
  type SimFlags,
  SimInputError,
  type SimIo,
  sweepSeed,
} from "../../src/programs/simulator/run.ts";
import { runSweep } from "../../src/programs/simulator/sweep.ts";

type Heard = { readonly io: SimIo; readonly lines: string[]; readonly files: Map<string, string | Uint8Array> };
function listen(): Heard {
  const lines: string[] = [];
  const files = new Map<string, string | Uint8Array>();
  return {
    lines,
    files,
    io: {
      readBytes: (path) => Deno.readFileSync(path),
      readText: (path) => Deno.readTextFileSync(path),
      writeFile: (path, content) => void files.set(path, content),
      out: (line) => lines.push(line),
      progress: () => undefined,
      columns: () => 80,
      stopwatch: () => 0,
    },
  };
}
const FLAGS: SimFlags = {
  data: "config/recordings/winter-2021.csv.gz",
  config: "config/testnet_scenarios.yaml",
  faults: "none",
  market: "normal",
  from: Date.parse("2021-01-04T06:00Z"),
  to: null,
  hours: 3,
  out: null,
  json: true,
};
/** A sweep in this process: the workers have tests of their own. */
function sweep({ io }: Heard, flags: SimFlags & { readonly firstSeed: number; readonly lastSeed: number }) {
  const prepare = preparer(io);
  const open = () => ({
    run: (seed: number) => Promise.resolve(sweepSeed(io, { prepare, flags, seed })),
    close: () => undefined,
  });
  return runSweep(io, flags, { ...flags, jobs: 1, open, signal: new AbortController().signal });
}
const KEYS =
  "seed data from_ms to_ms steps trades wins losses longs shorts stop_outs net_pnl_sats fees_sats equity_start_sats " +
  "equity_end_sats max_drawdown_pct final_state halts cooldowns naked_ms_max naked_ms_total position_ms_total " +
  "violations faults switches crashes orders_sent rest_calls_per_min_max journal_head wall_ms peak_rss_mb";

function lastLine(heard: Heard): Record<string, unknown> {
  return JSON.parse(heard.lines.at(-1) ?? "");
}

/** The chart library's animation clock fires once more, 16 ms after the picture is done. */
function chartIsOver(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

Deno.test("[F-3.3] one seed gives one journal twice, another seed another; the last line has the agreed keys", () => {
  const first = listen();
  equal(runSeed(first.io, { ...FLAGS, seed: 1 }), 0);
  const json = lastLine(first);
  deepEqual(Object.keys(json), KEYS.split(" "));
  ok(typeof json.steps === "number" && json.steps > 3_000);
  equal(json.violations, 0);
  const second = listen();
  runSeed(second.io, { ...FLAGS, seed: 1 });
  equal(lastLine(second).journal_head, json.journal_head);
  const other = listen();
  runSeed(other.io, { ...FLAGS, seed: 2 });
  ok(lastLine(other).journal_head !== json.journal_head);
});

Deno.test("[sim] a sweep sums its seeds and names the ones that failed", async () => {
  const heard = listen();
  equal(await sweep(heard, { ...FLAGS, faults: "light", hours: 2, firstSeed: 5, lastSeed: 6 }), 0);
  const json = lastLine(heard);
  equal(json.seeds, 2);
  deepEqual(json.failed_seeds, []);
  ok(typeof json.rest_calls_per_min_max === "number" && json.rest_calls_per_min_max <= 99);
  ok(typeof json.switches === "object" && json.switches !== null && Object.keys(json.switches).length > 20);
});

Deno.test("[F-13.2] the simulated operator comes again after a refused reset, and the sweep counts what came of each", async () => {
  const heard = listen();
  const flags = { ...FLAGS, faults: "halting", from: null, hours: 24, firstSeed: 27, lastSeed: 27 } as const;
  equal(await sweep(heard, flags), 0);
  const counted = heard.lines.find((line) => line.startsWith("  resets followed by: ")) ?? "";
  ok(counted.includes("refused no_agreement 1"), counted);
  equal(lastLine(heard).halted_seeds, 0);
});

Deno.test("[demo] leaves a picture and, with --out, every file the bot wrote", async () => {
  const heard = listen();
  equal(await runDemo(heard.io, { ...FLAGS, config: "config/testnet.yaml", hours: 2, out: "kept", seed: 1 }), 0);
  const picture = heard.files.get("kept/winter-2021-seed-1.svg");
  ok(typeof picture === "string" && picture.startsWith("<svg") && picture.includes("Trading"));
  const kept = [...heard.files.keys()].filter((path) => path.startsWith("kept/seed-1/data/journal/"));
  ok(kept.length >= 1, [...heard.files.keys()].join());
  await chartIsOver();
});

Deno.test("[sim] --wire-log keeps what was said on the wire, in files that conform reads", () => {
  const heard = listen();
  equal(runSeed(heard.io, { ...FLAGS, hours: 2, seed: 3, out: "kept", wireLog: true }), 0);
  const kept = [...heard.files].filter(([path]) => /^kept\/seed-3\/data\/wire\/wire-\d{4}\.jsonl$/.test(path));
  const files = kept.map(([path, content]) => ({ path, text: String(content) }));
  const [recorded] = readRecordings(files, []);
  ok(recorded?.inOrder === true && recorded.messages.length > 1_000);
  throws(() => runSeed(heard.io, { ...FLAGS, seed: 3, wireLog: true }), /Cannot keep --wire-log: say where/);
});

Deno.test("[sim] says which file, time or window cannot be used", () => {
  const { io } = listen();
  const run = (flags: Partial<SimFlags>): () => number => () => runSeed(io, { ...FLAGS, ...flags, seed: 1 });
  throws(run({ data: "config/recordings/nothing.csv" }), SimInputError);
  throws(run({ data: "config/testnet.yaml" }), /testnet\.yaml, line 1, column/);
  throws(run({ config: "config/nothing.yaml" }), SimInputError);
  throws(run({ from: Date.parse("2022-01-01T00:00Z") }), /Cannot play/);
  throws(run({ from: null, hours: 24 * 90 }), /Cannot draw/);
});

Deno.test("[P-4] with less history than 17 days the bot runs and refuses with atr_unavailable", async () => {
  const heard = listen();
  const flags = { ...FLAGS, data: "config/recordings/ticks-20191001-02h.csv.gz", from: null, hours: null };
  equal(await runDemo(heard.io, { ...flags, config: "config/testnet.yaml", seed: 1, out: "kept" }), 0);
  equal(lastLine(heard).trades, 0);
  const journal = [...heard.files].filter(([path]) => path.includes("/journal/")).map(([, content]) =>
    typeof content === "string" ? content : new TextDecoder().decode(content)
  ).join("");
  ok(journal.includes("atr_unavailable"));
  await chartIsOver();
});

Deno.test("[F-3.2] a tick without news and without a deadline is no step: frames heard meanwhile move the silence", () => {
  const heard = listen();
  runSeed(heard.io, { ...FLAGS, out: "kept", seed: 1 });
  const segment = [...heard.files].find(([path]) => path.includes("/data/journal/2021-01-04"))?.[1];
  const text = typeof segment === "string" ? segment : new TextDecoder().decode(segment);
  const rows = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  const ticks = rows.filter((row) => "Tick" in row);
  const idle = rows.filter((row, index) => {
    const before = rows[index - 1] ?? {};
    return "Tick" in row && !("intents" in row) && !("Market" in before && before.at === row.at);
  });
  ok(ticks.length > 1_000, `${ticks.length}`);
  ok(idle.length * 20 < ticks.length, `${idle.length} of ${ticks.length} ticks had no cause`);
});
