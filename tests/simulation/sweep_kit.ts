import { runSeed, type SimFlags } from "../../src/programs/simulator/run.ts";
import type { WorldNumber } from "../../src/bot/simulated/wide_world.ts";
import type { FaultPreset } from "../../src/bot/simulated/fault_presets.ts";

/** The last line of `deno task sim --seed N --hours H --faults P --json`, parsed, and what was printed before it. */
export function simulate(
  of: {
    readonly seed: number;
    readonly hours: number | null;
    readonly faults: FaultPreset;
    readonly world?: WorldNumber;
  },
): { readonly json: Record<string, unknown>; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const flags: SimFlags = {
    data: "config/recordings/winter-2021.csv.gz",
    config: "config/testnet_scenarios.yaml",
    faults: of.faults,
    market: null,
    from: null,
    to: null,
    hours: of.hours,
    out: null,
    json: true,
    world: of.world ?? 1,
    fixed: of.hours === null ? [] : ["hours"],
  };
  runSeed({
    readBytes: (path) => Deno.readFileSync(path),
    readText: (path) => Deno.readTextFileSync(path),
    writeFile: () => undefined,
    out: (line) => lines.push(line),
    progress: () => undefined,
    columns: () => 80,
    stopwatch: () => 0,
  }, { ...flags, seed: of.seed });
  return { json: JSON.parse(lines.at(-1) ?? "{}"), lines };
}
