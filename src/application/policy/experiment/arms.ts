import { createHash } from "node:crypto";
import type { Arm, ExperimentConfig } from "../../../domain/experiment.ts";
import type { Config } from "../../../domain/limits.ts";
import type { EpochMs } from "../../../domain/units.ts";

const DAY_MS = 86_400_000;

/** UTC day of a moment, in days since 1970. */
export function dayNumber(at: EpochMs): number {
  return Math.floor(at / DAY_MS);
}

type Drawn = Pick<ExperimentConfig, "name" | "seed" | "block_days">;

/**
 * Arms of the days of one block: half of them each, in an order drawn from name, seed and block alone, so that every
 * restart and every reader draws the same (L-6.1).
 */
export function armsOfBlock({ name, seed, block_days }: Drawn, block: number): readonly Arm[] {
  const words = createHash("sha256").update(`${name}|${seed}|${block}`).digest();
  const arms: Arm[] = Array.from({ length: block_days }, (_, index) => index * 2 < block_days ? "A" : "B");
  for (let last = block_days - 1; last > 0; last--) {
    const at = words.readUInt32BE((last % 8) * 4) % (last + 1);
    const moved = arms[last] ?? "A";
    arms[last] = arms[at] ?? "A";
    arms[at] = moved;
  }
  return arms;
}

/** The arm of a day (days since 1970). */
export function armOfDay(of: Drawn, day: number): Arm {
  const block = Math.floor(day / of.block_days);
  return armsOfBlock(of, block)[day - block * of.block_days] ?? "A";
}

/** The configuration of an arm: the base with the arm's keys in their places. */
export function withArm(config: Config, arm: Arm | null): Config {
  const keys = arm === null ? undefined : config.experiment?.arms[arm];
  if (keys === undefined) return config;
  return {
    ...config,
    strategy: { ...config.strategy, ...keys.strategy },
    sizing: { ...config.sizing, ...keys.sizing },
    entry: { ...config.entry, ...keys.entry },
  };
}
