/** What a sweep is of: everything that decides its results, in one file that any machine can work on (L-3.3, L-3.6). */
import { z } from "zod";
import { sha256 } from "../../../common/sha256.ts";
import { messageOf } from "../../../common/text.ts";
import type { Config } from "../../../domain/limits.ts";
import { changeConfig } from "../../../infrastructure/config/change.ts";
import { hashConfig } from "../../../infrastructure/config/load.ts";
import { earliestStart, endOf, isoOf } from "../driver/candles.ts";
import type { LabCandles } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { labConfig } from "../load.ts";
import { type PlayFlags, windowOf } from "../commands/options.ts";
import { candidatesOf, type Keys } from "./sample.ts";
import { readSpace, type Span } from "./space.ts";

const setting = z.union([z.number(), z.string(), z.boolean()]);
const planSchema = z.strictObject({
  version: z.literal(1),
  /** Text of the space, for the person and for its hash. */
  space: z.string(),
  space_hash: z.string(),
  base_hash: z.string(),
  /** As the base file was read; candidates change keys of it. */
  base: z.unknown(),
  data: z.string(),
  data_hash: z.string(),
  core_hash: z.string(),
  from: z.int(),
  to: z.int(),
  holdout: z.strictObject({ from: z.int(), to: z.int() }),
  path: z.enum(["seeded", "ohlc", "olhc", "worst", "best"]),
  seed: z.int(),
  fill: z.enum(["through", "touch"]),
  halts: z.enum(["lift", "stop"]),
  slippage_bps: z.number(),
  wallet_usd: z.number(),
  candidates: z.array(z.record(z.string(), setting)),
});
export type Plan = z.infer<typeof planSchema>;
export type PlannedCandidate = {
  readonly index: number;
  readonly keys: Keys;
  readonly config: Config;
  readonly configHash: string;
};

/** The last quarter of the data stays unseen where the space names nothing else (L-3.5). */
const HOLDOUT_SHARE = 0.25;
const DAY_MS = 86_400_000;

export type PlanOf = {
  readonly spaceFile: string;
  readonly candles: LabCandles;
  readonly coreHash: string;
  readonly flags: Omit<PlayFlags, "config" | "skip" | "json">;
};

/** Makes the plan of a space. Throws LabInputError for a bad space, a bad candidate, or a window inside the holdout. */
export function makePlan(io: LabIo, { spaceFile, candles, coreHash, flags }: PlanOf): Plan {
  const text = readText(io, spaceFile);
  const space = readSpace(text, spaceFile);
  const cut = spaceFile.lastIndexOf("/");
  const { config: base, configHash } = labConfig(
    io,
    cut < 0 ? space.base : `${spaceFile.slice(0, cut + 1)}${space.base}`,
  );
  const holdout = space.holdout ?? lastQuarter(candles);
  const to = flags.to ?? Math.min(holdout.from, endOf(candles));
  const window = windowOf(candles, flags.from === undefined ? { to } : { from: flags.from, to });
  if (window.from < holdout.to && window.to > holdout.from) {
    throw new LabInputError(
      `Cannot sweep ${isoOf(window.from)} to ${isoOf(window.to)}: ${isoOf(holdout.from)} to ${
        isoOf(holdout.to)
      } is the ` +
        "holdout, which only lab holdout opens; end the sweep before it with --to",
      LAB_EXIT.usage,
    );
  }
  const plan: Plan = {
    version: 1,
    space: text,
    space_hash: sha256(text).slice(0, 16),
    base_hash: configHash,
    base,
    data: flags.data,
    data_hash: candles.dataHash,
    core_hash: coreHash,
    ...window,
    holdout,
    path: flags.path,
    seed: flags.seed,
    fill: flags.fill,
    halts: flags.halts,
    slippage_bps: flags.slippageBps,
    wallet_usd: flags.wallet,
    candidates: candidatesOf(space).map((keys) => ({ ...keys })),
  };
  plannedCandidates(plan, { base, where: spaceFile });
  return plan;
}

function lastQuarter(candles: LabCandles): Span {
  const first = earliestStart(candles);
  const end = endOf(candles);
  const from = Math.floor((end - (end - first) * HOLDOUT_SHARE) / DAY_MS) * DAY_MS;
  return { from, to: end };
}

function readText(io: LabIo, file: string): string {
  try {
    return io.readText(file);
  } catch (error) {
    throw new LabInputError(`Cannot read ${file}: ${messageOf(error)}`, LAB_EXIT.files);
  }
}

/** Every candidate with its configuration; the first that cannot be meant is an error that names its keys. */
function plannedCandidates(
  plan: Plan,
  { base, where }: { readonly base: Config; readonly where: string },
): readonly PlannedCandidate[] {
  return plan.candidates.map((keys, index) => {
    const changed = changeConfig(base, keys);
    if (changed.kind === "changed") {
      return { index, keys, config: changed.config, configHash: hashConfig(changed.config) };
    }
    const shown = Object.entries(keys).map(([key, value]) => `${key} = ${value}`).join(", ");
    throw new LabInputError(`${where}: candidate ${index} (${shown}): ${changed.text}`, LAB_EXIT.badData);
  });
}

/** The candidates of a plan that was read back; its base is judged again by the rules of this program. */
export function candidatesOfPlan(plan: Plan): readonly PlannedCandidate[] {
  return plannedCandidates(plan, { base: baseConfig(plan), where: "plan" });
}

/** The base that every candidate of a plan changes, judged by the rules of this program. Throws LabInputError. */
export function baseConfig(plan: Plan): Config {
  const base = changeConfig(baseOf(plan), {});
  if (base.kind === "fault") throw new LabInputError(`Cannot use the plan: ${base.text}`, LAB_EXIT.badData);
  if (hashConfig(base.config) !== plan.base_hash) {
    throw new LabInputError("Cannot use the plan: its base is not the one its hash names", LAB_EXIT.badData);
  }
  return base.config;
}

function baseOf(plan: Plan): Config {
  if (isConfig(plan.base)) return plan.base;
  throw new LabInputError("Cannot use the plan: it holds no base configuration", LAB_EXIT.badData);
}
/** Shape enough to be judged key by key by changeConfig, which refuses what the schema does not know. */
function isConfig(value: unknown): value is Config {
  return typeof value === "object" && value !== null && "strategy" in value && "safety" in value && "dry_run" in value;
}

/** A plan file. Throws LabInputError. */
export function readPlan(io: LabIo, file: string): Plan {
  const text = readText(io, file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LabInputError(`Cannot read plan ${file}: ${messageOf(error)}`, LAB_EXIT.badData);
  }
  const read = planSchema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new LabInputError(
    `Cannot read plan ${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
    LAB_EXIT.badData,
  );
}

export function planText(plan: Plan): string {
  return JSON.stringify(plan) + "\n";
}

const NAMED: readonly (readonly [keyof Plan, string])[] = [
  ["space_hash", "space"],
  ["base_hash", "base configuration"],
  ["data_hash", "data"],
  ["core_hash", "core"],
  ["from", "first moment"],
  ["to", "end"],
  ["path", "path"],
  ["seed", "seed"],
  ["fill", "fill rule"],
  ["halts", "halt rule"],
  ["slippage_bps", "slippage"],
  ["wallet_usd", "wallet"],
];

/** What the sweep in a folder was begun with and this one is not; null = the same (L-3.3). */
export function foreignTo(begun: Plan, now: Plan): string | null {
  for (const [key, name] of NAMED) {
    if (begun[key] !== now[key]) {
      return `it was begun with ${name} ${String(begun[key])}, this is ${name} ${String(now[key])}`;
    }
  }
  return null;
}
