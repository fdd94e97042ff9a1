import type { Config } from "../../domain/limits.ts";

/**
 * Keys that came after the first journals, with the value that means "as before". At that value a key is left out of the
 * effective configuration, and so of config_hash, journal header and state: a new key changes no head that was written
 * without it (F-11.7).
 */
export const HISTORY_KEEP_DAYS = 400;
export const TARGET_SPACING_MULTIPLE = 1;

/** The same configuration without the keys that stand at "as before". */
export function withoutAsBefore(config: Config): Config {
  const { history_keep_days, ...runtime } = config.runtime;
  const kept = history_keep_days === undefined || history_keep_days === HISTORY_KEEP_DAYS ? {} : { history_keep_days };
  const { target_spacing_multiple: multiple, ...strategy } = config.strategy;
  const target = multiple === undefined || multiple === TARGET_SPACING_MULTIPLE
    ? {}
    : { target_spacing_multiple: multiple };
  return { ...config, runtime: { ...runtime, ...kept }, strategy: { ...strategy, ...target } };
}

/** The same configuration with those keys in it, as a person wants to read it. */
export function withDefaults(config: Config): Config {
  const { target_spacing_multiple = TARGET_SPACING_MULTIPLE } = config.strategy;
  return {
    ...config,
    runtime: { ...config.runtime, history_keep_days: historyKeepDays(config) },
    strategy: { ...config.strategy, target_spacing_multiple },
  };
}

/** Days of minute history to keep. */
export function historyKeepDays(config: Config): number {
  return config.runtime.history_keep_days ?? HISTORY_KEEP_DAYS;
}
