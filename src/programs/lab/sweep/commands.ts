/** The commands about many candidates: what each is given. */
import type { Command } from "commander";
import { marketOptions, playOptions, wholeNumber } from "../commands/options.ts";
import {
  holdout,
  type HoldoutFlags,
  merge,
  type MergeFlags,
  shard,
  type ShardFlags,
  sweep,
  type SweepFlags,
  type SweepWorld,
  verify,
  type VerifyFlags,
} from "../commands/sweep.ts";
import type { LabIo } from "../io.ts";
import { openCrew } from "./crew.ts";

/** How a shell tells a program that Ctrl-C ended. */
const INTERRUPTED = 130;

export type SweepingWorld = {
  readonly io: LabIo;
  readonly coreHash: string;
  /** The program's own main, which a worker runs again. */
  readonly main: string;
};
type Done = (code: number | Promise<number>) => void;

/** Adds sweep, shard, merge, holdout and verify to the lab's program. */
export function addSweeping(root: Command, world: SweepingWorld, done: Done): void {
  const { io } = world;
  jobs(marketOptions(root.command("sweep").argument("<space>", "YAML file of the settings to try")))
    .description("every setting of a space through the same candles; a killed sweep goes on where it stopped")
    .requiredOption("--out <dir>", "plan, parts and results are kept here")
    .option("--ledger <file>", "trial ledger (default: lab/trials.jsonl beside the data)")
    .option("--plan-only", "write the plan for lab shard, play nothing")
    .addHelpText("after", example("sweep config/lab/grid.yaml --data candles.csv.gz --from 2020-01-01 --out out/sweep"))
    .action((space: string, flags: SweepFlags) => done(withStop(world, (all) => sweep(all, { ...flags, space }))));
  jobs(root.command("shard")).description("one part of a plan, on this machine")
    .requiredOption("--plan <file>", "plan.json of a sweep")
    .requiredOption("--count <n>", "parts in all", wholeNumber)
    .option(
      "--index <n>",
      "which part, from 0 (default: the array variable of Slurm, Kubernetes, AWS or parallel)",
      wholeNumber,
    )
    .option("--data <file>", "the data, where it lies elsewhere on this machine")
    .addHelpText("after", example("shard --plan out/sweep/plan.json --index 0 --count 8"))
    .action((flags: ShardFlags) => done(withStop(world, (all) => shard(all, flags))));
  root.command("merge").description("the results of all shards, as one sweep would have written them")
    .requiredOption("--plan <file>", "plan.json of the sweep")
    .option("--ledger <file>", "trial ledger (default: lab/trials.jsonl beside the data)")
    .option("--json", "end with one line of JSON")
    .addHelpText("after", example("merge --plan out/sweep/plan.json"))
    .action((flags: MergeFlags) => done(merge(io, flags)));
  playOptions(root.command("holdout")).description("one look at the period no search has seen; every look is counted")
    .requiredOption("--plan <file>", "plan.json of the sweep")
    .option("--index <n>", "the candidate (default: the configuration of --config)", wholeNumber)
    .option("--ledger <file>", "trial ledger (default: lab/trials.jsonl beside the data)")
    .addHelpText("after", example("holdout --plan out/sweep/plan.json --index 17 --data candles.csv.gz"))
    .action((flags: HoldoutFlags) => done(holdout(world, flags)));
  root.command("verify").description("is the trial ledger whole")
    .requiredOption("--ledger <file>", "trials.jsonl")
    .option("--json", "end with one line of JSON")
    .addHelpText("after", example("verify --ledger lab/trials.jsonl"))
    .action((flags: VerifyFlags) => done(verify(io, flags)));
}

function jobs(command: Command): Command {
  return command.option("--jobs <n>", "so many candidates at once", wholeNumber, navigator.hardwareConcurrency);
}

function example(words: string): string {
  return `\nExample:\n  deno task lab ${words}`;
}

/** The first Ctrl-C lets what is in flight end, the second ends at once. */
async function withStop(world: SweepingWorld, run: (all: SweepWorld) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  const interrupt = (): void => stop.signal.aborted ? Deno.exit(INTERRUPTED) : stop.abort();
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await run({ ...world, open: () => openCrew(world.main), signal: stop.signal });
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}
