/** `lab placebo`: plays settings through markets without an edge and judges them as any sweep. */
import type { Config } from "../../../domain/limits.ts";
import { changeConfig } from "../../../infrastructure/config/change.ts";
import { runCandidate } from "../driver/run_candidate.ts";
import { earliestStart } from "../driver/candles.ts";
import type { LabCandles, ResultLine } from "../driver/types.ts";
import { LAB_EXIT, LabInputError, type LabIo } from "../io.ts";
import { labCandles, labConfig } from "../load.ts";
import { type PlayFlags, runOptions } from "../commands/options.ts";
import { studentisedMean } from "../statistics/resample.ts";
import { dailyFrom } from "./daily.ts";
import { judgeSweep, MIN_TRADES } from "./judge.ts";
import {
  counted,
  endOfMarket,
  NO_MARKETS,
  type PlaceboCounts,
  placeboJson,
  placeboMarket,
  placeboReport,
} from "./placebo.ts";
import { show, type ShowFlags } from "./show.ts";
import { resultsOf } from "./sweep_results.ts";

/** 20 settings; days before the first decision come on top of `days`. */
const GRID = [1, 1.5, 2, 2.5, 3];
const STOPS = [1, 1.5, 2, 2.5];
const WARM_DAYS = 16;

export type PlaceboFlags = PlayFlags & ShowFlags & { readonly markets: number; readonly days: number };
type Given = { readonly io: LabIo; readonly flags: PlaceboFlags; readonly command: string };

/** Exit 1 when the pipeline finds more than it may. */
export async function placeboCommand({ io, flags, command }: Given): Promise<number> {
  const { config } = labConfig(io, flags.config);
  const candles = labCandles(io, flags.data);
  let counts: PlaceboCounts = NO_MARKETS;
  for (let market = 1; market <= flags.markets; market++) {
    counts = oneMarket(counts, { config, candles, flags, seed: flags.seed * 100_000 + market });
    io.progress(`${market} of ${flags.markets} markets: an edge was found in ${counts.pipeline}`);
  }
  const json = placeboJson(counts);
  await show(io, { report: placeboReport(counts, command), json, name: "placebo" }, flags);
  return json["holds"] === true ? LAB_EXIT.done : LAB_EXIT.no;
}

function oneMarket(
  before: PlaceboCounts,
  { config, candles, flags, seed }: {
    readonly config: Config;
    readonly candles: LabCandles;
    readonly flags: PlaceboFlags;
    readonly seed: number;
  },
): PlaceboCounts {
  const market = placeboMarket(candles, { days: flags.days + WARM_DAYS, seed });
  const lines = GRID.flatMap((grid) => STOPS.map((stop) => ({ grid, stop }))).map(({ grid, stop }, index) => {
    const keys = { "strategy.grid_atr_multiple": grid, "sizing.stop_distance_multiple": stop };
    const changed = changeConfig(config, keys);
    if (changed.kind === "fault") throw new LabInputError(changed.text, LAB_EXIT.badData);
    return playedLine({ index, keys, config: changed.config, market, flags });
  });
  if (lines.every(({ trades }) => trades < MIN_TRADES)) return counted(before, { judgement: null, singleP: null });
  const results = resultsOf(`placebo market ${seed}`, lines);
  const judgement = judgeSweep(results, { trials: 0, holdoutLooks: 0 }, { seed, resamples: 999 });
  const days = lines[0]?.days ?? [];
  const single = studentisedMean({ sums: days.map(([r]) => r), units: days.map(([, trades]) => trades) }, {
    seed,
    resamples: 999,
  });
  return counted(before, { judgement, singleP: single?.pAboveZero ?? null });
}

function playedLine({ index, keys, config, market, flags }: {
  readonly index: number;
  readonly keys: ResultLine["keys"];
  readonly config: Config;
  readonly market: LabCandles;
  readonly flags: PlaceboFlags;
}): ResultLine {
  const [from, to] = [earliestStart(market), endOfMarket(market)];
  const played = runCandidate({
    config,
    candles: market,
    from,
    to,
    path: flags.path,
    seed: flags.seed,
    options: runOptions(flags),
  });
  const daily = dailyFrom("", played.trades, { from, to });
  const sum = daily.r.reduce((all, r) => all + r, 0);
  const trades = daily.trades.reduce((all, count) => all + count, 0);
  return {
    index,
    keys,
    config_hash: `${index}`.padStart(4, "0"),
    data_hash: market.dataHash,
    core_hash: "",
    seed: flags.seed,
    trades,
    wins: played.trades.filter(({ r }) => (r ?? 0) > 0).length,
    mean_r: trades === 0 ? null : sum / trades,
    sum_r: sum,
    sd_r: null,
    net_usd: played.netUsd,
    hold_usd: played.holdUsd,
    halts: [],
    final_state: played.finalState,
    fingerprint: played.fingerprint,
    first_day: daily.firstDay,
    days: Array.from(daily.r, (r, day) => [r, daily.trades[day] ?? 0, 0] as const),
  };
}
