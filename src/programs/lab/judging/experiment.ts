/** A live experiment read from the trade log: intention to treat, a day is a day of its arm whatever happened (L-6.3). */
import { armOfDay, armsOfBlock } from "../../../application/policy/experiment/arms.ts";
import {
  CLIP,
  countBlocks,
  countTrade,
  HARM_WEALTH,
  harmWealth,
  newExperiment,
} from "../../../application/policy/experiment/harm.ts";
import type { Arm, ExperimentConfig } from "../../../domain/experiment.ts";
import { epochMs } from "../../../domain/units.ts";
import { normalQuantile } from "../statistics/distributions.ts";
import { moments } from "../statistics/moments.ts";
import { type PermutationResult, permuteArms } from "../statistics/permutation.ts";
import { bestRho, mixtureBound, normalMixture, normalMixtureAbove } from "../statistics/sequential.ts";
import { countText, pText, type Report, rText, signed } from "../reports/model.ts";
import type { AnalysedTrade } from "./analyse.ts";
import { dayOf } from "./daily.ts";
import { badData } from "./problem.ts";

const DAY_MS = 86_400_000;
/** Blocks at which the bounds that may be read every day are tightest. */
const BEST_BLOCKS = 30;

export type ExperimentDay = { readonly day: number; readonly arm: Arm; readonly r: number };

export type ExperimentReading = {
  readonly of: ExperimentConfig;
  /** Days of whole blocks, in order. */
  readonly days: readonly ExperimentDay[];
  readonly blocks: number;
  /** Smallest difference of a day that so many days could show (5 % one-sided, 80 % power). R. */
  readonly detectableR: number | null;
  readonly meanA: number | null;
  readonly meanB: number | null;
  /** Evidence that B is worse; 20 ends the experiment. */
  readonly evidence: number;
  /** The same by a normal mixture, which assumes that block differences are normal: for comparison. */
  readonly normalEvidence: number | null;
  /** A minus B a day with an interval that may be read every day. */
  readonly always: { readonly low: number; readonly high: number; readonly p: number } | null;
  readonly permutation: PermutationResult | null;
  readonly ended: string | null;
  readonly verdict: "B is worse" | "B is better" | "not decidable";
};

type Given = {
  readonly of: ExperimentConfig;
  readonly trades: readonly AnalysedTrade[];
  /** When the bot began it, UTC ms. */
  readonly since: number;
  /** End of what is known, UTC ms. */
  readonly until: number;
  readonly ended: string | null;
  readonly seed: number;
};

/** Reads the experiment; throws LabInputError when a trade's arm is not the one that was drawn. */
export function readExperiment(given: Given): ExperimentReading {
  const { of, since, until, ended, seed } = given;
  const first = Math.floor(Math.floor(since / DAY_MS) / of.block_days) + 1;
  const last = Math.floor(Math.floor(until / DAY_MS) / of.block_days);
  const blocks = Math.max(0, last - first);
  const sums = sumsByDay(given);
  const days = Array.from({ length: blocks * of.block_days }, (_, index): ExperimentDay => {
    const day = first * of.block_days + index;
    const r = Math.min(CLIP.high, Math.max(CLIP.low, sums.get(day) ?? 0));
    return { day, arm: armOfDay(of, day), r };
  });
  const differences = Array.from({ length: blocks }, (_, block) => {
    const own = days.slice(block * of.block_days, (block + 1) * of.block_days);
    return (meanOf(own, "A") ?? 0) - (meanOf(own, "B") ?? 0);
  });
  const evidence = evidenceOf(given, sums);
  const permutation = blocks === 0 ? null : permuteArms(
    Array.from({ length: blocks }, (_, block) => ({
      values: days.slice(block * of.block_days, (block + 1) * of.block_days).map(({ r }) => r),
      second: armsOfBlock(of, first + block).map((arm) => arm === "B"),
    })),
    { seed },
  );
  const over = ended !== null || days.length >= of.max_days - of.block_days;
  const shown = permutation !== null && over && permutation.twoSided <= 0.05;
  return {
    of,
    days,
    blocks,
    detectableR: detectable(days),
    meanA: meanOf(days, "A"),
    meanB: meanOf(days, "B"),
    evidence,
    ...alwaysOf(differences),
    permutation,
    ended,
    verdict: evidence >= HARM_WEALTH || (shown && permutation.statistic > 0)
      ? "B is worse"
      : shown
      ? "B is better"
      : "not decidable",
  };
}

function sumsByDay({ of, trades, since }: Given): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const { openedAt, r, arm } of trades) {
    if (openedAt < since || r === null || arm === null) continue;
    const opened = Math.floor(openedAt / DAY_MS);
    // An entry decided just before midnight may fill after it: it belongs to the day it was decided on.
    const late = openedAt - opened * DAY_MS <= 120_000;
    const day = armOfDay(of, opened) !== arm && late ? opened - 1 : opened;
    if (armOfDay(of, day) !== arm && arm !== "A") {
      throw badData(
        `Cannot read the experiment ${of.name}: the trade of ${dayOf(openedAt)} says arm ${arm}, name and seed draw ` +
          `${armOfDay(of, day)} for that day; give the configuration that was running (--config)`,
      );
    }
    sums.set(day, (sums.get(day) ?? 0) + r);
  }
  return sums;
}

/** The very evidence that the bot computes. */
function evidenceOf({ of, since, until }: Given, sums: ReadonlyMap<number, number>): number {
  let state = newExperiment(of, epochMs(since));
  for (const [day, r] of sums) state = countTrade(state, { decidedAt: epochMs(Math.max(since, day * DAY_MS)), r });
  return harmWealth(countBlocks(state, { of, today: Math.floor(until / DAY_MS) }));
}

function meanOf(days: readonly ExperimentDay[], arm: Arm): number | null {
  const own = days.filter((day) => day.arm === arm);
  return own.length === 0 ? null : own.reduce((sum, { r }) => sum + r, 0) / own.length;
}

function detectable(days: readonly ExperimentDay[]): number | null {
  if (days.length < 8) return null;
  const { sd } = moments(days.map(({ r }) => r));
  if (sd === 0) return null;
  return (normalQuantile(0.95) + normalQuantile(0.8)) * sd * Math.sqrt(4 / days.length);
}

function alwaysOf(differences: readonly number[]): Pick<ExperimentReading, "always" | "normalEvidence"> {
  if (differences.length < 4) return { always: null, normalEvidence: null };
  const { mean, sd } = moments(differences);
  if (sd === 0) return { always: null, normalEvidence: null };
  const variance = sd * sd;
  const [n, v] = [differences.length, differences.length * variance];
  const rho = bestRho(BEST_BLOCKS * variance, 0.05);
  const width = mixtureBound(v, { rho, alpha: 0.05 }) / n;
  return {
    always: { low: mean - width, high: mean + width, p: Math.min(1, Math.exp(-normalMixture(n * mean, { v, rho }))) },
    normalEvidence: Math.exp(normalMixtureAbove(n * mean, { v, rho: bestRho(BEST_BLOCKS * variance, 0.1) })),
  };
}

/** The answer, the detectable difference first. */
export function experimentSentence(reading: ExperimentReading): string {
  const { days, detectableR, meanA, meanB, evidence, verdict, of } = reading;
  const first = detectableR === null
    ? `With ${countText(days.length, "day")} of whole blocks nothing can be seen yet`
    : `With ${countText(days.length, "day")} only differences above ${detectableR.toFixed(2)} R a day can be seen`;
  if (meanA === null || meanB === null) return `${first}.`;
  return `${first}; so far A has ${rText(meanA)} and B ${rText(meanB)} a day. Evidence that B is worse: ${
    evidence.toFixed(2)
  } ` +
    `(${HARM_WEALTH} ends ${of.name}). ${verdict === "not decidable" ? "Nothing is decided" : verdict}.`;
}

/** Text, Markdown and HTML are made from this. */
export function experimentReport(reading: ExperimentReading, command: string): Report {
  const { of, days, always, permutation, normalEvidence, blocks, ended } = reading;
  const course = (arm: Arm) => {
    let sum = 0;
    return days.filter((day) => day.arm === arm).map(({ day, r }) => [day * DAY_MS, sum += r] as const);
  };
  const row = (arm: Arm) => {
    const own = days.filter((day) => day.arm === arm);
    const mean = meanOf(days, arm);
    return [arm, `${own.length}`, `${own.filter(({ r }) => r !== 0).length}`, mean === null ? "-" : signed(mean, 3)];
  };
  return {
    title: `Experiment ${of.name}`,
    answer: experimentSentence(reading),
    sections: [{
      heading: "Arms",
      table: { columns: ["arm", "days", "with a result", "mean R a day"], rows: [row("A"), row("B")] },
      lines: [
        `${
          countText(blocks, "block")
        } of ${of.block_days} days, half of each block for each arm. A day belongs to its arm ` +
        `whatever happened on it: a day without a trade and a day under a halt count as 0. Days are clipped to ${CLIP.low} … ${CLIP.high} R.`,
        ...(ended === null ? [] : [`The experiment has ended: ${ended}.`]),
      ],
      chart: {
        summary: "Sum of R of the days of both arms",
        x: { name: "day", time: true },
        y: { name: "sum of R" },
        series: [{ name: "A", kind: "line", points: course("A") }, { name: "B", kind: "line", points: course("B") }],
      },
    }, {
      heading: "What may be read when",
      lines: [
        "Every day: the evidence that B is worse, which has a chance of at most 1 in 20 ever to reach 20 if B is not.",
        ...(always === null ? [] : [
          `Every day: A minus B lies between ${signed(always.low)} and ${
            rText(always.high)
          } (normal mixture, which takes the spread of ` +
          `blocks as known), ${pText(always.p)}; its own evidence that B is worse is ${
            (normalEvidence ?? 0).toFixed(2)
          }.`,
        ]),
        ...(permutation === null ? [] : [
          `At the end only: arms redrawn within their blocks, ${pText(permutation.twoSided)}, two-sided, ` +
          `${countText(permutation.arrangements, "arrangement")}${permutation.exact ? ", all there are" : ""}.`,
        ]),
      ],
    }],
    command,
  };
}

/** What scripts read. */
export function experimentJson(reading: ExperimentReading): Readonly<Record<string, unknown>> {
  const { days, detectableR, evidence, verdict, meanA, meanB, always, permutation, blocks } = reading;
  return {
    days: days.length,
    blocks,
    mde_r: detectableR,
    mean_a: meanA,
    mean_b: meanB,
    e_value: evidence,
    always,
    permutation_p: permutation?.twoSided ?? null,
    verdict,
    sentence: experimentSentence(reading),
  };
}
