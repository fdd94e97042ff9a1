/**
 * The whole pipeline on markets without an edge (L-4.5): recorded candles cut into short blocks, shuffled, each turned
 * upside down or not. What was to be known from one block about the next is gone, and so is the drift.
 */
import { nextUint32, randomStream } from "../../../common/random.ts";
import { MINUTE_MS } from "../../../infrastructure/market_data/recording.ts";
import type { LabCandles } from "../driver/types.ts";
import { countText, type Report, shareText } from "../reports/model.ts";
import type { Judgement } from "./judge.ts";

/** Short beside every horizon of the strategy, which looks at hours. */
const BLOCK_MINUTES = 15;
/** Prices of such a market stay within this of its start, so that steps of price mean the same. */
const STEP_CENTS = 50;

/** A market of `days` days from 2020-01-01 on. The same seed makes the same market. */
export function placeboMarket(
  from: LabCandles,
  { days, seed }: { readonly days: number; readonly seed: number },
): LabCandles {
  const random = randomStream(seed, "placebo market");
  const count = days * 1_440;
  const column = () => new Int32Array(new SharedArrayBuffer(count * 4));
  const [open, high, low, close] = [column(), column(), column(), column()];
  const volumeUsd = new Float64Array(new SharedArrayBuffer(count * 8));
  const blocks = Math.floor((from.count - 1) / BLOCK_MINUTES);
  let before = from.close[0] ?? 0;
  for (let at = 0; at < count; at += BLOCK_MINUTES) {
    const source = 1 + BLOCK_MINUTES * Math.floor(nextUint32(random) / 4294967296 * blocks);
    const turned = nextUint32(random) >= 2147483648;
    for (let minute = 0; minute < BLOCK_MINUTES && at + minute < count; minute++) {
      const [own, to] = [source + minute, at + minute];
      const last = from.close[own - 1] ?? 1;
      const scaled = (price: number | undefined) => {
        const ratio = (price ?? last) / last;
        return step(before * (turned ? 1 / ratio : ratio));
      };
      const [o, c] = [scaled(from.open[own]), scaled(from.close[own])];
      const [up, down] = [scaled(from.high[own]), scaled(from.low[own])];
      open[to] = o;
      close[to] = c;
      high[to] = Math.max(o, c, up, down);
      low[to] = Math.min(o, c, up, down);
      volumeUsd[to] = from.volumeUsd[own] ?? 0;
      before = c;
    }
  }
  const firstAt = Date.UTC(2020, 0, 1);
  const dataHash = `placebo-${seed}`;
  return { firstAt, count, open, high, low, close, volumeUsd, tickCents: from.tickCents, dataHash, file: dataHash };
}

function step(cents: number): number {
  return Math.max(STEP_CENTS, Math.round(cents / STEP_CENTS) * STEP_CENTS);
}

/** End of a placebo market, UTC ms. */
export function endOfMarket({ firstAt, count }: LabCandles): number {
  return firstAt + count * MINUTE_MS;
}

export type PlaceboCounts = {
  readonly markets: number;
  readonly settings: number;
  readonly days: number;
  /** Markets in which each test said "edge" at 5 %; the first setting tested alone, and the whole pipeline. */
  readonly single: number;
  readonly white: number;
  readonly spa: number;
  readonly pipeline: number;
  /** Markets too quiet to be judged: no setting had enough trades. */
  readonly quiet: number;
};

export const NO_MARKETS: PlaceboCounts = {
  markets: 0,
  settings: 0,
  days: 0,
  single: 0,
  white: 0,
  spa: 0,
  pipeline: 0,
  quiet: 0,
};

/** One more market; null = it could not be judged. `singleP` of the first setting alone. */
export function counted(
  before: PlaceboCounts,
  of: { readonly judgement: Judgement | null; readonly singleP: number | null },
): PlaceboCounts {
  const { judgement, singleP } = of;
  if (judgement === null) return { ...before, markets: before.markets + 1, quiet: before.quiet + 1 };
  const add = (holds: boolean) => holds ? 1 : 0;
  return {
    markets: before.markets + 1,
    settings: judgement.settings,
    days: judgement.days,
    single: before.single + add(singleP !== null && singleP <= 0.05),
    white: before.white + add(judgement.white <= 0.05),
    spa: before.spa + add(judgement.spa <= 0.05),
    pipeline: before.pipeline + add(judgement.verdict === "edge"),
    quiet: before.quiet,
  };
}

/** The most that the pipeline may find where nothing is. */
export const PIPELINE_MAX = 0.07;

/** Share of the markets that could be judged. */
const shareOf = (hits: number, { markets, quiet }: PlaceboCounts) => hits / Math.max(1, markets - quiet);

/** The finding in a sentence. */
export function placeboSentence(counts: PlaceboCounts): string {
  const share = shareOf(counts.pipeline, counts);
  const judged = counts.markets - counts.quiet;
  return judged === 0
    ? `None of ${countText(counts.markets, "market")} could be judged: no setting traded enough.`
    : `On ${countText(judged, "market")} without an edge the lab found one in ${shareText(share, 1)}: ${
      share <= PIPELINE_MAX ? "no more than" : "MORE than"
    } the ${shareText(PIPELINE_MAX)} it may.`;
}

/** Text, Markdown and HTML are made from this. */
export function placeboReport(counts: PlaceboCounts, command: string): Report {
  const { single, white, spa, pipeline, settings, days, quiet, markets } = counts;
  const row = (name: string, hits: number) => [name, `${hits}`, shareText(shareOf(hits, counts), 1)];
  return {
    title: "Does the lab find an edge where none is?",
    answer: placeboSentence(counts),
    sections: [{
      heading: "How often each test said so at 5 %",
      table: {
        columns: ["test", "markets", "share"],
        rows: [
          row("first setting alone, bootstrap of days", single),
          row("White's reality check", white),
          row("Hansen's superior predictive ability", spa),
          row("the whole pipeline", pipeline),
        ],
      },
      lines: [
        `${countText(settings, "setting")} over ${countText(days, "day")} in each of ${countText(markets, "market")}` +
        (quiet === 0 ? "." : `; ${quiet} were too quiet to be judged.`),
        `Markets are recorded candles in blocks of ${BLOCK_MINUTES} minutes, shuffled, each turned upside down or not. Fees are paid, ` +
        "so that the true mean is below 0 and the shares below 5 %.",
      ],
    }],
    command,
  };
}

/** What scripts read. */
export function placeboJson(counts: PlaceboCounts): Readonly<Record<string, unknown>> {
  const { markets, quiet, single, white, spa, pipeline } = counts;
  const holds = shareOf(pipeline, counts) <= PIPELINE_MAX && markets > quiet;
  return { markets, quiet, single, white, spa, pipeline, holds, sentence: placeboSentence(counts) };
}
