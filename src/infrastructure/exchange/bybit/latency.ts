/** Round trips of core endpoints: p95 of the last minute, of the last five samples when fewer (P-1, F-7.5). */
export type Latency = {
  add(sample: { readonly at: number; readonly ms: number }): void;
  /** null = no sample yet. */
  p95(now: number): number | null;
};

const WINDOW_MS = 60_000;
const FEWEST = 5;

/** Below twenty samples the 95th of a hundred is simply the largest: nearly every tick of a quiet day. */
function largestOf(samples: readonly { readonly ms: number }[]): number {
  let largest = -Infinity;
  for (const { ms } of samples) if (ms > largest) largest = ms;
  return largest;
}

export function createLatency(): Latency {
  const samples: { readonly at: number; readonly ms: number }[] = [];
  let known: { readonly until: number; readonly value: number | null } | null = null;

  function compute(now: number): number | null {
    while (samples.length > FEWEST && (samples[0]?.at ?? now) <= now - WINDOW_MS) samples.shift();
    // The 95th of a hundred: only the few largest matter, so nothing is sorted (this runs on every tick).
    const wanted = samples.length - Math.ceil(samples.length * 0.95) + 1;
    if (wanted === 1 && samples.length > 0) return largestOf(samples);
    const largest: number[] = [];
    for (const { ms } of samples) {
      if (largest.length === wanted && ms <= (largest[0] ?? ms)) continue;
      let at = largest.length;
      while (at > 0 && (largest[at - 1] ?? 0) > ms) at--;
      largest.splice(at, 0, ms);
      if (largest.length > wanted) largest.shift();
    }
    return largest[0] ?? null;
  }
  return {
    add(sample) {
      samples.push(sample);
      known = null;
    },
    p95(now) {
      // Nothing changes before the oldest sample leaves the window, which never goes below five.
      if (known !== null && now < known.until) return known.value;
      const value = compute(now);
      known = { value, until: samples.length > FEWEST ? (samples[0]?.at ?? now) + WINDOW_MS : Infinity };
      return value;
    },
  };
}
