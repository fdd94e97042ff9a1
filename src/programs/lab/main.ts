/** The lab: judges settings before they trade, by the very core that trades; no network, no keys. */
import { Command, CommanderError, Option } from "commander";
import { programBuild } from "../../build_info.ts";
import { messageOf } from "../../common/text.ts";
import { importData, type ImportFlags } from "./commands/import.ts";
import { playOptions, seedsOf } from "./commands/options.ts";
import { parity, type ParityFlags } from "./commands/parity.ts";
import { run } from "./commands/run.ts";
import type { RunFlags } from "./reports/run_text.ts";
import { addJudging } from "./judging/commands.ts";
import { FORMATS } from "./market_import/formats.ts";
import { addSweeping } from "./sweep/commands.ts";
import { isCrew, serveCrew } from "./sweep/crew.ts";
import { LAB_EXIT, LabInputError, type LabIo, realIo } from "./io.ts";

/** What a command is given beside its own flags. */
export type LabWorld = { readonly io: LabIo; readonly coreHash: string; readonly words: readonly string[] };
type Done = (code: number | Promise<number>) => void;

function program(world: LabWorld, done: Done): Command {
  const { io, coreHash } = world;
  const root = new Command("lab").description("judges settings before they trade: no keys, no network");
  playOptions(root.command("run").description("one configuration through one window of candles"))
    .option("--bounds", "also the worst and the best path inside the candles")
    .option("--out <dir>", "write trades, picture and page here")
    .addHelpText("after", example("run --data candles.csv.gz --from 2020-01-01 --to 2021-01-01 --out out/lab"))
    .action((flags: RunFlags) => done(run(io, flags, coreHash)));
  playOptions(
    root.command("parity").description("the fast answer beside the slow one: the same market through the wire"),
  )
    .option("--seeds <a..b>", "a range of seeds", seedsOf, { first: 1, last: 1 })
    .addHelpText("after", example("parity --data config/recordings/winter-2021.csv.gz --seeds 1..20"))
    .action((flags: ParityFlags) => done(parity(io, flags)));
  root.command("import").argument("<files...>", "downloaded archives: csv, gzip or zip")
    .description("archives of candles and trades into the project's format; odd rows are named, nothing is repaired")
    .addOption(new Option("--format <name>", "whose archive").choices(FORMATS).makeOptionMandatory())
    .requiredOption("--out <file>", "the file to write; .gz packs it")
    .option("--json", "end with one line of JSON")
    .addHelpText("after", example("import --format bybit-kline --out candles.csv.gz BTCUSD_1_2024-*.csv.gz"))
    .action((files: string[], flags: ImportFlags) => done(importData(io, files, flags)));
  addSweeping(root, { ...world, main: import.meta.url }, done);
  addJudging(root, world, done);
  for (const command of [root, ...root.commands]) {
    command.exitOverride().configureOutput({ getOutHasColors: () => false, getErrHasColors: () => false });
  }
  return root;
}

function example(words: string): string {
  return `\nExample:\n  deno task lab ${words}`;
}

/** Runs the command line; returns the exit code (L-8). */
export async function main(args: readonly string[]): Promise<number> {
  const { build, args: words } = programBuild(args);
  const io = realIo();
  let code: number | Promise<number> = LAB_EXIT.done;
  try {
    program({ io, coreHash: build.coreHash, words }, (result) => code = result).parse(words, { from: "user" });
    return await code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? LAB_EXIT.done : LAB_EXIT.usage;
    if (!(error instanceof LabInputError)) throw error;
    io.error(messageOf(error));
    return error.code;
  }
}

if (isCrew()) serveCrew(realIo());
else if (import.meta.main) Deno.exit(await main(Deno.args));
