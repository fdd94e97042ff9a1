import assert from "node:assert/strict";
import { FRAMES, fuzz } from "./bybit_fuzz.ts";

Deno.test("[F-4.8] 100,000 mutated real frames: harmless ones read the same, damage is one fault, nothing throws", () => {
  assert.ok(FRAMES.length >= 40, `${FRAMES.length} frames`);
  const judged = fuzz({ seed: 1, count: 100_000 });
  assert.ok((judged.harmless ?? 0) > 33_000 && (judged.damaged ?? 0) > 20_000 && (judged.scrambled ?? 0) > 33_000);
});
