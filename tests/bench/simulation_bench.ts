/**
 * A simulated day of winter-2021 through the wire-level adapter. Hours per wall minute = 24 × 60 ÷ seconds per iteration
 * (issue "fake venue": target 2,500 without faults and 1,000 with heavy; accepted from 1,500 and 600).
 */
import { runWorld } from "../../src/bot/simulated/world.ts";
import { loadConfig } from "../../src/infrastructure/config/load.ts";
import { readRecording } from "../../src/infrastructure/market_data/recording.ts";
import type { FaultPreset } from "../../src/bot/simulated/fault_presets.ts";

const FILE = "config/recordings/winter-2021.csv.gz";
const FROM = Date.parse("2021-01-04T00:00Z");
const recording = readRecording(FILE, Deno.readFileSync(FILE));
const loaded = loadConfig({ readText: (path) => Deno.readTextFileSync(path), path: "config/testnet.yaml" });
if (loaded.kind === "errors") throw new Error(loaded.errors.join("\n"));
const { config } = loaded;

function day(faults: FaultPreset): void {
  const { steps } = runWorld({
    recording,
    seed: 1,
    market: "normal",
    faults,
    config,
    walletUsd: 100,
    from: FROM,
    to: FROM + 86_400_000,
  });
  if (steps < 10_000) throw new Error(`Cannot bench a day as a run: ${steps} steps`);
}

Deno.bench({ name: "a simulated day, no faults", n: 5, warmup: 1, fn: () => day("none") });
Deno.bench({ name: "a simulated day, heavy faults", n: 5, warmup: 1, fn: () => day("heavy") });
