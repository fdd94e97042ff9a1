/** The parts of a sweep: lines that workers wrote, and the result file made of them (L-3.3). */
import type { ResultLine } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import type { Plan, PlannedCandidate } from "./plan.ts";

/** A finished candidate as progress and ledger need it; the line itself stays on disk. */
export type DoneLine = {
  readonly index: number;
  readonly configHash: string;
  readonly meanR: number | null;
  readonly trades: number;
  readonly sdR: number | null;
  readonly file: string;
  /** Row in its file, from 0. */
  readonly row: number;
};

/** The lines in the parts of a folder, by candidate. A torn last line of a killed worker is played again. */
export function readParts(
  io: LabIo,
  of: { readonly directory: string; readonly candidates: readonly PlannedCandidate[] },
): Map<number, DoneLine> {
  const done = new Map<number, DoneLine>();
  const parts = `${of.directory}/parts`;
  for (const name of io.list(parts)) {
    if (!name.endsWith(".jsonl")) continue;
    const file = `${parts}/${name}`;
    const text = io.readText(file);
    if (text !== "" && !text.endsWith("\n")) io.append(file, "\n");
    text.split("\n").forEach((line, row) => {
      const known = doneOf(line, { file, row });
      if (known !== null && of.candidates[known.index]?.configHash === known.configHash) done.set(known.index, known);
    });
  }
  return done;
}

/** What a line says of its candidate; null for one that is not complete. */
export function doneOf(line: string, at: { readonly file: string; readonly row: number }): DoneLine | null {
  const value = parsed(line);
  if (value === null) return null;
  const { index, config_hash, mean_r, trades, sd_r } = value;
  return { index, configHash: config_hash, meanR: mean_r, trades, sdR: sd_r ?? null, ...at };
}

function parsed(line: string): ResultLine | null {
  try {
    const value: unknown = JSON.parse(line);
    return isResultLine(value) ? value : null;
  } catch {
    return null;
  }
}
function isResultLine(value: unknown): value is ResultLine {
  return typeof value === "object" && value !== null && "index" in value && typeof value.index === "number" &&
    "config_hash" in value && typeof value.config_hash === "string" && "days" in value && Array.isArray(value.days);
}

/** Writes results.jsonl in candidate order, by rename. Throws LabInputError when a candidate is missing. */
export function writeResults(
  io: LabIo,
  of: { readonly directory: string; readonly plan: Plan; readonly done: ReadonlyMap<number, DoneLine> },
): string {
  const { directory, plan, done } = of;
  const missing = plan.candidates.findIndex((_, index) => !done.has(index));
  if (missing >= 0) {
    const count = plan.candidates.length - done.size;
    throw new LabInputError(
      `Cannot write the results as ${count} of ${plan.candidates.length} candidates are missing, the first is ${missing}`,
      LAB_EXIT.badData,
    );
  }
  const path = `${directory}/results.jsonl`;
  const lines = new Array<string>(plan.candidates.length);
  const byFile = Map.groupBy(done.values(), ({ file }) => file);
  for (const [file, list] of byFile) {
    const rows = io.readText(file).split("\n");
    for (const { index, row } of list) lines[index] = rows[row] ?? "";
  }
  io.writeFile(path, lines.map((line) => line + "\n").join(""));
  return path;
}
