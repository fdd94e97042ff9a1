/** Round trips of core endpoints: p95 of the last minute, of the last five samples when fewer (P-1, F-7.5). */
export type Latency = {
  add(sample: { readonly at: number; readonly ms: number }): void;
  /** null = no sample yet. */
  p95(now: number): number | null;
};

const WINDOW_MS = 60_000;
const FEWEST = 5;

export function createLatency(): Latency {
  const samples: { readonly at: number; readonly ms: number }[] = [];
  let known: { readonly until: number; readonly value: number | null } | null = null;

  function compute(now: number): number | null {
    while (samples.length > FEWEST && (samples[0]?.at ?? now) <= now - WINDOW_MS) samples.shift();
    if (samples.length === 0) return null;
    const sorted = samples.map((sample) => sample.ms).sort((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null;
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
