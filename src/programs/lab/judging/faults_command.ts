/** `lab faults`: the candidate through the simulated world, seed by seed, with and without faults. */
import type { Candidate } from "../driver/types.ts";
import { LAB_EXIT, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import { type PlayFlags, runOptions, windowOf } from "../commands/options.ts";
import { runWire, type WireRun } from "../parity/fidelity_wire.ts";
import { faultsJson, faultsReport, type FaultySeed, readFaults } from "./faults.ts";
import { show, type ShowFlags } from "./show.ts";

export type FaultsFlags = PlayFlags & ShowFlags & {
  readonly seeds: { readonly first: number; readonly last: number };
  readonly preset: "light" | "heavy" | "halting";
};
type Given = { readonly io: LabIo; readonly file: string; readonly flags: FaultsFlags; readonly command: string };

/** Exit 1 when a rule was broken. */
export async function faultsCommand({ io, file, flags, command }: Given): Promise<number> {
  const { config } = labConfig(io, file);
  const candles = labCandles(io, flags.data);
  const window = windowOf(candles, flags);
  const options = runOptions({ ...flags, halts: "stop" });
  const seeds: FaultySeed[] = [];
  for (let seed = flags.seeds.first; seed <= flags.seeds.last; seed++) {
    const candidate: Candidate = { config, candles, ...window, path: "seeded", seed, options };
    const [calm, faulty] = [runWire(candidate), runWire(candidate, flags.preset)];
    seeds.push({
      seed,
      calmR: sumOf(calm),
      faultyR: sumOf(faulty),
      calmTrades: calm.trades.length,
      faultyTrades: faulty.trades.length,
      violations: faulty.violations,
      finalState: faulty.finalState,
    });
    io.progress(`seed ${seed}: ${faulty.violations} rules broken`);
  }
  const reading = readFaults(flags.preset, seeds);
  await show(io, { report: faultsReport(reading, command), json: faultsJson(reading), name: "faults" }, flags);
  return reading.violations === 0 ? LAB_EXIT.done : LAB_EXIT.no;
}

function sumOf({ trades }: WireRun): number {
  return trades.reduce((sum, { r_multiple: r }) => sum + (r ?? 0), 0);
}
