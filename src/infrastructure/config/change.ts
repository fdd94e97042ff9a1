/** A configuration with some of its keys changed, judged by the same rules as a file. */
import type { Config } from "../../domain/limits.ts";
import { withoutAsBefore } from "./as_before.ts";
import { findContradictions } from "./contradictions.ts";
import { nearest } from "./load.ts";
import { mainSchema, safetySchema } from "./schema.ts";

/** Dotted keys and their values, e.g. `strategy.grid_atr_multiple`; those of the safety limits under `safety.`. */
export type Changes = Readonly<Record<string, number | string | boolean>>;
export type Changed =
  | { readonly kind: "changed"; readonly config: Config }
  /** The key at fault, and what is wrong with it. */
  | { readonly kind: "fault"; readonly key: string; readonly text: string };

/** Which way a safety limit is tighter: only that way may a search go (L-3.1). Keys without one may not be searched. */
const TIGHTER: Readonly<Record<string, "up" | "down">> = {
  drop_1m_pct: "up",
  drop_5m_pct: "up",
  surge_1m_pct: "down",
  surge_5m_pct: "down",
  recovery_1m_pct: "up",
  recovery_5m_pct: "up",
  recovery_stable_min: "up",
  cooldown_min: "up",
  latency_block_s: "down",
  balance_stale_s: "down",
  daily_loss_cap_pct: "down",
  weekly_loss_cap_pct: "down",
  weekly_cooldown_days: "up",
  loss_streak_day: "down",
  loss_streak_cooldown: "down",
  loss_streak_cooldown_h: "up",
  fee_spike_ratio: "down",
  fee_spike_count: "down",
  fee_spike_min: "up",
  slippage_usd: "down",
  slippage_count: "down",
  slippage_window_s: "up",
  slippage_min: "up",
  max_orders_per_hour: "down",
};

type Tree = { [key: string]: unknown };
function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every key that may be searched, as a dotted path. */
export function searchableKeys(): readonly string[] {
  const { environment: _one, symbol: _two, profile: _three, files: _four, ...main } = mainSchema.parse({
    environment: "testnet",
  });
  return [...leafPaths(main, ""), ...Object.keys(TIGHTER).map((key) => `safety.${key}`)];
}

function leafPaths(value: unknown, path: string): readonly string[] {
  if (!isTree(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leafPaths(inner, path === "" ? key : `${path}.${key}`));
}

/** Why a key may not be searched, with the nearest that may; null = it may. */
export function unknownKeyText(key: string): string | null {
  const known = searchableKeys();
  if (known.includes(key)) return null;
  const name = key.split(".").at(-1) ?? key;
  const same = known.find((one) => one.split(".").at(-1) === name) ?? known.find((one) => one.includes(name));
  if (same !== undefined) return `${key}: unknown key; did you mean ${same}?`;
  const near = nearest(key, known);
  return `${key}: unknown key; ${near.meant ? `did you mean ${near.word}?` : `the nearest key is ${near.word}`}`;
}

/** The base with these keys changed, or the first fault. */
export function changeConfig(base: Config, changes: Changes): Changed {
  const { safety, dry_run, ...rest } = base;
  const main: Tree = structuredClone(rest);
  const limits: Tree = { ...safety, ...dry_run };
  for (const [key, value] of Object.entries(changes)) {
    const unknown = unknownKeyText(key);
    if (unknown !== null) return { kind: "fault", key, text: unknown };
    const loose = key.startsWith("safety.") ? looserText(safety, { key, value }) : null;
    if (loose !== null) return { kind: "fault", key, text: loose };
    if (key.startsWith("safety.")) limits[key.slice("safety.".length)] = value;
    else put(main, key.split("."), value);
  }
  const readMain = mainSchema.safeParse(main);
  const readSafety = safetySchema.safeParse(limits);
  for (const { prefix, read } of [{ prefix: "", read: readMain }, { prefix: "safety.", read: readSafety }]) {
    const issue = read.success ? undefined : read.error.issues[0];
    if (issue === undefined) continue;
    const key = prefix + issue.path.join(".");
    return { kind: "fault", key, text: `${key} = ${changes[key] ?? "?"}: ${issue.message}` };
  }
  if (!readMain.success || !readSafety.success) return { kind: "fault", key: "", text: "cannot be read" };
  const { files: _files, ...decisions } = readMain.data;
  const { dry_run: dry, min_equity_usd, max_trades_total, ...kept } = readSafety.data;
  const config = withoutAsBefore({
    ...decisions,
    safety: kept,
    dry_run: { dry_run: dry, min_equity_usd, max_trades_total },
  });
  const [found] = findContradictions(config);
  if (found === undefined) return { kind: "changed", config };
  const key = found.path in safety ? `safety.${found.path}` : found.path;
  return { kind: "fault", key, text: `${key} = ${changes[key] ?? "as in the base"}: ${found.rule}` };
}

function looserText(
  safety: Config["safety"],
  of: { readonly key: string; readonly value: number | string | boolean },
): string | null {
  const name = of.key.slice("safety.".length);
  const before: unknown = Reflect.get(safety, name);
  if (typeof of.value !== "number" || typeof before !== "number") return null;
  const tighter = TIGHTER[name] === "up" ? of.value >= before : of.value <= before;
  return tighter
    ? null
    : `Cannot search ${of.key} = ${of.value} as safety limits are only searched tighter than ${before}`;
}

function put(tree: Tree, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const inner = tree[key];
  if (isTree(inner)) put(inner, rest, value);
}
