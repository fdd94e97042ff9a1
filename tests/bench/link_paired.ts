/** The contenders one after another, round by round, so that a slow moment hits all; prints medians and ratios. */
import { FRAME_READERS } from "./link_frames.ts";
import { contenders } from "./link_rig.ts";

const ROUNDS = 1_500;
const WARM_UP = 300;
const { list, stop } = await contenders();
const times = list.map(() => [] as number[]);
for (let round = 0; round < ROUNDS + WARM_UP; round++) {
  for (const [index, { send }] of list.entries()) {
    const from = performance.now();
    await send();
    if (round >= WARM_UP) times[index]?.push(performance.now() - from);
  }
}
stop();
const medians = times.map((each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)] ?? NaN);
for (const [index, { name }] of list.entries()) {
  const median = medians[index] ?? NaN;
  const p99 = times[index]?.[Math.floor(ROUNDS * 0.99)] ?? NaN;
  console.log(
    `${name.padEnd(36)} p50 ${(median * 1e3).toFixed(0).padStart(6)} µs   p99 ${
      (p99 * 1e3).toFixed(0).padStart(7)
    } µs   ` +
      `${(median / (medians[0] ?? NaN)).toFixed(2)} × floor`,
  );
}

for (const [name, read] of FRAME_READERS) {
  const each: number[] = [];
  for (let round = 0; round < 20_000; round++) {
    const from = performance.now();
    read();
    each.push(performance.now() - from);
  }
  const sorted = each.slice(2_000).sort((a, b) => a - b);
  console.log(`${name} frame to event`.padEnd(36), `p50 ${((sorted[sorted.length >> 1] ?? NaN) * 1e3).toFixed(1)} µs`);
}
