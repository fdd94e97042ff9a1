/** `lab sweep`, `shard`, `merge`, `holdout`, `verify`: many settings, counted (L-3). */
import { runCandidate } from "../driver/run_candidate.ts";
import { isoOf } from "../driver/candles.ts";
import type { LabCandles } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import {
  appendLedger,
  type Ledger,
  ledgerPath,
  looksAt,
  newTrials,
  readLedger,
  type Trial,
  trialsOn,
} from "../sweep/ledger.ts";
import { Best, type Standing } from "../sweep/luck.ts";
import { type DoneLine, readParts, writeResults } from "../sweep/parts.ts";
import { candidatesOfPlan, foreignTo, makePlan, type Plan, planText, readPlan } from "../sweep/plan.ts";
import { type Crew, playAll } from "../sweep/run_sweep.ts";
import { type PlayFlags, runOptions, windowText } from "./options.ts";
import { row, type RunHead, runLines, signed } from "../reports/run_text.ts";

/** How a shell tells a program that Ctrl-C ended. */
const INTERRUPTED = 130;

export type SweepFlags = Omit<PlayFlags, "config"> & {
  readonly space: string;
  readonly out: string;
  readonly jobs: number;
  readonly ledger?: string;
  readonly planOnly?: boolean;
};
/** What the commands that play many candidates are given beside their flags. */
export type SweepWorld = {
  readonly io: LabIo;
  readonly coreHash: string;
  readonly open: () => Crew;
  readonly signal: AbortSignal;
};

/** `lab sweep`: every candidate of a space; goes on where a killed one stopped (L-3.1 … L-3.4). */
export async function sweep({ io, coreHash, open, signal }: SweepWorld, flags: SweepFlags): Promise<number> {
  const startedAt = io.stopwatch();
  const candles = labCandles(io, flags.data);
  const plan = makePlan(io, { spaceFile: flags.space, candles, coreHash, flags });
  const directory = flags.out;
  beginOrResume(io, { directory, plan });
  if (flags.planOnly === true) {
    io.out(row("plan", `${directory}/plan.json, ${plan.candidates.length} candidates`));
    return LAB_EXIT.done;
  }
  const ledgerFile = flags.ledger ?? ledgerPath(flags.data);
  const candidates = candidatesOfPlan(plan);
  const done = readParts(io, { directory, candidates });
  if (done.size > 0) io.out(`${done.size} of ${candidates.length} candidates were done before.`);
  const before = recordTrials(io, { file: ledgerFile, plan, done });
  const run = { plan, candles, directory, part: "", wanted: candidates, done, jobs: flags.jobs, skip: flags.skip };
  const complete = await playAll(io, { ...run, triedBefore: trialsOn(before, plan.data_hash), open, signal });
  const ledger = recordTrials(io, { file: ledgerFile, plan, done });
  if (!complete) {
    io.out(`Stopped: ${done.size} of ${candidates.length} candidates are done. The same command goes on from there.`);
    return INTERRUPTED;
  }
  const results = writeResults(io, { directory, plan, done });
  const tried = trialsOn(ledger, plan.data_hash);
  for (const line of sweepLines({ plan, done, tried, results })) io.out(line);
  if (flags.json === true) {
    io.out(JSON.stringify({
      candidates: candidates.length,
      done: done.size,
      wall_ms: Math.round(io.stopwatch() - startedAt),
      results,
      trials: tried,
      best: bestJson(plan, { done, tried }),
    }));
  }
  return LAB_EXIT.done;
}

/** Writes the plan of a new folder; of an existing one it must be the same (L-3.3). */
function beginOrResume(io: LabIo, of: { readonly directory: string; readonly plan: Plan }): void {
  const file = `${of.directory}/plan.json`;
  if (!io.exists(file)) return io.writeFile(file, planText(of.plan));
  const foreign = foreignTo(readPlan(io, file), of.plan);
  if (foreign === null) return;
  throw new LabInputError(
    `Cannot go on with the sweep in ${of.directory}: ${foreign}; choose another --out`,
    LAB_EXIT.badData,
  );
}

function recordTrials(
  io: LabIo,
  of: { readonly file: string; readonly plan: Plan; readonly done: ReadonlyMap<number, DoneLine> },
): Ledger {
  const { file, plan, done } = of;
  const trials = [...done.values()].sort((a, b) => a.index - b.index).map(({ configHash }): Trial => ({
    kind: "trial",
    data_hash: plan.data_hash,
    config_hash: configHash,
    core_hash: plan.core_hash,
    from: plan.from,
    to: plan.to,
    path: plan.path,
    seed: plan.seed,
  }));
  appendLedger(io, file, newTrials(readLedger(io, file), trials));
  return readLedger(io, file);
}

function bestOf(of: { readonly done: ReadonlyMap<number, DoneLine>; readonly tried: number }): Standing | null {
  const best = new Best();
  for (const line of of.done.values()) best.see(line);
  return best.standing(of.tried);
}

function bestJson(plan: Plan, of: { readonly done: ReadonlyMap<number, DoneLine>; readonly tried: number }) {
  const best = bestOf(of);
  if (best === null) return null;
  const { index, meanR, trades, luckR } = best;
  return { index, keys: plan.candidates[index], mean_r: meanR, trades, luck_mean_r: luckR };
}

const SHOWN = 10;

function sweepLines(
  of: {
    readonly plan: Plan;
    readonly done: ReadonlyMap<number, DoneLine>;
    readonly tried: number;
    readonly results: string;
  },
): readonly string[] {
  const { plan, done, tried, results } = of;
  const ranked = [...done.values()].sort((a, b) =>
    (b.meanR ?? -Infinity) - (a.meanR ?? -Infinity) || a.index - b.index
  );
  const best = bestOf(of);
  const silent = ranked.filter(({ trades }) => trades === 0).length;
  return [
    "",
    `${plan.candidates.length} settings, ${
      windowText(plan)
    }, path ${plan.path} (seed ${plan.seed}), fills ${plan.fill}`,
    `  ${"mean R".padStart(8)}  ${"trades".padStart(6)}  setting`,
    ...ranked.slice(0, SHOWN).map(({ index, meanR, trades }) =>
      `  ${(meanR === null ? "-" : signed(meanR, 3)).padStart(8)}  ${String(trades).padStart(6)}  ${
        Object.entries(plan.candidates[index] ?? {}).map(([key, value]) => `${shortKey(key)} ${value}`).join(", ")
      }`
    ),
    ...(ranked.length > SHOWN ? [`  … and ${ranked.length - SHOWN} more in ${results}`] : []),
    ...(silent > 0 ? [row("never traded", `${silent} settings`)] : []),
    row("results", results),
    row("tried on this data", `${tried} settings, ever`),
    "",
    best === null
      ? "No setting traded twice: nothing can be said."
      : `The best setting shows ${
        signed(best.meanR, 3)
      } R a trade over ${best.trades} trades; the best of ${tried} settings ` +
        `without any edge would show about ${signed(best.luckR, 3)}. ${
          best.meanR > best.luckR
            ? "It is above luck in this data: `lab judge` says how far that can be trusted."
            : "Nothing here has shown an edge."
        }`,
  ];
}

function shortKey(key: string): string {
  return key.split(".").at(-1) ?? key;
}

export type ShardFlags = {
  readonly plan: string;
  readonly index?: number;
  readonly count: number;
  readonly data?: string;
  readonly jobs: number;
};

/** Where a machine of many says which one it is; `PARALLEL_SEQ` counts from 1 (L-3.6). */
const INDEX_VARIABLES = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX", "PARALLEL_SEQ"];

/** `lab shard`: one part of a plan on this machine (L-3.6). */
export async function shard({ io, coreHash, open, signal }: SweepWorld, flags: ShardFlags): Promise<number> {
  const plan = readPlan(io, flags.plan);
  const index = shardIndex(io, flags);
  const data = flags.data ?? plan.data;
  const candles = labCandles(io, data);
  mustBePlanned(plan, { coreHash, candles });
  const directory = directoryOf(flags.plan);
  const candidates = candidatesOfPlan(plan);
  const wanted = candidates.filter((candidate) => candidate.index % flags.count === index);
  const done = readParts(io, { directory, candidates });
  const part = `shard-${index}-of-${flags.count}-`;
  const run = { plan, candles, directory, part, wanted, done, jobs: flags.jobs, skip: true, triedBefore: 0 };
  const complete = await playAll(io, { ...run, open, signal });
  io.out(
    `Shard ${index} of ${flags.count}: ${
      wanted.filter((one) => done.has(one.index)).length
    } of ${wanted.length} candidates.`,
  );
  return complete ? LAB_EXIT.done : INTERRUPTED;
}

function shardIndex(io: LabIo, flags: ShardFlags): number {
  const named = INDEX_VARIABLES.find((name) => io.env(name) !== undefined && io.env(name) !== "");
  const text = flags.index !== undefined ? String(flags.index) : named === undefined ? "" : io.env(named) ?? "";
  if (text === "") {
    throw new LabInputError(
      `Cannot know which shard this is: give --index, or one of ${INDEX_VARIABLES.join(", ")}`,
      LAB_EXIT.usage,
    );
  }
  const from = flags.index === undefined && named === "PARALLEL_SEQ" ? 1 : 0;
  const index = /^\d{1,9}$/.test(text) ? Number(text) - from : NaN;
  if (index >= 0 && index < flags.count) return index;
  throw new LabInputError(
    `Cannot play shard ${text} of ${flags.count}: it must be ${from} to ${flags.count - 1 + from}${
      flags.index === undefined ? ` in ${named}` : ""
    }`,
    LAB_EXIT.usage,
  );
}

function mustBePlanned(plan: Plan, of: { readonly coreHash: string; readonly candles: LabCandles }): void {
  if (plan.data_hash !== of.candles.dataHash) {
    throw new LabInputError(
      `Cannot play the plan: its data is ${plan.data_hash}, ${of.candles.file} is ${of.candles.dataHash}`,
      LAB_EXIT.badData,
    );
  }
  if (plan.core_hash === of.coreHash) return;
  throw new LabInputError(
    `Cannot play the plan: its core is ${plan.core_hash}, this one ${of.coreHash}`,
    LAB_EXIT.badData,
  );
}

function directoryOf(file: string): string {
  const cut = file.lastIndexOf("/");
  return cut < 0 ? "." : file.slice(0, cut);
}

export type MergeFlags = { readonly plan: string; readonly ledger?: string; readonly json?: boolean };

/** `lab merge`: the results of all shards, as one sweep would have written them (L-3.6). */
export function merge(io: LabIo, flags: MergeFlags): number {
  const plan = readPlan(io, flags.plan);
  const directory = directoryOf(flags.plan);
  const done = readParts(io, { directory, candidates: candidatesOfPlan(plan) });
  const results = writeResults(io, { directory, plan, done });
  const tried = trialsOn(recordTrials(io, { file: flags.ledger ?? ledgerPath(plan.data), plan, done }), plan.data_hash);
  for (const line of sweepLines({ plan, done, tried, results })) io.out(line);
  if (flags.json === true) {
    const best = bestJson(plan, { done, tried });
    io.out(JSON.stringify({ candidates: plan.candidates.length, done: done.size, results, trials: tried, best }));
  }
  return LAB_EXIT.done;
}

export type HoldoutFlags = PlayFlags & { readonly plan: string; readonly index?: number; readonly ledger?: string };

/** `lab holdout`: one look at the period no search has seen; every look is counted (L-3.5). */
export function holdout(io: LabIo, flags: HoldoutFlags, coreHash: string): number {
  const plan = readPlan(io, flags.plan);
  const candles = labCandles(io, flags.data);
  mustBePlanned(plan, { coreHash, candles });
  const chosen = flags.index === undefined ? null : candidatesOfPlan(plan)[flags.index];
  if (chosen === undefined) {
    throw new LabInputError(
      `Cannot open the holdout for candidate ${flags.index}: the plan has ${plan.candidates.length}`,
      LAB_EXIT.usage,
    );
  }
  const { config, configHash } = chosen ?? labConfig(io, flags.config);
  const { from, to } = plan.holdout;
  const file = flags.ledger ?? ledgerPath(flags.data);
  const look = looksAt(readLedger(io, file), { dataHash: plan.data_hash, from, to }) + 1;
  appendLedger(io, file, [{
    kind: "holdout",
    data_hash: plan.data_hash,
    config_hash: configHash,
    core_hash: coreHash,
    from,
    to,
    look,
  }]);
  const startedAt = io.stopwatch();
  const result = runCandidate({
    config,
    candles,
    from,
    to,
    path: plan.path,
    seed: plan.seed,
    options: runOptions(flags),
  });
  const head: RunHead = {
    flags: { ...flags, path: plan.path, seed: plan.seed },
    from,
    to,
    configHash,
    dataHash: plan.data_hash,
    coreHash,
  };
  for (const line of runLines(head, result, io.stopwatch() - startedAt)) io.out(line);
  io.out(
    look === 1
      ? `This was the first look at the holdout (${isoOf(from)} to ${isoOf(to)}); it is written in ${file}.`
      : `This was look ${look} at the holdout: every p-value from it counts ${look} times. It is burnt for choosing.`,
  );
  if (flags.json === true) {
    const { trades, days: _days, intents: _intents, halts, ...figures } = result;
    io.out(JSON.stringify({ look, p_factor: look, trades: trades.length, halts, ...figures }));
  }
  return LAB_EXIT.done;
}

export type VerifyFlags = { readonly ledger: string; readonly json?: boolean };

/** `lab verify`: is the trial ledger whole (L-3.4). */
export function verify(io: LabIo, flags: VerifyFlags): number {
  if (!io.exists(flags.ledger)) {
    throw new LabInputError(`Cannot verify ${flags.ledger}: there is no such file`, LAB_EXIT.files);
  }
  const { entries, head } = readLedger(io, flags.ledger);
  const looks = entries.filter((entry) => entry.kind === "holdout").length;
  const data = [...new Set(entries.map((entry) => entry.data_hash))];
  io.out(
    `${flags.ledger} is whole: ${
      entries.length - looks
    } trials and ${looks} looks at a holdout on ${data.length} data sets.`,
  );
  if (flags.json === true) {
    io.out(JSON.stringify({ trials: entries.length - looks, looks, data: data.length, head }));
  }
  return LAB_EXIT.done;
}
