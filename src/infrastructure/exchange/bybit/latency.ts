/** Round trips of core endpoints: p95 of the last minute, of the last five samples when fewer (P-1, F-7.5). */
export type Latency = {
  add(sample: { readonly at: number; readonly ms: number }): void;
  /** null = no sample yet. */
  p95(now: number): number | null;
};

const WINDOW_MS = 60_000;
const FEWEST = 5;

/** The 95th of a hundred is the so many-th largest: the largest below twenty samples. */
function rank(count: number): number {
  return count - Math.ceil(count * 0.95) + 1;
}

export function createLatency(): Latency {
  const samples: { readonly at: number; readonly ms: number }[] = [];
  /** The value of `samples`; null = to be found anew. A smaller sample that comes or goes changes it by the rank only. */
  let known: number | null = null;

  function forget(now: number): void {
    for (let first = samples[0]; first !== undefined; first = samples[0]) {
      if (samples.length <= FEWEST || first.at > now - WINDOW_MS) return;
      samples.shift();
      if (known === null) continue;
      if (first.ms >= known || rank(samples.length) !== rank(samples.length + 1)) known = null;
    }
  }
  function compute(): number | null {
    if (samples.length === 0) return null;
    // Only the few largest matter, in rising order: nothing else is sorted.
    const largest = new Array<number>(rank(samples.length)).fill(-Infinity);
    for (const { ms } of samples) {
      if (ms <= (largest[0] ?? ms)) continue;
      let at = 0;
      for (; (largest[at + 1] ?? Infinity) < ms; at++) largest[at] = largest[at + 1] ?? ms;
      largest[at] = ms;
    }
    return largest[0] ?? null;
  }
  return {
    add(sample) {
      samples.push(sample);
      if (known === null) return;
      if (sample.ms > known || rank(samples.length) !== rank(samples.length - 1)) known = null;
    },
    p95(now) {
      forget(now);
      known ??= compute();
      return known;
    },
  };
}
