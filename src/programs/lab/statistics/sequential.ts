/**
 * Bounds that hold at every look (Howard, Ramdas, McAuliffe & Sekhon 2021): normal mixtures for means, the
 * beta-binomial mixture for shares. `v` is the variance gathered so far (n σ²), `s` the sum minus its null value.
 */
import { logGamma, normalCdf } from "./distributions.ts";

/** The mixture's parameter that makes the two-sided bound tightest where the variance gathered is `v`. */
export function bestRho(v: number, alpha: number): number {
  const twice = 2 * Math.log(1 / alpha);
  return v / (twice + Math.log(1 + twice));
}

/** ln of the two-sided normal mixture; the mSPRT with τ² = σ²/ρ is the same number (Robbins 1970; Johari et al.). */
export function normalMixture(s: number, { v, rho }: { readonly v: number; readonly rho: number }): number {
  return 0.5 * Math.log(rho / (v + rho)) + s * s / (2 * (v + rho));
}

/** ln of the one-sided normal mixture. */
export function normalMixtureAbove(s: number, { v, rho }: { readonly v: number; readonly rho: number }): number {
  return 0.5 * Math.log(4 * rho / (v + rho)) + s * s / (2 * (v + rho)) + Math.log(normalCdf(s / Math.sqrt(v + rho)));
}

type BoundOptions = { readonly rho: number; readonly alpha: number };

/** How far the sum may lie from its null value at `v` before it is beyond luck at any look, both sides. */
export function mixtureBound(v: number, { rho, alpha }: BoundOptions): number {
  return Math.sqrt((v + rho) * Math.log((v + rho) / (rho * alpha * alpha)));
}

/** The same, looking at one side. */
export function mixtureBoundAbove(v: number, { rho, alpha }: BoundOptions): number {
  const wanted = Math.log(1 / alpha);
  return bisect((s) => normalMixtureAbove(s, { v, rho }) - wanted, {
    from: 0,
    to: 10 * mixtureBound(v, { rho, alpha }),
  });
}

/** Place of the sign change of an ascending function. */
export function bisect(
  f: (x: number) => number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  let [low, high] = [from, to];
  for (let step = 0; step < 200 && high - low > 1e-14 * Math.max(1, Math.abs(high)); step++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

/** ln of the two-sided beta-binomial mixture for values between -g and h; `rho` as for the normal mixture. */
export function betaBinomialMixture(
  s: number,
  { v, g, h, rho }: { readonly v: number; readonly g: number; readonly h: number; readonly rho: number },
): number {
  const width = g + h;
  const r = Math.max(rho - g * h, 1e-3 * g * h);
  const wins = (v + h * s) / (h * width);
  const losses = (v - g * s) / (g * width);
  const [a, b] = [r / (h * width), r / (g * width)];
  return logBeta(a + wins, b + losses) - logBeta(a, b) - wins * Math.log(g / width) - losses * Math.log(h / width);
}

/** Interval of a share that may be read after every trial; tightest at `best` trials. */
export function shareInterval(
  { successes, trials }: { readonly successes: number; readonly trials: number },
  { alpha, best }: { readonly alpha: number; readonly best: number },
): { readonly low: number; readonly high: number } {
  if (trials <= 0) return { low: 0, high: 1 };
  const wanted = Math.log(1 / alpha);
  const share = successes / trials;
  const against = (theta: number) => {
    const [g, h] = [theta, 1 - theta];
    return betaBinomialMixture(successes - theta * trials, {
      v: trials * g * h,
      g,
      h,
      rho: bestRho(best * g * h, 0.05),
    }) - wanted;
  };
  const edge = 1e-9;
  return {
    low: share <= edge ? 0 : bisect((theta) => -against(theta), { from: edge, to: share }),
    high: share >= 1 - edge ? 1 : bisect(against, { from: share, to: 1 - edge }),
  };
}
