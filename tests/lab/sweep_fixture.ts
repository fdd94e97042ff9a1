/** Results of sweeps as they stand in results.jsonl, made from days of R. */
import type { ResultLine } from "../../src/programs/lab/driver/types.ts";
import { nextUnit, randomStream } from "../../src/common/random.ts";

/** One candidate: R of each day, one trade on each day that is not 0. */
export function resultLine(index: number, days: readonly number[], to: Partial<ResultLine> = {}): ResultLine {
  const trades = days.filter((r) => r !== 0).length;
  const sum = days.reduce((all, r) => all + r, 0);
  return {
    index,
    keys: { "strategy.grid_atr_multiple": 1 + index / 10 },
    config_hash: `c${String(index).padStart(4, "0")}`,
    data_hash: "0123456789abcdef",
    core_hash: "fedcba9876543210",
    seed: 1,
    trades,
    wins: days.filter((r) => r > 0).length,
    mean_r: trades === 0 ? null : sum / trades,
    sum_r: sum,
    sd_r: null,
    net_usd: 3 * sum,
    hold_usd: 12,
    halts: [],
    final_state: "FLAT",
    fingerprint: `f${index}`,
    first_day: "2020-01-01",
    days: days.map((r) => [r, r === 0 ? 0 : 1, 0] as const),
    ...to,
  };
}

/** Days of trades at 2:1 without an edge, or with `edge` R a trade; two days of three have one. */
export function noisyDays(
  seed: number,
  { days, edge = 0 }: { readonly days: number; readonly edge?: number },
): number[] {
  const random = randomStream(seed, "fixture");
  return Array.from({ length: days }, () => {
    const [traded, won] = [nextUnit(random) < 2 / 3, nextUnit(random) < 1 / 3];
    return traded ? (won ? 2 : -1) + edge : 0;
  });
}

export const jsonl = (lines: readonly ResultLine[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");
