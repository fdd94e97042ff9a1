/** What a run's picture shows, as plain values: one for the image, the same for the page. */
import type { ClosedTrade } from "../../bot/simulated/figures.ts";
import type { WorldResult } from "../../bot/simulated/world.ts";

/** A moment on the price: `[UTC ms, USD]`. */
export type Point = readonly [at: number, value: number];
export type Span = {
  readonly from: number;
  readonly to: number;
  readonly word: "COOLDOWN" | "HALT";
  readonly reason: string;
};
export type Picture = {
  readonly title: string;
  readonly subtitle: string;
  readonly price: readonly Point[];
  /** USD: at the price of the moment, at the price of the start, and what only holding would be worth. */
  readonly total: readonly Point[];
  readonly trading: readonly Point[];
  readonly held: readonly Point[];
  /** Percent under the peak so far, 0 or below. */
  readonly drawdown: readonly Point[];
  readonly tradingDrawdown: readonly Point[];
  readonly floorUsd: number;
  readonly goalUsd: number;
  readonly trades: readonly ClosedTrade[];
  readonly spans: readonly Span[];
};

export type PictureFacts = Pick<WorldResult, "samples" | "trades" | "spans" | "endAt">;

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Percent under the highest value so far. */
export function drawdownOf(points: readonly Point[]): readonly Point[] {
  let peak = 0;
  return points.map(([at, value]) => {
    peak = Math.max(peak, value);
    return [at, peak <= 0 ? 0 : cents((value / peak - 1) * 100)] as const;
  });
}

/** Everything the picture needs, from the hourly samples, the trades and the pauses of a run. */
export function pictureOf(
  result: PictureFacts,
  about: {
    readonly title: string;
    readonly subtitle: string;
    readonly floorUsd: number;
    readonly goalUsd: number;
  },
): Picture {
  const samples = result.samples.filter((sample) => sample.price > 0);
  const first = samples[0];
  const [startPrice, startSat] = [first?.price ?? 0, first?.equitySat ?? 0];
  const total = samples.map(({ at, equityUsd }): Point => [at, cents(equityUsd)]);
  const trading = samples.map(({ at, equitySat }): Point => [at, cents((equitySat / 1e8) * startPrice)]);
  return {
    ...about,
    price: samples.map(({ at, price }): Point => [at, cents(price)]),
    total,
    trading,
    held: samples.map(({ at, price }): Point => [at, cents((startSat / 1e8) * price)]),
    drawdown: drawdownOf(total),
    tradingDrawdown: drawdownOf(trading),
    trades: result.trades,
    spans: result.spans.map(({ from, to, word, reason }) => ({ from, to: to ?? result.endAt, word, reason })),
  };
}
