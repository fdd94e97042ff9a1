import { MINUTE_MS, type Recording } from "../../../market_data/recording.ts";
import { nextUnit, type RandomState } from "../../../../common/random.ts";

/** The steps of one minute, in parallel arrays that are reused from minute to minute. */
export type MinutePath = {
  count: number;
  readonly at: Float64Array;
  /** 0.01 USD. */
  readonly price: Int32Array;
  readonly volumeUsd: Float64Array;
};

/** Trades of one second are folded into at most three steps (first extreme, second extreme, last), plus quiet ones. */
const MOST_STEPS = 200;
const SLOT_MS = 1_000;
const CALM_STEPS = 6;
const WILD_STEPS = 12;
/** A bar that covers more than this share of its open gets twice the steps. */
const WILD_RANGE = 0.008;
/** Without trades the price is repeated this often, so that the ticker does not look dead. */
const QUIET_MS = 10_000;

export function emptyPath(): MinutePath {
  return {
    count: 0,
    at: new Float64Array(MOST_STEPS),
    price: new Int32Array(MOST_STEPS),
    volumeUsd: new Float64Array(MOST_STEPS),
  };
}

/** A number in [0, 1) for a seed and a place; does not depend on how often anything else was drawn. */
export function unitAt(seed: number, place: { readonly at: number; readonly salt: number }): number {
  return hash32(seed, place) / 4294967296;
}

function hash32(seed: number, place: { readonly at: number; readonly salt: number }): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ (place.at | 0), 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ place.salt, 0x27d4eb2f);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

export type PathSource = {
  /** Fills `path` with the steps of minute `minute` of the recording. */
  fill(minute: number, path: MinutePath): void;
};

/** The walk through a recording, one minute at a time; the same minute of the same seed is always the same. */
export function pathSource(recording: Recording, seed: number): PathSource {
  const { trades } = recording;
  return trades === null ? candlePaths(recording, seed) : tradePaths(recording, trades);
}

/**
 * Inside a bar: open, then low and high (or high and low), then close, with interpolated steps between. An up bar sees
 * its low first two times in three. Steps are 10 s apart, 5 s in wild bars; high and low are touched exactly.
 */
function candlePaths(recording: Recording, seed: number): PathSource {
  const { bars, tickCents } = recording;
  const phaseMs = Math.floor(unitAt(seed, { at: 0, salt: 1 }) * 900);
  const random: RandomState = { value: 0 };
  return {
    fill(minute, path) {
      random.value = hash32(seed, { at: bars.firstAt / MINUTE_MS + minute, salt: 2 }) | 0;
      const open = bars.open[minute] ?? 0;
      const high = bars.high[minute] ?? 0;
      const low = bars.low[minute] ?? 0;
      const close = bars.close[minute] ?? 0;
      const steps = high - low > open * WILD_RANGE ? WILD_STEPS : CALM_STEPS;
      const lowFirst = (nextUnit(random) < 0.66) === (close >= open);
      const first = 1 + Math.floor(nextUnit(random) * (steps / 2 - 1));
      const second = first + 1 + Math.floor(nextUnit(random) * (steps - 2 - first));
      const startAt = bars.firstAt + minute * MINUTE_MS + phaseMs;
      const stepMs = MINUTE_MS / steps;
      for (let step = 0; step < steps; step++) {
        path.at[step] = startAt + step * stepMs;
        path.price[step] = step === 0 ? open : step === steps - 1 ? close : 0;
      }
      path.price[first] = lowFirst ? low : high;
      path.price[second] = lowFirst ? high : low;
      path.count = steps;
      bridge(path, { first, second, low, high, tickCents, random });
      spreadVolume(path, { total: Math.floor(bars.volumeUsd[minute] ?? 0), random });
    },
  };
}

type Bridge = {
  readonly first: number;
  readonly second: number;
  readonly low: number;
  readonly high: number;
  readonly tickCents: number;
  readonly random: RandomState;
};

/** Fills the steps between the four fixed prices: straight lines, shaken by a fifth of the range, on the tick grid. */
function bridge(path: MinutePath, options: Bridge): void {
  const { first, second, low, high, tickCents, random } = options;
  let from = 0;
  for (let step = 1; step < path.count - 1; step++) {
    if (step === first || step === second) {
      from = step;
      continue;
    }
    const to = step < first ? first : step < second ? second : path.count - 1;
    const start = path.price[from] ?? 0;
    const line = start + ((path.price[to] ?? 0) - start) * (step - from) / (to - from);
    const shaken = line + (nextUnit(random) - 0.5) * 0.4 * (high - low);
    const onGrid = Math.round(shaken / tickCents) * tickCents;
    path.price[step] = onGrid < low ? low : onGrid > high ? high : onGrid;
  }
}

function spreadVolume(path: MinutePath, options: { readonly total: number; readonly random: RandomState }): void {
  const { total, random } = options;
  let left = total;
  for (let step = 0; step < path.count - 1; step++) {
    const part = Math.min(left, Math.floor(total / path.count * 2 * nextUnit(random)));
    path.volumeUsd[step] = part;
    left -= part;
  }
  path.volumeUsd[path.count - 1] = left;
}

/** The trades themselves, folded per second; their extremes keep their own moments. */
function tradePaths(recording: Recording, trades: NonNullable<Recording["trades"]>): PathSource {
  const { bars } = recording;
  let index = 0;
  let lastAt = 0;
  function push(
    path: MinutePath,
    step: { readonly at: number; readonly price: number; readonly volumeUsd: number },
  ): void {
    if (path.count >= MOST_STEPS) {
      path.price[path.count - 1] = step.price;
      path.volumeUsd[path.count - 1] = (path.volumeUsd[path.count - 1] ?? 0) + step.volumeUsd;
      return;
    }
    lastAt = Math.max(step.at, lastAt + 1);
    path.at[path.count] = lastAt;
    path.price[path.count] = step.price;
    path.volumeUsd[path.count] = step.volumeUsd;
    path.count++;
  }
  function quiet(path: MinutePath, still: { readonly until: number; readonly price: number }): void {
    const { until, price } = still;
    while (lastAt + QUIET_MS < until) push(path, { at: lastAt + QUIET_MS, price, volumeUsd: 0 });
  }
  /** Folds the trades [from, to) of one second. */
  function fold(path: MinutePath, range: { readonly from: number; readonly to: number }): void {
    const { from, to } = range;
    let high = from;
    let low = from;
    for (let i = from + 1; i < to; i++) {
      if ((trades.price[i] ?? 0) > (trades.price[high] ?? 0)) high = i;
      if ((trades.price[i] ?? 0) < (trades.price[low] ?? 0)) low = i;
    }
    let volume = 0;
    for (let i = from; i < to; i++) {
      volume += trades.sizeUsd[i] ?? 0;
      if (i !== high && i !== low && i !== to - 1) continue;
      push(path, { at: trades.at[i] ?? 0, price: trades.price[i] ?? 0, volumeUsd: Math.floor(volume) });
      volume = 0;
    }
  }
  return {
    fill(minute, path) {
      const startAt = bars.firstAt + minute * MINUTE_MS;
      const endAt = startAt + MINUTE_MS;
      path.count = 0;
      if (index > 0 && (trades.at[index - 1] ?? 0) >= startAt) index = 0;
      while (index < trades.count && (trades.at[index] ?? 0) < startAt) index++;
      if (lastAt === 0) lastAt = startAt - 1;
      let price = bars.open[minute] ?? 0;
      while (index < trades.count && (trades.at[index] ?? 0) < endAt) {
        const from = index;
        const slot = Math.floor((trades.at[from] ?? 0) / SLOT_MS);
        while (index < trades.count && Math.floor((trades.at[index] ?? 0) / SLOT_MS) === slot) index++;
        quiet(path, { until: trades.at[from] ?? 0, price });
        fold(path, { from, to: index });
        price = trades.price[index - 1] ?? price;
      }
      quiet(path, { until: endAt, price });
    },
  };
}
