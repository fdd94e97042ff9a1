/** `lab parity`: how far the fast answer can be trusted, by the slow one (L-1.6). */
import { runCandidate } from "../driver/run_candidate.ts";
import type { Candidate } from "../driver/types.ts";
import { isoOf } from "../driver/candles.ts";
import { LAB_EXIT, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import { compareTrades, type Comparison, parityFigures, SAME_R } from "../parity/compare_trades.ts";
import { runWire } from "../parity/fidelity_wire.ts";
import { type PlayFlags, runOptions, windowOf, windowText } from "./options.ts";
import { row } from "../reports/run_text.ts";

export type ParityFlags = PlayFlags & { readonly seeds: { readonly first: number; readonly last: number } };

/** Wanted over winter-2021 × 20 seeds (L-1.6). */
const WANTED = { pairedPct: 98, medianR: 0.01, sumPct: 3 };
const SHOWN = 20;

/** Plays every seed through both fidelities and pairs the trades. */
export function parity(io: LabIo, flags: ParityFlags): number {
  const { config } = labConfig(io, flags.config);
  const candles = labCandles(io, flags.data);
  const window = windowOf(candles, flags);
  const options = runOptions({ ...flags, fill: "touch", halts: "stop" });
  const all: { readonly seed: number; readonly found: Comparison }[] = [];
  const { first, last } = flags.seeds;
  for (let seed = first; seed <= last; seed++) {
    const candidate: Candidate = { config, candles, ...window, path: "seeded", seed, options };
    const wire = runWire(candidate);
    const found = compareTrades(wire.trades, runCandidate(candidate).records);
    all.push({ seed, found });
    io.progress(`seed ${seed}: ${found.pairs.length} paired, ${found.alone.length} alone`);
  }
  const figures = parityFigures(all.map(({ found }) => found));
  io.out("");
  io.out(`${windowText(window)}, seeds ${first} to ${last}, fills touch, ${flags.data}`);
  io.out(row("trades", `${figures.trades_wire} by wire, ${figures.trades_lab} by bars`));
  io.out(
    row(
      "paired",
      `${figures.paired_pct.toFixed(1)} %${wanted(figures.paired_pct >= WANTED.pairedPct, "98 % or more")}`,
    ),
  );
  io.out(
    row(
      "median difference",
      `${figures.median_abs_dr.toFixed(4)} R${wanted(figures.median_abs_dr <= WANTED.medianR, "0.01 R or less")}`,
    ),
  );
  io.out(
    row(
      "difference of the sum",
      `${figures.sum_dr_pct.toFixed(1)} % of all R${wanted(figures.sum_dr_pct <= WANTED.sumPct, "3 % or less")}`,
    ),
  );
  for (const [cause, amount] of Object.entries(figures.causes)) {
    io.out(row(cause.replaceAll("_", " "), cause.endsWith("_r") ? `${amount.toFixed(3)} R` : String(amount)));
  }
  for (const line of misses(all)) io.out(line);
  if (flags.json === true) io.out(JSON.stringify(figures));
  return LAB_EXIT.done;
}

function wanted(holds: boolean, what: string): string {
  return holds ? "" : `  (wanted: ${what})`;
}

/** Every trade that is not the same on both sides, with its cause; the first divergence and the longest common run a seed. */
function misses(all: readonly { readonly seed: number; readonly found: Comparison }[]): readonly string[] {
  const lines = all.flatMap(({ seed, found }) => [
    ...found.alone.map(({ side, trade, cause }) =>
      `  seed ${seed}  ${isoOf(trade.opened_at_ms)}  ${trade.direction} ${trade.signal_id}: only by ${
        side === "lab" ? "bars" : "wire"
      } (${cause.replaceAll("_", " ")})`
    ),
    ...found.pairs.filter(({ split }) => Math.abs(split.total) > SAME_R).map(({ signalId, wire, split }) =>
      `  seed ${seed}  ${isoOf(wire.opened_at_ms)}  ${wire.direction} ${signalId}: ${split.total.toFixed(3)} R (entry ${
        split.entry.toFixed(3)
      }, exit ${split.exit.toFixed(3)}, fees ${split.fees.toFixed(3)}, funding ${split.funding.toFixed(3)})`
    ),
  ]);
  const firsts = all.flatMap(({ seed, found }) =>
    found.first === null ? [] : [
      `  seed ${seed}: first at ${
        isoOf(found.first.at)
      } (${found.first.why}); longest common run ${found.longestRun} trades`,
    ]
  );
  if (lines.length === 0) return ["Every trade is the same on both sides."];
  const more = lines.length > SHOWN ? [`  … and ${lines.length - SHOWN} more`] : [];
  return ["", "What differs:", ...lines.slice(0, SHOWN), ...more, "", "Where it begins:", ...firsts.slice(0, SHOWN)];
}
