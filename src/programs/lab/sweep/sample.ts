/** The candidates of a space, always the same for the same space (L-3.1). */
import { nextUnit, type RandomState, randomStream } from "../../../common/random.ts";
import { LAB_EXIT, LabInputError } from "../io.ts";
import { type Axis, type Setting, type Space, tidy } from "./space.ts";

export type Keys = Readonly<Record<string, Setting>>;

/** A draw that repeats a candidate is drawn again, at most so many times for each candidate asked for. */
const TRIES = 50;
/** Values of a range are told apart to so many digits. */
const DIGITS = 4;
const BITS = 32;
/** Direction numbers of Joe and Kuo (new-joe-kuo-6.21201): degree, coefficients, initial m; the first axis needs none. */
const DIRECTIONS: readonly (readonly [degree: number, a: number, m: readonly number[]])[] = [
  [1, 0, [1]],
  [2, 1, [1, 3]],
  [3, 1, [1, 3, 1]],
  [3, 2, [1, 1, 1]],
  [4, 1, [1, 1, 3, 3]],
  [4, 4, [1, 3, 5, 13]],
  [5, 2, [1, 1, 5, 5, 17]],
  [5, 4, [1, 1, 5, 5, 5]],
  [5, 7, [1, 1, 7, 11, 19]],
];

/** Every candidate, in order. Throws LabInputError when the space cannot be sampled as asked. */
export function candidatesOf(space: Space): readonly Keys[] {
  switch (space.sample) {
    case "grid":
      return gridOf(space);
    case "random": {
      const random = randomStream(space.seed, "sweep");
      return distinct(space, () => space.axes.map(() => nextUnit(random)));
    }
    case "sobol": {
      const next = sobol(space.axes.length, randomStream(space.seed, "sobol"));
      return distinct(space, next);
    }
    default: {
      const never: never = space.sample;
      return never;
    }
  }
}

function gridOf({ axes, budget }: Space): readonly Keys[] {
  const lists = axes.map((axis) => ({ key: axis.key, values: axis.kind === "list" ? axis.values : [] }));
  const count = lists.reduce((product, { values }) => product * values.length, 1);
  if (budget !== null && count > budget) {
    throw new LabInputError(
      `Cannot sweep ${count} candidates as the budget is ${budget}: raise it, shorten a list, or use sample: random`,
      LAB_EXIT.badData,
    );
  }
  const all: Keys[] = [];
  for (let index = 0; index < count; index++) {
    const keys: Record<string, Setting> = {};
    let rest = index;
    for (const { key, values } of lists.toReversed()) {
      const value = values[rest % values.length];
      if (value !== undefined) keys[key] = value;
      rest = Math.floor(rest / values.length);
    }
    all.push(Object.fromEntries(lists.map(({ key }) => [key, keys[key] ?? 0])));
  }
  return all;
}

/** So many different candidates as the budget wants, from points of the unit cube. */
function distinct(space: Space, draw: () => readonly number[]): readonly Keys[] {
  const budget = space.budget ?? 0;
  const seen = new Set<string>();
  const all: Keys[] = [];
  for (let tries = 0; all.length < budget && tries < budget * TRIES; tries++) {
    const unit = draw();
    const keys = Object.fromEntries(space.axes.map((axis, index) => [axis.key, valueAt(axis, unit[index] ?? 0)]));
    const name = JSON.stringify(keys);
    if (seen.has(name)) continue;
    seen.add(name);
    all.push(keys);
  }
  if (all.length === budget) return all;
  throw new LabInputError(
    `Cannot sample ${budget} candidates as the lists hold about ${all.length} different ones: lower the budget or use ` +
      "sample: grid",
    LAB_EXIT.badData,
  );
}

function valueAt(axis: Axis, unit: number): Setting {
  if (axis.kind === "list") return axis.values[Math.floor(unit * axis.values.length)] ?? axis.values[0] ?? 0;
  const { from, to, log } = axis;
  const value = log ? from * (to / from) ** unit : from + (to - from) * unit;
  return tidy(Math.min(to, Math.max(from, Number(value.toPrecision(DIGITS)))));
}

/** Sobol's sequence in Gray code order, shifted by a seeded digital shift; the first axes are the best spread. */
function sobol(axes: number, random: RandomState): () => readonly number[] {
  if (axes > DIRECTIONS.length + 1) {
    throw new LabInputError(
      `Cannot sample ${axes} keys with sobol: at most ${DIRECTIONS.length + 1}; use sample: random`,
      LAB_EXIT.badData,
    );
  }
  const directions = Array.from({ length: axes }, (_, axis) => directionsOf(axis));
  const point = Array.from({ length: axes }, () => Math.floor(nextUnit(random) * 2 ** BITS) | 0);
  let index = 0;
  return () => {
    const now = point.map((value) => (value >>> 0) / 2 ** BITS);
    let bit = 0;
    for (let rest = index; (rest & 1) === 1; rest >>>= 1) bit++;
    for (let axis = 0; axis < axes; axis++) point[axis] = (point[axis] ?? 0) ^ (directions[axis]?.[bit] ?? 0);
    index++;
    return now;
  };
}

function directionsOf(axis: number): Int32Array {
  const v = new Int32Array(BITS);
  const given = DIRECTIONS[axis - 1];
  if (given === undefined) {
    for (let bit = 0; bit < BITS; bit++) v[bit] = 1 << (BITS - 1 - bit);
    return v;
  }
  const [degree, a, m] = given;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit < degree) {
      v[bit] = (m[bit] ?? 0) << (BITS - 1 - bit);
      continue;
    }
    let value = (v[bit - degree] ?? 0) ^ ((v[bit - degree] ?? 0) >>> degree);
    for (let k = 1; k < degree; k++) if (((a >>> (degree - 1 - k)) & 1) === 1) value ^= v[bit - k] ?? 0;
    v[bit] = value;
  }
  return v;
}
