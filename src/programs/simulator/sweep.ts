import { EXIT } from "../../common/exit_codes.ts";
import { coverageLines, resetLines } from "../../observer/journal/coverage.ts";
import { sweepJson } from "./result.ts";
import type { SeedRun, SimFlags, SimIo } from "./run.ts";

/** How a shell tells a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** One seed after the other, in a worker or in place. */
export type Runner = {
  readonly run: (seed: number) => Promise<SeedRun>;
  /** Ends it, also in the middle of a seed. */
  readonly close: () => void;
};
export type SweepOptions = {
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** So many runners at once; what is printed and summed is the same for any number. */
  readonly jobs: number;
  readonly open: () => Runner;
  /** Ctrl-C: what is done is printed. */
  readonly signal: AbortSignal;
};

/** Every seed of a range, in order; prints the line that reproduces each failure. */
export async function runSweep(io: SimIo, flags: SimFlags, options: SweepOptions): Promise<number> {
  const { firstSeed, lastSeed } = options;
  const table = new Table(io, firstSeed);
  await runAll(options, (seed, run) => table.take(seed, run));
  const runs = table.finish();
  const asked = lastSeed - firstSeed + 1;
  const total = sweepJson(runs.map(({ json }) => json));
  if (runs.length < asked) io.out(`Stopped: ${runs.length} of ${asked} seeds are done.`);
  if (runs.length === 0) return INTERRUPTED;
  io.out(
    `${total.seeds} seeds: ${total.trades} trades (median ${total.median_trades}), ${total.halted_seeds} halted ` +
      `(${total.price_halted_seeds} for price alone), ${total.failed_seeds.length} failed, ${total.violations} violations`,
  );
  for (const [reason, count] of counted(total.halts)) io.out(`  HALT ${reason}: ${count}`);
  const resets = summed(runs.map((run) => run.resets));
  const reached = summed(runs.map((run) => run.reached));
  for (const text of [...resetLines(resets), ...coverageLines(reached, total.faults)]) io.out(text);
  if (flags.json) io.out(JSON.stringify(total));
  if (runs.length < asked) return INTERRUPTED;
  return total.violations === 0 ? EXIT.ok : EXIT.no;
}

/** Prints seeds in their order, whichever is done first. */
class Table {
  readonly #io: SimIo;
  readonly #done: SeedRun[] = [];
  readonly #waiting = new Map<number, SeedRun>();
  #next: number;

  constructor(io: SimIo, firstSeed: number) {
    this.#io = io;
    this.#next = firstSeed;
  }

  take(seed: number, run: SeedRun): void {
    this.#waiting.set(seed, run);
    const { json } = run;
    this.#io.progress(
      `seed ${seed}: ${json.trades} trades, ${json.final_state}, ${json.violations} violations, ${json.wall_ms} ms`,
    );
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      this.#print(next);
    }
  }

  /** What was done beyond a gap too; all of it. */
  finish(): readonly SeedRun[] {
    for (const [, run] of [...this.#waiting].sort(([a], [b]) => a - b)) this.#print(run);
    this.#waiting.clear();
    return this.#done;
  }

  #print(run: SeedRun): void {
    this.#done.push(run);
    for (const line of run.lines) this.#io.out(line);
  }
}

/** Hands out the seeds; ends when all are done, the signal falls, or one throws, which ends the others. */
async function runAll(options: SweepOptions, take: (seed: number, run: SeedRun) => void): Promise<void> {
  const { lastSeed } = options;
  let next = options.firstSeed;
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  const lane = async (): Promise<void> => {
    const runner = options.open();
    try {
      while (next <= lastSeed && !signal.aborted) {
        const seed = next++;
        const run = await Promise.race([runner.run(seed), stopped]);
        if (run === null) return;
        take(seed, run);
      }
    } catch (error) {
      failure.abort(error);
    } finally {
      runner.close();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.jobs, lastSeed - next + 1) }, lane));
  if (failure.signal.aborted) throw failure.signal.reason;
}

function summed(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function counted(lids: readonly { readonly reason: string }[]): readonly [string, number][] {
  const counts = new Map<string, number>();
  for (const { reason } of lids) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
