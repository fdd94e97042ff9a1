/** Sweeps on several cores: what is printed and summed does not depend on how many, and Ctrl-C loses nothing done. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  preparer,
  type SeedRun,
  type SimFlags,
  SimInputError,
  type SimIo,
  sweepSeed,
} from "../../src/programs/simulator/run.ts";
import { INTERRUPTED, type Runner, runSweep, type SweepOptions } from "../../src/programs/simulator/sweep.ts";
import { openWorker } from "../../src/programs/simulator/sweep_worker.ts";

const PROGRAM = new URL("../../src/programs/simulator/main.ts", import.meta.url).href;
const FLAGS: SimFlags = {
  data: "config/recordings/black-thursday.csv.gz",
  config: "config/testnet_scenarios.yaml",
  faults: "heavy",
  market: null,
  from: null,
  to: null,
  hours: 1,
  out: null,
  json: true,
};

function listen(): { readonly io: SimIo; readonly lines: string[] } {
  const lines: string[] = [];
  const io: SimIo = {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile: () => undefined,
    out: (line) => lines.push(line),
    progress: () => undefined,
    columns: () => 80,
    stopwatch: () => 0,
  };
  return { io, lines };
}

/** The figures of the machine: real time and memory. */
const MACHINE = /"(wall_ms|peak_rss_mb)":\d+/g;

async function sweep(options: Partial<SweepOptions> & Pick<SweepOptions, "open">) {
  const { io, lines } = listen();
  const signal = new AbortController().signal;
  const code = await runSweep(io, FLAGS, { firstSeed: 1, lastSeed: 4, jobs: 2, signal, ...options });
  return { code, lines };
}

Deno.test("[sim] lines, table and JSON of a sweep are equal for any number of jobs", async () => {
  const told = async (jobs: number) => {
    const { code, lines } = await sweep({ jobs, open: () => openWorker(PROGRAM, FLAGS) });
    equal(code, 0);
    return lines.map((line) => line.replace(MACHINE, ""));
  };
  const one = await told(1);
  deepEqual(await told(3), one);
  ok((one.at(-1) ?? "").startsWith('{"seeds":4'), one.join("\n"));
});

Deno.test("[sim] a mistake in what was given comes out of a worker as one", async () => {
  const open = () => openWorker(PROGRAM, { ...FLAGS, wireLog: true });
  await rejects(
    sweep({ open }),
    (error) => error instanceof SimInputError && /say where with --out/.test(error.message),
  );
});

/** Real seeds told as failed; each is held until it is let go. */
function heldRunners() {
  const { io } = listen();
  const whole = sweepSeed(io, { prepare: preparer(io), flags: FLAGS, seed: 1 });
  const held = new Map<number, (run: SeedRun) => void>();
  let open = 0;
  const runner = (): Runner => {
    open++;
    return { run: (seed) => new Promise((done) => held.set(seed, done)), close: () => void open-- };
  };
  const letGo = async (seed: number): Promise<void> => {
    held.get(seed)?.({ ...whole, lines: [`seed ${seed}: said`] });
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { runner, letGo, open: () => open };
}
const said = (lines: readonly string[]) => lines.filter((line) => line.endsWith(": said"));

Deno.test("[sim] seeds are printed in their order, whichever is done first", async () => {
  const { runner, letGo, open } = heldRunners();
  const { io, lines } = listen();
  const signal = new AbortController().signal;
  const ended = runSweep(io, FLAGS, { firstSeed: 1, lastSeed: 4, jobs: 3, open: runner, signal });
  await letGo(3);
  await letGo(2);
  deepEqual(said(lines), []);
  await letGo(1);
  deepEqual(said(lines), ["seed 1: said", "seed 2: said", "seed 3: said"]);
  await letGo(4);
  equal(await ended, 0);
  deepEqual([said(lines).at(-1), open()], ["seed 4: said", 0]);
});

Deno.test("[sim] Ctrl-C prints what is done, also beyond a gap, and ends the rest", async () => {
  const { runner, letGo, open } = heldRunners();
  const { io, lines } = listen();
  const stop = new AbortController();
  const ended = runSweep(io, FLAGS, { firstSeed: 1, lastSeed: 9, jobs: 3, open: runner, signal: stop.signal });
  await letGo(3);
  stop.abort();
  equal(await ended, INTERRUPTED);
  deepEqual(lines.slice(0, 2), ["seed 3: said", "Stopped: 1 of 9 seeds are done."]);
  ok(lines.some((line) => line.startsWith("1 seeds: ")), lines.join("\n"));
  equal(open(), 0);
});

Deno.test("[sim] a job that fails ends the others", async () => {
  const { runner, open } = heldRunners();
  let first = true;
  const failing = (): Runner => {
    const { run, close } = runner();
    if (!first) return { run, close };
    first = false;
    return { run: () => Promise.reject(new Error("out of paper")), close };
  };
  await rejects(sweep({ open: failing }), /out of paper/);
  equal(open(), 0);
});
