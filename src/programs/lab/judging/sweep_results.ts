/** Reads the results of a sweep: candidates over the same days, whatever the order of the lines. */
import { z } from "zod";
import { messageOf } from "../../../common/text.ts";
import type { ResultLine } from "../driver/types.ts";
import type { Matrix } from "../statistics/sweep_tests.ts";
import { badData } from "./problem.ts";

const line: z.ZodType<ResultLine> = z.object({
  index: z.int().min(0),
  keys: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  config_hash: z.string(),
  data_hash: z.string(),
  core_hash: z.string(),
  seed: z.int(),
  trades: z.int().min(0),
  wins: z.int().min(0),
  mean_r: z.number().nullable(),
  sum_r: z.number(),
  sd_r: z.number().nullable(),
  net_usd: z.number(),
  hold_usd: z.number(),
  halts: z.array(z.tuple([z.string(), z.int()])),
  final_state: z.string(),
  fingerprint: z.string(),
  first_day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  days: z.array(z.tuple([z.number(), z.int().min(0), z.union([z.literal(0), z.literal(1)])])),
});

export type SweepResults = {
  readonly file: string;
  /** By index, ascending. */
  readonly candidates: readonly ResultLine[];
  readonly days: number;
  readonly firstDay: string;
  readonly dataHash: string;
  readonly coreHash: string;
  /** R of each day, and trades closed in it; one row a candidate. */
  readonly r: Matrix;
  readonly trades: Matrix;
};

/** Parses results.jsonl. Throws LabInputError at the first line that is damaged or does not belong to the others. */
export function readResults(file: string, text: string): SweepResults {
  const candidates: ResultLine[] = [];
  text.split("\n").forEach((row, at) => {
    if (row.trim() !== "") candidates.push(parseLine(row, `${file}, line ${at + 1}`));
  });
  return resultsOf(file, candidates);
}

/** Candidates that were read or played, checked against each other. Throws LabInputError. */
export function resultsOf(file: string, lines: readonly ResultLine[]): SweepResults {
  const candidates = [...lines];
  const [first] = candidates;
  if (first === undefined) {
    throw badData(`Cannot judge ${file}: it holds no candidate; finish the sweep first`);
  }
  candidates.sort((a, b) => a.index - b.index);
  candidates.forEach((each, at) => mustBelong(file, { first, each, before: candidates[at - 1] }));
  const days = first.days.length;
  const fill = (column: 0 | 1): Matrix => {
    const values = new Float64Array(candidates.length * days);
    candidates.forEach((each, row) => each.days.forEach((cells, day) => values[row * days + day] = cells[column]));
    return { rows: candidates.length, days, values };
  };
  const { first_day: firstDay, data_hash: dataHash, core_hash: coreHash } = first;
  return { file, candidates, days, firstDay, dataHash, coreHash, r: fill(0), trades: fill(1) };
}

function parseLine(row: string, place: string): ResultLine {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch (error) {
    throw badData(`Cannot read ${place}: expected one JSON object (${messageOf(error)})`);
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badData(`Cannot read ${place}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not a result"}`);
}

function mustBelong(
  file: string,
  { first, each, before }: {
    readonly first: ResultLine;
    readonly each: ResultLine;
    readonly before: ResultLine | undefined;
  },
): void {
  const differs = (what: string, { found, expected }: { found: string | number; expected: string | number }) =>
    badData(
      `Cannot judge ${file}: candidate ${each.index} has ${what} ${found}, candidate ${first.index} has ${expected}; ` +
        "only candidates over the same days, data and core can be compared",
    );
  if (before?.index === each.index) {
    throw badData(`Cannot judge ${file}: candidate ${each.index} is there twice; remove one of its lines`);
  }
  if (each.data_hash !== first.data_hash) {
    throw differs("the data", { found: each.data_hash, expected: first.data_hash });
  }
  if (each.core_hash !== first.core_hash) {
    throw differs("the core", { found: each.core_hash, expected: first.core_hash });
  }
  if (each.first_day !== first.first_day) {
    throw differs("the first day", { found: each.first_day, expected: first.first_day });
  }
  if (each.days.length !== first.days.length) {
    throw differs("days:", { found: each.days.length, expected: first.days.length });
  }
}

/** `strategy.grid_atr_multiple 2, sizing.stop_distance_multiple 1.5`, for people. */
export function keysText(keys: ResultLine["keys"]): string {
  const parts = Object.entries(keys).map(([key, value]) =>
    `${(key.split(".").at(-1) ?? key).replaceAll("_", " ")} ${value}`
  );
  return parts.length === 0 ? "the settings as they are" : parts.join(", ");
}
