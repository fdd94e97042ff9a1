import assert from "node:assert/strict";
import { fuzz } from "../unit/bybit_fuzz.ts";

Deno.test("[F-4.8] 100,000 mutated real frames from other seeds", () => {
  let judged = 0;
  for (let seed = 2; seed < 7; seed++) {
    const counts = fuzz({ seed, count: 20_000 });
    judged += Object.values(counts).reduce((sum, each) => sum + each, 0);
  }
  assert.ok(judged > 80_000, `${judged} judged`);
});
