/**
 * Bounds of a few planned looks: alpha spent as O'Brien & Fleming would (Lan & DeMets 1983), bounds by recursive
 * integration (Armitage, McPherson & Rowe 1969).
 */
import { normalCdf, normalQuantile } from "./distributions.ts";
import { bisect } from "./sequential.ts";

/** Alpha spent on one side when the share `t` of the information is in, 0 < t <= 1. */
export function spentAlpha(t: number, alpha: number): number {
  return 2 * (1 - normalCdf(normalQuantile(1 - alpha / 2) / Math.sqrt(t)));
}

export type Look = {
  /** Share of the planned information, ascending, the last at most 1. */
  readonly information: number;
  /** |z| (or z, one-sided) from which on the result is beyond luck. */
  readonly bound: number;
  readonly spent: number;
};

const POINTS = 801;
type Density = { readonly from: number; readonly step: number; readonly values: Float64Array };

/** Bounds of planned looks; two-sided spends alpha / 2 on each side. */
export function plannedLooks(
  information: readonly number[],
  { alpha, sides }: { readonly alpha: number; readonly sides: 1 | 2 },
): Look[] {
  const perSide = alpha / sides;
  const looks: Look[] = [];
  let density: Density | null = null;
  let [before, spentBefore] = [0, 0];
  for (const t of information) {
    if (!(t > before && t <= 1)) throw new RangeError(`Cannot plan looks: ${t} must lie above ${before} and up to 1`);
    const spent = spentAlpha(t, perSide);
    const [now, gap]: [Density | null, number] = [density, t - before];
    const wanted = spent - spentBefore;
    const bound = bisect((z) => wanted - beyond(now, { gap, border: z * Math.sqrt(t) }), { from: 0, to: 12 });
    looks.push({ information: t, bound, spent: spent * sides });
    const border = bound * Math.sqrt(t);
    density = continued(now, { gap, from: sides === 2 ? -border : -9 * Math.sqrt(t), to: border });
    [before, spentBefore] = [t, spent];
  }
  return looks;
}

/** Probability to be above `border` after another `gap` of information without having stopped before. */
function beyond(density: Density | null, { gap, border }: { readonly gap: number; readonly border: number }): number {
  const root = Math.sqrt(gap);
  if (density === null) return normalCdf(-border / root);
  return integrate(density, (x) => normalCdf((x - border) / root));
}

function continued(
  density: Density | null,
  { gap, from, to }: { readonly gap: number; readonly from: number; readonly to: number },
): Density {
  const step = (to - from) / (POINTS - 1);
  const root = Math.sqrt(gap);
  const normal = (x: number) => Math.exp(-0.5 * x * x / gap) / (root * Math.sqrt(2 * Math.PI));
  const values = Float64Array.from({ length: POINTS }, (_, index) => {
    const x = from + index * step;
    return density === null ? normal(x) : integrate(density, (y) => normal(x - y));
  });
  return { from, step, values };
}

/** Simpson's rule over what has not stopped. */
function integrate({ from, step, values }: Density, weight: (x: number) => number): number {
  let sum = 0;
  values.forEach((value, index) => {
    const factor = index === 0 || index === POINTS - 1 ? 1 : index % 2 === 1 ? 4 : 2;
    sum += factor * value * weight(from + index * step);
  });
  return sum * step / 3;
}
