/** Fidelity *wire*: the simulated world without faults, over the same prices and with the same draws as the lab (L-1.2). */
import { runWorld } from "../../../bot/simulated/world.ts";
import type { TradeRecord } from "../../../domain/records.ts";
import { PAPER_SWITCHES } from "../driver/paper_venue.ts";
import type { Candidate } from "../driver/types.ts";

export type WireRun = { readonly trades: readonly TradeRecord[]; readonly finalState: string };

/** Plays a candidate through frames, requests, journal and virtual time. Its path must be `seeded`. */
export function runWire(of: Candidate): WireRun {
  const { candles, config, seed, from, to, options } = of;
  const trades: TradeRecord[] = [];
  const result = runWorld({
    recording: { file: candles.file, bars: candles, trades: null, tickCents: candles.tickCents },
    seed,
    market: "normal",
    faults: "none",
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
  return { trades, finalState: result.finalWord };
}
