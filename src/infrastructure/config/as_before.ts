import type { Config } from "../../domain/limits.ts";

/**
 * Keys that came after the first journals, with the value that means "as before". At that value a key is left out of the
 * effective configuration, and so of config_hash, journal header and state: a new key changes no head that was written
 * without it (F-11.7).
 */
export const HISTORY_KEEP_DAYS = 400;
export const ALERTS_KEEP_MONTHS = 24;

/** The same configuration without the keys that stand at "as before". */
export function withoutAsBefore(config: Config): Config {
  const { history_keep_days, alerts_keep_months, ...runtime } = config.runtime;
  const days = history_keep_days === undefined || history_keep_days === HISTORY_KEEP_DAYS ? {} : { history_keep_days };
  const months = alerts_keep_months === undefined || alerts_keep_months === ALERTS_KEEP_MONTHS
    ? {}
    : { alerts_keep_months };
  return { ...config, runtime: { ...runtime, ...days, ...months } };
}

/** Days of minute history to keep. */
export function historyKeepDays(config: Config): number {
  return config.runtime.history_keep_days ?? HISTORY_KEEP_DAYS;
}

/** Months of alerts to keep besides the running one. */
export function alertsKeepMonths(config: Config): number {
  return config.runtime.alerts_keep_months ?? ALERTS_KEEP_MONTHS;
}
