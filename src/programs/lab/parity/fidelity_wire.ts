/** Fidelities *wire* and *faults*: the simulated world without and with faults, over the same prices and with the same draws as the lab (L-1.2). */
import { runWorld } from "../../../bot/simulated/world.ts";
import type { FaultPreset } from "../../../bot/simulated/fault_presets.ts";
import type { TradeRecord } from "../../../domain/records.ts";
import { PAPER_SWITCHES } from "../driver/paper_venue.ts";
import type { Candidate } from "../driver/types.ts";

export type WireRun = {
  readonly trades: readonly TradeRecord[];
  readonly finalState: string;
  /** What the independent judge of a run found broken, crashes and refused starts included. */
  readonly violations: number;
};
/** What goes wrong; `halting` also meets faults for which a halt is right. */
export const WIRE_FAULTS: readonly FaultPreset[] = ["light", "heavy", "halting"];

/** Plays a candidate through frames, requests, journal and virtual time. Its path must be `seeded`. */
export function runWire(of: Candidate, faults: FaultPreset = "none"): WireRun {
  const { candles, config, seed, from, to, options } = of;
  const trades: TradeRecord[] = [];
  const result = runWorld({
    recording: { file: candles.file, bars: candles, trades: null, tickCents: candles.tickCents },
    seed,
    market: "normal",
    faults,
    config,
    walletUsd: options.walletUsd,
    from,
    to,
    venue: {
      switches: PAPER_SWITCHES,
      matching: { fill: options.fill, keyedSeed: seed, slippageBps: options.slippageBps },
    },
    onRecord: (record) => {
      if (record.type === "trade") trades.push(record);
    },
  });
  const violations = result.observer.violations.length + result.crashes.length + result.refusals.length;
  return { trades, finalState: result.finalWord, violations };
}
