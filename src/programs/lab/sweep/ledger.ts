/**
 * The trial ledger: every candidate ever evaluated on a data set, and every look at a holdout, each line chained to the one
 * before by its hash (L-3.4, L-3.5). One writer: the parent of a sweep, at its end, at its resume, or at a merge.
 */
import { z } from "zod";
import { sha256 } from "../../../common/sha256.ts";
import { messageOf } from "../../../common/text.ts";
import { canonicalJson } from "../../../infrastructure/config/load.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";

const trial = z.strictObject({
  kind: z.literal("trial"),
  data_hash: z.string(),
  config_hash: z.string(),
  core_hash: z.string(),
  from: z.int(),
  to: z.int(),
  path: z.string(),
  seed: z.int(),
});
const look = z.strictObject({
  kind: z.literal("holdout"),
  data_hash: z.string(),
  config_hash: z.string(),
  core_hash: z.string(),
  from: z.int(),
  to: z.int(),
  /** 1 = the first look at this period, by whichever candidate. */
  look: z.int(),
});
const body = z.discriminatedUnion("kind", [trial, look]);
export type LedgerEntry = z.infer<typeof body>;
export type Trial = z.infer<typeof trial>;
const lineSchema = z.strictObject({ prev: z.string(), hash: z.string(), entry: body });

/** What the first line is chained to. */
export const GENESIS = "0".repeat(64);

export type Ledger = { readonly head: string; readonly entries: readonly LedgerEntry[] };

/** Where the ledger of a data file lies unless `--ledger` names another: `lab/trials.jsonl` beside it. */
export function ledgerPath(dataFile: string): string {
  const cut = dataFile.lastIndexOf("/");
  return `${cut < 0 ? "" : dataFile.slice(0, cut + 1)}lab/trials.jsonl`;
}

function hashOf(prev: string, entry: LedgerEntry): string {
  return sha256(prev + canonicalJson(entry));
}

/** Reads and checks a ledger; none is an empty one. Throws LabInputError with the line that breaks the chain. */
export function readLedger(io: LabIo, file: string): Ledger {
  if (!io.exists(file)) return { head: GENESIS, entries: [] };
  let text: string;
  try {
    text = io.readText(file);
  } catch (error) {
    throw new LabInputError(`Cannot read trial ledger ${file}: ${messageOf(error)}`, LAB_EXIT.files);
  }
  let head = GENESIS;
  const entries: LedgerEntry[] = [];
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  lines.forEach((line, index) => {
    const at = `${file}, line ${index + 1}`;
    const read = lineSchema.safeParse(parsed(line, at));
    if (!read.success) throw broken(at, read.error.issues[0]?.message ?? "not an entry");
    const { prev, hash, entry } = read.data;
    if (prev !== head) throw broken(at, "a line before it was changed, removed or added");
    if (hash !== hashOf(prev, entry)) throw broken(at, "the line was changed");
    head = hash;
    entries.push(entry);
  });
  if (torn) throw broken(`${file}, line ${lines.length + 1}`, "the line is not complete; remove it");
  return { head, entries };
}

function parsed(line: string, at: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw broken(at, messageOf(error));
  }
}
function broken(at: string, why: string): LabInputError {
  return new LabInputError(`Cannot trust the trial ledger: ${at}: ${why}`, LAB_EXIT.badData);
}

/** Adds entries to the end of a ledger. */
export function appendLedger(io: LabIo, file: string, entries: readonly LedgerEntry[]): void {
  let { head } = readLedger(io, file);
  let text = "";
  for (const entry of entries) {
    const hash = hashOf(head, entry);
    text += JSON.stringify({ prev: head, hash, entry }) + "\n";
    head = hash;
  }
  if (text !== "") io.append(file, text);
}

/** Trials that the ledger does not hold yet; the same trial again is no new one. */
export function newTrials(ledger: Ledger, trials: readonly Trial[]): readonly Trial[] {
  const known = new Set(ledger.entries.map((entry) => canonicalJson(entry)));
  return trials.filter((one) => {
    const name = canonicalJson(one);
    if (known.has(name)) return false;
    known.add(name);
    return true;
  });
}

/** How many different settings were ever tried on a data set. */
export function trialsOn(ledger: Ledger, dataHash: string): number {
  const configs = new Set<string>();
  for (const entry of ledger.entries) {
    if (entry.kind === "trial" && entry.data_hash === dataHash) configs.add(entry.config_hash);
  }
  return configs.size;
}

/** How often a period, or a part of it, was looked at as a holdout. */
export function looksAt(
  ledger: Ledger,
  of: { readonly dataHash: string; readonly from: number; readonly to: number },
): number {
  return ledger.entries.filter((entry) =>
    entry.kind === "holdout" && entry.data_hash === of.dataHash && entry.from < of.to && entry.to > of.from
  ).length;
}
