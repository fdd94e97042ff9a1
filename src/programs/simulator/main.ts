/**
 * The simulator: the same bot on a virtual machine against the fake venue; the fake venue as a server; and the fake
 * venue compared with what was recorded of the real one.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { complain, endWith, say, terminalColumns } from "../../infrastructure/platform/live/terminal.ts";
import { messageOf, utcTimeOf } from "../../common/text.ts";
import { conform, type ConformIo, fakeVenueFacts } from "./conformance/mod.ts";
import { EXIT } from "../../common/exit_codes.ts";
import { liveFiles } from "../../infrastructure/platform/live/files.ts";
import type { DemoPagePlace } from "./demo_page.ts";
import { giveUp, requireWritable } from "./out_folder.ts";
import { prepare, runDemo, runSeed, type SimFlags, SimInputError, type SimIo } from "./run.ts";
import type { WorldNumber } from "../../bot/simulated/wide_world.ts";
import { INTERRUPTED, runSweep } from "./sweep.ts";
import { isWorker, openWorker, serveSeeds } from "./sweep_worker.ts";
import { type VenueFlags, venueServer } from "./venue_server.ts";
import { FAULT_PRESETS, type FaultPreset } from "../../bot/simulated/fault_presets.ts";

/** Where `deno task demo --page` keeps what the monitor shows. */
const DEMO_PAGE_DIR = "out/demo-page/data";
const RECORDINGS = "config/recordings";

function simIo(): SimIo {
  const terminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  let shown = 0;
  let drawn = 0;
  return {
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile(path, content) {
      const cut = path.lastIndexOf("/");
      try {
        if (cut > 0) Deno.mkdirSync(path.slice(0, cut), { recursive: true });
        if (typeof content === "string") Deno.writeTextFileSync(path, content);
        else Deno.writeFileSync(path, content);
      } catch (error) {
        giveUp(path, error);
      }
    },
    out: say,
    progress(line) {
      const now = performance.now();
      if (terminal) {
        // Spaces instead of a control code: what is left of a longer line goes on every terminal, a dumb one too.
        Deno.stderr.writeSync(encoder.encode(`\r${line.padEnd(Math.min(drawn, terminalColumns() - 1))}`));
        drawn = line.length;
      } else if (now - shown > 2_000) {
        shown = now;
        complain(line);
      }
    },
    columns: terminalColumns,
    stopwatch: () => performance.now(),
  };
}

function conformIo(): ConformIo {
  const filesBelow = (directory: string): string[] =>
    [...Deno.readDirSync(directory)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) =>
      isDirectory ? filesBelow(`${directory}/${name}`) : [`${directory}/${name}`]
    );
  return {
    filesBelow: (directory) => filesBelow(directory.replace(/(?<=.)\/+$/, "")),
    readText: (path) => Deno.readTextFileSync(path),
    out: say,
    error: complain,
  };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`It must be a whole number, not "${text}".`);
  return Number(text);
}
function speedOf(text: string): number {
  const speed = Number(text);
  if (!(speed > 0 && speed <= 10_000)) {
    throw new InvalidArgumentError(`It must be above 0, at most 10000, not "${text}".`);
  }
  return speed;
}
function pageOf({ page, speed }: Given): DemoPagePlace {
  const still = new Int32Array(new SharedArrayBuffer(4));
  return {
    dataDir: page === undefined || page === true ? DEMO_PAGE_DIR : page,
    files: liveFiles,
    empty(path) {
      // Only what a demonstration made: a live bot's folder has a journal.
      if (liveFiles.exists(`${path}/journal`)) {
        throw new SimInputError(`Cannot use ${path} for --page as it holds the journal of a bot`);
      }
      if (liveFiles.exists(path)) Deno.removeSync(path, { recursive: true });
    },
    speed: speed ?? 60,
    sleep: (ms) => void Atomics.wait(still, 0, 0, ms),
    stopwatch: () => performance.now(),
  };
}
function hoursOf(text: string): number {
  const hours = Number(text);
  if (!(hours > 0 && hours <= 100_000)) throw new InvalidArgumentError(`It must be hours above 0, not "${text}".`);
  return hours;
}
function timeOf(text: string): number {
  const at = utcTimeOf(text);
  if (at === null) {
    throw new InvalidArgumentError(`It must be a UTC day or time such as 2021-01-11T00:00Z, not "${text}".`);
  }
  return at;
}
function jobsOf(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to 99, not "${text}".`);
  }
  return Number(text);
}
function worldOf(text: string): WorldNumber {
  if (text === "1") return 1;
  if (text === "2") return 2;
  throw new InvalidArgumentError(`It must be 1 or 2, not "${text}".`);
}
function seedsOf(text: string): SeedRange {
  const match = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text);
  const [firstSeed, lastSeed] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || lastSeed < firstSeed) {
    throw new InvalidArgumentError(`It must be a range such as 1..200, not "${text}".`);
  }
  return { firstSeed, lastSeed };
}

type Given = {
  readonly data?: string;
  readonly recording?: string;
  readonly config?: string;
  readonly faults?: FaultPreset;
  readonly market?: "normal" | "thin";
  readonly from?: number;
  readonly to?: number;
  readonly hours?: number;
  readonly out?: string;
  readonly wireLog?: boolean;
  readonly page?: string | true;
  readonly speed?: number;
  readonly json?: boolean;
  readonly trades?: true | "text" | "csv";
  readonly seed?: number;
  readonly seeds?: SeedRange;
  readonly jobs?: number;
  readonly world?: WorldNumber;
};
type SeedRange = { readonly firstSeed: number; readonly lastSeed: number };

function flagsOf(given: Given, usual: { readonly config: string }): SimFlags {
  return {
    data: given.data ?? `${RECORDINGS}/${given.recording ?? "winter-2021"}.csv.gz`,
    config: given.config ?? usual.config,
    faults: given.faults ?? "none",
    market: given.market ?? null,
    from: given.from ?? null,
    to: given.to ?? null,
    hours: given.hours ?? null,
    out: given.out ?? null,
    wireLog: given.wireLog ?? false,
    json: given.json ?? false,
    trades: given.trades === true ? "text" : given.trades ?? "none",
    world: given.world ?? 1,
    fixed: (["data", "config", "hours", "market"] as const).filter((name) => given[name] !== undefined),
  };
}

/** The flags every simulation takes. */
function common(command: Command): Command {
  return command
    .option("--data <file>", "market data: candles or trades, plain or gzip (config/recordings/SOURCES.md)")
    .option("--from <iso>", "play from here, UTC; what is before is history", timeOf)
    .option("--to <iso>", "play up to here", timeOf)
    .option("--config <file>", "configuration of the bot")
    .addOption(new Option("--faults <preset>", "what goes wrong").choices(FAULT_PRESETS))
    .addOption(new Option("--market <kind>", "quality of the market").choices(["normal", "thin"]))
    .option("--hours <n>", "how long, in simulated hours", hoursOf)
    .option("--seed <n>", "everything that is drawn is drawn from it (default 1)", wholeNumber)
    .option("--out <dir>", "keep the bot's files and the picture here")
    .option("--wire-log", "keep every frame and reply below --out too, for conform")
    .addOption(new Option("--trades [form]", "list every trade, as text or csv").choices(["text", "csv"]))
    .option("--json", "end with one line of JSON");
}

/** A range of seeds on as many cores as asked for; the first Ctrl-C prints what is done, the second ends at once. */
async function sweep(flags: SimFlags, of: SeedRange & { readonly jobs: number | null }): Promise<number> {
  const io = simIo();
  // A mistake in what was given is said once, not by every worker.
  prepare(io, flags);
  const stop = new AbortController();
  const interrupt = (): void => stop.signal.aborted ? endWith(INTERRUPTED) : stop.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    const jobs = of.jobs ?? navigator.hardwareConcurrency;
    const open = () => openWorker(import.meta.url, flags);
    return await runSweep(io, flags, { ...of, jobs, open, signal: stop.signal });
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

function program(done: (code: number | Promise<number>) => void): Command {
  const root = new Command("sim")
    .description("abot on recorded markets: no keys, no network")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => say(text.trimEnd()),
      writeErr: (text) => complain(text.trimEnd()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  common(root.command("demo").description("watch the bot trade through a recorded market"))
    .addOption(new Option("--recording <name>", "which recording").choices(["winter-2021", "black-thursday"]))
    .option("--page [dir]", "write what the monitor shows into this folder, at a pace a person can follow")
    .option("--speed <x>", "with --page: simulated seconds in a real one (default 60)", speedOf)
    .action((given: Given) => {
      const page = given.page === undefined ? {} : { page: pageOf(given) };
      const usual = { config: given.page === undefined ? "config/testnet.yaml" : "config/testnet_scenarios.yaml" };
      requireWritable(given.out ?? "out");
      done(runDemo(simIo(), { ...flagsOf(given, usual), seed: given.seed ?? 1, ...page }));
    });
  common(root.command("sim").description("one seed or a range of seeds, with faults"))
    .option("--seeds <a..b>", "a range of seeds", seedsOf)
    .option("--world <n>", "1, or 2: a wider world (docs/sweeps.md)", worldOf)
    .option("--jobs <n>", "so many seeds of the range at once, some 100 MB each (default: one a core)", jobsOf)
    .action((given: Given) => {
      const flags = flagsOf(given, { config: "config/testnet_scenarios.yaml" });
      if (given.out !== undefined) requireWritable(given.out);
      if (given.seeds !== undefined) done(sweep(flags, { ...given.seeds, jobs: given.jobs ?? null }));
      else if (given.jobs !== undefined) {
        throw new SimInputError("Cannot use --jobs with one seed: name a range with --seeds");
      } else done(runSeed(simIo(), { ...flags, seed: given.seed ?? 1 }));
    });
  root.command("venue").description("the fake venue on 127.0.0.1, with Bybit's paths and control calls under /_venue/")
    .requiredOption("--port <p>", "0 = any free port", wholeNumber)
    .option("--key <k>", "API key it accepts")
    .option("--secret <s>", "secret of that key")
    .option("--data <file>", "play this market data; else a seeded walk")
    .option("--speed <x>", "how many times as fast the data plays", Number)
    .option("--seed <n>", "seed of what is drawn", wholeNumber)
    .option("--tls-cert <file>", "PEM certificate; serves https and wss")
    .option("--tls-key <file>", "PEM key of the certificate")
    .action((given: VenueFlags) => done(venueServer(given)));
  root.command("conform").description(
    "what recordings of the wire show that the fake venue or the parser does not know",
  )
    .argument("<dir>", "wire logs (*.jsonl, abot --wire-log DIR) or samples (rest_*.json, ws_*.json)")
    .action((directory: string) => done(conform(conformIo(), { directory, known: () => fakeVenueFacts() })));
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => say(text.trimEnd()),
      writeErr: (text) => complain(text.trimEnd()),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  return root;
}

/** Runs the command line; returns the exit code (exit_codes.ts). */
export async function main(args: readonly string[]): Promise<number> {
  let code: number | Promise<number> = EXIT.ok;
  try {
    program((result) => code = result).parse([...args], { from: "user" });
    return await code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof SimInputError)) throw error;
    complain(messageOf(error));
    return EXIT.usage;
  }
}

if (isWorker()) serveSeeds(simIo());
else if (import.meta.main) endWith(await main(Deno.args));
