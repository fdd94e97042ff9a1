/** Seeded randomness with a one-number state, so that a copy of the venue's state carries its own future. */
export type RandomState = { value: number };

/** A stream of its own for every purpose, so that a new draw in one does not shift the others. */
export function randomStream(seed: number, purpose: string): RandomState {
  let hash = (seed ^ 0x9e3779b9) | 0;
  for (let i = 0; i < purpose.length; i++) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  const state = { value: hash | 0 };
  nextUint32(state);
  nextUint32(state);
  return state;
}

/** mulberry32. */
export function nextUint32(state: RandomState): number {
  state.value = (state.value + 0x6d2b79f5) | 0;
  let t = Math.imul(state.value ^ (state.value >>> 15), 1 | state.value);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return (t ^ (t >>> 14)) >>> 0;
}

/** [0, 1). */
export function nextUnit(state: RandomState): number {
  return nextUint32(state) / 4294967296;
}

export function chance(state: RandomState, probability: number): boolean {
  return probability > 0 && nextUnit(state) < probability;
}

/** An integer in [from, to]. */
export function nextInt(state: RandomState, range: { readonly from: number; readonly to: number }): number {
  return range.from + Math.floor(nextUnit(state) * (range.to - range.from + 1));
}

export function pick<T>(state: RandomState, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(nextUnit(state) * choices.length)] ?? choices[0];
}

/** 32 lower-case hex digits in the grouping of a UUID (version nibble 4). */
export function nextUuid(state: RandomState): string {
  const a = hex8(nextUint32(state));
  const b = hex8(nextUint32(state));
  const c = hex8(nextUint32(state));
  const d = hex8(nextUint32(state));
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
