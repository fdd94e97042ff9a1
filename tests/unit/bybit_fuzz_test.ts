import assert from "node:assert/strict";
import { FRAMES, fuzz } from "./bybit_fuzz.ts";

Deno.test("[F-4.8] 20,000 mutated real frames: harmless ones read the same, damage is one fault, nothing throws", () => {
  assert.ok(FRAMES.length >= 40, `${FRAMES.length} frames`);
  const judged = fuzz({ seed: 1, count: 20_000 });
  assert.ok((judged.harmless ?? 0) > 6_000 && (judged.damaged ?? 0) > 4_000 && (judged.scrambled ?? 0) > 6_000);
});
