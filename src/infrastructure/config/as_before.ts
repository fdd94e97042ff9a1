import type { Config } from "../../domain/limits.ts";

/**
 * Keys that came after the first journals, with the value that means "as before". At that value a key is left out of the
 * effective configuration, and so of config_hash, journal header and state: a new key changes no head that was written
 * without it (F-11.7).
 */
export const TARGET_SPACING_MULTIPLE = 1;

/** The floor is on the account in dollars (ADR 0020). */
export const FLOOR_BASIS = "usd";

/** The same configuration without the keys that stand at "as before". */
export function withoutAsBefore(config: Config): Config {
  const { target_spacing_multiple: multiple = TARGET_SPACING_MULTIPLE, ...strategy } = config.strategy;
  const { floor_basis: basis = FLOOR_BASIS, ...goal } = config.goal;
  return {
    ...config,
    strategy: multiple === TARGET_SPACING_MULTIPLE ? strategy : config.strategy,
    goal: basis === FLOOR_BASIS ? goal : config.goal,
  };
}

/** The same configuration with those keys in it, as a person wants to read it. */
export function withDefaults(config: Config): Config {
  const { target_spacing_multiple = TARGET_SPACING_MULTIPLE } = config.strategy;
  const { floor_basis = FLOOR_BASIS } = config.goal;
  return {
    ...config,
    strategy: { ...config.strategy, target_spacing_multiple },
    goal: { ...config.goal, floor_basis },
  };
}
