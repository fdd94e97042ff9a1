/** numpy's RandomState(seed).standard_normal: MT19937 and the polar method, for the fixtures of public references. */
export function numpyNormals(seed: number, count: number): number[] {
  const next = mersenne(seed);
  const unit = () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  const drawn: number[] = [];
  while (drawn.length < count) {
    const [x, y] = [2 * unit() - 1, 2 * unit() - 1];
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const factor = Math.sqrt(-2 * Math.log(square) / square);
    drawn.push(factor * y, factor * x);
  }
  return drawn.slice(0, count);
}

function mersenne(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const before = (state[i - 1] ?? 0) ^ ((state[i - 1] ?? 0) >>> 30);
    state[i] = Math.imul(1812433253, before) + i;
  }
  let at = 624;
  return () => {
    if (at === 624) {
      for (let k = 0; k < 624; k++) {
        const y = ((state[k] ?? 0) & 0x80000000) | ((state[(k + 1) % 624] ?? 0) & 0x7fffffff);
        state[k] = (state[(k + 397) % 624] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
